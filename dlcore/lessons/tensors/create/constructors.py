"""The ways to make a tensor: what each asks for, its call as code, and the same call.

>>> asked = Asked({"shape": (2, 3), "dtype": "int64"})
>>> CONSTRUCTORS["ones"].call(asked), CONSTRUCTORS["ones"].make(asked).shape
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

MAX_LISTS: Final = 4  # one within the other: a picture shows four dimensions

Values = Any  # a number, a truth value, or a list of such


def parse_values(text: str) -> Values:
    """The number, or the lists of numbers, that a text writes.

    >>> parse_values("[[1, 2.5], [True, -3]]")
    [[1, 2.5], [True, -3]]

    Raises
    ------
    TypedError : it writes anything else, or lists nested more than four deep.
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


def short(value: float) -> int | float:
    """A number as a person writes it: without a point if it is whole."""
    return int(value) if float(value).is_integer() else value


@dataclass(frozen=True)
class Asked:
    """What is asked of a constructor: the settings, and what the calls make of them."""

    settings: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """A setting; a number with a point only where it needs one."""
        value = self.settings[name]
        return short(value) if isinstance(value, float) else value

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.settings["shape"])

    @property
    def sizes(self) -> str:
        """The shape as the arguments of ``torch.rand``."""
        return ", ".join(map(str, self.shape)) or "()"

    @property
    def values(self) -> Values:
        return parse_values(self.settings["values"])

    @property
    def dtype(self) -> torch.dtype | None:
        return None if self.settings["dtype"] == "default" else _dtype(self.settings["dtype"])

    @property
    def typed(self) -> str:
        """The dtype as a last argument, if one is asked for."""
        return "" if self.dtype is None else f", dtype={self.dtype}"

    @property
    def source(self) -> torch.dtype:
        return _dtype(self.settings["source"])

    @property
    def generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.settings["create_seed"])


def _dtype(name: str) -> torch.dtype:
    found: torch.dtype = getattr(torch, name)
    return found


@dataclass(frozen=True)
class Constructor:
    """``settings`` are those that matter, in the order of the arguments; ``count`` is the number of elements to be."""

    settings: tuple[str, ...]
    call: Callable[[Asked], str]
    make: Callable[[Asked], Tensor]
    setup: Callable[[Asked], str] | None = None
    count: Callable[[Asked], float] | None = None
    random: bool = False
    unset: bool = False  # the values are whatever the memory had


def _spaced(a: Asked) -> float:
    """Elements of ``arange``; 0 where torch refuses."""
    start, end, step = a["arange_start"], a["arange_end"], a["arange_step"]
    return (end - start) / step if step else 0


def _unset_count(a: Asked) -> float:
    return a.values if type(a.values) is int else 0


def _like(a: Asked) -> Tensor:
    return torch.ones(a.shape, dtype=a.source)


