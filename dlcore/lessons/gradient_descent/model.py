"""One weight: the cost of y = w·x, its search, and its descent by all samples, some of them or one at a time.

Everything is in Python's own floats, added up in the order of the samples: the lecture's numbers come out to the
last digit.

>>> data = samples(3, 0.0, seed=0)
>>> data.x, data.y
((1.0, 2.0, 3.0), (2.0, 4.0, 6.0))
>>> search(data, 0.0, 4.0, 0.1).best
2.0
>>> run = Descent(data, lr=0.01, start=1.0, batch=FULL, epochs=100)
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

FULL: Final = 0  # the batch size that means: all samples in one update
TRUE_WEIGHT: Final = 2.0
LIMIT: Final = 1e12  # of |w|: beyond, the descent has diverged and no axis can show it


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs and targets, of equal length, and of what noise and seed the targets were made."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    noise: float = 0.0
    seed: int = 0


def samples(n: int, noise: float, *, seed: int) -> Samples:
    """``n`` inputs from 1 to 3 and their double, plus ``noise`` times N(0, 1); 3 without noise are the lecture's."""
    draws = torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).tolist()
    x = tuple(1.0 + 2.0 * i / (n - 1) for i in range(n))
    y = tuple(TRUE_WEIGHT * value + noise * draw for value, draw in zip(x, draws, strict=True))
    return Samples(x, y, noise, seed)


def cost(w: float, data: Samples) -> float:
    """The mean squared error of y = w·x."""
    total = 0.0
    for x, y in zip(data.x, data.y, strict=True):
        error = x * w - y
        total += error * error  # as torch squares; Python's ** 2 may differ from it in the last bit
    return total / len(data.x)


def gradient(w: float, data: Samples) -> float:
    """The derivative of :func:`cost` with respect to w: the mean of 2x(xw − y)."""
    total = 0.0
    for x, y in zip(data.x, data.y, strict=True):
        total += 2 * x * (x * w - y)
    return total / len(data.x)


def minimum(data: Samples) -> float:
    """The w of least cost: Σxy / Σx²."""
    return sum(x * y for x, y in zip(data.x, data.y, strict=True)) / sum(x * x for x in data.x)


def critical_rate(data: Samples) -> float:
    """The learning rate above which full-batch descent diverges, 1 / mean(x²).

    A step multiplies the distance to the minimum by 1 − lr·2·mean(x²), whose magnitude passes 1 there.
    """
    return len(data.x) / sum(x * x for x in data.x)


def factor(data: Samples, lr: float) -> float:
    """What an update by all of ``data`` multiplies the distance to their minimum by."""
    return 1 - lr * 2 / critical_rate(data)


@dataclass(frozen=True, slots=True)
class Search:
    """Every weight that was tried, its cost, and the one of least cost."""

    weights: list[float]
    costs: list[float]
    best: float


def search(data: Samples, low: float, high: float, step: float) -> Search:
    """Try every weight from ``low`` to ``high``, both included, in steps of ``step`` > 0."""
    count = math.floor((high - low) / step + 1e-9) + 1
    weights = [round(low + i * step, 10) for i in range(count)]
    costs = [cost(w, data) for w in weights]
    return Search(weights, costs, weights[costs.index(min(costs))])


@dataclass(frozen=True, slots=True)
class Point:
    """The weight after ``epoch`` epochs (a share of one, within an epoch), and its cost over all samples."""

    epoch: float
    w: float
    cost: float


class Descent(Stepping):
    """Gradient descent on w, an update for every batch.

    Attributes
    ----------
    w : the present weight.
    stretch : by what the updates so far have multiplied the distance between two weights, whatever the noise.
    path : a :class:`Point` before the first update and after each.
    """

    def __init__(
        self, data: Samples, *, lr: float, start: float, batch: int, epochs: int, shuffle: bool = False, seed: int = 0
    ) -> None:
        self.data, self.lr, self.start, self.epochs = data, lr, start, epochs
        self.batch = min(batch, len(data.x)) or len(data.x)
        self.shuffle, self.seed = shuffle, seed
        self.restart()

    def _begin(self) -> None:
        self.w, self.stretch = self.start, 1.0
        self._generator = torch.Generator().manual_seed(self.seed)
        self.path = [Point(0.0, self.w, cost(self.w, self.data))]

    def _one_epoch(self) -> None:
        n = len(self.data.x)
        order = torch.randperm(n, generator=self._generator).tolist() if self.shuffle else list(range(n))
        for at in range(0, len(order), self.batch):
            rows = order[at : at + self.batch]
            part = Samples(tuple(self.data.x[i] for i in rows), tuple(self.data.y[i] for i in rows))
            self.w = self.w - self.lr * gradient(self.w, part)
            self.stretch *= abs(factor(part, self.lr))
            done = min(at + self.batch, len(order)) / len(order)
            self.path.append(Point(self.epoch + done, self.w, cost(self.w, self.data)))
        self.diverged = abs(self.w) > LIMIT  # asked of whole epochs, since the shown programs end with one

    @property
    def receding(self) -> bool:
        """Whether the weight is farther from the minimum than it began, and not because noise makes it jump there."""
        end = minimum(self.data)
        return self.stretch > 1 and abs(self.w - end) > abs(self.start - end)

    @property
    def gradient(self) -> float:
        """Of the cost over all samples, at the present weight."""
        return gradient(self.w, self.data)


class Race(Stepping):
    """Descents with different batch sizes over the same samples, epoch by epoch side by side."""

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
