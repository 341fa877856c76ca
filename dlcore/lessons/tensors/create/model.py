"""A tensor made from the settings, or the exception that torch raises, and the attributes of a tensor.

>>> made = create({"constructor": "linspace", "line_start": 3.0, "line_end": 8.0, "line_steps": 3, "dtype": "default"})
>>> made.call, made.tensor
('torch.linspace(3, 8, 3)', tensor([3.0000, 5.5000, 8.0000]))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from dlcore.lessons.tensors.create.constructors import CONSTRUCTORS, Arguments, Values
from dlcore.lessons.tensors.refusal import Refused
from dlcore.lessons.tensors.typed import TensorTextError

MAX_ELEMENTS: Final = 2_000_000


def relevant_settings(constructor: str) -> tuple[str, ...]:
    """Return the names of the settings that a constructor uses, in the order in which a page shows them."""
    used = CONSTRUCTORS[constructor].settings
    return (*used, "create_seed") if CONSTRUCTORS[constructor].random else used


@dataclass(frozen=True, slots=True)
class Created:
    """A tensor or torch's exception, the code of the call and of the lines before it.

    ``uninitialised``: the values are whatever the memory held before.
    """

    tensor: Tensor | None
    refused: Refused | None
    setup: tuple[str, ...]
    call: str
    uninitialised: bool


def create(chosen: Mapping[str, Any]) -> Created:
    """Make the tensor that the settings describe.

    Parameters
    ----------
    chosen : the values of ``constructor`` and of the settings that it uses.

    Raises
    ------
    TypedError : ``values`` cannot be parsed, or the tensor would have more than MAX_ELEMENTS elements.
    """
    a, constructor = Arguments(chosen), CONSTRUCTORS[chosen["constructor"]]
    elements: float = constructor.count(a) if constructor.count else 0
    if "shape" in constructor.settings:
        elements = torch.Size(a.shape).numel()
    if elements > MAX_ELEMENTS:
        raise TensorTextError("too_many_elements", max=MAX_ELEMENTS, got=int(min(elements, 10**15)))
    seeded = [f"torch.manual_seed({a['create_seed']})"] if constructor.random else []
    setup = (*seeded, *([constructor.setup(a)] if constructor.setup else []))
    call = constructor.call(a)
    uninitialised = constructor.uninitialised or (chosen["constructor"] == "Tensor" and type(a.values) is int)
    try:
        return Created(constructor.make(a), None, setup, call, uninitialised)
    except (RuntimeError, TypeError, ValueError) as error:
        return Created(None, Refused.of(error, _why(str(error), a)), setup, call, uninitialised)


def _why(message: str, a: Arguments) -> str:
    """Return the id of the reason why torch refused."""
    for words, why in (
        ("step must be nonzero", "step_whole" if a.settings.get("arange_step") else "step_zero"),
        ("inconsistent with step", "step_sign"),
        ("without overflow", "overflow"),
        ("expected sequence", "ragged"),
        ("not a sequence", "ragged"),
        ("list", "ragged"),
        ("data must be a sequence", "sequence"),
        ("negative dimension", "negative"),
        ("std >= 0", "deviation"),
        ("from, to", "interval"),
        ("for 'Bool'", "no_bool"),
        ("not implemented", "floats_only"),
    ):
        if words in message:
            return why
    return "other"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The dtypes that ``torch.tensor`` and ``torch.Tensor`` give the same values; "" where one raises.

    ``size`` is the number of elements where ``torch.Tensor`` takes a single whole number as a size, else None.
    """

    first: str
    second: str
    size: int | None = None


def compare(values: Values, dtype: torch.dtype | None = None) -> Comparison:
    """Return what ``torch.tensor(values, dtype=dtype)`` and ``torch.Tensor(values)`` make of the same values.

    >>> compare([1, 2]), compare(666).size
    (Comparison(first='torch.int64', second='torch.float32', size=None), 666)
    """
    first = _dtype_of(lambda: torch.tensor(values, dtype=dtype))
    if type(values) is int and 0 <= values < 2**63:
        return Comparison(first, "torch.float32", values)  # not made: it would be memory that nobody has set
    return Comparison(first, _dtype_of(lambda: torch.Tensor(values)))


def _dtype_of(make: Callable[[], Tensor]) -> str:
    try:
        return str(make().dtype)
    except (RuntimeError, TypeError, ValueError):
        return ""


def facts(tensor: Tensor, *, uninitialised: bool = False) -> tuple[tuple[str, str, str], ...]:
    """Return the attributes of a tensor x: an id, the expression and its value, or the name of what it raises.

    The values of ``uninitialised`` memory are left out.
    """
    number = () if uninitialised else ("item", *(("float", "int") if tensor.numel() == 1 else ()))
    return (
        ("shape", "x.shape", str(tuple(tensor.shape))),
        ("dtype", "x.dtype", str(tensor.dtype)),
        ("len", "len(x)", _answer(len, tensor)),
        ("numel", "x.numel()", f"{tensor.numel()}"),
        *((id, *_NUMBERS[id](tensor)) for id in number),
        ("nbytes", "x.nbytes", f"{tensor.nbytes}"),
        ("stride", "x.stride()", str(tensor.stride())),
        ("contiguous", "x.is_contiguous()", str(tensor.is_contiguous())),
        ("device", "x.device", str(tensor.device)),
    )


_NUMBERS: Final[Mapping[str, Callable[[Tensor], tuple[str, str]]]] = {
    "item": lambda x: ("x.item()", _answer(Tensor.item, x)),
    "float": lambda x: ("float(x)", _answer(float, x)),
    "int": lambda x: ("int(x)", _answer(int, x)),
}


def _answer(ask: Callable[[Tensor], Any], x: Tensor) -> str:
    try:
        return str(ask(x))
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:  # int(x) of inf is an OverflowError
        return type(error).__name__
