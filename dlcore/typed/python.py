r"""Check typed Python and parse it into a syntax tree; it is never run.

Formulas and the lists and indices of tensors are small languages on top of this: each walks the tree, accepts the nodes
it knows, and rejects the others with its own error.

>>> ast.unparse(parse("ｃ ＝ a × b  # a product\nc+1", signs="+*=\n", max_chars=80, example="a*b"))
'c = a * b\nc + 1'
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import ClassVar, Final

from dlcore.settings.errors import InputError
from dlcore.typed.signs import ascii_signs

MAX_BRACKETS: Final = 24  # nested
MAX_DEPTH: Final = 270  # levels of the syntax tree: recursion over it stays well below Python's limit of 1000 calls
MAX_NUMBER: Final = 10**12

_TOKEN: Final = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?P<word>\w*)|[A-Za-z]\w*|[ \t\f\v]+|(?P<sign>.)",
    re.ASCII | re.DOTALL,
)
_PARTNERS: Final = {")": "(", "]": "["}


class TypedError(InputError):
    """Typed text is not valid Python, or too large. Each language has a subclass for its own rules."""

    WORDS: ClassVar[str] = "typed"
    RULES: ClassVar[Mapping[str, str]] = {
        "empty": "nothing is typed; an example is {example}",
        "too_long": "at most {max} characters can be typed, got {got}",
        "too_deep": "at most {max} levels can be nested",
        "character": "line {line} has the character {got}, which is not allowed here",
        "joined": "line {line} lacks an operator between {number} and {word}",
        "number": "a number must lie within ±{max}, got {got}",
        "bracket": "line {line} has an unmatched bracket at {near}",
        "syntax": "line {line} is not valid at {near}",
        "unfinished": "line {line} ends too early",
    }


def parse(text: str, *, signs: str, max_chars: int, example: str) -> ast.Module:
    """Parse statements; ``#`` starts a comment, and full-width signs are read as their ASCII forms.

    Parameters
    ----------
    signs : the characters allowed besides numbers, names and blanks, such as ``"+-()"``; a line end among them allows
        several lines.
    max_chars : the maximum length of ``text``.
    example : valid input, for the error of an empty text.

    Raises
    ------
    TypedError : the text breaks a rule of ``TypedError.RULES``.
    """
    if len(text) > max_chars:
        raise TypedError("too_long", max=max_chars, got=len(text))
    lines = [line.partition("#")[0].strip() for line in ascii_signs(text).replace("\r", "\n").split("\n")]
    text = "\n".join(line if line.strip("; ") else "" for line in lines)
    if not text.strip():
        raise TypedError("empty", example=example)
    _check_tokens(text, signs)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        lines = text.split("\n")[: getattr(error, "lineno", 0) or 1]
        place = _place(text, len("\n".join([*lines[:-1], ""])) + max((getattr(error, "offset", 0) or 1) - 1, 0))
        raise TypedError("syntax" if place["near"] else "unfinished", **place) from None
    except (RecursionError, MemoryError):
        raise TypedError("too_deep", max=MAX_DEPTH) from None
    _check_depth(tree)
    return tree


def _check_tokens(text: str, signs: str) -> None:
    """Raise TypedError for unknown signs, too large numbers, numbers joined to a word, and unmatched brackets."""
    opened: list[int] = []  # positions of the open brackets
    for token in _TOKEN.finditer(text):
        at = token.start()
        number, word, sign = token.group("number", "word", "sign")
        if word:  # 2x, but also 0x1f, 1_000 and 1if, which Python accepts
            raise TypedError("joined", **_place(text, at), number=number, word=word)
        if number and not float(number) <= MAX_NUMBER:
            raise TypedError("number", max=MAX_NUMBER, got=number)
        if sign and sign not in signs:
            raise TypedError("character", **_place(text, at), got=sign if sign.isprintable() else ascii(sign))
        if sign in _PARTNERS.values():
            opened.append(at)
            if len(opened) > MAX_BRACKETS:
                raise TypedError("too_deep", max=MAX_BRACKETS)
        elif sign in _PARTNERS and (not opened or text[opened.pop()] != _PARTNERS[sign]):
            raise TypedError("bracket", **_place(text, at))
    if opened:
        raise TypedError("bracket", **_place(text, opened[-1]))


def _check_depth(tree: ast.AST) -> None:
    """Raise TypedError for a tree of more than MAX_DEPTH levels, without recursion."""
    level, depth = [tree], 0
    while level:
        level, depth = [child for node in level for child in ast.iter_child_nodes(node)], depth + 1
        if depth > MAX_DEPTH:
            raise TypedError("too_deep", max=MAX_DEPTH)


def _place(text: str, at: int) -> dict[str, str | int]:
    """Return the line number of a position, and the next 16 characters of its line."""
    return {"line": text.count("\n", 0, at) + 1, "near": text[at:].partition("\n")[0][:16].strip()}
