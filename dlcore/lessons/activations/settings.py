"""Settings of the activations page: names, link keys, rules and defaults."""

from __future__ import annotations

from typing import Final

from dlcore.network import settings as network
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Number, OneOf, Setting, Some

_FUNCTIONS: Final = (*network.ACTIVATIONS, "prelu")
LESSON: Final = Lesson(
    "activations",
    Setting("part", "p", OneOf(("functions", "flow")), "functions"),
    Setting("shown", "f", Some(_FUNCTIONS), ("relu", "sigmoid", "tanh")),
    Setting("look", "k", OneOf(_FUNCTIONS), "relu"),
    Setting("x", "x", Number(-5.0, 5.0, 0.1), 1.0),
    # The defaults of the parameters are torch's.
    Setting("leaky_slope", "a", Number(0.0, 0.5, 0.01), network.LEAKY_RELU_SLOPE),
    Setting("prelu_slope", "l", Number(-0.5, 1.0, 0.05), 0.25),
    Setting("alpha", "al", Number(0.1, 3.0, 0.1), 1.0),
    Setting("beta", "be", Number(0.2, 5.0, 0.1), 1.0),
    # The defaults of the network are the preset "twenty_sigmoids".
    Setting("depth", "d", Number(2, 50, 1, integer=True), 20),
    Setting("width", "w", Number(4, 128, 4, integer=True), 64),
    Setting("activation", "ac", OneOf(tuple(network.ACTIVATIONS)), "sigmoid"),
    Setting("init", "i", OneOf((*(id for id in network.INITS if id != "default"), "default")), "xavier_normal"),
    Setting("sigma", "z", Number(0.001, 2.0, 0.0, log=True), 0.01),
    Setting("cure", "c", OneOf(("none", "residual", "layer_norm", "batch_norm", "clipping")), "none"),
    Setting("max_norm", "m", Number(0.01, 100.0, 0.0, log=True), 1.0),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
)
