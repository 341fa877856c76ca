"""Settings of the generalisation page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Number, OneOf, Setting

# Each part begins with the course's numbers: 100 + 100 points; 20 samples of 200 inputs; dropout of 0.2 and 0.5.
MAX_DEGREE: Final = 20
LESSON: Final = Lesson(
    "generalisation",
    Setting("part", "p", OneOf(("polynomial", "decay", "mask", "dropout")), "polynomial"),
    Setting("degree", "d", Number(0, MAX_DEGREE, 1, integer=True), 3),
    Setting("n", "n", Number(5, 100, 1, integer=True), 100),
    Setting("noise", "z", Number(0.0, 2.0, 0.05), 0.1),
    Setting("epochs", "k", Number(10, 3000, 10, integer=True), 400),
    Setting("lr", "r", Number(0.001, 0.1, 0.0, log=True), 0.01),
    Setting("decay", "l", Number(0.0, 10.0, 0.1), 0.0),
    Setting("inputs", "i", Number(10, 400, 10, integer=True), 200),
    Setting("few", "f", Number(5, 300, 5, integer=True), 20),
    Setting("decay_epochs", "e", Number(10, 500, 10, integer=True), 100),
    Setting("decay_lr", "a", Number(0.0001, 0.03, 0.0, log=True), 0.003),
    Setting("batch", "b", Number(1, 20, 1, integer=True), 5),
    Setting("probability", "q", Number(0.0, 1.0, 0.05), 0.5),
    Setting("draws", "w", Number(1, 2000, 1, integer=True, log=True), 100),
    Setting("evaluating", "x", Flag(), False),
    Setting("mask", "m", Number(0, 9999, 1, integer=True), 0),
    Setting("p1", "p1", Number(0.0, 1.0, 0.05), 0.2),
    Setting("p2", "p2", Number(0.0, 1.0, 0.05), 0.5),
    # With both an epoch takes 30 ms at most, so that a turn at the gate is not longer than a frame.
    Setting("images", "t", Number(50, 1000, 50, integer=True), 500),
    Setting("hidden", "h", Number(8, 128, 8, integer=True), 128),
    Setting("net_epochs", "g", Number(5, 100, 5, integer=True), 60),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
)
