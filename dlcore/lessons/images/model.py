"""An image classifier in training: bounded pieces of an epoch at a time, measured after each epoch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch import Tensor

from dlcore.images.data import CLASSES, MEASURED, Images, Subset
from dlcore.lessons.images.settings import LESSON
from dlcore.network.from_scratch import Model, cross_entropy
from dlcore.network.optimizers import Optimizer
from dlcore.network.settings import TrainingConfig
from dlcore.network.stepping import Progress
from dlcore.spiral.training import Record

Kind = Literal["softmax", "mlp", "dropout"]

# What one call of `advance` may cost, in multiplications: some 50 ms. An epoch of the digits costs less, of
# Fashion-MNIST more; there it goes on with the next call.
QUOTA: Final = 1e9
_UPDATE: Final = 4e6  # what any update costs besides its multiplications
_PIECE: Final = 500  # samples measured at once
_DEFAULT: Final[dict[str, Any]] = LESSON.defaults()


@dataclass(frozen=True, slots=True)
class Training:
    """How a model is made and trained; by default as the page begins.

    ``decay`` is the weight decay λ; ``dropout`` counts for its kind only.
    """

    kind: Kind = _DEFAULT["model"]
    hidden: int = _DEFAULT["hidden"]
    dropout: float = _DEFAULT["dropout"]
    optimizer: Literal["sgd", "adam"] = _DEFAULT["optimizer"]
    lr: float = _DEFAULT["lr"]
    batch: int = _DEFAULT["batch"]
    decay: float = _DEFAULT["decay"]
    epochs: int = _DEFAULT["epochs"]
    seed: int = _DEFAULT["seed"]

    @property
    def drop_probability(self) -> float:
        """With which a hidden unit is dropped in a training step."""
        return self.dropout if self.kind == "dropout" else 0.0


class ImagesRun(Progress):
    """A model on its way.

    Attributes
    ----------
    history : a :class:`~dlcore.spiral.training.Record` before the first epoch and after each whole one, measured on at
        most :data:`~dlcore.images.data.MEASURED` samples of each part.
    batch : updates done within the present epoch, of ``batches``.
    """

    def __init__(self, images: Images, training: Training) -> None:
        self.images, self.training, self.epochs = images, training, training.epochs
        self.batches = -(-len(images.train) // training.batch)
        self.restart()

    def _begin(self) -> None:
        self._generator = torch.Generator().manual_seed(self.training.seed)
        inputs = self.images.side**2
        widths = [inputs, CLASSES] if self.training.kind == "softmax" else [inputs, self.training.hidden, CLASSES]
        self.model = Model(
            widths, dropout=self.training.drop_probability, dtype=self.images.dtype, generator=self._generator
        )
        t = self.training
        self._optimizer = Optimizer(self.model.theta, TrainingConfig(optimizer=t.optimizer, lr=t.lr, l2=t.decay))
        self.history: list[Record] = []
        self.batch = 0
        self._pieces: Iterator[float] | None = None
        for _ in self._measure(0):
            pass

    # --- an epoch, in pieces ------------------------------------------------------------------------------------------
    def _epoch(self) -> Iterator[float]:
        """All updates of the next epoch and its measurement; yields what each piece cost."""
        train = self.images.train
        order = torch.randperm(len(train), generator=self._generator)
        for rows in torch.split(order, self.training.batch):
            loss = cross_entropy(self.model.logits(self.images.inputs(train.X[rows]), training=True), train.y[rows])
            if not loss.isfinite():
                self.diverged = True
                return
            self._optimizer.step(self.model.gradient(loss), self._optimizer.next_scalars(self.training.lr))
            self.batch += 1
            yield 3 * len(rows) * self.model.size + _UPDATE
        yield from self._measure(self.epoch + 1)

    def _measure(self, epoch: int) -> Iterator[float]:
        found: list[float] = []
        for part in (self.images.train, self.images.test):
            part = part.first(MEASURED)
            loss, right = 0.0, 0
            for at in range(0, len(part), _PIECE):
                piece = Subset(part.X[at : at + _PIECE], part.y[at : at + _PIECE])
                logits = self._logits(piece.X)
                loss += float(cross_entropy(logits, piece.y)) * len(piece)
                right += int((logits.argmax(1) == piece.y).sum())
                yield len(piece) * self.model.size + _UPDATE
            found += [loss / len(part), right / len(part)]
        if not all(value < float("inf") for value in found):  # false for NaN
            self.diverged = True
        else:
            self.history.append(Record(epoch, *found))

    def _piece(self) -> float:
        """The next piece, and what it cost."""
        if self._pieces is None:
            self._pieces = self._epoch()
        cost = next(self._pieces, None)
        if cost is not None:
            return cost
        self._pieces, self.batch = None, 0
        self.epoch += not self.diverged
        return 0.0

    def advance(self, epochs: int) -> None:
        """Go on to the end of the ``epochs``-th epoch from here, or as far as :data:`QUOTA` reaches."""
        end, left = self.epoch + epochs, QUOTA
        while not self.finished and self.epoch < end and left > 0:
            left -= self._piece()

    def advance_for(self, seconds: float, epochs: int | None = None) -> None:
        """Go on for about ``seconds``: by an update or a piece of a measurement at least, ``epochs`` or to the end at
        most."""
        deadline = time.perf_counter() + seconds
        end = self.epoch + epochs if epochs else self.epochs
        while not self.finished and self.epoch < end:
            self._piece()
            if time.perf_counter() >= deadline:
                return

    # --- what the model says ------------------------------------------------------------------------------------------
    @torch.no_grad()
    def _logits(self, X: Tensor) -> Tensor:
        return self.model.logits(self.images.inputs(X))

    @torch.no_grad()
    def probabilities(self, inputs: Tensor) -> Tensor:
        """(n, classes) of inputs (n, side²) between 0 and 1."""
        return torch.softmax(self.model.logits(inputs.to(self.images.dtype)), 1)

    def on_test(self) -> tuple[Subset, Tensor]:
        """The test samples that are measured, and their class probabilities (n, classes)."""
        part = self.images.test.first(MEASURED)
        return part, self.probabilities(self.images.inputs(part.X))
