"""Several runs of one shape trained together: every tensor of the engine with an axis of replicas in front.

Small networks spend most of a step on the calls and little on the numbers. Here one ``bmm`` multiplies the matrices of
all replicas, and one optimizer step updates all their parameters, which are the rows of one matrix. Learning rate, L1
and L2 are columns of numbers, one for each replica. Each replica has its own samples and its own random stream, from
which its shuffles and dropout masks are drawn as a single engine draws them: its losses are those of its single run, up
to the rounding of sums in another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from dlcore.network.engine import Engine
from dlcore.network.model import draw_mask
from dlcore.network.optimizers import Optimizer, Rate, Scalars
from dlcore.network.passes import State
from dlcore.network.schedules import learning_rate
from dlcore.network.settings import TrainingConfig


def shared(settings: TrainingConfig) -> TrainingConfig:
    """Return what replicas must have in common: ``settings`` without learning rate, penalties and dropout's rate."""
    return replace(settings, lr=1.0, l1=0.0, l2=0.0, dropout=0.5 if settings.dropout else 0.0)


class Replicas(Engine):
    """Trainer of several networks of one shape on the CPU; :meth:`run` returns losses of shape (epochs, replicas).

    Its ``network`` has ``theta`` (replicas, parameters), and :meth:`logits` takes X (replicas, n, features).

    Parameters
    ----------
    engines : the runs, each at epoch 0; their weights and samples are copied, their random streams are drawn from.

    Raises
    ------
    ValueError : if the runs differ in shape: layers, activation, samples or :func:`shared` settings.
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        first = engines[0]
        if any(_shape(engine) != _shape(first) for engine in engines):
            raise ValueError("replicas must have the same layers, activation, number of samples and shared settings")
        self.device = first.device
        self.generators = [engine.generator for engine in engines]
        self._dropout = [engine.settings.dropout for engine in engines]
        network = first.network.at(torch.stack([engine.network.theta for engine in engines]))
        X, Y = (torch.stack(samples) for samples in zip(*((engine.X, engine.Y) for engine in engines), strict=True))
        network.tile = X.shape[-1]
        optimizer = ReplicaOptimizer(network.theta, [engine.settings for engine in engines])
        self._begin(network, optimizer, X, Y)
        self._lr = optimizer.column([engine.settings.lr for engine in engines])

    def _learning_rate(self) -> Rate:
        return self._lr * learning_rate(shared(self.settings), self.epoch)

    def _shuffle(self) -> None:
        if self._shuffles:
            for r, generator in enumerate(self.generators):
                order = torch.randperm(self.n, generator=generator)
                for samples, shuffled in zip((self.X, self.Y), self._shuffled, strict=True):
                    torch.index_select(samples[r], 1, order, out=shuffled[r])

    def _draw_masks(self) -> None:
        for mask in (mask for batch in self._batches for mask in batch.masks):
            if mask is not None:  # drawn as (n, units), as nn.Dropout does, then transposed
                _, units, n = mask.shape
                for replica, p, generator in zip(mask, self._dropout, self.generators, strict=True):
                    replica.copy_(draw_mask(torch.Size((n, units)), p, generator, dtype=mask.dtype).t())

    def save(self) -> State:
        """Return everything that determines the further training of all replicas."""
        return {**self._saved(), "generator": [generator.get_state() for generator in self.generators]}

    def restore(self, state: State) -> None:
        """Go back to a state that :meth:`save` returned."""
        self._restore(state)
        for generator, saved in zip(self.generators, state["generator"], strict=True):
            generator.set_state(saved)


class ReplicaOptimizer(Optimizer):
    """An optimizer of ``theta`` (replicas, parameters) whose L1 and L2 differ between replicas, as its scalars do."""

    def __init__(self, theta: Tensor, settings: Sequence[TrainingConfig]) -> None:
        super().__init__(theta, settings[0])
        self.l1 = self.column([each.l1 for each in settings])
        self.l2 = self.column([each.l2 for each in settings])
        self._has_l1, self._has_l2 = bool(self.l1.any()), bool(self.l2.any())

    def column(self, numbers: Sequence[float]) -> Tensor:
        """Return one number for each replica as (replicas, 1)."""
        return self.theta.new_tensor(numbers)[:, None]

    def _add_penalties(self, grad: Tensor, scalars: Scalars) -> None:
        if self._has_l1:
            grad.addcmul_(torch.sign(self.theta, out=self.scratch), self.l1)
        if self._has_l2 and self.rule.decoupled:  # θ ← θ − lr·λ·θ
            self.theta.sub_(torch.mul(self.theta, self.l2, out=self.scratch).mul_(scalars[-1]))
        elif self._has_l2:
            grad.addcmul_(self.theta, self.l2)


def _shape(engine: Engine) -> tuple[object, ...]:
    network = engine.network
    settings = shared(engine.settings)
    return network.sizes, network.activated, network.act, engine.n, settings, network.theta.dtype, engine.device
