"""Settings of the data page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import OneOf, Setting, Some, Text

TINY_HOUSE: Final = "NumRooms,Alley,Price\nNA,Pave,127500\n2,NA,106000\n4,NA,178100\nNA,NA,140000"
PREPARATION_STEPS: Final = ("drop", "split", "missing", "onehot", "tensor")
LESSON: Final = Lesson(
    "data",
    Setting("edit", "e", OneOf(("table", "text", "file")), "table"),
    Setting("table", "t", Text(2000, max_lines=201), TINY_HOUSE),
    Setting("steps", "s", Some(PREPARATION_STEPS, min_items=0), ("split", "missing", "onehot", "tensor")),
    Setting("missing", "m", OneOf(("mean", "rows")), "mean"),
    Setting("dtype", "d", OneOf(("float32", "float64")), "float32"),
)
