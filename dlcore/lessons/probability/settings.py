"""Settings of the probability page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Grid, Number, OneOf, Setting

MAX_FACES: Final = 8
LESSON: Final = Lesson(
    "probability",
    Setting("loads", "p", Grid(1, MAX_FACES, 1.0), ((1.0,) * 6,)),  # one for each face; only their shares matter
    Setting("groups", "g", Number(2, 1000, 1, integer=True, log=True), 500),
    Setting("throws", "n", Number(1, 100, 1, integer=True, log=True), 10),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
    Setting("face", "f", Number(1, MAX_FACES, 1, integer=True), 1),
    Setting("axis", "x", OneOf(("log", "linear")), "log"),
)
