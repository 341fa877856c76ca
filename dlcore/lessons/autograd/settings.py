"""Settings of the autograd page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Grid, Number, OneOf, Setting, Text
from dlcore.typed.expression import MAX_FORMULA

MAX_INPUTS: Final = 400  # characters
MIN_H: Final = 1e-12  # of a difference quotient
CUT_BOUND: Final = 3.0  # |x| of the graph that is cut
FLOW_BOUND: Final = 10.0  # |a| of the program with while and if

LESSON: Final = Lesson(
    "autograd",
    Setting("part", "p", OneOf(("walk", "gradients", "derivative")), "walk"),
    # walk
    Setting("expression", "wx", Text(MAX_FORMULA, max_lines=30), "g = a*b + tanh(c)**2"),
    Setting("inputs", "wi", Text(MAX_INPUTS), "a=2, b=-3, c=0.5"),
    Setting("step", "ws", Number(0, 400, 1, integer=True), 0),
    Setting("torch_names", "wn", Flag(), False),
    # gradients, derivative
    Setting("topic", "gt", OneOf(("accumulate", "vector", "detach", "control_flow")), "accumulate"),
    Setting("function", "gf", OneOf(("dot", "mean", "plus")), "dot"),
    Setting("vector", "gx", Grid(1, 4, 100), ((0.0, 1.0, 2.0, 3.0),)),
    Setting("matrix", "gm", Grid(2, 2, 100), ((1.0, 1.0), (1.0, 1.0))),
    Setting("log", "gl", Text(40), "b"),
    Setting("retain", "gr", Flag(), False),
    Setting("map", "gy", OneOf(("elementwise", "weights")), "elementwise"),
    Setting("at", "gp", Grid(1, 4, 100), ((1.0, 2.0, 3.0),)),
    Setting("v", "gv", Grid(1, 4, 100), ((1.0, 0.5, -1.0),)),
    Setting("weights", "gw", Grid(4, 4, 100), ((1.0, 2.0, 0.0), (0.0, 1.0, -1.0), (3.0, 0.0, 1.0))),
    Setting("cut", "gc", OneOf(("none", "u", "x", "no_grad")), "u"),
    Setting("cut_at", "gd", Number(-CUT_BOUND, CUT_BOUND, 0.05), 2.0),
    Setting("flow", "gk", OneOf(("scalar", "vector", "norm")), "scalar"),
    Setting("a", "ga", Number(-FLOW_BOUND, FLOW_BOUND, 0.05), 2.5),
    Setting("elements", "ge", Grid(1, 3, 1000), ((1.0, -2.0, 0.5),)),
    Setting("doubled", "gn", Grid(1, 3, 1000), ((2.0, 3.0, 4.0),)),
    Setting("axes", "gs", OneOf(("linear", "log")), "linear"),
    Setting("formula", "df", Text(200), "sin(x)"),
    Setting("low", "dl", Number(-100, 100, 0.5), -6.0),
    Setting("high", "dh", Number(-100, 100, 0.5), 6.0),
    Setting("x0", "dx", Number(-100, 100, 0.05), 1.0),
    Setting("h", "dq", Number(MIN_H, 1, MIN_H, log=True), 0.5),
    Setting("dtype", "dt", OneOf(("float32", "float64")), "float32"),
)
