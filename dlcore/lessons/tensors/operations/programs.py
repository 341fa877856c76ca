"""The code of an operation on tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from dlcore.lessons.tensors.operations.model import Operation, Outcome, names_of
from dlcore.lessons.tensors.programs import refused_snippet
from dlcore.programs.literal import print_of, tensor_literal
from dlcore.programs.snippet import Snippet


def snippet(
    operation: Operation, operands: Sequence[Tensor], arguments: Mapping[str, Any], outcome: Outcome
) -> Snippet:
    """The operation as a program, with what it prints: the values, or the first line of the error."""
    made = [f"{name} = {tensor_literal(tensor)}" for name, tensor in zip("ab", operands, strict=False)]
    call = operation.code(arguments)
    if outcome.refused:
        return refused_snippet(made, call, outcome.refused)
    names = names_of(operation, outcome)
    lines = ["import torch", "", *made, f"{', '.join(names)} = {call}", *(f"print({name})" for name in names)]
    return Snippet("\n".join(lines), print_of(*outcome.results))
