"""What people type, in the signs that its readers know: those of a Chinese keyboard and of pasted text are others.

>>> ascii_signs("（３，４）"), whole_numbers("（３，−４）")
('(3,4)', (3, -4))
"""

from __future__ import annotations

import re
from typing import Final

_WIDE: Final = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)}  # the full-width forms, ！ to ～
_OTHERS: Final = dict(zip("\u00a0\u3000【】。、×·∗÷−–", "  [].,***/--", strict=True))
_SIGNS: Final = str.maketrans(_WIDE | _OTHERS | {"…": "..."})
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")


def ascii_signs(text: str) -> str:
    """The same text, with letters, digits and signs that have an ASCII form in that form."""
    return text.translate(_SIGNS)


def whole_numbers(text: str) -> tuple[int, ...] | None:
    """The numbers of a list with commas, with or without brackets; none at all are (); None if it is no such list."""
    text = ascii_signs(text).strip().strip("()[]").strip().rstrip(",")
    parts = [part.strip() for part in text.split(",")] if text else []
    return tuple(map(int, parts)) if all(map(_WHOLE.fullmatch, parts)) else None
