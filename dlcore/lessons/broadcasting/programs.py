"""The programs of broadcasting: the operation, and both operands expanded."""

from __future__ import annotations

import math
from typing import Final

from dlcore.lessons.broadcasting.model import OPERATIONS, BroadcastOutcome, Shape, b_step, stretch
from dlcore.programs.snippet import Snippet

MAX_PRINTED: Final = 40  # the code prints a result of at most so many elements


def _operand(shape: Shape, factor: int = 1) -> str:
    """Return the code that makes an operand."""
    times = f"{factor} * " if factor > 1 else ""
    reshaped = f".reshape({', '.join(map(str, shape)) or '()'})" if len(shape) != 1 else ""
    return f"{times}torch.arange(1, {math.prod(shape) + 1}){reshaped}"


def snippet(outcome: BroadcastOutcome, operation: str) -> Snippet:
    """Return the program that carries out the operation, and its result or exception."""
    sign = OPERATIONS[operation][0]
    left, right = tuple(outcome.a.shape), tuple(outcome.b.shape)
    lines = ["import torch", "", f"a = {_operand(left)}", f"b = {_operand(right, b_step(left))}"]
    if outcome.result is None:
        lines += ["try:", f"    a {sign} b", "except RuntimeError as error:", "    print(error)"]
        return Snippet("\n".join(lines), outcome.error)
    lines += [f"c = a {sign} b", "print(c.shape)"]
    output = str(outcome.result.shape)
    if outcome.result.numel() <= MAX_PRINTED:
        lines.append("print(c)")
        output += "\n" + str(outcome.result)  # an f-string would write a scalar without its "tensor"
    return Snippet("\n".join(lines), output)


def memory_snippet(outcome: BroadcastOutcome) -> Snippet:
    """Return the program that expands both operands and prints their strides and whether they kept their memory."""
    left, right = tuple(outcome.a.shape), tuple(outcome.b.shape)
    if outcome.result is None:
        return snippet(outcome, "add")
    lines = [
        "import torch",
        "",
        f"a = {_operand(left)}",
        f"b = {_operand(right, b_step(left))}",
        "wide_a, wide_b = torch.broadcast_tensors(a, b)",
        "print(wide_a.shape, a.stride(), wide_a.stride())",
        "print(wide_b.shape, b.stride(), wide_b.stride())",
        "print(wide_a.data_ptr() == a.data_ptr(), wide_b.data_ptr() == b.data_ptr())",
    ]
    shape = tuple(outcome.result.shape)
    a, b = stretch(outcome.a, shape), stretch(outcome.b, shape)
    output = [f"{outcome.result.shape} {each.stride} {each.expanded_stride}" for each in (a, b)]
    return Snippet("\n".join(lines), "\n".join([*output, f"{a.shared} {b.shared}"]))
