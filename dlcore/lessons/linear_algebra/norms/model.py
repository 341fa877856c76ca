"""The length of a vector, in several senses: Lp norms, their unit balls, and the Frobenius norm.

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

Pair = tuple[float, float]

ORDERS: Final = {"L1": 1.0, "L2": 2.0, "Linf": math.inf}  # of the norms that have a fixed one; Lp has none
WORDS: Final = {"L1": "L1", "L2": "L2", "Linf": "L∞", "Lp": "Lp"}
_POINTS: Final = 240  # of a ball's edge, a multiple of 8: corners lie on the axes and on the diagonals


def norm(v: Tensor, order: float) -> float:
    """``(Σ|vᵢ|^p)^(1/p)``; for ``order`` below 1 this is no norm, but can be computed. ``v`` has shape (n,)."""
    return float(torch.linalg.vector_norm(v, ord=order))


def frobenius(m: Tensor) -> float:
    """The root of the sum of the squares of a matrix."""
    return float(torch.linalg.matrix_norm(m))


def order_of(id: str, p: float) -> float:
    """The order of a norm of WORDS, where ``p`` is that of Lp."""
    return ORDERS.get(id, p)


def written_out(v: Pair, id: str, p: float) -> str:
    """How the norm is computed, with the vector's own numbers.

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
def edge(order: float) -> tuple[Pair, ...]:
    """Points all around the edge of the unit ball: those with norm 1."""
    angles = torch.arange(_POINTS + 1, dtype=torch.float64) * (2 * math.pi / _POINTS)
    around = torch.stack([angles.cos(), angles.sin()], dim=1)
    around[around.abs() < 1e-12] = 0.0  # sin π is not quite 0, and its root is larger still
    points = around / torch.linalg.vector_norm(around, ord=order, dim=1, keepdim=True)
    return tuple((x, y) for x, y in points.tolist())
