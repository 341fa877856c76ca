"""Settings of the linear regression page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.lessons.linear_regression.loop.model import LINES, REDUCTIONS
from dlcore.lessons.linear_regression.outliers.model import REACH, N
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Number, OneOf, Setting, Some

# The course's: w = [2, -3.4], b = 4.2, recovered within 0.01 after three epochs.
LESSON: Final = Lesson(
    "linear_regression",
    Setting("part", "p", OneOf(("train", "loop", "outliers")), "train"),
    Setting("shape", "f", OneOf(("line", "plane")), "plane"),
    Setting("w1", "w1", Number(-5.0, 5.0, 0.1), 2.0),
    Setting("w2", "w2", Number(-5.0, 5.0, 0.1), -3.4),
    Setting("b", "b", Number(-5.0, 5.0, 0.1), 4.2),
    Setting("noise", "z", Number(0.0, 2.0, 0.01), 0.01),
    Setting("n", "n", Number(20, 2000, 10, integer=True), 1000),
    Setting("lr", "r", Number(0.001, 2.0, 0.0, log=True), 0.03),
    Setting("batch_size", "m", Number(5, 500, 5, integer=True), 10),
    Setting("epochs", "k", Number(1, 10, 1, integer=True), 3),
    Setting("loss", "l", OneOf(("mse", "smooth_l1")), "mse"),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
    Setting("read", "u", Number(1, 4000, 1, integer=True), 1),  # as many updates as the longest run has
    # loop; 0.03 with the half square is the textbook's
    Setting("reduction", "lq", OneOf(REDUCTIONS), "sum"),
    Setting("half", "lh", Flag(), True),
    Setting("lines", "ll", Some(LINES, min_items=0), LINES),
    # outliers
    Setting("point", "op", Number(1, N, 1, integer=True), N),
    Setting("shift", "os", Number(-REACH, REACH, 0.5), REACH),
)
