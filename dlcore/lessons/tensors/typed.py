"""Parse the lists and index expressions that a reader types, and word what is wrong with them.

>>> ast.dump(statement("ｍ［０］", max_chars=9, example="m[0]"))
"Expr(value=Subscript(value=Name(id='m', ctx=Load()), slice=Constant(value=0), ctx=Load()))"
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import ClassVar

from dlcore.typed import python
from dlcore.typed.python import TypedError


class TensorTextError(TypedError):
    """The typed text is Python, but neither a list of values nor an index expression, or it asks for too much."""

    WORDS: ClassVar[str] = "tensors.problem"
    RULES: ClassVar[Mapping[str, str]] = {
        "not_value": "{got} is no number, no True or False, and no list of them",
        "too_many_elements": "a tensor must have at most {max} elements, got {got}",
        "unknown_tensor": "{got} is no tensor here; there are {known}",
        "other_tensor": "a condition must be on {name} itself, got {got}",
        "not_index": "{got} is no part of an index expression",
        "whole": "an index must be a whole number, got {got}",
        "mixed": "a list must have whole numbers only, or True and False only, got {got}",
        "chained": "a comparison has two sides: write (x > 2) & (x < 9), got {got}",
        "words": "elements are combined by & | ~ with brackets around each comparison, got {got}",
        "compared": "an element of a tensor is compared with a number, got {got}",
        "too_many_parts": "at most {max} brackets with {max} parts each can be used",
        "assigned": "only a number can be assigned, to an indexed tensor, got {got}",
    }


def statement(text: str, *, max_chars: int, example: str) -> ast.stmt:
    """Parse one statement, in one line; raise TypedError as :func:`dlcore.typed.python.parse` does."""
    (parsed,) = python.parse(text.strip(), signs="[]()<>=!&|~:,.+-", max_chars=max_chars, example=example).body
    return parsed


def number(node: ast.expr) -> int | float | bool | None:
    """Return the number or truth value that an expression spells; None if it is neither."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=ast.Constant(value=int() | float() as value)):
            return None if isinstance(value, bool) else -value if isinstance(sign, ast.USub) else value
    return None
