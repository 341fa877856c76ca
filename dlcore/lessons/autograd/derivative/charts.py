"""Charts of the derivative: the curves with tangent and secant, and the error of the quotient over h."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import altair as alt
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, GREEN, ORANGE, RED
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.autograd.derivative.model import DerivativeCurve, Tangent, errors
from dlcore.lessons.autograd.settings import MIN_H
from dlcore.typed.expression import Program

ERROR_FLOOR: Final = 1e-13  # an error of 0 is drawn here, on the logarithmic axis
ERROR_CEILING: Final = 1e4
_POLE: Final = 6.0  # a value beyond this many times the 0.9 quantile belongs to a pole
_PLAIN: Final = 10.0  # values within ± this are always drawn


def bound(curve: DerivativeCurve) -> float:
    """Return the |y| beyond which nothing is drawn, so that a pole does not flatten the rest; inf without a pole."""
    sizes = torch.cat([curve.value, curve.slope]).abs()
    sizes = sizes[torch.isfinite(sizes)]
    if not sizes.numel():
        return math.inf
    limit = _POLE * max(float(sizes.to(torch.float64).quantile(0.9)), _PLAIN / _POLE)
    return limit / 2 if float(sizes.max()) > limit else math.inf


def breaks(curve: DerivativeCurve) -> NDArray[np.bool_]:
    """Return after which points f jumps: the step goes against the slope at both of its ends; shape (points − 1,)."""
    y, slope = curve.value.numpy().astype(np.float64), curve.slope.numpy().astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        step = np.diff(y)
        against: NDArray[np.bool_] = (step * slope[:-1] < 0) & (step * slope[1:] < 0)
        steep: NDArray[np.bool_] = np.abs(step) > 1e-3 * np.nanmax(np.abs(y), initial=1.0)
    return against & steep


def corners(curve: DerivativeCurve) -> NDArray[np.bool_]:
    """Return after which points f′ jumps: a relu or abs turns there, and f′ steps far more than nearby."""
    slope = curve.slope.numpy().astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        step = np.abs(np.diff(slope))
        padded = np.pad(step, 2)  # the second neighbours: a corner on a point makes two steps jump
        jump: NDArray[np.bool_] = step > 4 * np.fmax(padded[:-4], padded[4:]) + 1e-6
    return curve.turns & jump


def curve_frame(curve: DerivativeCurve, tangent: Tangent) -> pd.DataFrame:
    """Return columns x, f, slope, line (the tangent), secant and mark; NaN is a gap in a line.

    The last two rows are points: mark 1 at the tangent, 2 at x + h. ``mark`` is 0 in all others.
    """
    limit = bound(curve)
    low, high = float(curve.x[0]), float(curve.x[-1])
    x = curve.x.numpy().astype(np.float64)
    values, slopes = (tensor.numpy().astype(np.float64) for tensor in (curve.value, curve.slope))
    jumps = breaks(curve)
    gaps = np.flatnonzero(jumps | corners(curve))
    between = np.where(jumps[gaps], np.nan, (values[gaps] + values[gaps + 1]) / 2)  # at a corner f is continuous
    columns = {
        name: np.insert(column, gaps + 1, add)
        for name, column, add in (("x", x, (x[gaps] + x[gaps + 1]) / 2), ("f", values, between))
    }
    frame = pd.DataFrame(columns | {"slope": np.insert(slopes, gaps + 1, np.nan)})
    frame.loc[frame["f"].isna(), "slope"] = np.nan  # torch has a slope for log below 0, where log is undefined
    for name in ("f", "slope"):
        frame.loc[~(frame[name].abs() <= min(limit, 1e300)), name] = np.nan
    drawn = np.concatenate([frame["f"].dropna(), frame["slope"].dropna(), [tangent.value]])
    drawn = drawn[np.isfinite(drawn)]
    below, above = (float(drawn.min()), float(drawn.max())) if len(drawn) else (0.0, 0.0)
    room = 0.05 * (above - below) + 1e-9
    has_secant = low <= tangent.x + tangent.h <= high
    for name, steepness, valid in (
        ("line", tangent.slope, tangent.exists),
        ("secant", tangent.quotient, has_secant),
    ):
        ordinate = tangent.value + steepness * (frame["x"] - tangent.x)
        inside = (ordinate >= below - room) & (ordinate <= above + room)
        frame[name] = ordinate.where(inside) if valid else np.nan
    frame["mark"] = 0
    end = tangent.value + tangent.quotient * tangent.h if has_secant else math.nan
    marks = [
        {"x": tangent.x, "f": tangent.value, "slope": tangent.slope if tangent.exists else math.nan, "mark": 1},
        {"x": tangent.x + tangent.h, "f": end, "mark": 2},
    ]
    return pd.concat([frame, pd.DataFrame(marks)], ignore_index=True)


@lru_cache(maxsize=32)
def curve_spec(x_title: str, y_title: str, names: tuple[str, str, str, str], height: int) -> Spec:
    """Draw a :func:`curve_frame`; ``names`` are those of f, its derivative, the tangent and the secant."""
    columns = ("f", "slope", "line", "secant")
    base = (
        alt.Chart(empty("x", "mark", *columns))
        .transform_fold([*columns], as_=["which", "value"])
        .transform_calculate(name=vega.named("datum.which", dict(zip(columns, names, strict=True))))
        .encode(
            x=alt.X("x:Q", title=x_title, scale=alt.Scale(nice=False, zero=False), axis=vega.axis()),
            y=alt.Y("value:Q", title=y_title, axis=vega.axis(tickCount=6)),
            color=vega.colour(
                [*names],
                [BLUE, ORANGE, GREEN, RED],
                columns=4,
                labelLimit=160,
                symbolType="stroke",
                symbolStrokeWidth=3,
            ),
            strokeDash=alt.StrokeDash(
                "name:N", scale=alt.Scale(domain=[*names], range=[[1, 0], [1, 0], [1, 0], [6, 4]]), legend=None
            ),
        )
    )
    lines = base.transform_filter("datum.mark === 0").mark_line(strokeWidth=2.2)
    dots = base.transform_filter("datum.mark > 0 && isValid(datum.value)").mark_point(filled=True, size=90, opacity=1)
    return as_spec(alt.layer(lines, dots), height)


def error_frame(program: Program, tangent: Tangent, *, dtype: str) -> pd.DataFrame:
    """Return columns h, error, shown (error clipped to the axis) and mark (1 in the last row, the chosen h)."""
    h, error = errors(program, tangent.x, dtype=dtype)
    frame = pd.DataFrame({"h": [*h.tolist(), tangent.h], "error": [*error.tolist(), tangent.error]})
    if tangent.corner:  # there is no derivative to compare with
        frame["error"] = math.nan
    frame["shown"] = frame["error"].where(np.isfinite(frame["error"])).clip(ERROR_FLOOR, ERROR_CEILING)
    frame["mark"] = [0] * len(h) + [1]
    return frame


@lru_cache(maxsize=16)
def error_spec(x_title: str, y_title: str, height: int) -> Spec:
    """Draw an :func:`error_frame` on logarithmic axes, with a dot at the chosen h."""
    base = alt.Chart(empty("h", "error", "shown", "mark")).encode(
        x=alt.X(
            "h:Q",
            title=x_title,
            scale=vega.scale(MIN_H, 1, log=True),
            axis=vega.axis(values=[1e-12, 1e-9, 1e-6, 1e-3, 1]),
        ),
        y=alt.Y(
            "shown:Q",
            title=y_title,
            scale=vega.scale(ERROR_FLOOR, ERROR_CEILING, log=True, clamp=True),
            axis=vega.axis(values=[1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3]),
        ),
    )
    base = vega.tooltip(base, numbers={"h": x_title, "error": y_title})
    line = base.transform_filter("datum.mark === 0").mark_line(color=RED, strokeWidth=1.8)
    dot = base.transform_filter("datum.mark === 1 && isValid(datum.shown)").mark_point(
        filled=True, size=110, color=RED, opacity=1
    )
    return as_spec(alt.layer(line, dot), height)
