"""Convert typed characters to ASCII, such as those of a Chinese keyboard or of pasted text.

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
    """Return ``text`` with its letters, digits and signs in ASCII where they have an ASCII form."""
    return text.translate(_SIGNS)


def whole_numbers(text: str) -> tuple[int, ...] | None:
    """Parse integers separated by commas, with or without brackets; return None if the text is invalid.

    Blank text and empty brackets give ().
    """
    text = ascii_signs(text).strip().strip("()[]").strip().rstrip(",")
    parts = [part.strip() for part in text.split(",")] if text else []
    return tuple(map(int, parts)) if all(map(_WHOLE.fullmatch, parts)) else None
