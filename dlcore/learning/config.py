"""Every id, range and default of the learning pages: what can be set on each, under which key a link says it."""

from __future__ import annotations

from typing import Final

from dlcore import config as playground
from dlcore.config import OPTIMISERS as _OPTIMISERS
from dlcore.learning.race import Hyper
from dlcore.learning.surfaces import SURFACES, TYPED, TYPED_REACH
from dlcore.lesson import Lesson
from dlcore.rules import Flag, Number, OneOf, Setting, Some, Text

# --- gradient descent ---
GRADIENT_DESCENT: Final = Lesson(
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
    Setting("batch", "b", Number(2, 20, 1, integer=True), 2),
    Setting("shuffle", "sh", Flag(), False),
)


# --- optimisers ---
_RAVINE: Final = SURFACES["ravine"]
_HYPER: Final = Hyper()
# For the network on the spiral: found by trying.
_NET_RATES: Final = (1.0, 0.3, 0.3, 0.3, 0.03, 0.1, 0.1)
_RATE: Final = Number(1e-5, 10.0, 0.0, log=True)
OPTIMISERS: Final = Lesson(
    "optimisers",
    Setting("part", "p", OneOf(("race", "network")), "race"),
    Setting("surface", "f", OneOf((*SURFACES, "typed")), "ravine"),
    Setting("formula", "t", Text(120), TYPED),
    Setting("reach", "w", Number(0.5, 10.0, 0.5), TYPED_REACH),
    Setting("shown", "o", Some(_OPTIMISERS), ("sgd", "momentum", "adagrad", "rmsprop", "adam")),
    Setting("x0", "x", Number(-10.0, 10.0, 0.01), _RAVINE.start[0]),
    Setting("y0", "y", Number(-10.0, 10.0, 0.01), _RAVINE.start[1]),
    Setting("steps", "k", Number(10, 1000, 10, integer=True), 200),
    Setting("same", "e", Flag(), False),
    Setting("lr", "r", _RATE, 0.1),
    *(Setting(f"lr_{id}", f"r{i}", _RATE, _RAVINE.rates[id]) for i, id in enumerate(_OPTIMISERS)),
    Setting("momentum", "m", Number(0.0, 0.999, 0.01), _HYPER.momentum),
    Setting("beta1", "b1", Number(0.0, 0.999, 0.01), _HYPER.beta1),
    Setting("beta2", "b2", Number(0.0, 0.9999, 0.001), _HYPER.beta2),
    Setting("alpha", "a", Number(0.0, 0.999, 0.01), _HYPER.alpha),
    Setting("eps", "ep", Number(1e-10, 0.1, 0.0, log=True), _HYPER.eps),
    Setting("decay", "d", Number(0.0, 0.5, 0.01), _HYPER.decay),
    Setting("look", "l", OneOf(_OPTIMISERS), "adam"),
    Setting("kind", "nd", OneOf(("spiral", "moons")), "spiral"),
    Setting("noise", "nz", Number(0.0, 0.5, 0.01), 0.1),
    Setting("epochs", "nk", Number(50, 1000, 50, integer=True), 300),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 1),
    *(Setting(f"net_{id}", f"n{i}", _RATE, _NET_RATES[i]) for i, id in enumerate(_OPTIMISERS)),
)


# --- linear regression ---
# The course's: w = [2, -3.4], b = 4.2, recovered within 0.01 after three passes.
LINEAR_REGRESSION: Final = Lesson(
    "linear_regression",
    Setting("shape", "f", OneOf(("line", "plane")), "plane"),
    Setting("w1", "w1", Number(-5.0, 5.0, 0.1), 2.0),
    Setting("w2", "w2", Number(-5.0, 5.0, 0.1), -3.4),
    Setting("b", "b", Number(-5.0, 5.0, 0.1), 4.2),
    Setting("noise", "z", Number(0.0, 2.0, 0.01), 0.01),
    Setting("n", "n", Number(20, 2000, 10, integer=True), 1000),
    Setting("lr", "r", Number(0.001, 2.0, 0.0, log=True), 0.03),
    Setting("batch", "m", Number(5, 500, 5, integer=True), 10),
    Setting("passes", "k", Number(1, 10, 1, integer=True), 3),
    Setting("loss", "l", OneOf(("mse", "smooth_l1")), "mse"),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
    Setting("read", "u", Number(1, 4000, 1, integer=True), 1),  # as many updates as the longest run has
)


