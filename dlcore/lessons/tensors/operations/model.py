"""The registry of operations on tensors: operands, arguments, the call and its code.

The menu, the controls of the arguments, the code and the tests are all made from :data:`OPERATIONS`.

>>> m = torch.tensor([[2.0, 5, 3, 7], [4, 2, 1, 9]])
>>> compute(OPERATIONS["matmul"], [m, torch.tensor([1.0, 2, 3, 4])], {}).results
(tensor([49., 47.]),)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

import torch
from torch import Tensor

from dlcore.lessons.tensors.refusal import Refused
from dlcore.lessons.tensors.torch_errors import refused
from dlcore.settings.errors import InputError
from dlcore.typed import signs as typed

Numbers = tuple[tuple[float, ...], ...]
Follows = Literal["", "same", "moved", "product"]
Idea = Literal["elementwise", "product", "matrix", "order", "shape"]

# The initial numbers of an operand of each kind. One row is a vector for the kinds in _VECTORS, else a matrix.
KINDS: Final[dict[str, Numbers]] = {
    "matrix": ((2.0, 5.0, 3.0, 7.0), (4.0, 2.0, 1.0, 9.0)),
    "second": ((1.0, 2.0, 3.0, 4.0), (2.0, 3.0, 1.0, 5.0)),
    "fraction": ((-1.7, -0.5, 0.5, 1.2), (2.5, -2.5, 0.0, 3.5)),
    "unit": ((-1.0, -0.5, 0.0, 0.5), (0.2, 0.7, 0.9, 1.0)),
    "right": ((1.0, 0.0), (2.0, 1.0), (3.0, 0.0), (4.0, 1.0)),
    "square": ((2.0, 1.0, 0.0), (1.0, 3.0, 1.0), (0.0, 1.0, 2.0)),
    "one_row": ((1.0, 2.0, 3.0, 4.0),),
    "vector": ((1.0, 2.0, 3.0, 4.0),),
    "vector2": ((2.0, 0.0, 1.0, -1.0),),
    "three": ((1.0, 0.0, 0.0),),
    "three2": ((0.0, 1.0, 0.0),),
    "batch": ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0), (0.0, 1.0, 2.0)),
    "batch2": ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (2.0, 0.0), (0.0, 2.0), (1.0, -1.0)),
}
_VECTORS: Final = ("vector", "vector2", "three", "three2")
_BATCHES: Final = ("batch", "batch2")
DTYPES: Final = {"float32": torch.float32, "int64": torch.int64, "bool": torch.bool}
_IDEAS: Final[Mapping[str, Idea]] = {"algebra": "matrix", "order": "order", "shape": "shape"}  # by group
_KEYWORDS: Final = ("dim", "descending")  # arguments that the code passes by name


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on one or two tensors.

    ``text`` is its code, ``call`` the same as a function of the operands and of the arguments as keywords. ``names``
    are those of its results. ``follows`` says from where a cell of the result came: from the ``same`` place of the
    (broadcast) operands, from the place it was ``moved`` from, or from a row and a column (``product``).
    """

    id: str
    group: str
    operands: tuple[str, ...]
    text: str
    call: Callable[..., Any]
    arguments: tuple[str, ...] = ()
    names: tuple[str, ...] = ("result",)
    follows: Follows = ""

    @property
    def idea(self) -> Idea:
        """Return the id of the text that explains the operation."""
        return "product" if self.follows == "product" else _IDEAS.get(self.group, "elementwise")

    def code(self, arguments: Mapping[str, Any]) -> str:
        """Return the code of the call with the arguments that are given."""
        more = "".join(f", {name}={arguments[name]}" for name in _KEYWORDS if name in arguments)
        listed = {name: str(value).strip("()").rstrip(",") for name, value in arguments.items()}
        return self.text.format(more=more, **listed)


def _infix(group: str, **signs: str) -> list[Operation]:
    pair = ("matrix", "second")
    return [
        Operation(id, group, pair, f"a {sign} b", getattr(operator, id), follows="same") for id, sign in signs.items()
    ]


