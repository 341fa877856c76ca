"""Optimizers side by side on a surface f(x, y), each by its rule in :mod:`dlcore.network.optimizers`, in float64.

>>> from dlcore.lessons.optimisers.race.surfaces import SURFACES
>>> race = SurfaceRace(SURFACES["ravine"], (-5.0, 2.0), {"sgd": 0.4, "adam": 0.3}, Hyper(), steps=100)
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

from dlcore.lessons.optimisers.race.sampling import SAMPLES, Sampling
from dlcore.lessons.optimisers.race.surfaces import Surface, values
from dlcore.network.optimizers import Hyper
from dlcore.network.stepping import Stepping

Vector2 = tuple[float, float]
LIMIT: Final = 1e6  # of |x| and |y|: beyond it an optimizer has diverged

# Each optimizer has two shadows, copies whose parameters are multiplied by the second and the third factor before and
# after each step, as if they were rounded a thousand times more coarsely. If a shadow ends elsewhere, the result hangs
# on the last digit of a float64, and a program that rounds differently need not reproduce it.
KICKS: Final = torch.tensor([[1.0], [1.0 + 1e-13], [1.0 - 1e-13]], dtype=torch.float64)


@dataclass(frozen=True, slots=True)
class Move:
    """One step of an optimizer: its gradient, and the point and the optimizer's buffers before and after it."""

    before: Vector2
    gradient: Vector2
    buffers_before: tuple[Vector2, ...]
    buffers_after: tuple[Vector2, ...]
    after: Vector2


class Walker:
    """One optimizer on a surface.

    ``sampling`` and its ``draws`` (steps, 2) are None if each step sees the gradient of f itself.

    Attributes
    ----------
    path : (x, y, f) before the first step and after each; all of them are finite.
    move : the last step; None before the first.
    shadows : the points of its two shadows (see ``KICKS``).
    diverged : whether a number became non-finite or went beyond ``LIMIT``; the optimizer then stays at its last point.
    """

    def __init__(
        self,
        id: str,
        surface: Surface,
        start: Vector2,
        lr: float,
        hyper: Hyper,
        sampling: Sampling | None = None,
        draws: Tensor | None = None,
    ) -> None:
        self.id, self.surface, self.lr, self.hyper, self.sampling = id, surface, lr, hyper, sampling
        self._draws = draws
        self._theta = torch.tensor([start] * len(KICKS), dtype=torch.float64)  # (1 + 2 shadows, 2)
        self._optimizer = hyper.optimizer(id, self._theta, lr)
        f, self._gradient = self._evaluate()
        self.path: list[tuple[float, float, float]] = [(*start, f)]
        self.move: Move | None = None
        self.shadows: list[Vector2] = [start, start]
        self.diverged = not (math.isfinite(f) and bool(self._gradient[0].isfinite().all()))

    @property
    def place(self) -> Vector2:
        """Return the current point (x, y)."""
        x, y, _ = self.path[-1]
        return x, y

    @property
    def steps(self) -> int:
        """Return the number of steps done."""
        return len(self.path) - 1

    def step(self) -> None:
        """Take one step by the optimizer's rule; do nothing if it has diverged."""
        if self.diverged:
            return
        if self._draws is not None:
            self._gradient += self._draws[self.steps]
        gradient, buffers_before = _pair(self._gradient), tuple(map(_pair, self._optimizer.buffers))
        self._theta.mul_(KICKS)
        self._optimizer.step(self._gradient, self._optimizer.next_scalars(self.lr))
        self._theta.mul_(KICKS)
        f, self._gradient = self._evaluate()
        x, y = _pair(self._theta)
        if not (math.isfinite(f) and max(abs(x), abs(y)) <= LIMIT):
            self.diverged = True
            return
        self.move = Move(self.place, gradient, buffers_before, tuple(map(_pair, self._optimizer.buffers)), (x, y))
        self.path.append((x, y, f))
        self.shadows = [_pair(self._theta[1:]), _pair(self._theta[2:])]
        self.diverged = not bool(self._gradient[0].isfinite().all())  # no step is possible from here

    def _evaluate(self) -> tuple[float, Tensor]:
        """Return f at the current point, and the gradients (3, 2) there and at the shadows."""
        theta = self._theta.detach().requires_grad_()
        f = values(self.surface.program, *theta.unbind(1))
        (gradient,) = torch.autograd.grad(f.sum(), theta)
        return f[0].item(), gradient


def _pair(rows: Tensor) -> Vector2:
    """Return the first row of (n, 2)."""
    x, y = rows[0].tolist()
    return x, y


class SurfaceRace(Stepping):
    """Optimizers side by side from one start; an "epoch" is one step of each. The others go on after one diverges.

    Parameters
    ----------
    lrs : the learning rate of each optimizer by id.
    batch_size, seed : of the samples whose gradient a step sees, the same for every optimizer; all samples together
        have exactly the gradient of f.
    """

    def __init__(
        self,
        surface: Surface,
        start: Vector2,
        lrs: Mapping[str, float],
        hyper: Hyper,
        *,
        steps: int,
        batch_size: int = SAMPLES,
        seed: int = 0,
    ) -> None:
        self.surface, self.start, self.lrs, self.hyper, self.epochs = surface, start, lrs, hyper, steps
        self.sampling = Sampling(batch_size, seed) if batch_size < SAMPLES else None
        self._draws = self.sampling.draws(steps) if self.sampling else None
        self.restart()

    def _begin(self) -> None:
        self.walkers = {
            id: Walker(id, self.surface, self.start, lr, self.hyper, self.sampling, self._draws)
            for id, lr in self.lrs.items()
        }
        self.diverged = all(walker.diverged for walker in self.walkers.values())

    def _one_epoch(self) -> None:
        for walker in self.walkers.values():
            walker.step()
        self.diverged = all(walker.diverged for walker in self.walkers.values())
