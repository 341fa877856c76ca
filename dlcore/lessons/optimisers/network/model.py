"""Optimizers side by side on a small network, with the same data and first weights for each, in float64."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn

from dlcore.lessons.optimisers.race.model import KICKS
from dlcore.network.optimizers import Hyper
from dlcore.network.settings import ModelConfig
from dlcore.network.stepping import Stepping
from dlcore.spiral.config import DataConfig, RunConfig
from dlcore.spiral.training import PreparedRun, prepare

HIDDEN: Final = 16
POINTS: Final = 100  # of each class
_COPIES: Final = 2  # the weights and one shadow of them, see KICKS


class Learner:
    """One optimizer that trains the network, its weights in one flat vector, on all samples at once.

    ``problem`` holds the data and the first weights.

    Attributes
    ----------
    losses : the mean cross-entropy before the first epoch and after each; all of them are finite.
    diverged : whether the loss became non-finite; training then stops.
    """

    def __init__(self, id: str, problem: PreparedRun, lr: float, hyper: Hyper) -> None:
        self.id, self.lr, self.hyper = id, lr, hyper
        # Samples lie along the last dimension: a softmax over few classes is faster along the one before it.
        self._X = problem.train.X.double().t().contiguous()  # (2, n)
        self._y = problem.train.y
        self.shapes = [tuple(parameter.shape) for parameter in problem.model.parameters()]
        weights = torch.cat([parameter.detach().reshape(-1) for parameter in problem.model.parameters()])
        self._theta = weights.double().repeat(_COPIES, 1)  # (copies, parameters)
        self._optimizer = hyper.optimizer(id, self._theta, lr)
        self.losses: list[float] = []
        self.diverged = False
        self._evaluate()

    @property
    def steps(self) -> int:
        """Return the number of steps done, one for each epoch."""
        return len(self.losses) - 1

    def step(self) -> None:
        """Train for one epoch; do nothing if it has diverged."""
        if self.diverged:
            return
        self._theta.mul_(KICKS[:_COPIES])
        self._optimizer.step(self._gradient, self._optimizer.next_scalars(self.lr))
        self._theta.mul_(KICKS[:_COPIES])
        self._evaluate()

    def _evaluate(self) -> None:
        """Compute loss and gradient at the current weights."""
        theta = self._theta.detach().requires_grad_()
        logits = self._logits(theta)
        labels = self._y.expand(_COPIES, -1)
        losses = nn.functional.cross_entropy(logits, labels, reduction="none").mean(1)  # (copies,)
        self.diverged = not math.isfinite(float(losses[0].detach()))
        if not self.diverged:
            (self._gradient,) = torch.autograd.grad(losses.sum(), theta)
            self._last = losses.tolist(), logits.detach()
            self.losses.append(self._last[0][0])

    def measured(self) -> list[tuple[float, float]]:
        """Return (loss, accuracy) of the network and of its shadow (see ``KICKS``); accuracy is between 0 and 1."""
        losses, logits = self._last
        accuracies: list[float] = (logits.argmax(1) == self._y).double().mean(1).tolist()
        return list(zip(losses, accuracies, strict=True))

    def _logits(self, theta: Tensor) -> Tensor:
        """Return the logits (copies, classes, n) of the weights ``theta`` (copies, parameters)."""
        sizes = [math.prod(shape) for shape in self.shapes]
        W1, b1, W2, b2 = (
            part.view(len(theta), *shape) for part, shape in zip(torch.split(theta, sizes, 1), self.shapes, strict=True)
        )
        X = self._X.expand(len(theta), -1, -1)
        hidden = torch.baddbmm(b1[:, :, None], W1, X).relu()  # (copies, HIDDEN, n)
        return torch.baddbmm(b2[:, :, None], W2, hidden)


class NetworkRace(Stepping):
    """Learners of a network 2 → ``HIDDEN`` → classes with ReLU, one epoch each at a time.

    The others go on after one diverges.

    Parameters
    ----------
    lrs : the learning rate of each optimizer by id.
    kind, noise, seed : of the data, ``POINTS`` for each class; ``seed`` also of the first weights.
    """

    def __init__(
        self, lrs: Mapping[str, float], hyper: Hyper, *, kind: str, noise: float, seed: int, epochs: int
    ) -> None:
        self.lrs, self.hyper, self.epochs = lrs, hyper, epochs
        self.data = DataConfig(kind=kind, classes=3, points=POINTS, noise=noise, test_share=0.0, seed=seed)
        self.restart()

    def _begin(self) -> None:
        problem = prepare(RunConfig(self.data, ModelConfig(hidden=(HIDDEN,))))
        self.learners = {id: Learner(id, problem, lr, self.hyper) for id, lr in self.lrs.items()}

    def _one_epoch(self) -> None:
        for learner in self.learners.values():
            learner.step()
        self.diverged = all(learner.diverged for learner in self.learners.values())
