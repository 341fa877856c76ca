"""Lp norms of a vector, their unit balls, and the Frobenius norm of a matrix.

>>> [round(norm(torch.tensor([3.0, -4.0]), p), 4) for p in (1, 2, math.inf)]
[7.0, 5.0, 4.0]
>>> frobenius(torch.ones(4, 9))
6.0
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import torch
from torch import Tensor

from dlcore.drawing.formats import MINUS, text
from dlcore.lessons.linear_algebra.map.model import Vector2

ORDERS: Final = {"L1": 1.0, "L2": 2.0, "Linf": math.inf}  # Lp has no fixed one
WORDS: Final = {"L1": "L1", "L2": "L2", "Linf": "L∞", "Lp": "Lp"}
_POINTS: Final = 240  # of a unit ball's edge; a multiple of 8, so that corners on axes and diagonals are points


def norm(v: Tensor, order: float) -> float:
    """Return ``(Σ|vᵢ|^order)^(1/order)`` of ``v`` (n,); for an order below 1 this is not a norm."""
    return float(torch.linalg.vector_norm(v, ord=order))


def frobenius(m: Tensor) -> float:
    """Return the Frobenius norm: the root of the sum of the squared entries of a matrix."""
    return float(torch.linalg.matrix_norm(m))


def order_of(id: str, p: float) -> float:
    """Return the order of a norm in WORDS; ``p`` is the order of Lp."""
    return ORDERS.get(id, p)


def written_out(v: Vector2, id: str, p: float) -> str:
    """Return the calculation of the norm with the vector's numbers.

    >>> written_out((3, -4), "L2", 3)
    '√(3² + (−4)²)'
    """
    x, y = (text(part, 6) for part in v)
    match id:
        case "L1":
            return f"|{x}| + |{y}|"
        case "L2":
            return "√(" + " + ".join(f"({part})²" if part.startswith(MINUS) else f"{part}²" for part in (x, y)) + ")"
        case "Linf":
            return f"max(|{x}|, |{y}|)"
    order = text(p)
    return f"(|{x}|^{order} + |{y}|^{order})^(1/{order})"


@lru_cache(maxsize=64)
def edge(order: float) -> tuple[Vector2, ...]:
    """Return points on the edge of the unit ball, where the norm is 1; the last equals the first."""
    angles = torch.arange(_POINTS + 1, dtype=torch.float64) * (2 * math.pi / _POINTS)
    circle = torch.stack([angles.cos(), angles.sin()], dim=1)
    circle[circle.abs() < 1e-12] = 0.0  # sin π is about 1e-16 in float64, and its root is larger
    points = circle / torch.linalg.vector_norm(circle, ord=order, dim=1, keepdim=True)
    return tuple((x, y) for x, y in points.tolist())