# --- softmax ---
# The example's logits are those of the course.
_LOGITS: Final = (4.0, 8.0, 3.0, 0.0, 1.0, 2.0)
SOFTMAX: Final = Lesson(
    "softmax",
    Setting("part", "p", OneOf(("probabilities", "overflow")), "probabilities"),
    Setting("classes", "c", Number(2, 6, 1, integer=True), 3),
    *(Setting(f"z{i}", f"z{i}", Number(-10.0, 10.0, 0.1), _LOGITS[i]) for i in range(6)),
    Setting("true", "y", Number(0, 5, 1, integer=True), 1),
    Setting("temperature", "t", Number(0.1, 10.0, 0.1), 1.0),
    *(Setting(f"w{i}", f"w{i}", Number(0.1, 5.0, 0.1), 1.0) for i in range(6)),
    Setting("offset", "o", Number(-1200.0, 1200.0, 1.0), 1000.0),
    Setting("dtype", "f", OneOf(("float16", "float32", "float64")), "float32"),
)


# --- images ---
IMAGES: Final = Lesson(
    "images",
    Setting("panel", "p", OneOf(("samples", "batches", "weights", "confusion", "mistakes", "draw")), "samples"),
    Setting("data", "d", OneOf(("digits", "fashion")), "digits"),
    Setting("model", "m", OneOf(("softmax", "mlp", "dropout")), "mlp"),
    # With these the MLP reaches 97 % on the digits' test samples, whatever the seed.
    Setting("hidden", "h", Number(8, 256, 8, integer=True), 128),
    Setting("dropout", "q", Number(0.0, 0.9, 0.05), 0.3),
    Setting("optimiser", "o", OneOf(("sgd", "adam")), "adam"),
    Setting("lr", "r", Number(0.0001, 1.0, 0.0, log=True), 0.003),
    Setting("batch", "b", Number(8, 512, 8, integer=True), 32),
    Setting("epochs", "k", Number(1, 100, 1, integer=True), 30),
    Setting("decay", "l", Number(0.0, 0.1, 0.0005), 0.0),
    Setting("train", "n", Number(1000, 60000, 1000, integer=True), 5000),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
    Setting("of", "c", OneOf(("all", *"0123456789")), "all"),
    Setting("first", "i", Number(0, 59999, 1, integer=True), 0),
    Setting("source", "a", OneOf(("drawing", "sample")), "drawing"),
    Setting("sample", "j", Number(0, 1999, 1, integer=True), 0),
    Setting("dx", "x", Number(-14, 14, 1, integer=True), 0),
    Setting("dy", "y", Number(-14, 14, 1, integer=True), 0),
)


# --- activations ---
_FUNCTIONS: Final = (*playground.ACTIVATIONS, "prelu")
ACTIVATIONS: Final = Lesson(
    "activations",
    Setting("part", "p", OneOf(("functions", "flow")), "functions"),
    Setting("shown", "f", Some(_FUNCTIONS), ("relu", "sigmoid", "tanh")),
    Setting("look", "k", OneOf(_FUNCTIONS), "relu"),
    Setting("x", "x", Number(-5.0, 5.0, 0.1), 1.0),
    # torch's own defaults
    Setting("slope", "a", Number(0.0, 0.5, 0.01), playground.LEAKY_RELU_SLOPE),
    Setting("learned", "l", Number(-0.5, 1.0, 0.05), 0.25),
    Setting("alpha", "al", Number(0.1, 3.0, 0.1), 1.0),
    Setting("beta", "be", Number(0.2, 5.0, 0.1), 1.0),
    # "Twenty sigmoids" of the presets
    Setting("depth", "d", Number(2, 50, 1, integer=True), 20),
    Setting("width", "w", Number(4, 128, 4, integer=True), 64),
    Setting("activation", "ac", OneOf(tuple(playground.ACTIVATIONS)), "sigmoid"),
    Setting("init", "i", OneOf(tuple(id for id in playground.INITS if id != "default")), "xavier_normal"),
    Setting("sigma", "z", Number(0.001, 2.0, 0.0, log=True), 0.01),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
)


# --- generalisation ---
# Each part begins with the course's numbers: 100 + 100 points; 20 samples of 200 inputs; dropout of 0.2 and 0.5.
MAX_DEGREE: Final = 20
GENERALISATION: Final = Lesson(
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


LESSONS: Final = (GRADIENT_DESCENT, OPTIMISERS, LINEAR_REGRESSION, SOFTMAX, IMAGES, ACTIVATIONS, GENERALISATION)
