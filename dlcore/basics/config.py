"""Every id, range and default of the basics' pages: what can be set on each, under which key a link says it."""

from __future__ import annotations

from typing import Final

from dlcore.lesson import Lesson
from dlcore.rules import Flag, Grid, Number, OneOf, Setting, Sizes, Some, Text

# --- limits that settings share with the modules that read or draw them ---
MAX_FORMULA: Final = 800  # characters
MAX_VALUES: Final = 400
MAX_INDEX: Final = 200
MAX_INPUTS: Final = 400
SMALLEST_H: Final = 1e-12  # of a difference quotient
CUT_BOUND: Final = 3.0  # of the x at which a graph is cut
FLOW_BOUND: Final = 10.0  # of the a that goes through while and if

# --- tensors ---
DTYPES: Final = ("float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool")
CONSTRUCTORS: Final = (
    *("tensor", "Tensor", "empty", "zeros", "ones", "full", "eye", "arange", "linspace", "rand", "randn", "normal"),
    *("uniform", "randperm", "new_ones", "zeros_like", "randn_like"),
)
OPERATION_IDS: Final = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "div", "fmod"),
    *("eq", "ne", "lt", "le", "gt", "ge", "abs", "sqrt", "exp", "torch_pow", "ceil", "floor", "round", "trunc"),
    *("sin", "cos", "asin", "atan2", "cosh", "topk", "sort", "max", "min"),
    *("matmul", "mm", "bmm", "mv", "dot", "cross", "t", "trace", "diag", "det", "inverse", "svd"),
    *("cat", "stack", "reshape", "transpose", "permute", "squeeze", "unsqueeze"),
)
MADE: Final = (  # ways in which a tensor is made of another: looking at its storage, then with one of their own
    *("same", "view", "reshape", "t", "transpose", "permute", "row", "column", "step", "unsqueeze", "squeeze"),
    *("expand", "detach", "numpy", "clone", "add", "list", "mask", "contiguous", "reshape_t", "view_t"),
)
UPDATES: Final = ("iadd", "rebind", "slice", "out", "add_", "z_rebind")
TENSORS: Final = Lesson(
    "tensors",
    Setting("part", "p", OneOf(("create", "index", "operations", "reductions", "memory", "histogram")), "create"),
    # create
    Setting("constructor", "ck", OneOf(CONSTRUCTORS), "tensor"),
    Setting("values", "cv", Text(MAX_VALUES), "[[2, 5, 3, 7], [4, 2, 1, 9]]"),
    Setting("shape", "cs", Sizes(4, 1, 2000), (2, 3)),
    Setting("fill", "cf", Number(-1000, 1000, 0.5), 7.0),
    Setting("eye_rows", "cn", Number(1, 40, 1, integer=True), 3),
    Setting("eye_columns", "cm", Number(1, 40, 1, integer=True), 4),
    Setting("arange_start", "ca", Number(-100, 100, 1), 0.0),
    Setting("arange_end", "cb", Number(-100, 100, 1), 10.0),
    Setting("arange_step", "ct", Number(-10, 10, 0.25), 2.0),
    Setting("line_start", "cl", Number(-100, 100, 1), 3.0),
    Setting("line_end", "ch", Number(-100, 100, 1), 8.0),
    Setting("line_steps", "cc", Number(1, 200, 1, integer=True), 20),
    Setting("normal_mean", "cu", Number(-10, 10, 0.1), 0.0),
    Setting("normal_sd", "cg", Number(-2, 10, 0.1), 1.0),  # torch, too, has something to say of one below 0
    Setting("uniform_low", "ci", Number(-10, 10, 0.1), 0.0),
    Setting("uniform_high", "cj", Number(-10, 10, 0.1), 1.0),
    Setting("permuted", "cp", Number(1, 1000, 1, integer=True), 12),
    Setting("source", "cx", OneOf(DTYPES), "float64"),
    Setting("dtype", "cd", OneOf(("default", *DTYPES)), "default"),
    Setting("create_seed", "cr", Number(0, 99999, 1, integer=True), 0),
    # index
    Setting("expression", "ix", Text(MAX_INDEX), "m[:, 1]"),
    # histogram
    Setting("hist_draws", "hn", Number(1000, 1_000_000, 1, integer=True, log=True), 10_000),
    Setting("hist_mean", "hm", Number(-10, 10, 0.1), 0.0),
    Setting("hist_sd", "hs", Number(0.1, 5, 0.1), 1.0),
    Setting("hist_bins", "hb", Number(5, 200, 1, integer=True), 50),
    Setting("hist_seed", "hr", Number(0, 99999, 1, integer=True), 0),
    # operations, reductions, memory
    Setting("operation", "op", OneOf(OPERATION_IDS), "matmul"),
    Setting("first", "oa", Grid(6, 6, 1000), ((2.0, 5.0, 3.0, 7.0), (4.0, 2.0, 1.0, 9.0))),
    Setting("second", "ob", Grid(6, 6, 1000), ((1.0, 2.0, 3.0, 4.0),)),
    Setting("operand_dtype", "ot", OneOf(("float32", "int64", "bool")), "float32"),
    Setting("result_cell", "oc", Sizes(4, 0, 99), ()),
    Setting("k", "ok", Number(1, 6, 1, integer=True), 2),
    Setting("dim", "od", OneOf(("none", "0", "1", "2", "-1")), "none"),
    Setting("descending", "oe", Flag(), False),
    Setting("diagonal", "og", Number(-5, 5, 1, integer=True), 0),
    Setting("new_shape", "os", Text(20), "4, 2"),
    Setting("swap", "ow", Text(20), "0, 1"),
    Setting("dims", "om", Text(20), "2, 0, 1"),
    Setting("reduction_view", "rv", OneOf(("reduce", "normalise")), "reduce"),
    Setting("reduction", "rf", OneOf(("sum", "mean", "max", "min", "argmax", "cumsum")), "sum"),
    Setting("reduced_shape", "rs", Sizes(3, 1, 4, 2), (3, 4)),
    Setting("axis", "ra", OneOf(("none", "0", "1", "2")), "1"),
    Setting("keepdim", "rk", Flag(), False),
    Setting("reduced_cell", "rc", Sizes(3, 0, 3), ()),
    Setting("memory_view", "mv", OneOf(("views", "in_place")), "views"),
    Setting("made", "mb", OneOf(MADE), "t"),
    Setting("who", "mw", OneOf(("a", "b")), "b"),
    Setting("element", "mi", Sizes(3, 0, 9), (2, 0)),
    Setting("write", "mt", Flag(), False),
    Setting("written", "mx", Number(-99, 99, 1, integer=True), 99),
    Setting("update", "mu", OneOf(UPDATES), "iadd"),
)