SHAPED: Final = ("shape", "dtype")
CONSTRUCTORS: Final[Mapping[str, Constructor]] = {
    "tensor": Constructor(
        ("values", "dtype"),
        lambda a: f"torch.tensor({a.values!r}{a.typed})",
        lambda a: torch.tensor(a.values, dtype=a.dtype),
    ),
    "Tensor": Constructor(
        ("values",),
        lambda a: f"torch.Tensor({a.values!r})",
        lambda a: torch.Tensor(a.values),
        count=_unset_count,
    ),
    "empty": Constructor(
        SHAPED,
        lambda a: f"torch.empty({a.sizes}{a.typed})",
        lambda a: torch.empty(a.shape, dtype=a.dtype),
        unset=True,
    ),
    "zeros": Constructor(
        SHAPED, lambda a: f"torch.zeros({a.sizes}{a.typed})", lambda a: torch.zeros(a.shape, dtype=a.dtype)
    ),
    "ones": Constructor(
        SHAPED, lambda a: f"torch.ones({a.sizes}{a.typed})", lambda a: torch.ones(a.shape, dtype=a.dtype)
    ),
    "full": Constructor(
        ("shape", "fill", "dtype"),
        lambda a: f"torch.full({a.shape}, {a['fill']}{a.typed})",
        lambda a: torch.full(a.shape, a["fill"], dtype=a.dtype),
    ),
    "eye": Constructor(
        ("eye_rows", "eye_columns", "dtype"),
        lambda a: f"torch.eye({a['eye_rows']}, {a['eye_columns']}{a.typed})",
        lambda a: torch.eye(a["eye_rows"], a["eye_columns"], dtype=a.dtype),
    ),
    "arange": Constructor(
        ("arange_start", "arange_end", "arange_step", "dtype"),
        lambda a: f"torch.arange({a['arange_start']}, {a['arange_end']}, {a['arange_step']}{a.typed})",
        lambda a: torch.arange(a["arange_start"], a["arange_end"], a["arange_step"], dtype=a.dtype),
        count=_spaced,
    ),
    "linspace": Constructor(
        ("line_start", "line_end", "line_steps", "dtype"),
        lambda a: f"torch.linspace({a['line_start']}, {a['line_end']}, {a['line_steps']}{a.typed})",
        lambda a: torch.linspace(a["line_start"], a["line_end"], a["line_steps"], dtype=a.dtype),
    ),
    "rand": Constructor(
        SHAPED,
        lambda a: f"torch.rand({a.sizes}{a.typed})",
        lambda a: torch.rand(a.shape, dtype=a.dtype, generator=a.generator),
        random=True,
    ),
    "randn": Constructor(
        SHAPED,
        lambda a: f"torch.randn({a.sizes}{a.typed})",
        lambda a: torch.randn(a.shape, dtype=a.dtype, generator=a.generator),
        random=True,
    ),
    "normal": Constructor(
        ("shape", "normal_mean", "normal_sd", "dtype"),
        lambda a: f"torch.normal({a['normal_mean']}, {a['normal_sd']}, {a.shape}{a.typed})",
        lambda a: torch.normal(a["normal_mean"], a["normal_sd"], a.shape, dtype=a.dtype, generator=a.generator),
        random=True,
    ),
    "uniform": Constructor(
        ("shape", "uniform_low", "uniform_high", "dtype"),
        lambda a: f"torch.empty({a.sizes}{a.typed}).uniform_({a['uniform_low']}, {a['uniform_high']})",
        lambda a: torch.empty(a.shape, dtype=a.dtype).uniform_(
            a["uniform_low"], a["uniform_high"], generator=a.generator
        ),
        random=True,
    ),
    "randperm": Constructor(
        ("permuted", "dtype"),
        lambda a: f"torch.randperm({a['permuted']}{a.typed})",
        lambda a: torch.randperm(a["permuted"], dtype=a.dtype or torch.int64, generator=a.generator),
        random=True,
    ),
    "new_ones": Constructor(
        ("source", *SHAPED),
        lambda a: f"a.new_ones({a.shape}{a.typed})",
        lambda a: torch.zeros(1, dtype=a.source).new_ones(a.shape, dtype=a.dtype),
        setup=lambda a: f"a = torch.zeros(1, dtype={a.source})",
    ),
    "zeros_like": Constructor(
        ("source", *SHAPED),
        lambda a: f"torch.zeros_like(a{a.typed})",
        lambda a: torch.zeros_like(_like(a), dtype=a.dtype),
        setup=lambda a: f"a = torch.ones({a.sizes}, dtype={a.source})",
    ),
    "randn_like": Constructor(
        ("source", *SHAPED),
        lambda a: f"torch.randn_like(a{a.typed})",
        lambda a: torch.randn(a.shape, dtype=a.dtype or a.source, generator=a.generator),
        setup=lambda a: f"a = torch.ones({a.sizes}, dtype={a.source})",
        random=True,
    ),
}
