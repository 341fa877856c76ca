"""Input that cannot be taken, said so that a page can repeat it in its reader's language.

>>> class TooLong(InputError):
...     WORDS, RULES = "length", {"too_long": "a name must have at most {max} letters, got {got}"}
>>> error = TooLong("too_long", max=3, got=5)
>>> str(error), error.rule, error.limits
('a name must have at most 3 letters, got 5', 'too_long', {'max': 3, 'got': 5})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class InputError(ValueError):
    """Input that breaks a rule.

    A subclass has one subject: its ``RULES`` are the English messages by id, whose braces are the keys of ``limits``;
    pages say them with the labels ``<WORDS>.<rule>``. Values in ``limits`` that are text may be a person's own: escape
    them where they are shown.
    """

    WORDS: ClassVar[str]
    RULES: ClassVar[Mapping[str, str]]

    def __init__(self, rule: str, **limits: str | int | float) -> None:
        super().__init__(self.RULES[rule].format_map(limits))
        self.rule = rule
        self.limits = limits
