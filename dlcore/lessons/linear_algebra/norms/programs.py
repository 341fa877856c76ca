"""The programs of the norms."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from dlcore.lessons.linear_algebra.map.model import Vector2
from dlcore.lessons.linear_algebra.norms.model import WORDS, order_of
from dlcore.programs.literal import tensor_literal
from dlcore.programs.snippet import Snippet


def snippet(v: Vector2, balls: Sequence[str], p: float) -> Snippet:
    """Return the program that prints the chosen norms of ``v``; ``p`` is the order of Lp."""
    vector = torch.tensor(v)
    lines, printed = ["import torch", "", f"v = torch.tensor({list(v)})"], []
    for id in WORDS:
        if id in balls:
            order = order_of(id, p)
            text = "float('inf')" if math.isinf(order) else f"{order:.15g}"
            lines.append(f"print(torch.linalg.vector_norm(v, ord={text}))")
            printed.append(str(torch.linalg.vector_norm(vector, ord=order)))
    return Snippet("\n".join(lines), "\n".join(printed))


def matrix_snippet(m: Tensor) -> Snippet:
    """Return the program that prints the Frobenius norm, by torch and by its formula."""
    ones = bool((m == 1).all())
    text = f"torch.ones{tuple(m.shape)}" if ones else tensor_literal(m)
    lines = [
        "import torch",
        "",
        f"m = {text}",
        "print(torch.linalg.matrix_norm(m))  # ord='fro' is the default",
        "print(m.square().sum().sqrt())",
    ]
    return Snippet("\n".join(lines), f"{torch.linalg.matrix_norm(m)!s}\n{m.square().sum().sqrt()!s}")
