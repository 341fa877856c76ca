"""A function of x that a person typed and its derivative by autograd: over a range, as a tangent, as a quotient.

>>> found = curve(parse("x**2", names=("x",)), 0.0, 2.0, points=3)
>>> found.value.tolist(), found.slope.tolist()
([0.0, 1.0, 4.0], [0.0, 2.0, 4.0])
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final

import altair as alt
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlcore.basics.expression import Program, evaluate, parse
from dlcore.errors import InputError
from dlcore.palette import CLASS_COLOURS, hex_colour
from dlcore.snippet import Snippet
from dlcore.vega import Spec, as_spec, empty, literal

PRESETS: Final = (
    *("sin(x)", "cos(x)", "x**3 - 1/x", "relu(x)", "sigmoid(x)", "exp(-x**2)", "abs(x)"),
    *("sqrt(x)", "log(x)"),
)
DTYPES: Final[Mapping[str, torch.dtype]] = {"float32": torch.float32, "float64": torch.float64}
POINTS: Final = 400
LEAST_WIDTH: Final = 0.01
SMALLEST_H: Final = 1e-12
ERROR_FLOOR: Final = 1e-13  # an error of 0 is drawn here, on the logarithmic axis
ERROR_CEILING: Final = 1e4
_POLE: Final = 6.0  # a value this many times beyond nine tenths of all is on its way to a pole
_PLAIN: Final = 10.0  # what lies within this of 0 is always drawn
_BLUE, _ORANGE, _GREEN, _RED = (hex_colour(CLASS_COLOURS[i]) for i in (0, 1, 2, 5))


class DerivativeError(InputError):
    """A range with too little room in it."""

    WORDS: ClassVar[str] = "autograd.problem_derivative"
    RULES: ClassVar[Mapping[str, str]] = {
        "range": "the range must end at least {least} after its beginning, got {low} to {high}"
    }


@dataclass(frozen=True, slots=True)
class Curve:
    """``x``, f(x) and f′(x), each of shape (points,). NaN where there is none, for instance log below 0."""

    x: Tensor
    value: Tensor
    slope: Tensor


@dataclass(frozen=True, slots=True)
class Tangent:
    """f at a point: its value, its slope by autograd, and the difference quotient with its distance from the slope."""

    x: float
    value: float
    slope: float
    h: float
    quotient: float
    error: float

    @property
    def exists(self) -> bool:
        """There is one: torch has a finite slope for log below 0, too, where log itself is NaN."""
        return math.isfinite(self.value) and math.isfinite(self.slope)


def formula(text: str) -> Program:
    """A typed f(x). Raises ExpressionError: it is none, or has another input than x."""
    return parse(text, names=("x",))


def interval(low: float, high: float) -> tuple[float, float]:
    """Both, if high is at least :data:`LEAST_WIDTH` above low; otherwise DerivativeError."""
    if not high - low >= LEAST_WIDTH:
        raise DerivativeError("range", least=LEAST_WIDTH, low=low, high=high)
    return low, high


def _differentiated(program: Program, x: Tensor) -> tuple[Tensor, Tensor]:
    """f(x) and f′(x), of x's shape: each y depends on its own x alone, so the gradient of the sum is the derivative."""
    x = x.detach().requires_grad_()
    y = evaluate(program, {"x": x})
    y.sum().backward()  # type: ignore[no-untyped-call]
    return y.detach(), torch.zeros_like(y) if x.grad is None else x.grad


def curve(program: Program, low: float, high: float, *, dtype: str = "float64", points: int = POINTS) -> Curve:
    """f and f′ at evenly spaced points of [low, high]."""
    x = torch.linspace(low, high, points, dtype=DTYPES[dtype])
    return Curve(x, *_differentiated(program, x))


def _quotients(program: Program, x: Tensor, h: Tensor) -> Tensor:
    return (evaluate(program, {"x": x + h}) - evaluate(program, {"x": x})) / h


