"""A typed formula before it is parsed: its limits, its signs, and what is said when it breaks a rule.

>>> checked("g = a × b")
['g = a * b']
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from dlcore.settings.errors import InputError
from dlcore.typed.signs import ascii_signs

MAX_FORMULA: Final = 800  # characters

MAX_BRACKETS: Final = 24  # one within the other
MAX_NAME: Final = 12  # letters
MAX_DIGITS: Final = 20
MAX_NUMBER: Final = 1e12

_TOKEN: Final = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>\*\*|[-+*/()=.,;\s])",
    re.ASCII,
)


class ExpressionError(InputError):
    """What was typed is no formula, or one that is too large."""

    WORDS: ClassVar[str] = "expression"
    RULES: ClassVar[Mapping[str, str]] = {
        "empty": "type a formula, such as {example}",
        "syntax": "line {line} cannot be understood at {near}",
        "unfinished": "line {line} ends too early",
        "bracket": "line {line} has a bracket without its partner",
        "power": "a power is written **, such as {example}, not ^",
        "product": "a product needs its sign: write {example}, got {got}",
        "character": "line {line} has the character {got}, which means nothing here",
        "unknown_name": "{got} has no value here; known are {known}",
        "unknown_function": "there is no function {got}; there are {known}",
        "arguments": "{got} takes one value",
        "reserved": "{got} has a meaning of its own: choose another name",
        "name_too_long": "a name must have at most {high} letters, got {got}",
        "input_assigned": "{got} was used before it had a value, so it is an input: give the result another name",
        "not_allowed": "line {line} has {got}, which is no part of a formula here",
        "no_input": "nothing can vary: the result does not depend on a name without a value",
        "too_long": "a formula must have at most {high} characters, got {got}",
        "too_many_nodes": "a formula must have at most {high} operations and values",
        "too_many_inputs": "a formula must have at most {high} inputs",
        "too_deep": "the formula is nested too deep",
        "number_too_large": "a number must lie within ±{high} and have at most {digits} digits, got {got}",
        "not_finite": "{got} has no finite value",
        "exponent": "an exponent must lie within ±{high}, got {got}",
    }


def checked(text: str) -> list[str]:
    """The lines without comments, in ASCII, fit for Python's parser, which they keep from surprises.

    Raises
    ------
    ExpressionError : an unknown sign, too long a text, name or number, brackets that do not match.
    """
    if len(text) > MAX_FORMULA:
        raise ExpressionError("too_long", high=MAX_FORMULA, got=len(text))
    lines = [line.split("#")[0].strip() for line in ascii_signs(text).replace("\r", "\n").split("\n")]
    _check(lines)
    lines = [line if line.strip("; ") else "" for line in lines]
    if not any(lines):
        raise ExpressionError("empty", example="a*b + tanh(c)")
    return lines


def _check(lines: list[str]) -> None:
    """Only known signs, short numbers and matching brackets: whatever is left, Python's parser takes in its stride."""
    depth = 0
    for i, line in enumerate(lines, 1):
        at = 0
        while at < len(line):
            token = _TOKEN.match(line, at)
            if token is None:
                if line[at] == "^":
                    raise ExpressionError("power", example="x**2")
                raise ExpressionError("character", line=i, got=line[at] if line[at].isprintable() else repr(line[at]))
            end, kind, got = token.end(), token.lastgroup, token.group()
            if kind == "number":
                if sum(character.isdigit() for character in got) > MAX_DIGITS or not abs(float(got)) <= MAX_NUMBER:
                    raise too_large(got)
                if end < len(line) and (line[end].isalnum() or line[end] == "_"):  # 2x, but also 0x1f and 1if
                    tail = re.match(r"\w+", line[end:])
                    shown = tail.group()[:MAX_NAME] if tail else ""
                    raise ExpressionError("product", example=f"{got} * {shown}", got=f"{got}{shown}")
            elif kind == "name" and len(got) > MAX_NAME:
                raise ExpressionError("name_too_long", high=MAX_NAME, got=len(got))
            depth += {"(": 1, ")": -1}.get(got, 0)
            if depth < 0:
                raise ExpressionError("bracket", line=i)
            if depth > MAX_BRACKETS:
                raise ExpressionError("too_deep")
            at = end
    if depth:
        raise ExpressionError("bracket", line=len(lines))


def syntax(error: SyntaxError | ValueError, lines: list[str]) -> ExpressionError:
    """What Python's parser found wrong, as ours."""
    line = min(max((error.lineno if isinstance(error, SyntaxError) else 0) or 1, 1), len(lines))
    column = (error.offset if isinstance(error, SyntaxError) else 0) or 1
    near = lines[line - 1][max(column - 1, 0) :][:16].strip()
    return ExpressionError("syntax", line=line, near=near) if near else ExpressionError("unfinished", line=line)


def too_large(got: str) -> ExpressionError:
    """The error of a number, as it was typed."""
    shown = got if len(got) <= MAX_DIGITS else got[: MAX_DIGITS - 1] + "…"
    return ExpressionError("number_too_large", high=f"{MAX_NUMBER:g}", digits=MAX_DIGITS, got=shown)
