"""Settings of the tensors page: ids, ranges, defaults, and the keys under which a link writes them."""

from __future__ import annotations

from typing import Final

from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Grid, Number, OneOf, Setting, Sizes, Text

MAX_VALUES: Final = 400  # characters
MAX_INDEX: Final = 200  # characters

DTYPES: Final = ("float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool")
CONSTRUCTORS: Final = (
    *("tensor", "Tensor", "empty", "zeros", "ones", "full", "eye", "arange", "linspace", "rand", "randn", "normal"),
    *("uniform", "randperm", "new_ones", "zeros_like", "randn_like"),
)
OPERATION_IDS: Final = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "div", "fmod"),
    *("eq", "ne", "lt", "le", "gt", "ge", "abs", "sqrt", "exp", "log", "torch_pow", "ceil", "floor", "round", "trunc"),
    *("sin", "cos", "tan", "asin", "acos", "atan2", "cosh", "topk", "sort", "max", "min"),
    *("matmul", "mm", "bmm", "mv", "dot", "cross", "t", "trace", "diag", "norm", "det", "inverse", "svd"),
    *("cat", "stack", "reshape", "transpose", "permute", "squeeze", "unsqueeze"),
)
DERIVATION_IDS: Final = (  # how b is derived from a: first those that share its storage, then those that copy
    *("same", "view", "reshape", "t", "transpose", "permute", "row", "column", "step", "unsqueeze", "squeeze"),
    *("expand", "detach", "numpy", "clone", "add", "list", "mask", "contiguous", "reshape_t", "view_t"),
)
UPDATES: Final = ("iadd", "rebind", "slice", "out", "add_", "z_rebind")
LESSON: Final = Lesson(
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
    Setting("normal_sd", "cg", Number(-2, 10, 0.1), 1.0),  # below 0 torch refuses, and the page explains why
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
    Setting("axis", "ra", OneOf(("none", "0", "1", "2", "0-1", "0-2", "1-2")), "1"),
    Setting("keepdim", "rk", Flag(), False),
    Setting("reduced_cell", "rc", Sizes(3, 0, 3), ()),
    Setting("memory_view", "mv", OneOf(("views", "in_place")), "views"),
    Setting("derivation", "mb", OneOf(DERIVATION_IDS), "t"),
    Setting("tensor_name", "mw", OneOf(("a", "b")), "b"),
    Setting("element", "mi", Sizes(3, 0, 9), (2, 0)),
    Setting("write", "mt", Flag(), False),
    Setting("new_value", "mx", Number(-99, 99, 1, integer=True), 99),
    Setting("update", "mu", OneOf(UPDATES), "iadd"),
)
