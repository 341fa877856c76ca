"""Charts of gradient descent: the samples with the line, the loss over w with the steps, and curves over epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, GREEN, GREY, ORANGE, RED
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.gradient_descent.model import TRUE_WEIGHT, Descent, Point, Samples, Search, gradient, loss

FLOOR: Final = 1e-16  # where a loss of 0 is drawn on a logarithmic axis
MAX_STEPS: Final = 400  # of a drawn path


# --- data and line ----------------------------------------------------------------------------------------------------
def line_frame(w: float, data: Samples) -> pd.DataFrame:
    """Return columns kind ("sample", "line"), x, y and prediction."""
    rows = [("sample", x, y, w * x) for x, y in zip(data.x, data.y, strict=True)]
    rows += [("line", x, w * x, w * x) for x in (0.0, 4.0)]
    return pd.DataFrame(rows, columns=["kind", "x", "y", "prediction"])


@lru_cache(maxsize=16)
def line_spec(x_title: str, y_title: str, height: int) -> Spec:
    """Draw a :func:`line_frame`: the samples, the line y = w·x, and the error of each sample."""
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


# --- loss over the weight ---------------------------------------------------------------------------------------------
def window(data: Samples, *weights: float) -> tuple[float, float]:
    """Return the range of the w axis: the true weight in the middle, wide enough for ``weights`` within ±10 of it."""
    half = max(2.5, *(1.15 * abs(w - TRUE_WEIGHT) for w in weights)) if weights else 2.5
    half = min(half, 10.0)
    return TRUE_WEIGHT - half, TRUE_WEIGHT + half


def loss_frame(
    data: Samples, span: tuple[float, float], w: float, *, path: Sequence[Point] = (), tried: Search | None = None
) -> pd.DataFrame:
    """Return columns kind ("curve", "tried", "path", "tangent", "now"), order, w, loss."""
    low, high = span
    grid = [low + (high - low) * i / 120 for i in range(121)]
    rows: list[tuple[str, int, float, float]] = [("curve", i, x, loss(x, data)) for i, x in enumerate(grid)]
    if tried:
        rows += [("tried", i, x, c) for i, (x, c) in enumerate(zip(tried.weights, tried.losses, strict=True))]
    shown = path[:MAX_STEPS]
    # Points somewhat outside the window stay, so that the step that leaves it is drawn; farther ones are dropped.
    rows += [("path", i, p.w, p.loss) for i, p in enumerate(shown) if abs(p.w - TRUE_WEIGHT) < 3 * (high - low)]
    here, slope, reach = loss(w, data), gradient(w, data), (high - low) / 8
    if path:
        rows += [("tangent", i, x, here + slope * (x - w)) for i, x in enumerate((w - reach, w + reach))]
    rows.append(("now", 0, w, here))
    return pd.DataFrame(rows, columns=["kind", "order", "w", "loss"])


@lru_cache(maxsize=64)
def loss_spec(span: tuple[float, float], top: float, x_title: str, y_title: str, height: int) -> Spec:
    """Draw a :func:`loss_frame`: the loss curve, the tried weights, a descent, its tangent and the current point."""
    base = alt.Chart(empty("kind", "order", "w", "loss")).encode(
        x=alt.X("w:Q", title=x_title, scale=vega.scale(*span), axis=vega.axis(grid=False)),
        y=alt.Y("loss:Q", title=y_title, scale=alt.Scale(domain=[-0.04 * top, top], nice=False)),
        order="order:Q",
    )
    base = vega.tooltip(base, numbers={"w": x_title, "loss": y_title})

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


def loss_top(data: Samples, span: tuple[float, float]) -> float:
    """Return the upper end of the loss axis over a window."""
    return max(loss(span[0], data), loss(span[1], data))


# --- over the epochs --------------------------------------------------------------------------------------------------
def epochs_frame(runs: Mapping[str, Descent]) -> pd.DataFrame:
    """Return columns name, epoch, w, loss of several descents, about ``MAX_STEPS`` rows of each at most."""
    rows = []
    for name, run in runs.items():
        stride = -(-len(run.path) // MAX_STEPS)
        points = [*run.path[:-1:stride], run.path[-1]]
        rows += [(name, p.epoch, p.w, max(p.loss, FLOOR)) for p in points]
    return pd.DataFrame(rows, columns=["name", "epoch", "w", "loss"])


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
    target: float | None = None,
) -> Spec:
    """Draw ``quantity`` ("w" or "loss") of each descent over the epochs, and ``target`` as a dashed line."""
    scale = vega.scale(log=True) if log else alt.Scale(zero=False)
    colours = [BLUE, ORANGE, GREEN][: len(names)]
    dashes = [[1, 0], [6, 3], [2, 2]][: len(names)]
    legend = vega.legend() if len(names) > 1 else None
    base = alt.Chart(empty("name", "epoch", "w", "loss")).encode(
        x=alt.X("epoch:Q", title=x_title, scale=vega.scale(0, epochs), axis=vega.axis(grid=False)),
        y=alt.Y(f"{quantity}:Q", title=y_title, scale=scale, axis=vega.axis()),
    )
    scale_of_names = alt.Scale(domain=list(names), range=colours)
    lines = base.mark_line(strokeWidth=1.8, clip=True).encode(
        color=alt.Color("name:N", scale=scale_of_names, legend=legend),
        strokeDash=alt.StrokeDash("name:N", scale=alt.Scale(domain=list(names), range=dashes), legend=legend),
    )
    # A line through a single value is invisible, so it gets a point.
    alone = base.transform_joinaggregate(rows="count()", groupby=["name"]).transform_filter("datum.rows === 1")
    layers = [
        lines,
        alone.mark_point(filled=True, size=60).encode(color=alt.Color("name:N", scale=scale_of_names, legend=None)),
    ]
    if target is not None:
        first = alt.Chart(empty("name", "epoch", "w", "loss")).transform_filter("datum.epoch === 0")
        layers.insert(0, first.mark_rule(color=GREY, strokeDash=[4, 3]).encode(y=alt.datum(target)))
    return as_spec(alt.layer(*layers), height)
