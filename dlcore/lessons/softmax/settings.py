"""Settings of the softmax page: names, link keys, rules and defaults."""

from __future__ import annotations

from typing import Final

from dlcore.lessons.softmax.shapes import CASES
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Number, OneOf, Setting

# The course's example has the first three.
_LOGITS: Final = (4.0, 8.0, 3.0, 0.0, 1.0, 2.0)
LESSON: Final = Lesson(
    "softmax",
    Setting("part", "p", OneOf(("probabilities", "overflow", "shapes")), "probabilities"),
    Setting("classes", "c", Number(2, 6, 1, integer=True), 3),
    *(Setting(f"z{i}", f"z{i}", Number(-10.0, 10.0, 0.1), _LOGITS[i]) for i in range(6)),
    Setting("true", "y", Number(0, 5, 1, integer=True), 1),
    Setting("temperature", "t", Number(0.1, 10.0, 0.1), 1.0),
    *(Setting(f"w{i}", f"w{i}", Number(0.1, 5.0, 0.1), 1.0) for i in range(6)),
    Setting("offset", "o", Number(-1200.0, 1200.0, 1.0), 1000.0),
    Setting("dtype", "f", OneOf(("float16", "float32", "float64")), "float32"),
    Setting("given", "g", OneOf(tuple(CASES)), "right"),
)
