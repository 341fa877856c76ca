"""Settings of the optimizers page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.lessons.optimisers.race.sampling import SAMPLES
from dlcore.lessons.optimisers.race.surfaces import SURFACES, TYPED, TYPED_REACH
from dlcore.network.optimizers import Hyper
from dlcore.network.settings import OPTIMIZERS
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Number, OneOf, Setting, Some, Text

_RAVINE: Final = SURFACES["ravine"]
_HYPER: Final = Hyper()
# Learning rates for the network on the spiral, found by trying.
_NET_LRS: Final = (1.0, 0.3, 0.3, 0.3, 0.03, 0.1, 0.1)
_LR: Final = Number(1e-5, 10.0, 0.0, log=True)
LESSON: Final = Lesson(
    "optimisers",
    Setting("part", "p", OneOf(("race", "network")), "race"),
    Setting("surface", "f", OneOf((*SURFACES, "typed")), "ravine"),
    Setting("formula", "t", Text(120), TYPED),
    Setting("reach", "w", Number(0.5, 10.0, 0.5), TYPED_REACH),
    Setting("shown", "o", Some(OPTIMIZERS), ("sgd", "momentum", "adagrad", "rmsprop", "adam")),
    Setting("x0", "x", Number(-10.0, 10.0, 0.01), _RAVINE.start[0]),
    Setting("y0", "y", Number(-10.0, 10.0, 0.01), _RAVINE.start[1]),
    Setting("steps", "k", Number(10, 1000, 10, integer=True), 200),
    Setting("batch_size", "b", Number(1, SAMPLES, 1, integer=True), SAMPLES),
    Setting("sample_seed", "bs", Number(0, 9999, 1, integer=True), 0),
    Setting("same", "e", Flag(), False),
    Setting("lr", "r", _LR, 0.1),
    *(Setting(f"lr_{id}", f"r{i}", _LR, _RAVINE.lrs[id]) for i, id in enumerate(OPTIMIZERS)),
    Setting("momentum", "m", Number(0.0, 0.999, 0.01), _HYPER.momentum),
    Setting("beta1", "b1", Number(0.0, 0.999, 0.01), _HYPER.beta1),
    Setting("beta2", "b2", Number(0.0, 0.9999, 0.001), _HYPER.beta2),
    Setting("alpha", "a", Number(0.0, 0.999, 0.01), _HYPER.alpha),
    Setting("eps", "ep", Number(1e-10, 0.1, 0.0, log=True), _HYPER.eps),
    Setting("weight_decay", "d", Number(0.0, 0.5, 0.01), _HYPER.weight_decay),
    Setting("look", "l", OneOf(OPTIMIZERS), "adam"),
    Setting("kind", "nd", OneOf(("spiral", "moons")), "spiral"),
    Setting("noise", "nz", Number(0.0, 0.5, 0.01), 0.1),
    Setting("epochs", "nk", Number(50, 1000, 50, integer=True), 300),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 1),
    *(Setting(f"net_{id}", f"n{i}", _LR, _NET_LRS[i]) for i, id in enumerate(OPTIMIZERS)),
)