# --- broadcasting ---
BROADCASTING: Final = Lesson(
    "broadcasting",
    Setting("left", "a", Sizes(4, 1, 8), (3, 1)),
    Setting("right", "b", Sizes(4, 1, 8), (1, 2)),
    Setting("operation", "o", OneOf(("add", "subtract", "multiply")), "add"),
    Setting("part", "p", OneOf(("values", "memory")), "values"),
)

# --- linear algebra ---
LINEAR_ALGEBRA: Final = Lesson(
    "linear_algebra",
    Setting("part", "p", OneOf(("map", "products", "norms")), "map"),
    # map: the matrix, a vector, and how far the plane has moved
    Setting("a11", "a", Number(-3, 3, 0.1), 2.0),
    Setting("a12", "b", Number(-3, 3, 0.1), 1.0),
    Setting("a21", "c", Number(-3, 3, 0.1), 1.0),
    Setting("a22", "d", Number(-3, 3, 0.1), 2.0),
    Setting("angle", "w", Number(-180, 180, 5, integer=True), 45),  # degrees, of the presets that rotate
    Setting("x1", "x", Number(-3, 3, 0.1), -1.0),
    Setting("x2", "y", Number(-3, 3, 0.1), 1.5),
    Setting("moved", "t", Number(0, 1, 0.02), 1.0),
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

# --- vectorisation ---
VECTORISATION: Final = Lesson(
    "vectorisation",
    Setting("task", "t", OneOf(("add", "dot", "matvec")), "add"),
    Setting("n", "n", Number(10, 1_000_000, 10, integer=True, log=True), 10_000),
    Setting("side", "m", Number(10, 1000, 10, integer=True, log=True), 100),  # of a matrix: a million elements too
)

# --- data ---
TINY_HOUSE: Final = "NumRooms,Alley,Price\nNA,Pave,127500\n2,NA,106000\n4,NA,178100\nNA,NA,140000"
PREPARATION_STEPS: Final = ("drop", "split", "missing", "onehot", "tensor")
DATA: Final = Lesson(
    "data",
    Setting("edit", "e", OneOf(("table", "text", "file")), "table"),
    Setting("table", "t", Text(2000, lines=201), TINY_HOUSE),
    Setting("steps", "s", Some(PREPARATION_STEPS, least=0), ("split", "missing", "onehot", "tensor")),
    Setting("missing", "m", OneOf(("mean", "rows")), "mean"),
    Setting("dtype", "d", OneOf(("float32", "float64")), "float32"),
)

# --- probability ---
MAX_FACES: Final = 8
PROBABILITY: Final = Lesson(
    "probability",
    Setting("loads", "p", Grid(1, MAX_FACES, 1.0), ((1.0,) * 6,)),  # one for each face; their shares are what counts
    Setting("groups", "g", Number(2, 1000, 1, integer=True, log=True), 500),
    Setting("throws", "n", Number(1, 100, 1, integer=True, log=True), 10),
    Setting("seed", "s", Number(0, 9999, 1, integer=True), 0),
    Setting("face", "f", Number(1, MAX_FACES, 1, integer=True), 1),
    Setting("axis", "x", OneOf(("log", "linear")), "log"),
)

# --- autograd ---
AUTOGRAD: Final = Lesson(
    "autograd",
    Setting("part", "p", OneOf(("walk", "gradients", "derivative")), "walk"),
    # walk
    Setting("expression", "wx", Text(MAX_FORMULA, lines=30), "g = a*b + tanh(c)**2"),
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
    Setting("at", "gp", Grid(1, 3, 100), ((1.0, 2.0, 3.0),)),
    Setting("v", "gv", Grid(1, 3, 100), ((1.0, 0.5, -1.0),)),
    Setting("weights", "gw", Grid(3, 3, 100), ((1.0, 2.0, 0.0), (0.0, 1.0, -1.0), (3.0, 0.0, 1.0))),
    Setting("cut", "gc", OneOf(("none", "u", "x", "no_grad")), "u"),
    Setting("cut_at", "gd", Number(-CUT_BOUND, CUT_BOUND, 0.05), 2.0),
    Setting("flow", "gk", OneOf(("scalar", "norm")), "scalar"),
    Setting("a", "ga", Number(-FLOW_BOUND, FLOW_BOUND, 0.05), 2.5),
    Setting("doubled", "gn", Grid(1, 3, 1000), ((2.0, 3.0, 4.0),)),
    Setting("axes", "gs", OneOf(("linear", "log")), "linear"),
    Setting("formula", "df", Text(200), "sin(x)"),
    Setting("low", "dl", Number(-100, 100, 0.5), -6.0),
    Setting("high", "dh", Number(-100, 100, 0.5), 6.0),
    Setting("x0", "dx", Number(-100, 100, 0.05), 1.0),
    Setting("h", "dq", Number(SMALLEST_H, 1, SMALLEST_H, log=True), 0.5),
    Setting("dtype", "dt", OneOf(("float32", "float64")), "float32"),
)


LESSONS: Final = (TENSORS, BROADCASTING, LINEAR_ALGEBRA, VECTORISATION, DATA, PROBABILITY, AUTOGRAD)
