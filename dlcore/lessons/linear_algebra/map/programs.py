"""The code of the map: what torch.linalg says of the matrix."""

from __future__ import annotations

import torch
from torch import Tensor

from dlcore.lessons.linear_algebra.map.model import Entries, Pair, between
from dlcore.programs.snippet import Snippet


def snippet(entries: Entries, x: Pair, t: float) -> Snippet:
    """The numbers of the page, in torch's words."""
    A, vector = between(entries, t), torch.tensor(x, dtype=torch.float64)
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
    lines += [f"print({what})" for what, _ in prints]
    return Snippet("\n".join(lines), "\n".join(str(found) for _, found in prints))
