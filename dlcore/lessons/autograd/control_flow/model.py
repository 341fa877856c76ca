"""Gradients through while and if: the graph holds the operations run for this input, so f is linear around it.

>>> run = run_f(2.5)
>>> run.doublings, run.branch, run.result, run.grad
(9, 'then', 1280.0, 512.0)
>>> run_norm(((2.0, 3.0, 4.0),)).grads
(256.0, 256.0, 256.0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import torch
from torch import Tensor

from dlcore.drawing.formats import text
from dlcore.settings.errors import InputError

THRESHOLD: Final = 1000
MAX_DOUBLINGS: Final = 40


class FlowError(InputError):
    """An input for which the loop does not end."""

    WORDS: ClassVar[str] = "autograd.problem_flow"
    RULES: ClassVar[Mapping[str, str]] = {
        "endless": "after {max} doublings the norm would still be below {threshold}, so the loop was not run: {got}"
    }


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the unrolled graph: its code, its result and the norm of the result."""

    code: str
    value: tuple[float, ...]
    norm: float


@dataclass(frozen=True, slots=True)
class UnrolledRun:
    """The recorded operations and the gradient of a program for one input.

    Attributes
    ----------
    lines : the operations that were recorded, in order.
    doublings : number of multiplications by 2, the first one included.
    branch : "then" or "else"; "" where the program has no if.
    results, grads : the result and the gradient of its sum, each with one entry for each element of the input.
    """

    lines: tuple[Operation, ...]
    doublings: int
    branch: str
    results: tuple[float, ...]
    grads: tuple[float, ...]

    @property
    def result(self) -> float:
        """Return the result of a scalar input."""
        return self.results[0]

    @property
    def grad(self) -> float:
        """Return the gradient of a scalar input."""
        return self.grads[0]


def _operation(code: str, tensor: Tensor) -> Operation:
    value = tensor.detach().reshape(-1)
    return Operation(code, tuple(value.tolist()), float(value.norm()))


def _run(start: Tensor, name: str, *, branches: bool) -> UnrolledRun:
    """Double ``start`` until its norm is :data:`THRESHOLD`, then branch; record every operation."""
    if not float(start.detach().double().norm()) * 2**MAX_DOUBLINGS >= THRESHOLD:
        got = ", ".join(text(value, 6) for value in start.detach().reshape(-1).tolist())
        raise FlowError("endless", max=MAX_DOUBLINGS, threshold=THRESHOLD, got=got)
    result = "b" if branches else "y"
    b = start * 2
    lines = [_operation(f"{result} = {name} * 2", b)]
    while b.norm() < THRESHOLD:
        b = b * 2
        lines.append(_operation(f"{result} = {result} * 2", b))
    doublings, branch = len(lines), ""
    if branches:
        branch = "then" if b.sum() > 0 else "else"
        if branch == "else":
            b = 100 * b
        lines.append(_operation("c = b" if branch == "then" else "c = 100 * b", b))
    b.sum().backward()  # type: ignore[no-untyped-call]
    grads = () if start.grad is None else tuple(start.grad.reshape(-1).tolist())
    return UnrolledRun(tuple(lines), doublings, branch, tuple(b.detach().reshape(-1).tolist()), grads)


def run_f(a: float) -> UnrolledRun:
    """Run the course's f: ``b = 2a; while ‖b‖ < THRESHOLD: b = 2b; c = b if b.sum() > 0 else 100b``.

    Raises
    ------
    FlowError : a is 0, or so near 0 that the loop takes more than :data:`MAX_DOUBLINGS`.
    """
    return _run(torch.tensor(a, requires_grad=True), "a", branches=True)


def run_f_of_vector(a: Sequence[Sequence[float]]) -> UnrolledRun:
    """Run f of a vector, the first row of ``a``; backward starts at the sum of its result.

    Raises
    ------
    FlowError : as in :func:`run_f`.
    """
    return _run(torch.tensor([*a[0]], requires_grad=True), "a", branches=True)


def run_norm(x: Sequence[Sequence[float]]) -> UnrolledRun:
    """Double a vector, the first row of x, until ‖y‖ ≥ :data:`THRESHOLD`.

    Raises
    ------
    FlowError : as in :func:`run_f`.
    """
    return _run(torch.tensor([*x[0]], requires_grad=True), "x", branches=False)
