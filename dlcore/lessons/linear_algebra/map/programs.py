"""The program of the map: the properties of the matrix from torch.linalg."""

from __future__ import annotations

import torch
from torch import Tensor

from dlcore.lessons.linear_algebra.map.model import Entries, Vector2, interpolate
from dlcore.programs.snippet import Snippet


def snippet(entries: Entries, x: Vector2, t: float) -> Snippet:
    """Return the program that prints the properties of the matrix and the image of ``x``."""
    A, vector = interpolate(entries, t), torch.tensor(x, dtype=torch.float64)
    lines = ["import torch", "", f"A = torch.tensor({[list(row) for row in entries]}, dtype=torch.float64)"]
    if t != 1:
        lines.append(f"A = (1 - {t}) * torch.eye(2, dtype=torch.float64) + {t} * A  # on the way")
    lines.append(f"x = torch.tensor({list(x)}, dtype=torch.float64)")
    values, vectors = torch.linalg.eig(A)
    rank = torch.linalg.matrix_rank(A)
    prints: list[tuple[str, Tensor]] = [
        ("A @ x", A @ vector),
        ("torch.linalg.det(A)", torch.linalg.det(A)),
        ("A.trace()", A.trace()),
        ("torch.linalg.matrix_rank(A)", rank),
        ("values", values),
        ("vectors", vectors),
        ("torch.linalg.svdvals(A)", torch.linalg.svdvals(A)),
    ]
    if rank == 2:
        prints.append(("torch.linalg.inv(A)", torch.linalg.inv(A)))
    lines.append("values, vectors = torch.linalg.eig(A)  # each column of vectors is one")
    lines += [f"print({code})" for code, _ in prints]
    return Snippet("\n".join(lines), "\n".join(str(value) for _, value in prints))
