"""The program of the part that makes a tensor."""

from __future__ import annotations

from typing import Final

from dlcore.lessons.tensors.create.model import Created, facts
from dlcore.lessons.tensors.programs import refused_snippet
from dlcore.programs.snippet import Snippet

COUNTS: Final = ("len", "numel", "item", "float", "int")  # ids of the facts that the program prints


def snippet(made: Created) -> Snippet:
    """Return the program that makes the tensor, and its output, which is empty if memory decides it."""
    if made.refused is not None:
        return refused_snippet(made.setup, f"x = {made.call}", made.refused)
    assert made.tensor is not None
    lines = ["import torch", "", *made.setup, f"x = {made.call}", "print(x)", "print(x.shape, x.dtype)"]
    prints = [str(made.tensor), f"{made.tensor.shape} {made.tensor.dtype}"]
    asked = [(code, answer) for id, code, answer in facts(made.tensor) if id in COUNTS and not answer.endswith("Error")]
    lines.append(f"print({', '.join(code for code, _ in asked)})")
    prints.append(" ".join(answer for _, answer in asked))
    return Snippet("\n".join(lines), "" if made.uninitialised else "\n".join(prints))
