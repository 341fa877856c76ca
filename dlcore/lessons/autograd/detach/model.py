"""The graph of z = u·x with u = x·x, whole or cut at one place, and its gradient.

>>> [cut(where, 2.0).grad for where in CUTS]
[12.0, 4.0, 8.0, None]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

# The lines that compute u and z, by where the graph is cut.
CUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "none": ("u = x * x", "z = u * x"),
    "u": ("u = x * x", "z = u.detach() * x"),
    "x": ("u = x * x", "z = u * x.detach()"),
    "no_grad": ("with torch.no_grad():", "    u = x * x", "    z = u * x"),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A tensor as torch describes it: ``grad_fn`` is the name of its operation, or "None"."""

    name: str
    value: float
    requires_grad: bool
    grad_fn: str


@dataclass(frozen=True, slots=True)
class Cut:
    """x.grad (None if backward failed, with torch's message in ``error``), and the variables x, u and z."""

    grad: float | None
    error: str
    variables: tuple[Variable, ...]


def _forward(where: str, x: Tensor) -> tuple[Tensor, Tensor]:
    match where:
        case "u":
            u = x * x
            return u, u.detach() * x
        case "x":
            u = x * x
            return u, u * x.detach()
        case "no_grad":
            with torch.no_grad():
                u = x * x
                return u, u * x
    u = x * x
    return u, u * x


def gradients(where: str, x: Tensor) -> Tensor | None:
    """Return x.grad after ``z.sum().backward()``, of x's shape, or None if z has no graph."""
    x = x.detach().requires_grad_()
    z = _forward(where, x)[1]
    if z.requires_grad:
        z.sum().backward()  # type: ignore[no-untyped-call]
    return x.grad


def cut(where: str, value: float) -> Cut:
    """Run ``z.backward()`` at x = value with the graph cut at ``where``, one of :data:`CUTS`."""
    x = torch.tensor(value, requires_grad=True)
    u, z = _forward(where, x)
    error = ""
    try:
        z.backward()  # type: ignore[no-untyped-call]
    except RuntimeError as raised:
        error = str(raised)
    variables = tuple(
        Variable(name, tensor.item(), tensor.requires_grad, tensor.grad_fn.name() if tensor.grad_fn else "None")
        for name, tensor in (("x", x), ("u", u), ("z", z))
    )
    return Cut(None if x.grad is None else x.grad.item(), error, variables)
