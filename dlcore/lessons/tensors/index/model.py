"""Carry out index expressions such as ``m[:, 1]``, ``x[x > 3]`` or ``m[0] = 9`` on example tensors.

>>> from dlcore.lessons.tensors.index.syntax import parse
>>> indexed = apply(parse("m[:, 1]"))
>>> indexed.result, indexed.selected, indexed.shares
(tensor([5, 2]), (1, 5), True)
>>> apply(parse("m[2]")).text
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


def example_tensor(name: str) -> Tensor:
    """Return a new copy of an example tensor: m (2, 4), x (12,) or t (2, 3, 4), int64."""
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
    """The result of an access.

    ``before`` is the example tensor. ``result`` is what indexing returns, or the whole tensor after an assignment.
    ``selected`` are the positions of the selected elements in ``before.flatten()``. ``shares``: the result, or the
    tensor assigned to, shares memory with the example tensor.
    """

    before: Tensor
    result: Tensor
    selected: tuple[int, ...]
    shares: bool


def key(bracket: Bracket, source: Tensor) -> Any:
    """Return the argument for ``Tensor.__getitem__``; conditions are computed on the tensor ``source``."""
    items = tuple(
        mask(part.value, source) if isinstance(part.value, Mask) else ... if part.kind == "rest" else part.value
        for part in bracket.parts
    )
    return items[0] if bracket.bare else items


def mask(condition: Mask, source: Tensor) -> Tensor:
    """Return the truth values of a condition on the elements of a tensor."""
    if condition.of is not None:
        sides = (_index(condition.of.brackets, source, source), condition.number)
        compared: Tensor = _OPERATORS[condition.op](*(reversed(sides) if condition.turned else sides))
        return compared
    masks = [mask(inner, source) for inner in condition.masks]
    return ~masks[0] if condition.op == "~" else _OPERATORS[condition.op](*masks)


def _index(brackets: tuple[Bracket, ...], tensor: Tensor, source: Tensor) -> Tensor:
    for bracket in brackets:
        tensor = tensor[key(bracket, source)]
    return tensor


def apply(access: Access) -> Indexed | Refused:
    """Carry out an access on a new copy of its tensor; return the exception if torch raises one."""
    before, after = example_tensor(access.name), example_tensor(access.name)
    numbers = torch.arange(before.numel()).reshape(before.shape)
    try:
        selected = _index(access.brackets, numbers, before)
        if access.value is None:
            result = _index(access.brackets, after, after)
            return Indexed(before, result, tuple(selected.flatten().tolist()), _same_memory(result, after))
        target = _index(access.brackets[:-1], after, after)
        target[key(access.brackets[-1], after)] = access.value
        return Indexed(before, after, tuple(selected.flatten().tolist()), _same_memory(target, after))
    except (IndexError, ValueError, TypeError, RuntimeError) as error:
        return Refused.of(error, _why(str(error)))


def _same_memory(a: Tensor, b: Tensor) -> bool:
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


def _why(message: str) -> str:
    """Return the id of the reason for an exception of indexing."""
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
