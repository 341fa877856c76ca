"""A typed function of x with its derivative by autograd: over a range, as a tangent, and as a difference quotient.

>>> square = curve(parse("x**2", names=("x",)), 0.0, 2.0, points=3)
>>> square.value.tolist(), square.slope.tolist()
([0.0, 1.0, 4.0], [0.0, 2.0, 4.0])
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlcore.lessons.autograd.settings import MIN_H
from dlcore.lessons.autograd.walk.model import backward, convention, forward
from dlcore.settings.errors import InputError
from dlcore.typed.expression import Program, evaluate, parse, results

PRESETS: Final = (
    *("sin(x)", "cos(x)", "x**3 - 1/x", "relu(x)", "sigmoid(x)", "exp(-x**2)", "abs(x)"),
    *("sqrt(x)", "log(x)"),
)
DTYPES: Final[Mapping[str, torch.dtype]] = {"float32": torch.float32, "float64": torch.float64}
POINTS: Final = 400
MIN_WIDTH: Final = 0.01
_BESIDE: Final = 1e-7  # distance from a point at which the slopes on its two sides are taken


class DerivativeError(InputError):
    """A range that is narrower than :data:`MIN_WIDTH`."""

    WORDS: ClassVar[str] = "autograd.problem_derivative"
    RULES: ClassVar[Mapping[str, str]] = {
        "range": "the range must end at least {min_width} after its beginning, got {low} to {high}"
    }


@dataclass(frozen=True, slots=True)
class DerivativeCurve:
    """``x``, f(x) and f′(x), each of shape (points,); NaN where f is undefined, as log below 0.

    ``turns``, of shape (points − 1,): whether the argument of a relu or abs changes sign after the point.
    """

    x: Tensor
    value: Tensor
    slope: Tensor
    turns: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tangent:
    """Value, slope by autograd and difference quotient of f at x; ``error`` is the distance of slope and quotient."""

    x: float
    value: float
    slope: float
    h: float
    quotient: float
    error: float
    corner: bool

    @property
    def exists(self) -> bool:
        """Return whether f has a tangent; torch has a finite slope also at corners and for log below 0."""
        return math.isfinite(self.value) and math.isfinite(self.slope) and not self.corner


def formula(text: str) -> Program:
    """Parse a typed f(x); raise TypedError if it is not a formula in x alone."""
    return parse(text, names=("x",))


def interval(low: float, high: float) -> tuple[float, float]:
    """Return (low, high); raise DerivativeError unless high is at least :data:`MIN_WIDTH` above low."""
    if not high - low >= MIN_WIDTH:
        raise DerivativeError("range", min_width=MIN_WIDTH, low=low, high=high)
    return low, high


def _differentiated(program: Program, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return f(x) and f′(x) of x's shape; each y depends on its own x alone, so f′ is the gradient of the sum."""
    x = x.detach().requires_grad_()
    y = evaluate(program, {"x": x})
    y.sum().backward()  # type: ignore[no-untyped-call]
    return y.detach(), torch.zeros_like(y) if x.grad is None else x.grad


def curve(
    program: Program, low: float, high: float, *, dtype: str = "float64", points: int = POINTS
) -> DerivativeCurve:
    """Compute f and f′ at evenly spaced points of [low, high]."""
    x = torch.linspace(low, high, points, dtype=DTYPES[dtype])
    tensors, turns = results(program, {"x": x}), np.zeros(points - 1, dtype=bool)
    for node in program.nodes:
        if node.op in ("relu", "abs"):
            sign = tensors[node.args[0]].sign()
            turns |= (sign[1:] != sign[:-1]).numpy()
    return DerivativeCurve(x, *_differentiated(program, x), turns)


def _quotients(program: Program, x: Tensor, h: Tensor) -> Tensor:
    return (evaluate(program, {"x": x + h}) - evaluate(program, {"x": x})) / h


def tangent(program: Program, x: float, h: float, *, dtype: str) -> Tangent:
    """Compute the tangent and the difference quotient at x in ``dtype``; the error is against the slope in float64."""
    at = torch.tensor(x, dtype=DTYPES[dtype])
    value, slope = _differentiated(program, at)
    quotient = float(_quotients(program, at, torch.tensor(h, dtype=DTYPES[dtype])))
    error = abs(quotient - _exact(program, at))
    return Tangent(x, float(value), float(slope), h, quotient, error, _corner(program, x))


def _corner(program: Program, x: float) -> bool:
    """Return whether f has a corner at x: torch chose a derivative on the way, and the slopes on both sides differ."""
    walk = backward(*forward(program, {"x": x}))
    if not any(convention(walk, step) for step in walk.steps):
        return False
    beside = torch.tensor([x - _BESIDE, x + _BESIDE], dtype=torch.float64)
    left, right = _differentiated(program, beside)[1].tolist()
    return bool(abs(left - right) > 1e-3 * max(1.0, abs(left), abs(right)))


def _exact(program: Program, at: Tensor) -> float:
    return float(_differentiated(program, at.to(torch.float64))[1])


def errors(program: Program, x: float, *, dtype: str) -> tuple[Tensor, Tensor]:
    """Return h from 1e-12 to 1 and the distance of each quotient from the derivative, both of shape (121,)."""
    at = torch.tensor(x, dtype=DTYPES[dtype])
    h = torch.logspace(math.log10(MIN_H), 0, 121, dtype=torch.float64)
    quotients = _quotients(program, at, h.to(DTYPES[dtype])).to(torch.float64)
    return h, (quotients - _exact(program, at)).abs()
