"""What a person can set on a lesson's page: settings with their rules and defaults, and the link that says them.

>>> from dlcore.settings.rules import Number, Setting, Text
>>> dice = Lesson("dice", Setting("sides", "s", Number(2, 20, 1, integer=True), 6), Setting("name", "n", Text(20), ""))
>>> dice.encode({"sides": 8, "name": ""})
{'v': '1', 's': '8'}
>>> values, violations = dice.decode({"s": "1", "n": "d6"})
>>> values, [str(violation) for violation in violations]
({'sides': 6, 'name': 'd6'}, ["sides must be a whole number between 2 and 20, got '1'"])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dlcore.settings import codec
from dlcore.settings.rules import Setting, Violation

VERSION: Final = "1"


class Lesson:
    """``id`` is also the page's; ``settings`` are by name, in the order of the link."""

    def __init__(self, id: str, *settings: Setting) -> None:
        self.id = id
        self.settings: Mapping[str, Setting] = {setting.name: setting for setting in settings}

    def defaults(self) -> dict[str, Any]:
        """The value of every setting to begin with."""
        return {name: setting.default for name, setting in self.settings.items()}

    def encode(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The query parameters that say ``values``: the version, then each setting that is not at its default."""
        return {codec.VERSION_KEY: VERSION, **codec.encode(self.settings.values(), values)}

    def decode(self, params: Mapping[str, Any]) -> tuple[dict[str, Any], list[Violation]]:
        """The values that query parameters say, every one of which keeps its rule, and what was wrong with them."""
        found: list[Violation] = []
        codec.version(params, (VERSION,), VERSION, found)
        values, wrong = codec.decode(self.settings.values(), params, self.defaults())
        return values, found + wrong
