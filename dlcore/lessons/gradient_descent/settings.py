"""Settings of the gradient descent page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Number, OneOf, Setting

LESSON: Final = Lesson(
    "gradient_descent",
    Setting("part", "p", OneOf(("search", "descent", "batches")), "search"),
    Setting("w", "w", Number(-1.0, 5.0, 0.05), 1.0),
    Setting("low", "gl", Number(-4.0, 2.0, 0.5), 0.0),
    Setting("high", "gh", Number(2.5, 8.0, 0.5), 4.0),
    Setting("step", "gs", Number(0.05, 1.0, 0.05), 0.1),
    # The lecture's run. Past 0.2142857 full-batch descent on its three samples diverges.
    Setting("lr", "r", Number(0.001, 0.5, 0.001), 0.01),
    Setting("start", "w0", Number(-4.0, 8.0, 0.1), 1.0),
    Setting("epochs", "k", Number(1, 500, 1, integer=True), 100),
    Setting("n", "n", Number(3, 40, 1, integer=True), 3),
    Setting("noise", "z", Number(0.0, 3.0, 0.1), 0.0),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
    Setting("batch_size", "b", Number(2, 20, 1, integer=True), 2),
    Setting("shuffle", "sh", Flag(), False),
)
