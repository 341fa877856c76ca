"""Dropout from scratch, and a network on few images that overfits without it.

Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (JMLR 15, 2014). They scale the
weights by 1 − p in evaluation; here, as in torch, the elements that are kept in training are divided by 1 − p.

>>> x = torch.ones(4)
>>> dropout(x, 0.0, torch.Generator()).tolist(), dropout(x, 1.0, torch.Generator()).tolist()
([1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0])
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

from dlcore.images import data as images
from dlcore.network.from_scratch import Model, cross_entropy, mask
from dlcore.network.optimizers import Optimizer
from dlcore.network.settings import TrainingConfig
from dlcore.network.stepping import Stepping
from dlcore.spiral.training import Record, loss_and_accuracy

N_TEST: Final = 500
VALIDATION_BEGIN: Final = 1500  # the validation samples come after all that can be trained on
BATCH: Final = 32
LR: Final = 0.002


def dropout(x: Tensor, p: float, generator: torch.Generator, *, training: bool = True) -> Tensor:
    """Set each element to 0 with probability ``p`` and divide the others by 1 − p, which keeps their expectation.

    In evaluation return x itself.
    """
    return x * mask(x, p, generator=generator) if training and p else x


def mean_of_draws(x: Tensor, p: float, draws: int, *, seed: int) -> Tensor:
    """Return the elementwise mean of ``draws`` dropouts of x, all from one new generator with this seed."""
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([dropout(x, p, generator) for _ in range(draws)]).mean(0)


def standard_error(x: Tensor, p: float, draws: int) -> Tensor:
    """Return the standard error of :func:`mean_of_draws`, elementwise: |x|·√(p/(1−p))/√draws; 0 if p is 0 or 1."""
    return x.abs() * (math.sqrt(p / (1 - p) / draws) if p < 1 else 0.0)


def deviation(mean: Tensor, x: Tensor, p: float, draws: int) -> float:
    """Return the largest distance between an element of x, none of which is 0, and its mean, in standard errors.

    It is 0 if p is 0, and infinite if p is 1, since everything is dropped.
    """
    if p in (0, 1):
        return math.inf if p else 0.0
    return float(((mean - x).abs() / standard_error(x, p, draws)).max())


class DropoutFit(Stepping):
    """An MLP 64 → hidden → hidden → 10 with ReLU on few digits, dropout after each hidden layer; Adam.

    Attributes
    ----------
    p : the dropout probabilities of the two hidden layers.
    weight_decay : λ; Adam adds λ times each parameter to its gradient.
    train, test, valid : inputs (n, 64) between 0 and 1, float64, and classes (n,).
    history : a :class:`~dlcore.spiral.training.Record` before the first epoch and after each, in
        evaluation mode.
    """

    def __init__(
        self,
        *,
        p: tuple[float, float],
        n_train: int,
        hidden: int,
        epochs: int,
        seed: int,
        weight_decay: float = 0.0,
        n_validation: int = 0,
    ) -> None:
        self.weight_decay, self.n_validation = weight_decay, n_validation
        self.p, self.n_train, self.hidden, self.epochs, self.seed = p, n_train, hidden, epochs, seed
        digits = images.digits()
        # All digits together: the split here is another one than that of the images page.
        X = digits.inputs(torch.cat([digits.train.X, digits.test.X]))
        y = torch.cat([digits.train.y, digits.test.y])
        self.test = X[:N_TEST], y[:N_TEST]
        self.train = X[N_TEST : N_TEST + n_train], y[N_TEST : N_TEST + n_train]
        kept = slice(VALIDATION_BEGIN, VALIDATION_BEGIN + n_validation)
        self.valid = X[kept], y[kept]
        self.restart()

    def _begin(self) -> None:
        self._generator = torch.Generator().manual_seed(self.seed)
        sizes = (self.train[0].shape[1], self.hidden, self.hidden, images.CLASSES)
        self.model = Model(sizes, dropout=self.p, dtype=torch.float64, generator=self._generator)
        self._optimizer = Optimizer(self.model.theta, TrainingConfig(optimizer="adam", lr=LR, l2=self.weight_decay))
        self.history = [self._measure(0)]

    @property
    def train_loss(self) -> float:
        """Return the loss on the training samples at the current weights."""
        return self.history[-1].train_loss

    def _one_epoch(self) -> None:
        X, y = self.train
        for rows in torch.split(torch.randperm(self.n_train, generator=self._generator), BATCH):
            loss = cross_entropy(self.model.logits(X[rows], training=True), y[rows])
            self._optimizer.step(self.model.gradient(loss), self._optimizer.next_scalars(LR))
        self.history.append(self._measure(self.epoch + 1))

    @torch.no_grad()
    def _measure(self, epoch: int) -> Record:
        subsets = self.train, self.test, self.valid
        train, test, valid = (loss_and_accuracy(self.model.logits(X), y) for X, y in subsets)
        return Record(epoch, *train, *test, *valid)

    @property
    def norm(self) -> float:
        """Return the norm of all weights, without the biases."""
        return math.hypot(*(float(W.detach().norm()) for W in self.model.parameters[::2]))
