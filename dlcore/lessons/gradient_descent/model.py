"""The model y = w·x with one weight: exhaustive search for w, and gradient descent by batches of any size.

Everything is computed in Python floats and summed in the order of the samples, which gives the lecture's numbers to
the last digit.

>>> data = samples(3, 0.0, seed=0)
>>> data.x, data.y
((1.0, 2.0, 3.0), (2.0, 4.0, 6.0))
>>> search(data, 0.0, 4.0, 0.1).best
2.0
>>> run = Descent(data, lr=0.01, start=1.0, batch_size=FULL, epochs=100)
>>> run.advance(100)
>>> 4 * run.w
7.999777758621207
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch

from dlcore.network.stepping import Stepping

FULL: Final = 0  # batch size of all samples in one update
TRUE_WEIGHT: Final = 2.0
LIMIT: Final = 1e12  # of |w|: beyond it the descent has diverged


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs and targets of equal length, and the noise and seed with which they were made."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    noise: float = 0.0
    seed: int = 0


def samples(n: int, noise: float, *, seed: int) -> Samples:
    """Make ``n`` inputs from 1 to 3 with targets 2x + ``noise`` · N(0, 1); 3 without noise are the lecture's."""
    draws = torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).tolist()
    x = tuple(1.0 + 2.0 * i / (n - 1) for i in range(n))
    y = tuple(TRUE_WEIGHT * value + noise * draw for value, draw in zip(x, draws, strict=True))
    return Samples(x, y, noise, seed)


def loss(w: float, data: Samples) -> float:
    """Return the mean squared error of y = w·x over ``data``."""
    total = 0.0
    for x, y in zip(data.x, data.y, strict=True):
        error = x * w - y
        total += error * error  # as torch squares; ** 2 may differ in the last bit
    return total / len(data.x)


def gradient(w: float, data: Samples) -> float:
    """Return the derivative of :func:`loss` by w: the mean of 2x(xw − y)."""
    total = 0.0
    for x, y in zip(data.x, data.y, strict=True):
        total += 2 * x * (x * w - y)
    return total / len(data.x)


def minimum(data: Samples) -> float:
    """Return the w of smallest loss: Σxy / Σx²."""
    return sum(x * y for x, y in zip(data.x, data.y, strict=True)) / sum(x * x for x in data.x)


def critical_lr(data: Samples) -> float:
    """Return the learning rate above which full-batch descent diverges, 1 / mean(x²).

    A step multiplies the distance to the minimum by 1 − lr·2·mean(x²), whose magnitude passes 1 there.
    """
    return len(data.x) / sum(x * x for x in data.x)


def factor(data: Samples, lr: float) -> float:
    """Return the factor by which an update on ``data`` multiplies the distance of w to their minimum."""
    return 1 - lr * 2 / critical_lr(data)


@dataclass(frozen=True, slots=True)
class Search:
    """The weights that were tried, the loss of each, and the best weight."""

    weights: list[float]
    losses: list[float]
    best: float


def search(data: Samples, low: float, high: float, step: float) -> Search:
    """Try every weight from ``low`` to at most ``high`` in steps of ``step`` > 0."""
    count = math.floor((high - low) / step + 1e-9) + 1
    weights = [round(low + i * step, 10) for i in range(count)]
    losses = [loss(w, data) for w in weights]
    return Search(weights, losses, weights[losses.index(min(losses))])


@dataclass(frozen=True, slots=True)
class Point:
    """The weight after ``epoch`` epochs, a fraction within an epoch, and its loss over all samples."""

    epoch: float
    w: float
    loss: float


class Descent(Stepping):
    """Gradient descent on w with one update for every batch.

    Attributes
    ----------
    w : the current weight.
    stretch : factor by which the updates so far multiply the distance between any two weights; noise has no effect.
    path : a :class:`Point` before the first update and after each.
    """

    def __init__(
        self,
        data: Samples,
        *,
        lr: float,
        start: float,
        batch_size: int,
        epochs: int,
        shuffle: bool = False,
        seed: int = 0,
    ) -> None:
        self.data, self.lr, self.start, self.epochs = data, lr, start, epochs
        self.batch_size = min(batch_size, len(data.x)) or len(data.x)
        self.shuffle, self.seed = shuffle, seed
        self.restart()

    def _begin(self) -> None:
        self.w, self.stretch = self.start, 1.0
        self._generator = torch.Generator().manual_seed(self.seed)
        self.path = [Point(0.0, self.w, loss(self.w, self.data))]

    def _one_epoch(self) -> None:
        n = len(self.data.x)
        order = torch.randperm(n, generator=self._generator).tolist() if self.shuffle else list(range(n))
        for first in range(0, len(order), self.batch_size):
            rows = order[first : first + self.batch_size]
            batch = Samples(tuple(self.data.x[i] for i in rows), tuple(self.data.y[i] for i in rows))
            self.w = self.w - self.lr * gradient(self.w, batch)
            self.stretch *= abs(factor(batch, self.lr))
            share = (first + len(rows)) / len(order)
            self.path.append(Point(self.epoch + share, self.w, loss(self.w, self.data)))
        self.diverged = abs(self.w) > LIMIT  # only after whole epochs: the shown programs end there

    @property
    def train_loss(self) -> float:
        """Return the loss over all samples at the current weight."""
        return self.path[-1].loss

    @property
    def receding(self) -> bool:
        """Return whether the weight is farther from the minimum than at the start for another reason than noise."""
        end = minimum(self.data)
        return self.stretch > 1 and abs(self.w - end) > abs(self.start - end)

    @property
    def gradient(self) -> float:
        """Return the gradient of the loss over all samples at the current weight."""
        return gradient(self.w, self.data)


class DescentRace(Stepping):
    """Descents with different batch sizes on the same samples, advanced together epoch by epoch."""

    def __init__(self, runs: dict[int, Descent]) -> None:
        self.runs = runs
        self.epochs = max(run.epochs for run in runs.values())
        self.restart()

    def _begin(self) -> None:
        for run in self.runs.values():
            run.restart()

    def _one_epoch(self) -> None:
        for run in self.runs.values():
            run.advance(1)
        self.diverged = all(run.diverged for run in self.runs.values())
