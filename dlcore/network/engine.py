"""Training by hand: shuffles, passes and updates, written for speed and to be read.

The notebook's loop spends most of its time outside the mathematics; :mod:`dlcore.network.passes` says what is different
here. The tests hold all of it to autograd. :class:`dlcore.network.plain.PlainLoop` is the same thing as a notebook has
it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dlcore.network.cuda_graph import EpochGraph
from dlcore.network.model import draw_mask
from dlcore.network.optimizers import Optimizer, Scalars, learning_rate
from dlcore.network.passes import Batch, Network, Pass, State, pieces, with_ones
from dlcore.network.settings import FULL_BATCH, TrainingConfig
from dlcore.network.tile import tile_values


def prepare_thread() -> None:
    """Set this thread up for the engine: one core, and numbers below float32's normal range taken for 0.

    At these sizes two threads are slower than one. Weight decay drives dead weights towards 0 for ever, and arithmetic
    with denormal numbers takes many times as long: after some 1500 epochs an epoch had become twice as slow.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


class Engine:
    """Trains a network on samples X (n, features) with labels y (n,).

    Parameters
    ----------
    model : its weights are copied; they and the data are cast to ``dtype`` on ``device``.
    generator : the run's random stream, on the CPU: draws the shuffles and the dropout masks.
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
        size = min(settings.batch or len(y), len(y))
        values = tile_values(model, size) if self.device.type == "cpu" else None
        self.network = Network(model, activation, dtype=dtype, device=self.device, tile_values=values)
        self.optimizer = Optimizer(self.network.theta, settings)
        self.generator = generator
        self.epoch = 0
        self.n = len(y)
        self.X = with_ones(X.to(self.device, dtype))
        self.Y = nn.functional.one_hot(y, self.network.widths[-1]).t().contiguous().to(self.device, dtype)
        self._shuffles = settings.batch != FULL_BATCH
        # The batches are views of the shuffled arrays, so that an epoch's shuffle refills them all in two calls.
        self._shuffled = (self.X.clone(), self.Y.clone()) if self._shuffles else (self.X, self.Y)
        self._graph: EpochGraph | None = None
        self._whole: Batch | None = None  # made when gradients are first asked for
        self._batches = self._cut(size, dropout=settings.dropout > 0)

    def _cut(self, size: int, *, dropout: bool) -> list[Batch]:
        net = self.network
        batches: list[Batch] = []
        passes: dict[int, Pass] = {}
        for X, Y in zip(*(pieces(whole, size) for whole in self._shuffled), strict=True):
            n = X.shape[1]
            masks = [
                X.new_empty(width, n) if activated else None
                for width, activated in zip(net.widths[1:-1], net.activated, strict=True)
                if dropout
            ]
            batches.append(Batch(net.tiles(X, Y, masks, passes), masks, X.new_tensor(1 / n)))
        return batches

    @property
    def settings(self) -> TrainingConfig:
        """The training settings in force."""
        return self.optimizer.settings

    @settings.setter
    def settings(self, settings: TrainingConfig) -> None:
        # Rates, decay and epochs go on from here; batch size, optimizer and dropout are fixed when the run is made.
        self.optimizer.settings = settings
        self._graph = None  # decay and momentum are constants inside it

    def run(self, epochs: int) -> Tensor:
        """Train for ``epochs`` more and return their losses, (epochs,), on the CPU.

        As a notebook prints it, an epoch's loss is the mean over its samples of what its forward passes gave, before
        the updates. A non-finite one does not stop the loop.
        """
        losses = self.network.theta.new_zeros(epochs)
        with torch.inference_mode():  # less bookkeeping around every call
            for loss in losses:
                self._shuffle()
                self._draw_masks()
                scalars = self._scalars()
                if self.device.type == "cuda":
                    self._captured(scalars).replay(scalars, loss)
                else:
                    self._epoch(scalars, loss)
                self.epoch += 1
        return losses.div_(-self.n).cpu()

    def _scalars(self) -> list[tuple[float, ...]]:
        """The optimizer's scalars for each step of the next epoch."""
        lr = learning_rate(self.settings, self.epoch)
        return [self.optimizer.next_scalars(lr) for _ in self._batches]

    def _shuffle(self) -> None:
        if self._shuffles:
            order = torch.randperm(self.n, generator=self.generator).to(self.device)
            for whole, shuffled in zip((self.X, self.Y), self._shuffled, strict=True):
                torch.index_select(whole, 1, order, out=shuffled)

    def _epoch(self, scalars: Sequence[Scalars], log_likelihood: Tensor) -> None:
        """One step a batch; the samples' log-likelihoods are added onto the scalar given."""
        for batch, step_scalars in zip(self._batches, scalars, strict=True):
            self.network.learn(batch, log_likelihood)
            self.optimizer.step(self.network.grad, step_scalars)

    def _captured(self, scalars: list[tuple[float, ...]]) -> EpochGraph:
        """The epoch as a CUDA graph, captured when it is first needed, which changes nothing of the state."""
        if self._graph is None:
            saved = self.save()
            self._graph = EpochGraph(self._epoch, scalars, self.network.theta)
            self.restore(saved)
        return self._graph

    def _draw_masks(self) -> None:
        for mask in (mask for batch in self._batches for mask in batch.masks):
            if mask is not None:  # drawn sample-major, as nn.Dropout draws it in a model that is
                shape = torch.Size((mask.shape[1], mask.shape[0]))
                mask.copy_(draw_mask(shape, self.settings.dropout, self.generator, dtype=mask.dtype).t())

    def gradient_norms(self) -> list[float]:
        """‖∂loss/∂W‖₂ of each linear layer, bias included: of the full batch, without dropout, at these weights."""
        net = self.network
        if self._whole is None:
            self._whole = Batch(net.tiles(self.X, self.Y), (), self.X.new_tensor(1 / self.n))
        net.learn(self._whole, self.X.new_zeros(()))
        return [float(norm) for norm in torch.stack([dw.norm() for dw in net.dW]).cpu()]

    def logits(self, X: Tensor) -> Tensor:
        """Logits (n, classes) of samples X (n, features) in evaluation mode."""
        return self.network.logits(with_ones(X.to(self.device, self.network.theta.dtype))).t()

    def state_dict(self) -> dict[str, Tensor]:
        """The weights under the names of the ``nn.Sequential`` they came from."""
        return self.network.state_dict()

    def save(self) -> State:
        """All that decides how training goes on: weights, optimizer state, random stream and epoch."""
        return {
            "theta": self.network.theta.clone(),
            "buffers": [buffer.clone() for buffer in self.optimizer.buffers],
            "steps": self.optimizer.steps,
            "generator": self.generator.get_state(),
            "epoch": self.epoch,
        }

    def restore(self, state: State) -> None:
        """Go back to a :meth:`save`."""
        self.network.theta.copy_(state["theta"])
        for buffer, saved in zip(self.optimizer.buffers, state["buffers"], strict=True):
            buffer.copy_(saved)
        self.optimizer.steps = state["steps"]
        self.generator.set_state(state["generator"])
        self.epoch = state["epoch"]
