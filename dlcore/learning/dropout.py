"""Dropout from scratch, and a net on few images that it keeps from learning them by heart.

>>> x = torch.ones(4)
>>> dropout(x, 0.0, torch.Generator()).tolist(), dropout(x, 1.0, torch.Generator()).tolist()
([1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0])
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from dlcore.learning.stepping import Stepping
from dlcore.model import draw_mask
from dlcore.training import Record, loss_and_accuracy

CLASSES: Final = 10
PIXELS: Final = 64
N_TEST: Final = 500
BATCH: Final = 32
LR: Final = 0.002


def dropout(x: Tensor, p: float, generator: torch.Generator, *, training: bool = True) -> Tensor:
    """Each element 0 with probability ``p``, else divided by 1 − p, so that its expectation stays; x itself in
    evaluation.
    """
    if not training or p == 0:
        return x
    if p == 1:
        return torch.zeros_like(x)
    return x * draw_mask(x.shape, p, generator, dtype=x.dtype)


def mean_of_draws(x: Tensor, p: float, draws: int, *, seed: int) -> Tensor:
    """The mean of so many dropouts of x, of its shape."""
    generator = torch.Generator().manual_seed(seed)
    return dropout(x.expand(draws, *x.shape), p, generator).mean(0)


def standard_error(x: Tensor, p: float, draws: int) -> Tensor:
    """Of :func:`mean_of_draws`, elementwise: |x|·√(p/(1−p))/√draws; 0 where p is 0 or 1."""
    return x.abs() * (math.sqrt(p / (1 - p) / draws) if p < 1 else 0.0)


@lru_cache(maxsize=1)
def _digits() -> tuple[Tensor, Tensor]:
    data = load_digits()
    order = torch.randperm(len(data.target), generator=torch.Generator().manual_seed(0))
    X = torch.tensor(data.data, dtype=torch.float32)[order] / 16
    return X, torch.tensor(data.target)[order]


class DropoutFit(Stepping):
    """An MLP 64 → hidden → hidden → 10 with ReLU on few digits, dropout after each hidden layer; Adam.

    Attributes
    ----------
    history : a :class:`~dlcore.training.Record` before the first epoch and after each, in evaluation mode.
    """

    def __init__(self, *, p: tuple[float, float], n_train: int, hidden: int, epochs: int, seed: int) -> None:
        self.p, self.n_train, self.hidden, self.epochs, self.seed = p, n_train, hidden, epochs, seed
        X, y = _digits()
        self.X_test, self.y_test = X[:N_TEST], y[:N_TEST]
        self.X_train, self.y_train = X[N_TEST : N_TEST + n_train], y[N_TEST : N_TEST + n_train]
        self.restart()

    def _begin(self) -> None:
        self._generator = torch.Generator().manual_seed(self.seed)
        widths = (PIXELS, self.hidden, self.hidden, CLASSES)
        self.layers = [
            nn.Linear(a, b, device="meta").to_empty(device="cpu") for a, b in zip(widths, widths[1:], strict=False)
        ]
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=self._generator)
            nn.init.zeros_(layer.bias)
        self._optimiser = torch.optim.Adam([p for layer in self.layers for p in layer.parameters()], lr=LR)
        self.history = [self._measure(0)]

    def logits(self, X: Tensor, *, training: bool = False) -> Tensor:
        """(n, 10) of images (n, 64)."""
        for layer, p in zip(self.layers[:-1], self.p, strict=True):
            X = dropout(torch.relu(layer(X)), p, self._generator, training=training)
        out: Tensor = self.layers[-1](X)
        return out

    def _one_epoch(self) -> None:
        for rows in torch.split(torch.randperm(self.n_train, generator=self._generator), BATCH):
            loss = nn.functional.cross_entropy(self.logits(self.X_train[rows], training=True), self.y_train[rows])
            self._optimiser.zero_grad()
            torch.autograd.backward(loss)
            self._optimiser.step()
        self.history.append(self._measure(self.epoch + 1))

    def _measure(self, epoch: int) -> Record:
        with torch.no_grad():
            train = loss_and_accuracy(self.logits(self.X_train), self.y_train)
            test = loss_and_accuracy(self.logits(self.X_test), self.y_test)
        return Record(epoch, *train, *test)
