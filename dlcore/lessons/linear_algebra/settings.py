"""Settings of the linear algebra page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Grid, Number, OneOf, Setting, Some

LESSON: Final = Lesson(
    "linear_algebra",
    Setting("part", "p", OneOf(("map", "products", "norms")), "map"),
    # map: the matrix, a vector, and the interpolation from the identity to the matrix
    Setting("a11", "a", Number(-3, 3, 0.1), 2.0),
    Setting("a12", "b", Number(-3, 3, 0.1), 1.0),
    Setting("a21", "c", Number(-3, 3, 0.1), 1.0),
    Setting("a22", "d", Number(-3, 3, 0.1), 2.0),
    Setting("angle", "w", Number(-180, 180, 5, integer=True), 45),  # degrees, of the presets that rotate
    Setting("x1", "x", Number(-3, 3, 0.1), -1.0),
    Setting("x2", "y", Number(-3, 3, 0.1), 1.5),
    Setting("interpolation", "t", Number(0, 1, 0.02), 1.0),
    # products
    Setting("product", "o", OneOf(("dot", "mv", "mm", "bmm")), "mv"),
    Setting("step", "s", Number(0, 128, 1, integer=True), 4),  # a bmm of 2 × (4, 4) has 128 terms
    Setting("row", "u", Grid(1, 4, 1000), ((2.0, 5.0, 3.0, 7.0),)),
    Setting("vector", "k", Grid(1, 4, 1000), ((1.0, 2.0, 3.0, 4.0),)),
    Setting("left", "l", Grid(4, 4, 1000), ((2.0, 5.0, 3.0, 7.0), (4.0, 2.0, 1.0, 9.0))),
    Setting("right", "r", Grid(4, 4, 1000), ((1.0, 0.0), (2.0, 1.0), (3.0, 0.0), (4.0, 1.0))),
    Setting("left2", "m", Grid(4, 4, 1000), ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))),
    Setting("right2", "n", Grid(4, 4, 1000), ((5.0, 1.0), (6.0, 2.0), (7.0, 3.0), (8.0, 4.0))),
    # norms
    Setting("v1", "e", Number(-5, 5, 0.1), 3.0),
    Setting("v2", "f", Number(-5, 5, 0.1), -4.0),
    Setting("balls", "g", Some(("L1", "L2", "Linf", "Lp")), ("L1", "L2", "Linf")),
    Setting("order", "q", Number(0.5, 10, 0.1), 3.0),
    Setting("matrix", "h", Grid(4, 9, 1000), ((1.0,) * 9,) * 4),
)
