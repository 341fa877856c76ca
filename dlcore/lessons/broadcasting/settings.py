"""Settings of the broadcasting page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import OneOf, Setting, Sizes

LESSON: Final = Lesson(
    "broadcasting",
    Setting("left", "a", Sizes(4, 1, 8), (3, 1)),
    Setting("right", "b", Sizes(4, 1, 8), (1, 2)),
    Setting("operation", "o", OneOf(("add", "subtract", "multiply")), "add"),
    Setting("part", "p", OneOf(("values", "memory")), "values"),
)
