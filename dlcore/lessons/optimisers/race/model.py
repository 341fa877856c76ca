"""Optimizers racing over a surface f(x, y), each by the rule of :mod:`dlcore.network.optimizers`, in float64.

>>> from dlcore.lessons.optimisers.race.surfaces import SURFACES
>>> race = Race(SURFACES["ravine"], (-5.0, 2.0), {"sgd": 0.4, "adam": 0.3}, Hyper(), steps=100)
>>> race.advance(1)
>>> race.walkers["sgd"].place
(-4.6, -1.2000000000000002)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from dlcore.lessons.optimisers.race.surfaces import Surface, values
from dlcore.network.optimizers import ADAM_BETAS, ADAM_EPS, RMSPROP_ALPHA, Constants, Optimizer
from dlcore.network.settings import TrainingConfig
from dlcore.network.stepping import Stepping

Pair = tuple[float, float]
LIMIT: Final = 1e6  # of |x| and |y|: beyond, an optimizer has diverged

# Each optimizer walks with two shadows, whose parameters are multiplied by the second and the third of these before and
# after each step, as if they were rounded a thousand times as coarsely. Where the shadows lose it, the last digit of a
# float64 decides where it goes, and no program that rounds differently can be said to follow it.
KICKS: Final = torch.tensor([[1.0], [1.0 + 1e-13], [1.0 - 1e-13]], dtype=torch.float64)


@dataclass(frozen=True, slots=True)
class Hyper:
    """All hyper-parameters but the rates: each optimizer takes those that it has. The defaults are torch's.

    ``decay`` is AdamW's weight decay; ``eps`` goes to all that divide by a root.
    """

    momentum: float = TrainingConfig().momentum
    beta1: float = ADAM_BETAS[0]
    beta2: float = ADAM_BETAS[1]
    alpha: float = RMSPROP_ALPHA
    eps: float = ADAM_EPS
    decay: float = 0.01

    def optimizer(self, id: str, theta: Tensor, lr: float) -> Optimizer:
        """The rule with these, for parameters of any shape."""
        decay = self.decay if id == "adamw" else 0.0
        settings = TrainingConfig(optimizer=id, lr=lr, momentum=self.momentum, l1=0.0, l2=decay)
        constants = Constants((self.beta1, self.beta2), self.eps, self.eps, self.alpha, self.eps)
        return Optimizer(theta, settings, constants)


@dataclass(frozen=True, slots=True)
class Move:
    """One step: the place, and what the optimizer remembers, before and after; the gradient that it was made with."""

    before: Pair
    gradient: Pair
    remembered: tuple[Pair, ...]
    remembers: tuple[Pair, ...]
    after: Pair


class Walker:
    """One optimizer on its way.

    Attributes
    ----------
    path : (x, y, f) before the first step and after each; all of them are finite.
    move : the last step; None before the first.
    shadows : where its two shadows (see ``KICKS``) are.
    diverged : whether it left the finite numbers, or went beyond ``LIMIT``; it then stays where it was.
    """

    def __init__(self, id: str, surface: Surface, start: Pair, lr: float, hyper: Hyper) -> None:
        self.id, self.surface, self.lr, self.hyper = id, surface, lr, hyper
        self._theta = torch.tensor([start] * len(KICKS), dtype=torch.float64)  # (itself and its shadows, 2)
        self._optimizer = hyper.optimizer(id, self._theta, lr)
        f, self._gradient = self._look()
        self.path: list[tuple[float, float, float]] = [(*start, f)]
        self.move: Move | None = None
        self.shadows: list[Pair] = [start, start]
        self.diverged = not (math.isfinite(f) and bool(self._gradient[0].isfinite().all()))

    @property
    def place(self) -> Pair:
        """Where it is."""
        x, y, _ = self.path[-1]
        return x, y

    @property
    def steps(self) -> int:
        """Steps done."""
        return len(self.path) - 1

    def step(self) -> None:
        """One step against the gradient, by its rule; none if it has diverged."""
        if self.diverged:
            return
        gradient, remembered = _pair(self._gradient), tuple(map(_pair, self._optimizer.buffers))
        self._theta.mul_(KICKS)
        self._optimizer.step(self._gradient, self._optimizer.next_scalars(self.lr))
        self._theta.mul_(KICKS)
        f, self._gradient = self._look()
        x, y = _pair(self._theta)
        if not (math.isfinite(f) and max(abs(x), abs(y)) <= LIMIT):
            self.diverged = True
            return
        self.move = Move(self.place, gradient, remembered, tuple(map(_pair, self._optimizer.buffers)), (x, y))
        self.path.append((x, y, f))
        self.shadows = [_pair(self._theta[1:]), _pair(self._theta[2:])]
        self.diverged = not bool(self._gradient[0].isfinite().all())  # nothing can follow from here

    def _look(self) -> tuple[float, Tensor]:
        """f here, and the gradient where it and its shadows are."""
        theta = self._theta.detach().requires_grad_()
        f = values(self.surface.program, *theta.unbind(1))
        (gradient,) = torch.autograd.grad(f.sum(), theta)
        return f[0].item(), gradient


def _pair(rows: Tensor) -> Pair:
    """The first of some rows."""
    x, y = rows[0].tolist()
    return x, y


class Race(Stepping):
    """Optimisers side by side from one start; an "epoch" is one step of each. One that diverges lets the others go on.

    Parameters
    ----------
    rates : the learning rate of each optimizer that takes part.
    """

    def __init__(self, surface: Surface, start: Pair, rates: Mapping[str, float], hyper: Hyper, *, steps: int) -> None:
        self.surface, self.start, self.rates, self.hyper, self.epochs = surface, start, rates, hyper, steps
        self.restart()

    def _begin(self) -> None:
        self.walkers = {id: Walker(id, self.surface, self.start, lr, self.hyper) for id, lr in self.rates.items()}
        self.diverged = all(walker.diverged for walker in self.walkers.values())

    def _one_epoch(self) -> None:
        for walker in self.walkers.values():
            walker.step()
        self.diverged = all(walker.diverged for walker in self.walkers.values())
