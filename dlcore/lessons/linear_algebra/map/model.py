"""A 2×2 matrix as a map of the plane: what it does to areas, to directions and to the basis.

>>> facts = study(matrix(((2, 1), (1, 2))))
>>> facts.determinant, facts.rank, facts.eigenvalues
(3.0, 2, (3.0, 1.0))
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

Pair = tuple[float, float]
Entries = tuple[Pair, Pair]

PRESETS: Final = ("identity", "rotation", "shear", "scaling", "reflection", "projection", "eigen", "spiral")
ROTATING: Final = ("rotation", "spiral")  # those that an angle belongs to
SPIRAL_MODULUS: Final = 1.25

# LAPACK finds a double eigenvalue only to about the square root of float64's precision, so anything nearer than this
# (relative to the matrix) is taken for equal.
_NEAR: Final = 1e-6


def matrix(entries: Entries) -> Tensor:
    """The entries, row by row, as a float64 tensor of shape (2, 2)."""
    return torch.tensor(entries, dtype=torch.float64)


def preset(id: str, degrees: float = 45.0) -> Entries:
    """The entries of a named matrix.

    Parameters
    ----------
    id : one of PRESETS.
    degrees : of those that rotate, anticlockwise.

    >>> preset("rotation", 90)
    ((0.0, -1.0), (1.0, 0.0))
    """
    fixed: dict[str, Entries] = {
        "identity": ((1.0, 0.0), (0.0, 1.0)),
        "shear": ((1.0, 1.0), (0.0, 1.0)),
        "scaling": ((2.0, 0.0), (0.0, 0.5)),
        "reflection": ((0.0, 1.0), (1.0, 0.0)),
        "projection": ((0.5, 0.5), (0.5, 0.5)),
        "eigen": ((2.0, 1.0), (1.0, 2.0)),
    }
    if id in fixed:
        return fixed[id]
    r = {"rotation": 1.0, "spiral": SPIRAL_MODULUS}[id]
    # Six digits make a link and a program that can be read; + 0.0 turns -0.0 into 0.0.
    cos = round(r * math.cos(math.radians(degrees)), 6) + 0.0
    sin = round(r * math.sin(math.radians(degrees)), 6) + 0.0
    return ((cos, -sin + 0.0), (sin, cos))


def between(entries: Entries, t: float) -> Tensor:
    """``(1 - t) I + t A``: on the way from the identity, ``t = 0``, to the matrix, ``t = 1``; shape (2, 2)."""
    return (1 - t) * torch.eye(2, dtype=torch.float64) + t * matrix(entries)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a matrix is known by.

    ``eigenvalues`` are the real ones in torch's order, none if they are complex; ``directions`` are the lines that
    stay where they are, unit vectors with their eigenvalue, none if all do (``every_direction``). ``modulus`` and
    ``degrees``, anticlockwise, are of the complex ones. ``inverse`` is None where the rank is below 2.
    """

    determinant: float
    trace: float
    rank: int
    singular_values: tuple[float, ...]
    eigenvalues: tuple[float, ...]
    directions: tuple[tuple[float, Pair], ...]
    every_direction: bool
    modulus: float
    degrees: float
    inverse: Entries | None

    @property
    def complex(self) -> bool:
        """Whether no direction stays."""
        return not self.eigenvalues


def study(A: Tensor) -> Facts:
    """All of it, as ``torch.linalg`` finds it. ``A`` has shape (2, 2) and dtype float64."""
    size = float(torch.linalg.matrix_norm(A))
    rank = int(torch.linalg.matrix_rank(A))
    values, vectors = torch.linalg.eig(A)
    trace = float(A.trace())
    turns = bool(values.imag.abs().max() > _NEAR * size)
    every = bool(torch.linalg.matrix_norm(A - trace / 2 * torch.eye(2, dtype=A.dtype)) <= _NEAR * size)
    return Facts(
        determinant=float(torch.linalg.det(A)) if rank == 2 else 0.0,  # without rounding's 1e-17
        trace=trace,
        rank=rank,
        singular_values=tuple(torch.linalg.svdvals(A).tolist()),
        eigenvalues=() if turns else tuple(values.real.tolist()),
        directions=() if turns or every else _directions(values.real, vectors.real),
        every_direction=every,
        modulus=float(values[0].abs()) if turns else 0.0,
        degrees=math.copysign(math.degrees(abs(float(values[0].angle()))), float(A[1, 0])) if turns else 0.0,
        inverse=_entries(torch.linalg.inv(A)) if rank == 2 else None,
    )


def _directions(values: Tensor, vectors: Tensor) -> tuple[tuple[float, Pair], ...]:
    """Each line once: a shear has the same one twice."""
    pairs = [(float(values[i]), (float(vectors[0, i]), float(vectors[1, i]))) for i in range(2)]
    (_, (x0, y0)), (_, (x1, y1)) = pairs
    return tuple(pairs if abs(x0 * y1 - x1 * y0) > _NEAR else pairs[:1])


def _entries(A: Tensor) -> Entries:
    (a, b), (c, d) = A.tolist()
    return ((a, b), (c, d))
