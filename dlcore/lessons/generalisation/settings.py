"""Settings of the generalisation page: names, link keys, rules and defaults."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Number, OneOf, Setting

MAX_DEGREE: Final = 20
# The defaults of each part are the course's: 100 training points; 20 samples of 200 inputs; dropout of 0.2 and 0.5.
LESSON: Final = Lesson(
    "generalisation",
    Setting("part", "p", OneOf(("polynomial", "decay", "mask", "dropout")), "polynomial"),
    Setting("degree", "d", Number(0, MAX_DEGREE, 1, integer=True), 3),
    Setting("n_points", "n", Number(5, 100, 1, integer=True), 100),
    Setting("noise", "z", Number(0.0, 2.0, 0.05), 0.1),
    Setting("epochs", "k", Number(10, 3000, 10, integer=True), 400),
    Setting("lr", "r", Number(0.001, 0.1, 0.0, log=True), 0.01),
    Setting("weight_decay", "l", Number(0.0, 10.0, 0.1), 0.0),
    Setting("n_inputs", "i", Number(10, 400, 10, integer=True), 200),
    Setting("n_train", "f", Number(5, 300, 5, integer=True), 20),
    Setting("decay_epochs", "e", Number(10, 500, 10, integer=True), 100),
    Setting("decay_lr", "a", Number(0.0001, 0.03, 0.0, log=True), 0.003),
    Setting("batch_size", "b", Number(1, 20, 1, integer=True), 5),
    Setting("probability", "q", Number(0.0, 1.0, 0.05), 0.5),
    Setting("draws", "w", Number(1, 2000, 1, integer=True, log=True), 100),
    Setting("evaluating", "x", Flag(), False),
    Setting("mask_seed", "m", Number(0, 9999, 1, integer=True), 0),
    Setting("p1", "p1", Number(0.0, 1.0, 0.05), 0.2),
    Setting("p2", "p2", Number(0.0, 1.0, 0.05), 0.5),
    # The limits of both keep an epoch below 30 ms, so that a turn at the gate is no longer than a frame.
    Setting("n_images", "t", Number(50, 1000, 50, integer=True), 500),
    Setting("hidden", "h", Number(8, 128, 8, integer=True), 128),
    Setting("net_decay", "wd", Number(0.0, 0.1, 0.0, log=True), 0.0),
    Setting("n_validation", "nv", Number(0, 250, 50, integer=True), 0),
    Setting("net_epochs", "g", Number(5, 100, 5, integer=True), 60),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
)
