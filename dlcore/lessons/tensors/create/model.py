"""A tensor made as a person asks, or what torch says instead; and what can be asked of it.

>>> made = create({"constructor": "linspace", "line_start": 3.0, "line_end": 8.0, "line_steps": 3, "dtype": "default"})
>>> made.call, made.tensor
('torch.linspace(3, 8, 3)', tensor([3.0000, 5.5000, 8.0000]))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from dlcore.lessons.tensors.create.constructors import CONSTRUCTORS, Asked, Values
from dlcore.lessons.tensors.refusal import Refused
from dlcore.lessons.tensors.typed import TensorTextError

MAX_ELEMENTS: Final = 2_000_000


def settings(constructor: str) -> tuple[str, ...]:
    """The settings that matter for a constructor, in the order in which a page asks for them."""
    found = CONSTRUCTORS[constructor]
    return (*found.settings, "create_seed") if found.random else found.settings


@dataclass(frozen=True, slots=True)
class Created:
    """A tensor or what torch says instead, the call and the lines before it; ``unset`` if memory gave the values."""

    tensor: Tensor | None
    refused: Refused | None
    setup: tuple[str, ...]
    call: str
    unset: bool


def create(chosen: Mapping[str, Any]) -> Created:
    """Make the tensor that the settings ask for.

    Parameters
    ----------
    chosen : the values of ``constructor`` and of the settings that matter for it.

    Raises
    ------
    TypedError : ``values`` are no numbers, or the tensor would have more than MAX_ELEMENTS elements.
    """
    a, constructor = Asked(chosen), CONSTRUCTORS[chosen["constructor"]]
    elements: float = constructor.count(a) if constructor.count else 0
    if "shape" in constructor.settings:
        elements = torch.Size(a.shape).numel()
    if elements > MAX_ELEMENTS:
        raise TensorTextError("too_many_elements", max=MAX_ELEMENTS, got=int(min(elements, 10**15)))
    seeded = [f"torch.manual_seed({a['create_seed']})"] if constructor.random else []
    setup = (*seeded, *([constructor.setup(a)] if constructor.setup else []))
    call = constructor.call(a)
    unset = constructor.unset or (chosen["constructor"] == "Tensor" and type(a.values) is int)
    try:
        return Created(constructor.make(a), None, setup, call, unset)
    except (RuntimeError, TypeError, ValueError) as error:
        return Created(None, Refused.of(error, _why(str(error), a)), setup, call, unset)


def _why(message: str, a: Asked) -> str:
    """The id of the reason that is given for a refusal."""
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


def dtypes(values: Values) -> tuple[str, str]:
    """The dtypes that ``torch.tensor`` and ``torch.Tensor`` give the same values; "" where one refuses them."""
    found = []
    for make in (torch.tensor, torch.Tensor):
        try:
            found.append(str(make(values).dtype) if isinstance(values, list) or make is torch.tensor else "")
        except (RuntimeError, TypeError, ValueError):
            found.append("")
    return found[0], found[1]


def facts(tensor: Tensor) -> tuple[tuple[str, str, str], ...]:
    """What can be asked of a tensor x: an id, the expression, its value."""
    return (
        ("shape", "x.shape", str(tuple(tensor.shape))),
        ("dtype", "x.dtype", str(tensor.dtype)),
        ("numel", "x.numel()", f"{tensor.numel()}"),
        ("nbytes", "x.nbytes", f"{tensor.nbytes}"),
        ("stride", "x.stride()", str(tensor.stride())),
        ("contiguous", "x.is_contiguous()", str(tensor.is_contiguous())),
        ("device", "x.device", str(tensor.device)),
    )
