"""The code of a constructor."""

from __future__ import annotations

from dlcore.lessons.tensors.create.model import Created
from dlcore.lessons.tensors.programs import refused_snippet
from dlcore.programs.snippet import Snippet


def snippet(made: Created) -> Snippet:
    """The program that makes it, and what it prints."""
    if made.refused is not None:
        return refused_snippet(made.setup, f"x = {made.call}", made.refused)
    assert made.tensor is not None
    lines = ("import torch", "", *made.setup, f"x = {made.call}", "print(x)", "print(x.shape, x.dtype)")
    output = f"{made.tensor!s}\n{made.tensor.shape} {made.tensor.dtype}"
    return Snippet("\n".join(lines), "" if made.unset else output)
