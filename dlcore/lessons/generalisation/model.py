"""Linear models that underfit or overfit: polynomials of any degree, and two hundred inputs for twenty samples.

>>> problem = polynomial(3, n_train=100, n_test=100, noise=0.1, seed=0)
>>> run = LinearFit(problem, lr=0.01, batch_size=10, weight_decay=0.0, epochs=400, seed=0)
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
MAX_ERROR: Final = 1e12  # a run with a larger error has diverged


@dataclass(frozen=True, slots=True, eq=False)
class RegressionProblem:
    """Training and test data of a linear regression, float64.

    Attributes
    ----------
    X_train, X_test : features (n, inputs).
    y_train, y_test : targets (n,).
    start : initial weights (inputs,).
    bias : whether the model has a bias.
    x : inputs (n,) of a polynomial before they are raised to powers, train then test; None for other problems.
    """

    X_train: Tensor
    y_train: Tensor
    X_test: Tensor
    y_test: Tensor
    start: Tensor
    bias: bool
    x: Tensor | None = None


def powers(x: Tensor, degree: int) -> Tensor:
    """Return the features xⁱ/i! for i = 0…degree, (n, degree + 1); the factorial keeps high powers small."""
    return torch.stack([x**i / math.factorial(i) for i in range(degree + 1)], 1)


def polynomial(degree: int, *, n_train: int, n_test: int, noise: float, seed: int) -> RegressionProblem:
    """Draw samples of the course's cubic at x from N(0, 1), to be fitted with a polynomial of ``degree``.

    ``noise`` is the standard deviation of what is added to y. The test samples are drawn first, so that they do not
    depend on ``n_train``.
    """
    generator = torch.Generator().manual_seed(seed)
    subsets = []
    for n in (n_test, n_train):
        x = torch.randn(n, generator=generator, dtype=torch.float64)
        y = powers(x, 3) @ torch.tensor(COEFFICIENTS, dtype=torch.float64)
        subsets.append((x, y + noise * torch.randn(n, generator=generator, dtype=torch.float64)))
    (x_test, y_test), (x_train, y_train) = subsets
    start = torch.zeros(degree + 1, dtype=torch.float64)
    x = torch.cat([x_train, x_test])
    return RegressionProblem(powers(x_train, degree), y_train, powers(x_test, degree), y_test, start, bias=False, x=x)


def many_inputs(*, n_inputs: int, n_train: int, n_test: int, seed: int) -> RegressionProblem:
    """Draw the course's problem for weight decay: y = 0.05 + Σ 0.01·xᵢ + noise, with initial weights from N(0, 1)."""
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(n_inputs, generator=generator, dtype=torch.float64)
    X = torch.randn(n_train + n_test, n_inputs, generator=generator, dtype=torch.float64)
    noise = torch.randn(len(X), generator=generator, dtype=torch.float64)
    y = X.sum(1) * TRUE_WEIGHT + TRUE_BIAS + DECAY_NOISE * noise
    return RegressionProblem(X[:n_train], y[:n_train], X[n_train:], y[n_train:], start, bias=True)


@dataclass(frozen=True, slots=True)
class FitRecord:
    """Mean squared errors on train and test after ``epoch`` epochs, and the norm of the weights without the bias.

    In the records of :func:`exact_fits`, which are not trained, ``epoch`` is the degree.
    """

    epoch: int
    train_error: float
    test_error: float
    norm: float


R = TypeVar("R")


def best_record(history: Sequence[R], quantity: str = "error", subset: str = "test") -> R:
    """Return the record at which early stopping would stop: the first with the smallest ``<subset>_<quantity>``."""
    return min(history, key=lambda record: float(getattr(record, f"{subset}_{quantity}")))


class LinearFit(Stepping):
    """Minibatch gradient descent on the mean squared error plus weight_decay·‖w‖²/2, from scratch.

    Parameters
    ----------
    baseline : a run to compare with. Each epoch here advances it to the same epoch if it is behind.

    Attributes
    ----------
    w, b : the current weights (inputs,) and bias; b stays 0 if the problem has no bias.
    history : a :class:`FitRecord` before the first epoch and after each that did not diverge.
    """

    def __init__(
        self,
        problem: RegressionProblem,
        *,
        lr: float,
        batch_size: int,
        weight_decay: float,
        epochs: int,
        seed: int,
        baseline: LinearFit | None = None,
    ) -> None:
        self.problem, self.lr, self.weight_decay, self.epochs, self.seed = problem, lr, weight_decay, epochs, seed
        self.baseline = baseline
        self.batch_size = min(batch_size, len(problem.y_train))
        self.restart()

    def _begin(self) -> None:
        self.w, self.b = self.problem.start.clone(), 0.0
        self._generator = torch.Generator().manual_seed(self.seed)
        self.history = [measure(self.problem, self.w, self.b, 0)]

    def _one_epoch(self) -> None:
        X, y = self.problem.X_train, self.problem.y_train
        for rows in torch.split(torch.randperm(len(y), generator=self._generator), self.batch_size):
            r = X[rows] @ self.w + self.b - y[rows]  # (batch,)
            gradient = 2 * (r @ X[rows]) / len(rows) + self.weight_decay * self.w
            self.w = self.w - self.lr * gradient
            if self.problem.bias:
                self.b -= self.lr * 2 * float(r.mean())
        record = measure(self.problem, self.w, self.b, self.epoch + 1)
        self.diverged = not record.train_error + record.test_error < MAX_ERROR  # true for NaN
        if not self.diverged:
            self.history.append(record)
        if self.baseline:
            self.baseline.advance(self.epoch + 1 - self.baseline.epoch)


def measure(problem: RegressionProblem, w: Tensor, b: float, epoch: int) -> FitRecord:
    """Return the record of weights (inputs,) and a bias."""
    train, test = (
        float((X @ w + b - y).square().mean())
        for X, y in ((problem.X_train, problem.y_train), (problem.X_test, problem.y_test))
    )
    return FitRecord(epoch, train, test, float(w.norm()))


def exact_weights(problem: RegressionProblem) -> Tensor:
    """Return the weights (inputs,) with the smallest training error, the shortest of equally good ones; no bias."""
    solution: Tensor = torch.linalg.lstsq(problem.X_train, problem.y_train[:, None], driver="gelsd").solution
    return solution[:, 0]


def exact_fits(*, n_train: int, n_test: int, noise: float, seed: int) -> list[FitRecord]:
    """Return the record of the exact fit of each degree from 0 to ``MAX_DEGREE``."""
    records = []
    for degree in range(MAX_DEGREE + 1):
        problem = polynomial(degree, n_train=n_train, n_test=n_test, noise=noise, seed=seed)
        records.append(measure(problem, exact_weights(problem), 0.0, degree))
    return records