def _each(group: str, kind: str, *ids: str) -> list[Operation]:
    return [Operation(id, group, (kind,), f"torch.{id}(a)", getattr(torch, id), follows="same") for id in ids]


def _pair(group: str, id: str, *kinds: str, follows: Follows = "same") -> Operation:
    return Operation(id, group, kinds or ("matrix", "second"), f"torch.{id}(a, b)", getattr(torch, id), follows=follows)


def _extreme(call: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, **more: tuple(call(a, **more)) if more else call(a)


_SORTED: Final = ("values", "indices")
_ALL: Final = (
    *_infix("arithmetic", add="+", sub="-", mul="*", truediv="/", floordiv="//", mod="%", pow="**"),
    _pair("arithmetic", "div"),
    _pair("arithmetic", "fmod"),
    *_infix("comparison", eq="==", ne="!=", lt="<", le="<=", gt=">", ge=">="),
    *_each("powers", "fraction", "abs"),
    *_each("powers", "matrix", "sqrt"),
    *_each("powers", "fraction", "exp"),
    *_each("powers", "matrix", "log"),
    Operation("torch_pow", "powers", ("matrix", "second"), "torch.pow(a, b)", torch.pow, follows="same"),
    *_each("rounding", "fraction", "ceil", "floor", "round", "trunc"),
    *_each("trigonometry", "fraction", "sin", "cos", "tan"),
    *_each("trigonometry", "unit", "asin", "acos"),
    _pair("trigonometry", "atan2"),
    *_each("trigonometry", "fraction", "cosh"),
    Operation(
        "topk", "order", ("matrix",), "torch.topk(a, {k}{more})",
        lambda a, k, **more: tuple(torch.topk(a, k, **more)), ("k", "dim"), _SORTED,
    ),
    Operation(
        "sort", "order", ("matrix",), "torch.sort(a{more})",
        lambda a, **more: tuple(torch.sort(a, **more)), ("dim", "descending"), _SORTED,
    ),
    Operation("max", "order", ("matrix",), "torch.max(a{more})", _extreme(torch.max), ("dim",), _SORTED),
    Operation("min", "order", ("matrix",), "torch.min(a{more})", _extreme(torch.min), ("dim",), _SORTED),
    Operation("matmul", "algebra", ("matrix", "vector"), "a @ b", operator.matmul, follows="product"),
    _pair("algebra", "mm", "matrix", "right", follows="product"),
    _pair("algebra", "bmm", "batch", "batch2", follows="product"),
    _pair("algebra", "mv", "matrix", "vector", follows="product"),
    _pair("algebra", "dot", "vector", "vector2", follows="product"),
    Operation("cross", "algebra", ("three", "three2"), "torch.linalg.cross(a, b)", torch.linalg.cross),
    Operation("t", "algebra", ("matrix",), "a.t()", torch.t, follows="moved"),
    Operation("trace", "algebra", ("square",), "torch.trace(a)", torch.trace),
    Operation(
        "diag", "algebra", ("square",), "torch.diag(a, {diagonal})",
        lambda a, diagonal: torch.diag(a, diagonal), ("diagonal",), follows="moved",
    ),
    Operation("norm", "algebra", ("matrix",), "torch.linalg.norm(a)", torch.linalg.norm),
    Operation("det", "algebra", ("square",), "torch.linalg.det(a)", torch.linalg.det),
    Operation("inverse", "algebra", ("square",), "torch.linalg.inv(a)", torch.linalg.inv),
    Operation(
        "svd", "algebra", ("matrix",), "torch.linalg.svd(a, full_matrices=False)",
        lambda a: tuple(torch.linalg.svd(a, full_matrices=False)), names=("U", "S", "Vh"),
    ),
    Operation(
        "cat", "shape", ("matrix", "second"), "torch.cat((a, b){more})",
        lambda a, b, **more: torch.cat((a, b), **more), ("dim",), follows="moved",
    ),
    Operation(
        "stack", "shape", ("matrix", "second"), "torch.stack((a, b){more})",
        lambda a, b, **more: torch.stack((a, b), **more), ("dim",), follows="moved",
    ),
    Operation(
        "reshape", "shape", ("matrix",), "a.reshape({shape})",
        lambda a, shape: a.reshape(shape), ("shape",), follows="moved",
    ),
    Operation(
        "transpose", "shape", ("matrix",), "a.transpose({swap})",
        lambda a, swap: a.transpose(*swap), ("swap",), follows="moved",
    ),
    Operation(
        "permute", "shape", ("batch",), "a.permute({dims})",
        lambda a, dims: a.permute(dims), ("dims",), follows="moved",
    ),
    Operation("squeeze", "shape", ("one_row",), "torch.squeeze(a{more})", torch.squeeze, ("dim",), follows="moved"),
    Operation(
        "unsqueeze", "shape", ("vector",), "torch.unsqueeze(a{more})", torch.unsqueeze, ("dim",), follows="moved",
    ),
)  # fmt: skip
OPERATIONS: Final[Mapping[str, Operation]] = {operation.id: operation for operation in _ALL}
DIM_NEEDED: Final = ("unsqueeze",)  # torch has no default for it

# The operation and both operands of examples that a lecture works out by hand.
PRESETS: Final[Mapping[str, tuple[str, Numbers, Numbers]]] = {
    "wide": ("matmul", KINDS["matrix"], ((1.0, 2.0, 3.0, 4.0),)),
    "nine": ("matmul", ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0)), ((1.0, 2.0, 3.0),)),
}


