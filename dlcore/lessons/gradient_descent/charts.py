"""The pictures of the page on gradient descent: data with the line, cost over w with the steps, and over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, GREEN, GREY, ORANGE, RED
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.gradient_descent.model import TRUE_WEIGHT, Descent, Point, Samples, Search, cost, gradient

FLOOR: Final = 1e-16  # a cost of 0 on a logarithmic axis
MAX_STEPS: Final = 400  # of a path that is drawn


# --- data and line ----------------------------------------------------------------------------------------------------
def line_frame(w: float, data: Samples) -> pd.DataFrame:
    """Columns kind ("sample", "line"), x, y and, of samples, the prediction."""
    rows = [("sample", x, y, w * x) for x, y in zip(data.x, data.y, strict=True)]
    rows += [("line", x, w * x, w * x) for x in (0.0, 4.0)]
    return pd.DataFrame(rows, columns=["kind", "x", "y", "prediction"])


@lru_cache(maxsize=16)
def line_spec(x_title: str, y_title: str, height: int) -> Spec:
    """The samples, the line y = w·x, and from each sample to the line its error."""
    base = alt.Chart(empty("kind", "x", "y", "prediction")).encode(
        x=alt.X("x:Q", title=x_title, scale=vega.scale(0, 4), axis=vega.axis(grid=False)),
        y=alt.Y("y:Q", title=y_title, scale=vega.scale(-5, 20, clamp=False), axis=vega.axis()),
    )
    chart = alt.layer(
        base.transform_filter("datum.kind === 'line'").mark_line(color=BLUE, strokeWidth=2.5, clip=True),
        base.transform_filter("datum.kind === 'sample'")
        .mark_rule(color=RED, strokeDash=[3, 3], clip=True)
        .encode(y2="prediction:Q"),
        base.transform_filter("datum.kind === 'sample'").mark_point(color=RED, filled=True, size=70, clip=True),
    )
    return as_spec(chart, height)


# --- cost over the weight ---------------------------------------------------------------------------------------------
def window(data: Samples, *weights: float) -> tuple[float, float]:
    """What of the w axis to show: the true weight in the middle, and the given weights, if that is not too far."""
    half = max(2.5, *(1.15 * abs(w - TRUE_WEIGHT) for w in weights)) if weights else 2.5
    half = min(half, 10.0)
    return TRUE_WEIGHT - half, TRUE_WEIGHT + half


def cost_frame(
    data: Samples, span: tuple[float, float], w: float, *, path: Sequence[Point] = (), tried: Search | None = None
) -> pd.DataFrame:
    """Columns kind ("curve", "tried", "path", "tangent", "now"), order, w, cost."""
    low, high = span
    grid = [low + (high - low) * i / 120 for i in range(121)]
    rows: list[tuple[str, int, float, float]] = [("curve", i, x, cost(x, data)) for i, x in enumerate(grid)]
    if tried:
        rows += [("tried", i, x, c) for i, (x, c) in enumerate(zip(tried.weights, tried.costs, strict=True))]
    shown = path[:MAX_STEPS]
    # A little beyond the window, so that a step out of it is seen to leave; the rest would only stretch the data.
    rows += [("path", i, p.w, p.cost) for i, p in enumerate(shown) if abs(p.w - TRUE_WEIGHT) < 3 * (high - low)]
    here, slope, reach = cost(w, data), gradient(w, data), (high - low) / 8
    if path:
        rows += [("tangent", i, x, here + slope * (x - w)) for i, x in enumerate((w - reach, w + reach))]
    rows.append(("now", 0, w, here))
    return pd.DataFrame(rows, columns=["kind", "order", "w", "cost"])


@lru_cache(maxsize=64)
def cost_spec(span: tuple[float, float], top: float, x_title: str, y_title: str, height: int) -> Spec:
    """The cost curve; on it the weights that were tried, the steps of a descent, its tangent, and where it is now."""
    base = alt.Chart(empty("kind", "order", "w", "cost")).encode(
        x=alt.X("w:Q", title=x_title, scale=vega.scale(*span), axis=vega.axis(grid=False)),
        y=alt.Y("cost:Q", title=y_title, scale=alt.Scale(domain=[-0.04 * top, top], nice=False)),
        order="order:Q",
    )
    base = vega.tooltip(base, numbers={"w": x_title, "cost": y_title})

    def only(kind: str) -> alt.Chart:
        return base.transform_filter(f"datum.kind === '{kind}'")

    chart = alt.layer(
        only("curve").mark_line(color=GREY, strokeWidth=2, clip=True),
        only("tried").mark_point(color=BLUE, filled=True, size=30, clip=True),
        only("tangent").mark_line(color=GREEN, strokeWidth=2, strokeDash=[5, 4], clip=True),
        only("path").mark_line(color=ORANGE, strokeWidth=1.5, clip=True),
        only("path").mark_point(color=ORANGE, filled=True, size=40, clip=True),
        only("now").mark_point(color=RED, filled=True, size=170, clip=True),
    )
    return as_spec(chart, height)


def cost_top(data: Samples, span: tuple[float, float]) -> float:
    """The upper end of the cost axis over a window."""
    return max(cost(span[0], data), cost(span[1], data))


# --- over the epochs --------------------------------------------------------------------------------------------------
def epochs_frame(runs: Mapping[str, Descent]) -> pd.DataFrame:
    """Columns name, epoch, w, cost of several descents, at most ``MAX_STEPS`` rows of each."""
    rows = []
    for name, run in runs.items():
        every = -(-len(run.path) // MAX_STEPS)
        points = [*run.path[:-1:every], run.path[-1]]
        rows += [(name, p.epoch, p.w, max(p.cost, FLOOR)) for p in points]
    return pd.DataFrame(rows, columns=["name", "epoch", "w", "cost"])


@lru_cache(maxsize=64)
def epochs_spec(
    quantity: str,
    names: tuple[str, ...],
    epochs: int,
    x_title: str,
    y_title: str,
    height: int,
    *,
    log: bool,
    aim: float | None = None,
) -> Spec:
    """``quantity`` ("w" or "cost") of each descent over the epochs, and ``aim``, where they should end."""
    scale = vega.scale(log=True) if log else alt.Scale(zero=False)
    colours = [BLUE, ORANGE, GREEN][: len(names)]
    dashes = [[1, 0], [6, 3], [2, 2]][: len(names)]
    legend = vega.legend() if len(names) > 1 else None
    base = alt.Chart(empty("name", "epoch", "w", "cost")).encode(
        x=alt.X("epoch:Q", title=x_title, scale=vega.scale(0, epochs), axis=vega.axis(grid=False)),
        y=alt.Y(f"{quantity}:Q", title=y_title, scale=scale, axis=vega.axis()),
    )
    scale_of_names = alt.Scale(domain=list(names), range=colours)
    lines = base.mark_line(strokeWidth=1.8, clip=True).encode(
        color=alt.Color("name:N", scale=scale_of_names, legend=legend),
        strokeDash=alt.StrokeDash("name:N", scale=alt.Scale(domain=list(names), range=dashes), legend=legend),
    )
    # Of a single value no line can be drawn: it would be invisible until a second comes.
    alone = base.transform_joinaggregate(rows="count()", groupby=["name"]).transform_filter("datum.rows === 1")
    layers = [
        lines,
        alone.mark_point(filled=True, size=60).encode(color=alt.Color("name:N", scale=scale_of_names, legend=None)),
    ]
    if aim is not None:
        first = alt.Chart(empty("name", "epoch", "w", "cost")).transform_filter("datum.epoch === 0")
        layers.insert(0, first.mark_rule(color=GREY, strokeDash=[4, 3]).encode(y=alt.datum(aim)))
    return as_spec(alt.layer(*layers), height)
