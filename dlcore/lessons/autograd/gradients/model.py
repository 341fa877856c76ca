"""Where gradients land: they add up in ``x.grad`` until somebody empties it, and a vector y needs a v to start from.

Everything is done by torch, over again on every call: a list of steps is replayed, nothing is foreseen.

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

MAX_STEPS: Final = 12  # of a log: what a person can still read

# Each is a scalar; the last saves no tensors for its backward, so that a second one meets no freed buffers.
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
    """A log, or shapes, that only a link can bring."""

    WORDS: ClassVar[str] = "autograd.problem_gradients"
    RULES: ClassVar[Mapping[str, str]] = {
        "unknown_step": "a log of steps is made of the letters {known}, got {got}",
        "too_many_steps": "a log must have at most {max} steps, got {got}",
        "shapes": "W must have a column for each of the {inputs} elements of x and a row for each of the "
        "{outputs} of v, got {rows} rows of {columns}",
    }


@dataclass(frozen=True, slots=True)
class Step:
    """One line that was run: x.grad after it, what a backward added to it, and torch's message if it failed."""

    id: str
    code: str
    grad: Tensor | None
    added: Tensor | None = None
    error: str = ""
    kind: str = ""  # of the error: its class


@dataclass(frozen=True, slots=True)
class Replay:
    """``x`` of the function's shape, and its steps in order; the first is the first forward."""

    x: Tensor
    steps: tuple[Step, ...]


def steps(log: str) -> str:
    """A log of steps, checked: one letter of :data:`LINES` for each.

    Raises
    ------
    GradientsError : another letter, or more than :data:`MAX_STEPS`.
    """
    if len(log) > MAX_STEPS:
        raise GradientsError("too_many_steps", max=MAX_STEPS, got=len(log))
    for letter in log:
        if letter not in LINES:
            raise GradientsError("unknown_step", known=", ".join(LINES), got=letter)
    return log


def leaf(values: Rows, *, flat: bool = True) -> Tensor:
    """A tensor that wants a gradient, of shape (rows, columns), or of one row flattened to (columns,)."""
    return torch.tensor([*values[0]] if flat else [[*row] for row in values], requires_grad=True)


def replay(function: str, values: Rows, log: str) -> Replay:
    """Run the first forward and then every step of a log.

    Parameters
    ----------
    function : an id of :data:`FUNCTIONS`. "mean" takes a matrix, the others the first row.
    log : see :func:`steps`. What torch raises is kept in the step, and the next one goes on.
    """
    code, compute = FUNCTIONS[function]
    x = leaf(values, flat=function != "mean")
    y = compute(x)
    done = [Step("f", f"y = {code}", None)]
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
                    x.grad.zero_()  # type: ignore[union-attr]  # of None it raises, which is the lesson
                case "n":
                    x.grad = None
        except (RuntimeError, AttributeError) as error:
            done.append(Step(id, line, before, None, str(error), type(error).__name__))
            continue
        after = None if x.grad is None else x.grad.clone()
        added = None
        if id in "br" and after is not None:
            added = after if before is None else after - before
        done.append(Step(id, line, after, added))
    return Replay(x.detach(), tuple(done))


@dataclass(frozen=True, slots=True)
class Product:
    """``y.backward(v)`` of a vector y.

    Attributes
    ----------
    y : shape (m,); jacobian : shape (m, n), ∂y_i/∂x_j; v : shape (m,).
    grad : x.grad after ``y.backward(v)``, shape (n,): vᵀJ.
    summed : x.grad after ``y.sum().backward()``.
    error : what torch says of ``y.backward()``; empty for a y of one element.
    """

    y: Tensor
    jacobian: Tensor
    v: Tensor
    grad: Tensor
    summed: Tensor
    error: str


def product(kind: str, x: Rows, v: Rows, weights: Rows) -> Product:
    """The gradient of ``y = x * x`` ("elementwise") or ``y = W @ x`` ("weights"), weighted by v.

    Raises
    ------
    GradientsError : the shapes do not fit.
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
    grads = []
    for send in (weight, torch.ones(m)):
        start.grad = None
        compute(start).backward(send)  # type: ignore[no-untyped-call]
        grads.append(torch.zeros(n) if start.grad is None else start.grad.clone())
    start.grad = None
    compute(start).sum().backward()  # type: ignore[no-untyped-call]
    summed = torch.zeros(n) if start.grad is None else start.grad.clone()
    jacobian = torch.autograd.functional.jacobian(compute, start.detach())  # type: ignore[no-untyped-call]
    return Product(compute(start).detach(), jacobian, weight, grads[0], summed, error)
