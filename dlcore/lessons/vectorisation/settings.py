"""Settings of the vectorisation page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Number, OneOf, Setting

LESSON: Final = Lesson(
    "vectorisation",
    Setting("task", "t", OneOf(("add", "dot", "matvec")), "add"),
    Setting("n", "n", Number(10, 1_000_000, 10, integer=True, log=True), 10_000),
    Setting("side", "m", Number(10, 1000, 10, integer=True, log=True), 100),  # of a matrix: a million elements too
)
