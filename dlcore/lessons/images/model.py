"""Training of an image classifier in bounded pieces of an epoch, measured after each epoch."""

from __future__ import annotations

import math
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

# Cost of one call of `advance`, in multiplications: about 50 ms. An epoch of the digits costs less; one of
# Fashion-MNIST costs more and goes on with the next call.
QUOTA: Final = 1e9
_UPDATE_COST: Final = 4e6  # of any update, besides its multiplications
_CHUNK: Final = 500  # samples measured at once
_DEFAULT: Final[dict[str, Any]] = LESSON.defaults()


@dataclass(frozen=True, slots=True)
class Training:
    """Settings of the model and of its training, by default those of the page.

    ``dropout`` matters for the kind "dropout" only. The last ``n_validation`` training samples are not trained on.
    """

    kind: Kind = _DEFAULT["model"]
    hidden: int = _DEFAULT["hidden"]
    dropout: float = _DEFAULT["dropout"]
    optimizer: Literal["sgd", "adam"] = _DEFAULT["optimizer"]
    lr: float = _DEFAULT["lr"]
    batch_size: int = _DEFAULT["batch_size"]
    weight_decay: float = _DEFAULT["weight_decay"]
    epochs: int = _DEFAULT["epochs"]
    seed: int = _DEFAULT["seed"]
    n_validation: int = _DEFAULT["n_validation"]

    @property
    def drop_probability(self) -> float:
        """Return the probability that a hidden unit is dropped in a training step."""
        return self.dropout if self.kind == "dropout" else 0.0


class ImagesRun(Progress):
    """Training run of an image classifier.

    Attributes
    ----------
    history : a :class:`~dlcore.spiral.training.Record` before the first epoch and after each whole one,
        measured on at most :data:`~dlcore.images.data.MEASURED` samples of each subset.
    images : the data set without the validation samples, which are in ``valid``.
    updates : updates done in the current epoch, which has ``batches`` of them.
    """

    def __init__(self, images: Images, training: Training) -> None:
        n = len(images.train) - training.n_validation
        self.images, self.training, self.epochs = images.limited(n), training, training.epochs
        self.valid = Subset(images.train.X[n:], images.train.y[n:])
        self.batches = -(-n // training.batch_size)
        self.restart()

    def _begin(self) -> None:
        self._generator = torch.Generator().manual_seed(self.training.seed)
        inputs = self.images.side**2
        t = self.training
        sizes = [inputs, CLASSES] if t.kind == "softmax" else [inputs, t.hidden, CLASSES]
        self.model = Model(sizes, dropout=t.drop_probability, dtype=self.images.dtype, generator=self._generator)
        self._optimizer = Optimizer(self.model.theta, TrainingConfig(optimizer=t.optimizer, lr=t.lr, l2=t.weight_decay))
        self.history: list[Record] = []
        self.updates = 0
        self._pieces: Iterator[float] | None = None
        for _ in self._measure(0):
            pass

    @property
    def train_loss(self) -> float:
        """Return the last measured loss on the training samples."""
        return self.history[-1].train_loss

    def _epoch(self) -> Iterator[float]:
        """Do the updates of the next epoch and measure it, yielding the cost of each piece."""
        train = self.images.train
        order = torch.randperm(len(train), generator=self._generator)
        for rows in torch.split(order, self.training.batch_size):
            loss = cross_entropy(self.model.logits(self.images.inputs(train.X[rows]), training=True), train.y[rows])
            if not loss.isfinite():
                self.diverged = True
                return
            self._optimizer.step(self.model.gradient(loss), self._optimizer.next_scalars(self.training.lr))
            self.updates += 1
            yield 3 * len(rows) * self.model.size + _UPDATE_COST
        yield from self._measure(self.epoch + 1)

    def _measure(self, epoch: int) -> Iterator[float]:
        """Append the record of ``epoch`` to the history, or note divergence, yielding the cost of each piece."""
        values: list[float] = []
        subsets = self.images.train, self.images.test, *([self.valid] if len(self.valid) else [])
        for subset in (subset.first(MEASURED) for subset in subsets):
            loss, correct = 0.0, 0
            for X, y in zip(torch.split(subset.X, _CHUNK), torch.split(subset.y, _CHUNK), strict=True):
                logits = self._logits(X)
                loss += float(cross_entropy(logits, y)) * len(y)
                correct += int((logits.argmax(1) == y).sum())
                yield len(y) * self.model.size + _UPDATE_COST
            values += [loss / len(subset), correct / len(subset)]
        if all(map(math.isfinite, values)):
            self.history.append(Record(epoch, *values))
        else:
            self.diverged = True

    def _piece(self) -> float:
        """Do the next piece and return its cost."""
        if self._pieces is None:
            self._pieces = self._epoch()
        cost = next(self._pieces, None)
        if cost is not None:
            return cost
        self._pieces, self.updates = None, 0
        self.epoch += not self.diverged
        return 0.0

    def advance(self, epochs: int) -> None:
        """Train to the end of the ``epochs``-th epoch from here, or as far as :data:`QUOTA` allows."""
        end, left = self.epoch + epochs, QUOTA
        while not self.finished and self.epoch < end and left > 0:
            left -= self._piece()

    def advance_for(self, seconds: float, epochs: int | None = None) -> None:
        """Train for about ``seconds``, at least one piece, at most ``epochs`` or to the end."""
        deadline = time.perf_counter() + seconds
        end = self.epoch + epochs if epochs else self.epochs
        while not self.finished and self.epoch < end:
            self._piece()
            if time.perf_counter() >= deadline:
                return

    @torch.no_grad()
    def _logits(self, X: Tensor) -> Tensor:
        return self.model.logits(self.images.inputs(X))

    @torch.no_grad()
    def probabilities(self, inputs: Tensor) -> Tensor:
        """Return the class probabilities (n, classes) of inputs (n, side²) between 0 and 1."""
        return torch.softmax(self.model.logits(inputs.to(self.images.dtype)), 1)

    @property
    def chosen(self) -> Record:
        """Return the record that the validation loss chooses: the first with the smallest."""
        return min(self.history, key=lambda record: record.validation_loss)

    def predict_test(self) -> tuple[Subset, Tensor]:
        """Return the measured test samples and their class probabilities (n, classes)."""
        subset = self.images.test.first(MEASURED)
        return subset, self.probabilities(self.images.inputs(subset.X))
