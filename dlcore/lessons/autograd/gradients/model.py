"""Gradients accumulate in ``x.grad`` until it is cleared, and backward from a vector y needs a vector v.

Torch does it all, from the start on every call: a log of steps is replayed.

>>> replay("dot", ((0.0, 1.0, 2.0, 3.0),), "bfb").steps[-1].grad
tensor([ 0.,  8., 16., 24.])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import torch
from torch import Tensor

from dlcore.settings.errors import InputError

Rows = Sequence[Sequence[float]]

MAX_STEPS: Final = 12  # of a log, so that its table stays readable

# Scalar functions of x. The last saves no tensors for backward, so a second backward does not fail.
FUNCTIONS: Final[Mapping[str, tuple[str, Callable[[Tensor], Tensor]]]] = {
    "dot": ("2 * torch.dot(x, x)", lambda x: 2 * torch.dot(x, x)),
    "mean": ("((x + 2) ** 2 * 3).mean()", lambda x: ((x + 2) ** 2 * 3).mean()),
    "plus": ("(x + 2).sum()", lambda x: (x + 2).sum()),
}
LINES: Final[Mapping[str, str]] = {
    "b": "y.backward()",
    "r": "y.backward(retain_graph=True)",
    "f": "y = …",
    "z": "x.grad.zero_()",
    "n": "x.grad = None",
}


class GradientsError(InputError):
    """A bad log of steps, or shapes that do not fit together."""

    WORDS: ClassVar[str] = "autograd.problem_gradients"
    RULES: ClassVar[Mapping[str, str]] = {
        "unknown_step": "a log of steps is made of the letters {known}, got {got}",
        "too_many_steps": "a log must have at most {max} steps, got {got}",
        "shapes": "W must have a column for each of the {inputs} elements of x and a row for each of the "
        "{outputs} of v, got {rows} rows of {columns}",
    }


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One line that was run: x.grad after it, what backward added to it, and torch's message if it failed."""

    id: str
    code: str
    grad: Tensor | None
    added: Tensor | None = None
    error: str = ""
    kind: str = ""  # class name of the error


@dataclass(frozen=True, slots=True)
class Replay:
    """The input ``x`` and the steps in order; step 0 is the first forward."""

    x: Tensor
    steps: tuple[ReplayStep, ...]


def steps(log: str) -> str:
    """Return ``log`` if it is valid: one letter of :data:`LINES` for each step.

    Raises
    ------
    GradientsError : a letter is not in :data:`LINES`, or there are more than :data:`MAX_STEPS`.
    """
    if len(log) > MAX_STEPS:
        raise GradientsError("too_many_steps", max=MAX_STEPS, got=len(log))
    for letter in log:
        if letter not in LINES:
            raise GradientsError("unknown_step", known=", ".join(LINES), got=letter)
    return log


def leaf(values: Rows, *, flat: bool = True) -> Tensor:
    """Make a leaf that requires a gradient, of shape (rows, columns), or (columns,) of the first row if ``flat``."""
    return torch.tensor([*values[0]] if flat else [[*row] for row in values], requires_grad=True)


def replay(function: str, values: Rows, log: str) -> Replay:
    """Run the first forward and then every step of a log.

    Parameters
    ----------
    function : an id of :data:`FUNCTIONS`. "mean" takes a matrix, the others the first row.
    log : see :func:`steps`. An error that torch raises is recorded in its step, and the replay goes on.
    """
    code, compute = FUNCTIONS[function]
    x = leaf(values, flat=function != "mean")
    y = compute(x)
    done = [ReplayStep("f", f"y = {code}", None)]
    for id in steps(log):
        before = None if x.grad is None else x.grad.clone()
        line = f"y = {code}" if id == "f" else LINES[id]
        try:
            match id:
                case "f":
                    y = compute(x)
                case "b":
                    y.backward()  # type: ignore[no-untyped-call]
                case "r":
                    y.backward(retain_graph=True)  # type: ignore[no-untyped-call]
                case "z":
                    x.grad.zero_()  # type: ignore[union-attr]  # raises if x.grad is None: the lesson shows it
                case "n":
                    x.grad = None
        except (RuntimeError, AttributeError) as error:
            done.append(ReplayStep(id, line, before, None, str(error), type(error).__name__))
            continue
        after = None if x.grad is None else x.grad.clone()
        added = None
        if id in "br" and after is not None:
            added = after if before is None else after - before
        done.append(ReplayStep(id, line, after, added))
    return Replay(x.detach(), tuple(done))


@dataclass(frozen=True, slots=True)
class VectorBackward:
    """The result of ``y.backward(v)`` for a vector y.

    Attributes
    ----------
    y : shape (m,); jacobian : shape (m, n), ∂y_i/∂x_j; v : shape (m,).
    grad : x.grad after ``y.backward(v)``, shape (n,): vᵀJ.
    summed : x.grad after ``y.sum().backward()``.
    error : torch's message for ``y.backward()`` without v; empty if y has one element.
    """

    y: Tensor
    jacobian: Tensor
    v: Tensor
    grad: Tensor
    summed: Tensor
    error: str


def backward_of_vector(kind: str, x: Rows, v: Rows, weights: Rows) -> VectorBackward:
    """Run ``y.backward(v)`` for ``y = x * x`` (kind "elementwise") or ``y = W @ x`` (kind "weights").

    Raises
    ------
    GradientsError : the shapes of x, v and W do not fit together.
    """
    n, m = len(x[0]), len(v[0])
    W = torch.tensor([[*row] for row in weights])
    if kind == "elementwise":
        W = W.new_ones(n, n)
    if W.shape != (m, n):
        raise GradientsError("shapes", inputs=n, outputs=m, rows=W.shape[0], columns=W.shape[1])

    def compute(x: Tensor) -> Tensor:
        return x * x if kind == "elementwise" else W @ x

    start, weight = leaf(x), torch.tensor([*v[0]])
    error = ""
    try:
        compute(start).backward()  # type: ignore[no-untyped-call]
    except RuntimeError as raised:
        error = str(raised)

    def grad_after(backward: Callable[[Tensor], object]) -> Tensor:
        start.grad = None
        backward(compute(start))
        return torch.zeros(n) if start.grad is None else start.grad

    grad = grad_after(lambda y: y.backward(weight))  # type: ignore[no-untyped-call]
    summed = grad_after(lambda y: y.sum().backward())  # type: ignore[no-untyped-call]
    jacobian = torch.autograd.functional.jacobian(compute, start.detach())  # type: ignore[no-untyped-call]
    return VectorBackward(compute(start).detach(), jacobian, weight, grad, summed, error)