class WholeNumbersError(InputError):
    """The typed text is not a list of whole numbers, or has too few or too many."""

    WORDS: ClassVar[str] = "tensors.problem_whole"
    RULES: ClassVar[Mapping[str, str]] = {
        "not_whole": "whole numbers with commas between them are needed, such as 4, 2; got {text}",
        "count": "{min} to {max} numbers are needed, got {count}",
    }


def whole_numbers(text: str, min_count: int, max_count: int) -> tuple[int, ...]:
    """Parse whole numbers, typed with or without brackets.

    Raises
    ------
    WholeNumbersError : the text has anything else, or not ``min_count`` to ``max_count`` numbers.

    >>> whole_numbers("(4, -1)", 1, 4)
    (4, -1)
    """
    numbers = typed.whole_numbers(text)
    if numbers is None:
        raise WholeNumbersError("not_whole", text=text)
    if not min_count <= len(numbers) <= max_count:
        raise WholeNumbersError("count", min=min_count, max=max_count, count=len(numbers))
    return numbers


def operand(kind: str, numbers: Numbers, dtype: str) -> Tensor:
    """Return the numbers of a grid as an operand of this kind.

    Its shape is (columns,), (rows, columns), or for a batch (2, rows / 2, columns); (1, rows, columns) if the number
    of rows is odd.
    """
    tensor = torch.tensor(numbers, dtype=torch.float64)
    if kind in _VECTORS and len(numbers) == 1:
        tensor = tensor[0]
    elif kind in _BATCHES:
        count = 1 if len(numbers) % 2 else 2
        tensor = tensor.reshape(count, len(numbers) // count, -1)
    return tensor.to(DTYPES[dtype])


@dataclass(frozen=True, slots=True)
class OperationOutcome:
    """The results of an operation; none if torch refused, with the exception."""

    results: tuple[Tensor, ...]
    refused: Refused | None = None


def compute(operation: Operation, operands: Sequence[Tensor], arguments: Mapping[str, Any]) -> OperationOutcome:
    """Carry out an operation; return what torch raises as part of the outcome."""
    try:
        results = operation.call(*operands, **arguments)
    except (RuntimeError, IndexError) as error:
        return OperationOutcome((), refused(error))
    return OperationOutcome(results if isinstance(results, tuple) else (results,))


def names_of(operation: Operation, outcome: OperationOutcome) -> tuple[str, ...]:
    """Return a name for each result; max and min have one or two."""
    return operation.names if len(operation.names) == len(outcome.results) else ("result",)
