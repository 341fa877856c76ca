"""The base class of errors in user input, which pages can show in the reader's language.

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

    Each subclass covers one kind of input. Its ``RULES`` map rule ids to English messages, whose placeholders are the
    keys of ``limits``; pages show the labels ``<WORDS>.<rule>`` instead. Text values in ``limits`` may come from the
    user: escape them before showing them.
    """

    WORDS: ClassVar[str]
    RULES: ClassVar[Mapping[str, str]]

    def __init__(self, rule: str, **limits: str | int | float) -> None:
        super().__init__(self.RULES[rule].format_map(limits))
        self.rule = rule
        self.limits = limits
