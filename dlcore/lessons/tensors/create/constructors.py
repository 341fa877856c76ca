"""The constructors of tensors: the settings each one needs, its call as code, and the call itself.

>>> arguments = Arguments({"shape": (2, 3), "dtype": "int64"})
>>> CONSTRUCTORS["ones"].call(arguments), CONSTRUCTORS["ones"].make(arguments).shape
('torch.ones(2, 3, dtype=torch.int64)', torch.Size([2, 3]))
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from dlcore.lessons.tensors.settings import MAX_VALUES
from dlcore.lessons.tensors.typed import TensorTextError, number, statement
from dlcore.typed.python import TypedError

MAX_LISTS: Final = 4  # nested: a picture shows four dimensions

Values = Any  # a number, a truth value, or a list of such


def parse_values(text: str) -> Values:
    """Parse a number or nested lists of numbers and truth values.

    >>> parse_values("[[1, 2.5], [True, -3]]")
    [[1, 2.5], [True, -3]]

    Raises
    ------
    TypedError : the text is anything else, or its lists are nested more than four deep.
    """
    node = statement(text, max_chars=MAX_VALUES, example="[[1, 2], [3, 4]]")
    if not isinstance(node, ast.Expr):
        raise TensorTextError("not_value", got=ast.unparse(node))
    return _values(node.value, 0)


def _values(node: ast.expr, depth: int) -> Values:
    if isinstance(node, ast.List | ast.Tuple):
        if depth == MAX_LISTS:
            raise TypedError("too_deep", max=MAX_LISTS)
        return [_values(element, depth + 1) for element in node.elts]
    value = number(node)
    if value is None:
        raise TensorTextError("not_value", got=ast.unparse(node))
    return value


@dataclass(frozen=True)
class Arguments:
    """The settings of a constructor, and its arguments made from them."""

    settings: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """Return the value of a setting; a whole float as an int, so that code writes it without a point."""
        value = self.settings[name]
        return int(value) if isinstance(value, float) and value.is_integer() else value

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.settings["shape"])

    @property
    def size_args(self) -> str:
        """Return the shape as the code of separate arguments, as ``torch.rand`` takes it."""
        return ", ".join(map(str, self.shape)) or "()"

    @property
    def values(self) -> Values:
        return parse_values(self.settings["values"])

    @property
    def dtype(self) -> torch.dtype | None:
        return None if self.settings["dtype"] == "default" else _dtype(self.settings["dtype"])

    @property
    def dtype_arg(self) -> str:
        """Return the code of the last argument, dtype; empty for the default dtype."""
        return "" if self.dtype is None else f", dtype={self.dtype}"

    @property
    def source(self) -> torch.dtype:
        return _dtype(self.settings["source"])

    @property
    def generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.settings["create_seed"])


def _dtype(name: str) -> torch.dtype:
    dtype: torch.dtype = getattr(torch, name)
    return dtype


@dataclass(frozen=True)
class Constructor:
    """One way to make a tensor.

    ``settings`` are those it uses, in the order of its arguments; ``call`` is its code and ``make`` the same call.
    ``setup`` is the code of a line before it. ``count`` is the number of elements it would make, where that does not
    follow from the setting ``shape``. ``random`` marks the ones that draw from the generator.
    """

    settings: tuple[str, ...]
    call: Callable[[Arguments], str]
    make: Callable[[Arguments], Tensor]
    setup: Callable[[Arguments], str] | None = None
    count: Callable[[Arguments], float] | None = None
    random: bool = False
    uninitialised: bool = False  # the values are whatever the memory held before


def _arange_length(a: Arguments) -> float:
    """Return the number of elements of ``arange``; 0 where torch refuses."""
    start, end, step = a["arange_start"], a["arange_end"], a["arange_step"]
    return (end - start) / step if step else 0


def _uninitialised_count(a: Arguments) -> float:
    return a.values if type(a.values) is int else 0


def _prototype(a: Arguments) -> Tensor:
    return torch.ones(a.shape, dtype=a.source)


SHAPED: Final = ("shape", "dtype")
CONSTRUCTORS: Final[Mapping[str, Constructor]] = {
    "tensor": Constructor(
        ("values", "dtype"),
        lambda a: f"torch.tensor({a.values!r}{a.dtype_arg})",
        lambda a: torch.tensor(a.values, dtype=a.dtype),
    ),
    "Tensor": Constructor(
        ("values",),
        lambda a: f"torch.Tensor({a.values!r})",
        lambda a: torch.Tensor(a.values),
        count=_uninitialised_count,
    ),
    "empty": Constructor(
        SHAPED,
        lambda a: f"torch.empty({a.size_args}{a.dtype_arg})",
        lambda a: torch.empty(a.shape, dtype=a.dtype),
        uninitialised=True,
    ),
    "zeros": Constructor(
        SHAPED, lambda a: f"torch.zeros({a.size_args}{a.dtype_arg})", lambda a: torch.zeros(a.shape, dtype=a.dtype)
    ),
    "ones": Constructor(
        SHAPED, lambda a: f"torch.ones({a.size_args}{a.dtype_arg})", lambda a: torch.ones(a.shape, dtype=a.dtype)
    ),
    "full": Constructor(
        ("shape", "fill", "dtype"),
        lambda a: f"torch.full({a.shape}, {a['fill']}{a.dtype_arg})",
        lambda a: torch.full(a.shape, a["fill"], dtype=a.dtype),
    ),
    "eye": Constructor(
        ("eye_rows", "eye_columns", "dtype"),
        lambda a: f"torch.eye({a['eye_rows']}, {a['eye_columns']}{a.dtype_arg})",
        lambda a: torch.eye(a["eye_rows"], a["eye_columns"], dtype=a.dtype),
    ),
    "arange": Constructor(
        ("arange_start", "arange_end", "arange_step", "dtype"),
        lambda a: f"torch.arange({a['arange_start']}, {a['arange_end']}, {a['arange_step']}{a.dtype_arg})",
        lambda a: torch.arange(a["arange_start"], a["arange_end"], a["arange_step"], dtype=a.dtype),
        count=_arange_length,
    ),
    "linspace": Constructor(
        ("line_start", "line_end", "line_steps", "dtype"),
        lambda a: f"torch.linspace({a['line_start']}, {a['line_end']}, {a['line_steps']}{a.dtype_arg})",
        lambda a: torch.linspace(a["line_start"], a["line_end"], a["line_steps"], dtype=a.dtype),
    ),
    "rand": Constructor(
        SHAPED,
        lambda a: f"torch.rand({a.size_args}{a.dtype_arg})",
        lambda a: torch.rand(a.shape, dtype=a.dtype, generator=a.generator),
        random=True,
    ),
    "randn": Constructor(
        SHAPED,
        lambda a: f"torch.randn({a.size_args}{a.dtype_arg})",
        lambda a: torch.randn(a.shape, dtype=a.dtype, generator=a.generator),
        random=True,
    ),
    "normal": Constructor(
        ("shape", "normal_mean", "normal_sd", "dtype"),
        lambda a: f"torch.normal({a['normal_mean']}, {a['normal_sd']}, {a.shape}{a.dtype_arg})",
        lambda a: torch.normal(a["normal_mean"], a["normal_sd"], a.shape, dtype=a.dtype, generator=a.generator),
        random=True,
    ),
    "uniform": Constructor(
        ("shape", "uniform_low", "uniform_high", "dtype"),
        lambda a: f"torch.empty({a.size_args}{a.dtype_arg}).uniform_({a['uniform_low']}, {a['uniform_high']})",
        lambda a: torch.empty(a.shape, dtype=a.dtype).uniform_(
            a["uniform_low"], a["uniform_high"], generator=a.generator
        ),
        random=True,
    ),
    "randperm": Constructor(
        ("permuted", "dtype"),
        lambda a: f"torch.randperm({a['permuted']}{a.dtype_arg})",
        lambda a: torch.randperm(a["permuted"], dtype=a.dtype or torch.int64, generator=a.generator),
        random=True,
    ),
    "new_ones": Constructor(
        ("source", *SHAPED),
        lambda a: f"a.new_ones({a.shape}{a.dtype_arg})",
        lambda a: torch.zeros(1, dtype=a.source).new_ones(a.shape, dtype=a.dtype),
        setup=lambda a: f"a = torch.zeros(1, dtype={a.source})",
    ),
    "zeros_like": Constructor(
        ("source", *SHAPED),
        lambda a: f"torch.zeros_like(a{a.dtype_arg})",
        lambda a: torch.zeros_like(_prototype(a), dtype=a.dtype),
        setup=lambda a: f"a = torch.ones({a.size_args}, dtype={a.source})",
    ),
    "randn_like": Constructor(
        ("source", *SHAPED),
        lambda a: f"torch.randn_like(a{a.dtype_arg})",
        lambda a: torch.randn(a.shape, dtype=a.dtype or a.source, generator=a.generator),
        setup=lambda a: f"a = torch.ones({a.size_args}, dtype={a.source})",
        random=True,
    ),
}
