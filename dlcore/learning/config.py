"""Every id, range and default of the learning pages: what can be set on each, under which key a link says it."""

from __future__ import annotations

from typing import Final

from dlcore.lesson import Lesson
from dlcore.rules import Flag, Number, OneOf, Setting, Some

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
    Setting("read", "u", Number(0.0, 1.0, 0.005), 0.0),
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
_FUNCTIONS: Final = (
    "relu",
    "leaky_relu",
    "prelu",
    "elu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "softplus",
    "identity",
)
ACTIVATIONS: Final = Lesson(
    "activations",
    Setting("part", "p", OneOf(("functions", "flow")), "functions"),
    Setting("shown", "f", Some(_FUNCTIONS), ("relu", "sigmoid", "tanh")),
    Setting("x", "x", Number(-5.0, 5.0, 0.1), 1.0),
    # torch's own defaults
    Setting("slope", "a", Number(0.0, 0.5, 0.01), 0.01),
    Setting("learned", "l", Number(-0.5, 1.0, 0.05), 0.25),
    Setting("alpha", "al", Number(0.1, 3.0, 0.1), 1.0),
    Setting("beta", "be", Number(0.2, 5.0, 0.1), 1.0),
    # "Twenty sigmoids" of the presets
    Setting("depth", "d", Number(2, 50, 1, integer=True), 20),
    Setting("width", "w", Number(4, 128, 4, integer=True), 64),
    Setting("activation", "ac", OneOf(tuple(name for name in _FUNCTIONS if name != "prelu")), "sigmoid"),
    Setting(
        "init",
        "i",
        OneOf(("zeros", "normal", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal")),
        "xavier_normal",
    ),
    Setting("sigma", "z", Number(0.001, 2.0, 0.0, log=True), 0.01),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
)


LESSONS: Final = (GRADIENT_DESCENT, LINEAR_REGRESSION, SOFTMAX, ACTIVATIONS)
