"""Training without autograd: shuffles, forward and backward passes and updates, written for speed.

The notebook's loop spends most of its time outside the mathematics; :mod:`dlcore.network.passes` describes what is
different here. The tests compare the engine with autograd and with :class:`dlcore.network.plain.PlainLoop`, which
trains the same run as a notebook does.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dlcore.network.cuda_graph import EpochGraph
from dlcore.network.heads import head_of
from dlcore.network.model import draw_mask
from dlcore.network.optimizers import Optimizer, Rate, Scalars
from dlcore.network.passes import Batch, Network, PassBuffers, State, cut_columns, with_ones
from dlcore.network.schedules import learning_rate
from dlcore.network.settings import FULL_BATCH, TrainingConfig
from dlcore.network.tile import tile_values


def prepare_thread() -> None:
    """Set this thread up for the engine: one core, and denormal numbers flushed to 0.

    At these sizes two threads are slower than one. Weight decay drives dead weights ever closer to 0, and arithmetic
    with denormal numbers is many times slower: after some 1500 epochs an epoch took twice as long.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


class Engine:
    """Trainer of a network on samples X (n, features) with labels y: classes (n,), or numbers (n, outputs).

    Parameters
    ----------
    model : the initial network; its weights are copied. Weights and data are cast to ``dtype`` on ``device``.
    X, y : the samples; without any, the engine can predict and not train.
    generator : the run's random stream, on the CPU, which draws the shuffles and the dropout masks.
    """

    def __init__(
        self,
        model: nn.Sequential,
        activation: str,
        settings: TrainingConfig,
        X: Tensor,
        y: Tensor,
        *,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.device = torch.device(device)
        size = max(1, min(settings.batch_size or len(y), len(y)))
        values = tile_values(model, size) if self.device.type == "cpu" else None
        head = head_of(y)
        network = Network(model, activation, dtype=dtype, device=self.device, tile_values=values, head=head)
        Y = head.targets(y, network.sizes[-1])
        self.generator = generator
        self._begin(network, Optimizer(network.theta, settings), with_ones(X.to(self.device, dtype)), Y)

    def _begin(self, network: Network, optimizer: Optimizer, X: Tensor, Y: Tensor) -> None:
        """Hold the network and its samples, X (features + 1, n) and one-hot Y (classes, n), and make the batches."""
        self.network, self.optimizer = network, optimizer
        self.epoch = 0
        self._before = network.at(network.theta)  # the last epoch of a call of run
        self.n = X.shape[-1]
        self.X, self.Y = X, Y.to(X)
        settings = optimizer.settings
        self._shuffles = settings.batch_size != FULL_BATCH
        # The batches are views of the shuffled arrays, so that two calls an epoch refill all of them.
        self._shuffled = (self.X.clone(), self.Y.clone()) if self._shuffles else (self.X, self.Y)
        self._graph: EpochGraph | None = None
        self._full_batch: Batch | None = None  # made at the first call of gradient_norms
        size = max(1, min(settings.batch_size or self.n, self.n))
        self._batches = self._cut_batches(size, dropout=settings.dropout > 0)

    def _cut_batches(self, size: int, *, dropout: bool) -> list[Batch]:
        net = self.network
        batches: list[Batch] = []
        pool: dict[int, PassBuffers] = {}
        for X, Y in zip(*(cut_columns(samples, size) for samples in self._shuffled), strict=True):
            *replicas, _, n = X.shape
            masks = [
                X.new_empty(*replicas, units, n) if activated else None
                for units, activated in zip(net.sizes[1:-1], net.activated, strict=True)
                if dropout
            ]
            batches.append(Batch(net.tiles(X, Y, masks, pool), masks, X.new_tensor(1 / n)))
        return batches

    @property
    def settings(self) -> TrainingConfig:
        """Return the training settings in force; a new value must keep batch size, optimizer and dropout."""
        return self.optimizer.settings

    @settings.setter
    def settings(self, settings: TrainingConfig) -> None:
        self.optimizer.settings = settings
        self._graph = None  # weight decay and momentum are constants inside it

    def run(self, epochs: int) -> Tensor:
        """Train for ``epochs`` more and return their losses, (epochs,), on the CPU.

        The loss of an epoch is the mean of its samples' losses, each taken before the update of its batch, as a
        notebook prints it. A non-finite loss does not stop the loop.
        """
        losses = self.network.theta.new_zeros(epochs, *self.network.theta.shape[:-1])
        last = self.epoch + epochs - 1
        with torch.inference_mode():  # less bookkeeping around every call
            for loss in losses:
                if self.epoch == last:
                    self._before.theta.copy_(self.network.theta)
                self._shuffle()
                self._draw_masks()
                scalars = self._scalars()
                if self.device.type == "cuda":
                    self._captured(scalars).replay(scalars, loss)
                else:
                    self._epoch(scalars, loss)
                self.epoch += 1
        return losses.div_(-self.n).cpu()

    def _scalars(self) -> list[tuple[Rate, ...]]:
        """Return the optimizer's scalars for each step of the next epoch."""
        lr = self._learning_rate()
        return [self.optimizer.next_scalars(lr) for _ in self._batches]

    def _learning_rate(self) -> Rate:
        return learning_rate(self.settings, self.epoch)

    def _shuffle(self) -> None:
        if self._shuffles:
            order = torch.randperm(self.n, generator=self.generator).to(self.device)
            for samples, shuffled in zip((self.X, self.Y), self._shuffled, strict=True):
                torch.index_select(samples, 1, order, out=shuffled)

    def _epoch(self, scalars: Sequence[Scalars], log_likelihood: Tensor) -> None:
        """Do one step per batch and add the samples' log-likelihoods to ``log_likelihood``."""
        for batch, step_scalars in zip(self._batches, scalars, strict=True):
            self.network.compute_gradient(batch, log_likelihood)
            self.optimizer.step(self.network.grad, step_scalars)

    def _captured(self, scalars: list[tuple[Rate, ...]]) -> EpochGraph:
        """Return the epoch as a CUDA graph, captured at the first call; the capture leaves the state as it was."""
        if self._graph is None:
            saved = self.save()
            self._graph = EpochGraph(self._epoch, scalars, self.network.theta)
            self.restore(saved)
        return self._graph

    def _draw_masks(self) -> None:
        for mask in (mask for batch in self._batches for mask in batch.masks):
            if mask is not None:  # drawn as (n, units), as nn.Dropout does, then transposed
                shape = torch.Size((mask.shape[1], mask.shape[0]))
                mask.copy_(draw_mask(shape, self.settings.dropout, self.generator, dtype=mask.dtype).t())

    def gradient_norms(self) -> list[float]:
        """Return ‖∂loss/∂(W, b)‖₂ of each linear layer at the current weights, over all samples, without dropout."""
        net = self.network
        if self._full_batch is None:
            self._full_batch = Batch(net.tiles(self.X, self.Y), (), self.X.new_tensor(1 / max(1, self.n)))
        net.compute_gradient(self._full_batch, self.X.new_zeros(()))
        return [float(norm) for norm in torch.stack([dw.norm() for dw in net.dW]).cpu()]

    def update_ratios(self) -> list[float]:
        """Return ‖ΔW‖₂ / ‖W‖₂ of each linear layer in the last epoch, W with its biases and as it was before.

        Before the first epoch they are 0; from weights of 0 they are infinite or NaN.
        """
        pairs = zip(self.network.W, self._before.W, strict=True)
        return [
            float(ratio) for ratio in torch.stack([(w - before).norm() / before.norm() for w, before in pairs]).cpu()
        ]

    def logits(self, X: Tensor) -> Tensor:
        """Return the logits (n, classes) of samples X (n, features) in evaluation mode."""
        return self.network.logits(X)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the weights under the names of the ``nn.Sequential`` they came from."""
        return self.network.state_dict()

    def save(self) -> State:
        """Return everything that determines the further training: weights, optimizer, random stream and epoch."""
        return {**self._saved(), "generator": self.generator.get_state()}

    def restore(self, state: State) -> None:
        """Go back to a state that :meth:`save` returned."""
        self._restore(state)
        self.generator.set_state(state["generator"])

    def _saved(self) -> State:
        return {
            "theta": self.network.theta.clone(),
            "buffers": [buffer.clone() for buffer in self.optimizer.buffers],
            "steps": self.optimizer.steps,
            "epoch": self.epoch,
        }

    def _restore(self, state: State) -> None:
        self.network.theta.copy_(state["theta"])
        for buffer, saved in zip(self.optimizer.buffers, state["buffers"], strict=True):
            buffer.copy_(saved)
        self.optimizer.steps = state["steps"]
        self.epoch = state["epoch"]
