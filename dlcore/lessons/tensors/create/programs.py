"""The program of the part that makes a tensor."""

from __future__ import annotations

from dlcore.lessons.tensors.create.model import Created
from dlcore.lessons.tensors.programs import refused_snippet
from dlcore.programs.snippet import Snippet


def snippet(made: Created) -> Snippet:
    """Return the program that makes the tensor, and its output, which is empty if memory decides it."""
    if made.refused is not None:
        return refused_snippet(made.setup, f"x = {made.call}", made.refused)
    assert made.tensor is not None
    lines = ("import torch", "", *made.setup, f"x = {made.call}", "print(x)", "print(x.shape, x.dtype)")
    output = f"{made.tensor!s}\n{made.tensor.shape} {made.tensor.dtype}"
    return Snippet("\n".join(lines), "" if made.uninitialised else output)
