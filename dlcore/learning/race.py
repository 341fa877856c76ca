"""Optimisers racing over a surface f(x, y): each walks its own way by the rules of :mod:`dlcore.optim`, in float64.

>>> from dlcore.learning.surfaces import SURFACES
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

from dlcore.config import TrainingConfig
from dlcore.learning.stepping import Stepping
from dlcore.learning.surfaces import Surface, values
from dlcore.optim import Constants, Optimiser

Pair = tuple[float, float]
LIMIT: Final = 1e6  # of |x| and |y|: beyond, an optimiser has diverged


@dataclass(frozen=True, slots=True)
class Hyper:
    """All hyper-parameters but the rates: each optimiser takes those that it has. The defaults are torch's.

    ``decay`` is AdamW's weight decay; ``eps`` goes to all that divide by a root.
    """

    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    alpha: float = 0.99
    eps: float = 1e-8
    decay: float = 0.01

    @property
    def constants(self) -> Constants:
        """What :class:`~dlcore.optim.Optimiser` takes beside its settings."""
        return Constants((self.beta1, self.beta2), self.eps, self.eps, self.alpha, self.eps)


@dataclass(frozen=True, slots=True)
class Move:
    """One step: the place, and what the optimiser remembers, before and after; the gradient that it was made with."""

    before: Pair
    gradient: Pair
    remembered: tuple[Pair, ...]
    remembers: tuple[Pair, ...]
    after: Pair


class Walker:
    """One optimiser on its way.

    Attributes
    ----------
    path : (x, y, f) before the first step and after each; all of them are finite.
    move : the last step; None before the first.
    diverged : whether it left the finite numbers, or went beyond ``LIMIT``; it then stays where it was.
    """

    def __init__(self, id: str, surface: Surface, start: Pair, lr: float, hyper: Hyper) -> None:
        self.id, self.surface, self.lr, self.hyper = id, surface, lr, hyper
        settings = TrainingConfig(
            optimiser=id, lr=lr, momentum=hyper.momentum, l1=0.0, l2=hyper.decay if id == "adamw" else 0.0
        )
        self._theta = torch.tensor(start, dtype=torch.float64)
        self._optimiser = Optimiser(self._theta, settings, hyper.constants)
        f, self._gradient = self._look()
        self.path: list[tuple[float, float, float]] = [(*start, f)]
        self.move: Move | None = None
        self.diverged = not (math.isfinite(f) and bool(self._gradient.isfinite().all()))

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
        gradient, remembered = _pair(self._gradient), tuple(map(_pair, self._optimiser.buffers))
        self._optimiser.step(self._gradient, self._optimiser.next_scalars(self.lr))
        f, self._gradient = self._look()
        x, y = self._theta.tolist()
        if not (math.isfinite(f) and max(abs(x), abs(y)) <= LIMIT):
            self.diverged = True
            return
        self.move = Move(self.place, gradient, remembered, tuple(map(_pair, self._optimiser.buffers)), (x, y))
        self.path.append((x, y, f))
        self.diverged = not bool(self._gradient.isfinite().all())  # nothing can follow from here

    def _look(self) -> tuple[float, Tensor]:
        """f and its gradient here."""
        theta = self._theta.detach().requires_grad_()
        f = values(self.surface.program, *theta.unbind())
        (gradient,) = torch.autograd.grad(f, theta)
        return f.item(), gradient


def _pair(values: Tensor) -> Pair:
    x, y = values.tolist()
    return x, y


class Race(Stepping):
    """Optimisers side by side from one start; an "epoch" is one step of each. One that diverges lets the others go on.

    Parameters
    ----------
    rates : the learning rate of each optimiser that takes part.
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
