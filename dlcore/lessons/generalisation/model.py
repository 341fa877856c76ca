"""Linear models that fit too little or too much: polynomials of any degree, and two hundred inputs for twenty samples.

>>> problem = polynomial(3, n_train=100, n_test=100, noise=0.1, seed=0)
>>> run = LinearFit(problem, lr=0.01, batch=10, decay=0.0, epochs=400, seed=0)
>>> run.advance(400)
>>> run.history[-1].train_error < 0.02, run.history[-1].test_error < 0.02
(True, True)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import torch
from torch import Tensor

from dlcore.lessons.generalisation.settings import MAX_DEGREE
from dlcore.network.stepping import Stepping

# The course's polynomial: 5 + 1.2x − 3.4x²/2! + 5.6x³/3!
COEFFICIENTS: Final = (5.0, 1.2, -3.4, 5.6)
TRUE_WEIGHT, TRUE_BIAS, DECAY_NOISE = 0.01, 0.05, 0.01
LIMIT: Final = 1e12  # of an error: beyond, the descent has diverged


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Features (n, inputs) and targets (n,) of train and test, float64, and the weights to begin with (inputs,).

    ``x`` are the inputs of a polynomial before they were raised to powers, train then test; None of other problems.
    ``bias`` says whether the model has one beside its weights.
    """

    X_train: Tensor
    y_train: Tensor
    X_test: Tensor
    y_test: Tensor
    start: Tensor
    bias: bool
    x: Tensor | None = None


def powers(x: Tensor, degree: int) -> Tensor:
    """The features xⁱ/i! for i = 0…degree, (n, degree + 1): the factorial keeps high powers from dwarfing the rest."""
    return torch.stack([x**i / math.factorial(i) for i in range(degree + 1)], 1)


def polynomial(degree: int, *, n_train: int, n_test: int, noise: float, seed: int) -> Problem:
    """Samples of the course's cubic at x from N(0, 1), to be fitted with a polynomial of ``degree``.

    The test samples are drawn first, so that they stay the same whatever ``n_train`` is.
    """
    generator = torch.Generator().manual_seed(seed)
    parts = []
    for n in (n_test, n_train):
        x = torch.randn(n, generator=generator, dtype=torch.float64)
        y = powers(x, 3) @ torch.tensor(COEFFICIENTS, dtype=torch.float64)
        parts.append((x, y + noise * torch.randn(n, generator=generator, dtype=torch.float64)))
    (x_test, y_test), (x_train, y_train) = parts
    start = torch.zeros(degree + 1, dtype=torch.float64)
    x = torch.cat([x_train, x_test])
    return Problem(powers(x_train, degree), y_train, powers(x_test, degree), y_test, start, bias=False, x=x)


def many_inputs(*, n_inputs: int, n_train: int, n_test: int, seed: int) -> Problem:
    """The course's problem for weight decay: y = 0.05 + Σ 0.01·xᵢ + noise, weights begin at N(0, 1)."""
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(n_inputs, generator=generator, dtype=torch.float64)
    X = torch.randn(n_train + n_test, n_inputs, generator=generator, dtype=torch.float64)
    noise = torch.randn(len(X), generator=generator, dtype=torch.float64)
    y = X.sum(1) * TRUE_WEIGHT + TRUE_BIAS + DECAY_NOISE * noise
    return Problem(X[:n_train], y[:n_train], X[n_train:], y[n_train:], start, bias=True)


@dataclass(frozen=True, slots=True)
class Fit:
    """After ``epoch`` epochs: mean squared error of train and test, and the norm of the weights without the bias.

    Of :func:`exact_fits`, which know no epochs, ``epoch`` is the degree.
    """

    epoch: int
    train_error: float
    test_error: float
    norm: float


H = TypeVar("H")


def best(history: Sequence[H], quantity: str = "error") -> H:
    """Where early stopping would have stopped: the first record of least ``test_<quantity>``."""
    return min(history, key=lambda record: float(getattr(record, f"test_{quantity}")))


class LinearFit(Stepping):
    """Minibatch descent on the mean squared error plus decay·‖w‖²/2, from scratch.

    Parameters
    ----------
    beside : a fit to compare with, which is never behind this one: each epoch here makes it do the same one, if it has
        not yet.

    Attributes
    ----------
    w, b : the present weights (inputs,) and bias; b stays 0 if the model has none.
    history : a :class:`Fit` before the first epoch and after each that did not diverge.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        lr: float,
        batch: int,
        decay: float,
        epochs: int,
        seed: int,
        beside: LinearFit | None = None,
    ) -> None:
        self.problem, self.lr, self.decay, self.epochs, self.seed = problem, lr, decay, epochs, seed
        self.beside = beside
        self.batch = min(batch, len(problem.y_train))
        self.restart()

    def _begin(self) -> None:
        self.w, self.b = self.problem.start.clone(), 0.0
        self._generator = torch.Generator().manual_seed(self.seed)
        self.history = [measure(self.problem, self.w, self.b, 0)]

    def _one_epoch(self) -> None:
        X, y = self.problem.X_train, self.problem.y_train
        for rows in torch.split(torch.randperm(len(y), generator=self._generator), self.batch):
            r = X[rows] @ self.w + self.b - y[rows]  # (batch,)
            gradient = 2 * (r @ X[rows]) / len(rows) + self.decay * self.w
            self.w = self.w - self.lr * gradient
            if self.problem.bias:
                self.b -= self.lr * 2 * float(r.mean())
        fit = measure(self.problem, self.w, self.b, self.epoch + 1)
        self.diverged = not fit.train_error + fit.test_error < LIMIT  # true for NaN
        if not self.diverged:
            self.history.append(fit)
        if self.beside:
            self.beside.advance(self.epoch + 1 - self.beside.epoch)


def measure(problem: Problem, w: Tensor, b: float, epoch: int) -> Fit:
    """What weights (inputs,) and a bias reach."""
    train, test = (
        float((X @ w + b - y).square().mean())
        for X, y in ((problem.X_train, problem.y_train), (problem.X_test, problem.y_test))
    )
    return Fit(epoch, train, test, float(w.norm()))


def exact(problem: Problem) -> Tensor:
    """The weights (inputs,) of least train error, of equally good ones the shortest; without bias."""
    solved: Tensor = torch.linalg.lstsq(problem.X_train, problem.y_train[:, None], driver="gelsd").solution
    return solved[:, 0]


def exact_fits(*, n_train: int, n_test: int, noise: float, seed: int) -> list[Fit]:
    """What the exact polynomial of each degree from 0 to the highest that can be chosen reaches."""
    found = []
    for degree in range(MAX_DEGREE + 1):
        problem = polynomial(degree, n_train=n_train, n_test=n_test, noise=noise, seed=seed)
        found.append(measure(problem, exact(problem), 0.0, degree))
    return found
