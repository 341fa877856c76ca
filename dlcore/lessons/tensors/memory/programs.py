"""The programs of views and copies and of updates."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dlcore.lessons.tensors.memory.model import CODE, SHAPE, UPDATES, TensorName, TensorPair, UpdateResult
from dlcore.lessons.tensors.programs import refused_snippet
from dlcore.programs.snippet import Snippet


def snippet(pair: TensorPair, written: tuple[TensorName, Sequence[int], int] | None) -> Snippet:
    """Return the program that derives b from a and prints how both lie in memory.

    Parameters
    ----------
    pair : a and b after the assignment.
    written : the name, index and value of the assignment, if there was one.
    """
    base = f"a = torch.arange({math.prod(SHAPE)}).reshape{SHAPE}"
    if pair.refused:
        return refused_snippet([base], f"b = {CODE[pair.way]}", pair.refused)
    assert pair.b is not None
    b = pair.b
    lines = [f"b = {CODE[pair.way]}", "print(b.stride(), b.storage_offset(), b.is_contiguous())"]
    lines.append("print(a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr())")
    prints = [f"{b.stride()} {b.storage_offset()} {b.is_contiguous()}", str(pair.shares)]
    if written:
        name, index, value = written
        lines += [f"{name}[{', '.join(map(str, index))}] = {value}", "print(a)", "print(b)"]
        prints += [str(pair.a), str(b)]
    return Snippet("\n".join(["import torch", "", base, *lines]), "\n".join(prints))


def update_snippet(id: str, result: UpdateResult) -> Snippet:
    """Return the program that carries out an update."""
    code, name = UPDATES[id]
    lines = (
        "import torch",
        "",
        "X, Y = torch.tensor([1, 2, 3]), torch.tensor([10, 20, 30])",
        *(["Z = torch.zeros(3, dtype=torch.int64)"] if "Z" in code else []),
        f"old = {name}",
        code,
        f"print({name}.data_ptr() == old.data_ptr())",
        f"print({name}, old)",
    )
    return Snippet("\n".join(lines), f"{result.in_place}\n{result.after} {result.old}")
