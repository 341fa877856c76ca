"""Lines fitted by squared error, SmoothL1 and absolute error to 20 points, one of which can be moved away.

>>> moved = movements(20, 10.0)
>>> {loss: round(moved[loss], 2) for loss in LOSSES}
{'mse': 0.84, 'smooth_l1': 0.11, 'l1': 0.04}
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import torch
from torch import Tensor

N: Final = 20
TRUE: Final = (2.0, 1.0)  # w and b
X: Final = (-2.0, 2.0)  # the first and the last x
NOISE: Final = 0.1
SEED: Final = 26
REACH: Final = 10.0  # the farthest that a point is moved
ROUNDS: Final = 100  # of reweighting; then w and b rest to six digits

# The weight of a residual r in the next least-squares fit: the derivative of the loss at r, divided by r.
LOSSES: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    "mse": lambda r: torch.ones_like(r),
    "smooth_l1": lambda r: 1 / r.abs().clamp(min=1),
    "l1": lambda r: 1 / r.abs().clamp(min=1e-6),
}


@lru_cache(maxsize=1)
def points() -> tuple[Tensor, Tensor]:
    """Return x and y (n,) of the points before one is moved."""
    x = torch.linspace(*X, N, dtype=torch.float64)
    noise = torch.randn(N, generator=torch.Generator().manual_seed(SEED), dtype=torch.float64)
    return x, TRUE[0] * x + TRUE[1] + NOISE * noise


def moved(point: int, shift: float) -> Tensor:
    """Return the y (n,) of the points after the one with this number, from 1, was moved up by ``shift``."""
    y = points()[1].clone()
    y[point - 1] += shift
    return y


def shift_to(point: int, y: float) -> float:
    """Return how far up the point with this number is moved to come to height ``y``, within ±REACH."""
    return min(max(y - points()[1][point - 1].item(), -REACH), REACH)


def fit(x: Tensor, y: Tensor, loss: str) -> tuple[Tensor, Tensor]:
    """Return w and b, each of shape (…, 1), of the line of least ``loss`` through x (n,) and y (…, n).

    By iteratively reweighted least squares (Holland & Welsch, 1977).
    """
    w = b = torch.zeros(*y.shape[:-1], 1, dtype=torch.float64)
    for _ in range(1 if loss == "mse" else ROUNDS):
        s = LOSSES[loss](y - w * x - b)
        s = s / s.sum(-1, keepdim=True)
        x_mean, y_mean = (s * x).sum(-1, keepdim=True), (s * y).sum(-1, keepdim=True)
        covariance, variance = s * (x - x_mean) * (y - y_mean), s * (x - x_mean) ** 2
        w = covariance.sum(-1, keepdim=True) / variance.sum(-1, keepdim=True)
        b = y_mean - w * x_mean
    return w, b


@lru_cache(maxsize=256)
def lines(point: int, shift: float) -> dict[str, tuple[float, float]]:
    """Return w and b of the line by each loss after a point was moved; see :func:`moved`."""
    x, y = points()[0], moved(point, shift)
    return {loss: (w.item(), b.item()) for loss in LOSSES for w, b in [fit(x, y, loss)]}


def movements(point: int, shift: float) -> dict[str, float]:
    """Return how far (w, b) of each line moved because the point did."""
    before, after = lines(point, 0.0), lines(point, shift)
    return {loss: math.dist(before[loss], after[loss]) for loss in LOSSES}


@lru_cache(maxsize=N)
def sweep(point: int) -> tuple[list[float], dict[str, list[float]]]:
    """Return shifts from −REACH to REACH, and for each loss how far (w, b) moves at each of them."""
    shifts = torch.linspace(-REACH, REACH, 41, dtype=torch.float64)
    x, y = points()[0], points()[1].repeat(len(shifts), 1)
    y[:, point - 1] += shifts
    found = {}
    for loss in LOSSES:
        w, b = fit(x, y, loss)  # (shifts, 1); without a shift in the middle
        middle = len(shifts) // 2
        found[loss] = torch.hypot(w - w[middle], b - b[middle]).flatten().tolist()
    return shifts.tolist(), found
