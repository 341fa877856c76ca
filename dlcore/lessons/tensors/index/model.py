"""Index expressions that a person types, such as ``m[:, 1]``, ``x[x > 3]`` or ``m[0] = 9``, carried out.

>>> from dlcore.lessons.tensors.index.syntax import parse
>>> indexed = apply(parse("m[:, 1]"))
>>> indexed.result, indexed.selected, indexed.shares
(tensor([5, 2]), (1, 5), True)
>>> apply(parse("m[2]")).said
'IndexError: index 2 is out of bounds for dimension 0 with size 2'
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from dlcore.lessons.tensors.index.syntax import Access, Bracket, Mask
from dlcore.lessons.tensors.refusal import Refused

CODE: Final[Mapping[str, str]] = {
    "m": "torch.tensor([[2, 5, 3, 7], [4, 2, 1, 9]])",
    "x": "torch.arange(12)",
    "t": "torch.arange(24).reshape(2, 3, 4)",
}
EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "m": ("m[:, 1]", "m[-1]", "m[0][2]", "m[1:, ::2]", "m[m > 3]", "m[[1, 0]]", "m[..., None]", "m[:, 1] = 9"),
    "x": ("x[3]", "x[-3:]", "x[2:10:3]", "x[[0, 2]]", "x[(x > 2) & (x < 9)]", "x[None, :]", "x[x > 6] = 0"),
    "t": ("t[1]", "t[0, 2]", "t[:, 1]", "t[..., -1]", "t[t[:, 0, 0] > 3]", "t[[0, 1], [2, 0]]", "t[1, :, ::2] = 0"),
}


def tensor(name: str) -> Tensor:
    """A fresh one: m (2, 4), x (12,) or t (2, 3, 4), of int64."""
    match name:
        case "m":
            return torch.tensor([[2, 5, 3, 7], [4, 2, 1, 9]])
        case "x":
            return torch.arange(12)
    return torch.arange(24).reshape(2, 3, 4)


_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    "&": operator.and_,
    "|": operator.or_,
}


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an access gives.

    ``result`` is the indexed tensor, or after an assignment the whole one. ``selected`` are the numbers of the elements
    reached, in the order of ``tensor.flatten()`` of the tensor before. ``shares``: the result, or what was assigned
    to, lies in the tensor's own memory.
    """

    before: Tensor
    result: Tensor
    selected: tuple[int, ...]
    shares: bool


def key(bracket: Bracket, of: Tensor) -> Any:
    """What Python hands to ``Tensor.__getitem__``; conditions are computed on the tensor ``of``."""
    found = tuple(
        mask(part.value, of) if isinstance(part.value, Mask) else ... if part.kind == "rest" else part.value
        for part in bracket.parts
    )
    return found[0] if bracket.bare else found


def mask(condition: Mask, of: Tensor) -> Tensor:
    """The truth values of a condition on the elements of a tensor."""
    if condition.of is not None:
        sides = (_get(condition.of.brackets, of, of), condition.number)
        compared: Tensor = _OPERATORS[condition.op](*(reversed(sides) if condition.turned else sides))
        return compared
    found = [mask(inner, of) for inner in condition.masks]
    return ~found[0] if condition.op == "~" else _OPERATORS[condition.op](*found)


def _get(brackets: tuple[Bracket, ...], from_: Tensor, of: Tensor) -> Tensor:
    for bracket in brackets:
        from_ = from_[key(bracket, of)]
    return from_


def apply(access: Access) -> Indexed | Refused:
    """Carry an access out on a fresh tensor, or what torch says against it."""
    before, after = tensor(access.name), tensor(access.name)
    numbers = torch.arange(before.numel()).reshape(before.shape)
    try:
        selected = _get(access.brackets, numbers, before)
        if access.value is None:
            result = _get(access.brackets, after, after)
            return Indexed(before, result, tuple(selected.flatten().tolist()), _same_memory(result, after))
        target = _get(access.brackets[:-1], after, after)
        target[key(access.brackets[-1], after)] = access.value
        return Indexed(before, after, tuple(selected.flatten().tolist()), _same_memory(target, after))
    except (IndexError, ValueError, TypeError, RuntimeError) as error:
        return Refused.of(error, _why(str(error)))


def _same_memory(a: Tensor, b: Tensor) -> bool:
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


def _why(message: str) -> str:
    """The id of the reason that is given for an exception of indexing."""
    for words, why in (
        ("out of bounds", "out_of_range"),
        ("out of range", "out_of_range"),
        ("too many indices", "too_many"),
        ("step cannot be zero", "step_zero"),
        ("step", "step"),
        ("0-dim tensor", "too_many"),
        ("must match the size", "sizes"),
        ("mask", "mask_shape"),
        ("broadcast", "lists"),
    ):
        if words in message:
            return why
    return "other"
