"""Lists and index expressions that a person types: their characters and limits, their syntax, and what is said of them.

Nothing that is typed is ever run: :func:`statement` gives the syntax tree, and its readers take what they know.

>>> ast.dump(statement("ｍ［０］", example="m[0]"))
"Expr(value=Subscript(value=Name(id='m', ctx=Load()), slice=Constant(value=0), ctx=Load()))"
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import ClassVar, Final

from dlcore.settings.errors import InputError
from dlcore.typed.signs import ascii_signs

MAX_VALUES: Final = 400  # characters

MAX_BRACKETS: Final = 12  # one within the other
MAX_NUMBER: Final = 10**12

_TOKEN: Final = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|[][()<>=!&|~:,.+ -]"
)


class TypedError(InputError):
    """What was typed is no list of values, or no index expression, or is too large."""

    WORDS: ClassVar[str] = "tensors.problem"
    RULES: ClassVar[Mapping[str, str]] = {
        "empty": "nothing is typed; an example is {example}",
        "too_long": "at most {high} characters can be typed, got {got}",
        "character": "the character {got} means nothing here",
        "bracket": "a bracket lacks its partner",
        "too_deep": "brackets must be nested at most {high} deep",
        "syntax": "this is not Python at {near}",
        "number": "a number must lie within ±{high}, got {got}",
        "not_value": "{got} is no number, no True or False, and no list of them",
        "too_many_elements": "a tensor must have at most {high} elements, got {got}",
        "unknown_tensor": "{got} is no tensor here; there are {known}",
        "other_tensor": "a condition must be on {name} itself, got {got}",
        "not_index": "{got} is no part of an index expression",
        "whole": "an index must be a whole number, got {got}",
        "mixed": "a list must have whole numbers only, or True and False only, got {got}",
        "chained": "a comparison has two sides: write (x > 2) & (x < 9), got {got}",
        "words": "elements are combined by & | ~ with brackets around each comparison, got {got}",
        "compared": "an element of a tensor is compared with a number, got {got}",
        "too_many_parts": "at most {high} brackets with {high} parts each can be used",
        "assigned": "only a number can be assigned, to an indexed tensor, got {got}",
    }


def statement(text: str, *, example: str, most: int = MAX_VALUES, brackets: int = MAX_BRACKETS) -> ast.stmt:
    """The one statement that ``text`` is.

    Raises
    ------
    TypedError : it is empty, longer than ``most`` characters, nested deeper than ``brackets``, or not Python.
    """
    text = plain(text)
    if not text:
        raise TypedError("empty", example=example)
    if len(text) > most:
        raise TypedError("too_long", high=most, got=len(text))
    _check_characters(text)
    _check_brackets(text, brackets)
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        at = max(0, (error.offset or 1) - 1)
        raise TypedError("syntax", near=text[at : at + 12].strip() or text[-12:]) from None
    except (ValueError, MemoryError, RecursionError):  # a number of thousands of digits, a nesting past the limit
        raise TypedError("syntax", near=text[:12]) from None
    if len(body) != 1:
        raise TypedError("syntax", near=text[:12])
    return body[0]


def plain(text: str) -> str:
    """The text with ASCII signs, without space around it."""
    return ascii_signs(text).replace("…", "...").strip()


def number(node: ast.expr) -> int | float | bool | None:
    """The number, with or without a sign, or the truth value that an expression writes; None if it writes none.

    Raises
    ------
    TypedError : it lies beyond ±10¹².
    """
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = -1 if isinstance(node.op, ast.USub) else 1
        node = node.operand
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return None
    if not isinstance(node, ast.Constant) or not isinstance(node.value, int | float):
        return None
    if isinstance(node.value, bool):
        return node.value
    if not abs(node.value) <= MAX_NUMBER:
        raise TypedError("number", high="10^12", got=str(node.value)[:20] if node.value < 10**30 else "10^30…")
    return sign * node.value


def segment(text: str, node: ast.AST) -> str:
    """The part of ``text`` that a node was read from."""
    return ast.get_source_segment(text, node) or text


def _check_characters(text: str) -> None:
    position, after_number = 0, False
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise TypedError("character", got=text[position] if text[position].isprintable() else "\ufffd")
        if after_number and token.lastgroup in ("name", "number"):  # 0x1f, 1_000, 2j, 1if: read otherwise by Python
            raise TypedError("syntax", near=text[position : position + 12])
        after_number = token.lastgroup == "number"
        position = token.end()


def _check_brackets(text: str, most: int) -> None:
    partners, open_ones = {"]": "[", ")": "("}, []
    for character in text:
        if character in "[(":
            open_ones.append(character)
            if len(open_ones) > most:
                raise TypedError("too_deep", high=most)
        elif character in partners and (not open_ones or open_ones.pop() != partners[character]):
            raise TypedError("bracket")
    if open_ones:
        raise TypedError("bracket")
