"""Charts of control flow: the norm after each operation, and f with its derivative over a."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

import altair as alt
import numpy as np
import pandas as pd

from dlcore.drawing import vega
from dlcore.drawing.grid import number
from dlcore.drawing.palette import BLUE, GREY, ORANGE
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.autograd.control_flow.model import THRESHOLD, UnrolledRun, run_f
from dlcore.lessons.autograd.settings import FLOW_BOUND

MIN_A, MIN_A_LOG, POINTS = 0.5, 0.01, 400  # smallest |a| of the curves on each kind of axis, and their points

_BESIDE_POINTS: Final[tuple[tuple[str, Literal["left", "right"], int, int], ...]] = (
    ("above", "right", -9, -7),
    ("below", "left", 8, 9),
)


def steps_frame(flow: UnrolledRun, start: Sequence[float]) -> pd.DataFrame:
    """Return columns step, norm, text, side and last, with a row for the input, then one for each operation.

    ``side`` is where the text of the point stays clear of the threshold; ``last`` is 1 for the result, else 0.
    """
    norms = [math.sqrt(sum(value * value for value in start)), *(line.norm for line in flow.lines)]
    stride = math.ceil(len(norms) / 12)  # more than 12 numbers would overlap
    labelled = [
        i % stride == 0 and norms[i + 1 : i + 2] != [norm] for i, norm in enumerate(norms)
    ]  # c = b repeats the norm of b
    labelled[-1] = True
    return pd.DataFrame(
        {
            "step": range(len(norms)),
            "norm": norms,
            "text": [number(norm) if words else "" for norm, words in zip(norms, labelled, strict=True)],
            "side": ["below" if norm < THRESHOLD else "above" for norm in norms],
            "last": [0] * (len(norms) - 1) + [1],
        }
    )


@lru_cache(maxsize=16)
def steps_spec(x_title: str, y_title: str, threshold_title: str, height: int) -> Spec:
    """Draw the norm after each operation on a logarithmic axis, and the threshold that ends the loop."""
    base = alt.Chart(empty("step", "norm", "text", "side", "last")).encode(
        x=alt.X("step:Q", title=x_title, scale=alt.Scale(nice=False, padding=34), axis=vega.axis(tickMinStep=1)),
        y=alt.Y("norm:Q", title=y_title, scale=vega.scale(log=True, padding=14), axis=vega.axis()),
    )
    once = alt.Chart(empty("step")).transform_filter("datum.step === 0").encode(y=alt.datum(THRESHOLD))
    threshold = once.mark_rule(strokeDash=[6, 4], color=GREY, strokeWidth=2)
    # Its name stands at the left, where the curve is far below.
    name = once.mark_text(align="left", dx=4, dy=-9, text=threshold_title)
    named = name.encode(x=alt.value(0))
    line = base.mark_line(color=BLUE, strokeWidth=2)
    colour = alt.condition("datum.last === 1", alt.value(ORANGE), alt.value(BLUE))
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(color=colour)
    above, below = (
        base.transform_filter(f"datum.side === '{side}'").mark_text(align=align, dx=dx, dy=dy).encode(text="text:N")
        for side, align, dx, dy in _BESIDE_POINTS
    )
    return as_spec(alt.layer(threshold, named, line, dots, above, below), height)


@lru_cache(maxsize=4)
def _sweep(sign: int, *, log: bool) -> tuple[tuple[float, float, float, int], ...]:
    sizes = np.geomspace(MIN_A_LOG, FLOW_BOUND, POINTS) if log else np.linspace(MIN_A, FLOW_BOUND, POINTS)
    flows = [(sign * size, run_f(sign * size)) for size in sizes.tolist()]
    return tuple((a, flow.result, flow.grad, flow.doublings) for a, flow in flows)


def curve_frame(a: float, *, log: bool) -> pd.DataFrame:
    """Return columns a, f, slope, piece (one value between two jumps) and mark, for values of a's sign.

    The last row has mark 1: the chosen a, left out if it is nearer to 0 than the curves. With ``log``, a, f and slope
    are absolute values.
    """
    here = run_f(a)
    rows = [*_sweep(1 if a > 0 else -1, log=log)]
    curve = len(rows)
    if abs(rows[0][0]) <= abs(a):
        rows.append((a, here.result, here.grad, here.doublings))
    frame = pd.DataFrame(rows, columns=["a", "f", "slope", "piece"])
    if log:
        frame[["a", "f", "slope"]] = frame[["a", "f", "slope"]].abs()
    frame["mark"] = [0] * curve + [1] * (len(rows) - curve)
    return frame


@lru_cache(maxsize=32)
def curve_spec(column: str, x_title: str, y_title: str, *, log: bool, height: int) -> Spec:
    """Draw ``column`` of a :func:`curve_frame` over a: a line for each piece, and a dot at the chosen a."""
    base = alt.Chart(empty("a", "f", "slope", "piece", "mark")).encode(
        x=alt.X("a:Q", title=x_title, scale=vega.scale(log=log, nice=False, zero=False), axis=vega.axis()),
        y=alt.Y(
            f"{column}:Q",
            title=y_title,
            scale=vega.scale(log=log, zero=False, nice=not log, padding=6),
            axis=vega.axis(tickCount=4),
        ),
    )
    lines = base.transform_filter("datum.mark === 0").mark_line(color=BLUE, strokeWidth=2).encode(detail="piece:O")
    dot = base.transform_filter("datum.mark === 1").mark_point(filled=True, size=110, color=ORANGE, opacity=1)
    return as_spec(alt.layer(lines, dot), height)
