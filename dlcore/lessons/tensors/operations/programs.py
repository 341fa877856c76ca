"""The program of an operation on tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from dlcore.lessons.tensors.operations.model import Operation, OperationOutcome, names_of
from dlcore.lessons.tensors.programs import refused_snippet
from dlcore.programs.literal import print_of, tensor_literal
from dlcore.programs.snippet import Snippet


def snippet(
    operation: Operation, operands: Sequence[Tensor], arguments: Mapping[str, Any], outcome: OperationOutcome
) -> Snippet:
    """Return the program that carries out an operation, and its output: the results or the exception."""
    setup = [f"{name} = {tensor_literal(tensor)}" for name, tensor in zip("ab", operands, strict=False)]
    call = operation.code(arguments)
    if outcome.refused:
        return refused_snippet(setup, call, outcome.refused)
    names = names_of(operation, outcome)
    lines = ["import torch", "", *setup, f"{', '.join(names)} = {call}", *(f"print({name})" for name in names)]
    return Snippet("\n".join(lines), print_of(*outcome.results))