def tangent(program: Program, x: float, h: float, *, dtype: str) -> Tangent:
    """Everything at one point, computed in ``dtype``; the error is against the slope in float64."""
    at = torch.tensor(x, dtype=DTYPES[dtype])
    value, slope = _differentiated(program, at)
    quotient = float(_quotients(program, at, torch.tensor(h, dtype=DTYPES[dtype])))
    return Tangent(x, float(value), float(slope), h, quotient, abs(quotient - _exact(program, at)))


def _exact(program: Program, at: Tensor) -> float:
    return float(_differentiated(program, at.to(torch.float64))[1])


def snippet(program: Program, x: float, h: float, *, dtype: str) -> Snippet:
    """The program of :func:`tangent`."""
    found = tangent(program, x, h, dtype=dtype)
    body = "\n".join(f"    {line}" for line in program.code.split("\n"))
    code = f"""import torch

def f(x):
{body}
    return {program.result}

x = torch.tensor({x!r}, dtype=torch.{dtype}, requires_grad=True)
f(x).backward()
print(f"{{x.grad:.6g}}")

with torch.no_grad():
    h = {h!r}
    print(f"{{(f(x + h) - f(x)) / h:.6g}}")"""
    return Snippet(code, f"{found.slope:.6g}\n{found.quotient:.6g}")


# --- the curve ---


def bound(found: Curve) -> float:
    """Beyond ±this nothing is drawn, so that one pole does not flatten everything else; infinite without a pole."""
    sizes = torch.cat([found.value, found.slope]).abs()
    sizes = sizes[torch.isfinite(sizes)]
    if not sizes.numel():
        return math.inf
    most = _POLE * max(float(sizes.to(torch.float64).quantile(0.9)), _PLAIN / _POLE)
    return most / 2 if float(sizes.max()) > most else math.inf


def breaks(found: Curve) -> NDArray[np.bool_]:
    """Where f jumps after a point: the step goes against the slope at both of its ends."""
    y, slope = found.value.numpy().astype(np.float64), found.slope.numpy().astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        step = np.diff(y)
        against: NDArray[np.bool_] = (step * slope[:-1] < 0) & (step * slope[1:] < 0)
        steep: NDArray[np.bool_] = np.abs(step) > 1e-3 * np.nanmax(np.abs(y), initial=1.0)
    return against & steep


def curve_frame(found: Curve, at: Tangent) -> pd.DataFrame:
    """Columns x, f, slope, line, secant (NaN is a gap in a line), and mark: in the last two rows the points of the
    tangent and of x + h."""
    most = bound(found)
    low, high = float(found.x[0]), float(found.x[-1])
    x = found.x.numpy().astype(np.float64)
    columns = {"x": x, "f": found.value.numpy().astype(np.float64), "slope": found.slope.numpy().astype(np.float64)}
    jumps = np.flatnonzero(breaks(found))
    for name, add in (("x", (x[jumps] + x[jumps + 1]) / 2), ("f", np.nan), ("slope", np.nan)):
        columns[name] = np.insert(columns[name], jumps + 1, add)
    frame = pd.DataFrame(columns)
    frame.loc[frame["f"].isna(), "slope"] = np.nan  # torch has a slope for log below 0, where there is no log
    for name in ("f", "slope"):
        frame.loc[~(frame[name].abs() <= min(most, 1e300)), name] = np.nan
    drawn = np.concatenate([frame["f"].dropna(), frame["slope"].dropna(), [at.value]])
    drawn = drawn[np.isfinite(drawn)]
    below, above = (float(drawn.min()), float(drawn.max())) if len(drawn) else (0.0, 0.0)
    room = 0.05 * (above - below) + 1e-9
    for name, steepness, valid in (("line", at.slope, True), ("secant", at.quotient, low <= at.x + at.h <= high)):
        ordinate = at.value + steepness * (frame["x"] - at.x)
        inside = (ordinate >= below - room) & (ordinate <= above + room)
        frame[name] = ordinate.where(inside) if valid else np.nan
    frame["mark"] = 0
    end = at.value + at.quotient * at.h if low <= at.x + at.h <= high else math.nan
    marks = [
        {"x": at.x, "f": at.value, "slope": at.slope if at.exists else math.nan, "mark": 1},
        {"x": at.x + at.h, "f": end, "mark": 2},
    ]
    return pd.concat([frame, pd.DataFrame(marks)], ignore_index=True)


@lru_cache(maxsize=32)
def curve_spec(x_title: str, y_title: str, names: tuple[str, str, str, str], height: int) -> Spec:
    """Draws a :func:`curve_frame`; ``names`` are those of f, its derivative, the tangent and the secant."""
    columns = ("f", "slope", "line", "secant")
    named = "".join(
        f"datum.which === '{column}' ? {literal(name)} : " for column, name in zip(columns, names, strict=True)
    )
    base = (
        alt.Chart(empty("x", "mark", *columns))
        .transform_fold([*columns], as_=["which", "value"])
        .transform_calculate(name=f"{named}''")
        .encode(
            x=alt.X("x:Q", title=x_title, scale=alt.Scale(nice=False, zero=False), axis=alt.Axis(format=".4~g")),
            y=alt.Y("value:Q", title=y_title, axis=alt.Axis(tickCount=6, format=".4~g")),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=[*names], range=[_BLUE, _ORANGE, _GREEN, _RED]),
                legend=alt.Legend(
                    orient="top", title=None, columns=4, labelLimit=160, symbolType="stroke", symbolStrokeWidth=3
                ),
            ),
            strokeDash=alt.StrokeDash(
                "name:N", scale=alt.Scale(domain=[*names], range=[[1, 0], [1, 0], [1, 0], [6, 4]]), legend=None
            ),
        )
    )
    lines = base.transform_filter("datum.mark === 0").mark_line(strokeWidth=2.2)
    dots = base.transform_filter("datum.mark > 0 && isValid(datum.value)").mark_point(filled=True, size=90, opacity=1)
    return as_spec(alt.layer(lines, dots).properties(width="container", height=height))


# --- the error of the quotient ---


def errors(program: Program, x: float, *, dtype: str) -> tuple[Tensor, Tensor]:
    """The quotient's distance from the derivative, for h from 1e-12 to 1: h and errors, both of shape (121,)."""
    at = torch.tensor(x, dtype=DTYPES[dtype])
    h = torch.logspace(math.log10(SMALLEST_H), 0, 121, dtype=torch.float64)
    quotients = _quotients(program, at, h.to(DTYPES[dtype])).to(torch.float64)
    return h, (quotients - _exact(program, at)).abs()


def error_frame(program: Program, at: Tangent, *, dtype: str) -> pd.DataFrame:
    """Columns h, error, shown (within the axis), mark (1 in the last row: the chosen h)."""
    h, error = errors(program, at.x, dtype=dtype)
    frame = pd.DataFrame({"h": [*h.tolist(), at.h], "error": [*error.tolist(), at.error]})
    frame["shown"] = frame["error"].where(np.isfinite(frame["error"])).clip(ERROR_FLOOR, ERROR_CEILING)
    frame["mark"] = [0] * len(h) + [1]
    return frame


@lru_cache(maxsize=16)
def error_spec(x_title: str, y_title: str, height: int) -> Spec:
    """The error over h, both logarithmic, with a dot at the chosen h."""
    base = alt.Chart(empty("h", "error", "shown", "mark")).encode(
        x=alt.X(
            "h:Q",
            title=x_title,
            scale=alt.Scale(type="log", domain=[SMALLEST_H, 1]),
            axis=alt.Axis(values=[1e-12, 1e-9, 1e-6, 1e-3, 1], format=".0e"),
        ),
        y=alt.Y(
            "shown:Q",
            title=y_title,
            scale=alt.Scale(type="log", domain=[ERROR_FLOOR, ERROR_CEILING], nice=False, clamp=True),
            axis=alt.Axis(values=[1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3], format=".0e"),
        ),
        tooltip=[alt.Tooltip("h:Q", title=x_title, format=".3g"), alt.Tooltip("error:Q", title=y_title, format=".3g")],
    )
    line = base.transform_filter("datum.mark === 0").mark_line(color=_RED, strokeWidth=1.8)
    dot = base.transform_filter("datum.mark === 1 && isValid(datum.shown)").mark_point(
        filled=True, size=110, color=_RED, opacity=1
    )
    return as_spec(alt.layer(line, dot).properties(width="container", height=height))
