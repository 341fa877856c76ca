"""Charts of linear regression: the data with the model, and loss and parameters over the epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, GREEN, GREY, ORANGE, RED
from dlcore.drawing.vega import Spec, as_spec, empty, literal
from dlcore.lessons.linear_regression.model import LIMIT, Regression, RegressionData

HALF: Final = 3.5  # the axes of features, which are N(0, 1), run from −HALF to HALF
MAX_POINTS: Final = 400  # samples that are drawn
MAX_UPDATES: Final = 250  # updates that are drawn
LEVELS: Final = (-12, -8, -4, 0, 4, 8, 12)
FLOOR: Final = 1e-12


# --- data and model ---------------------------------------------------------------------------------------------------
def line_frame(data: RegressionData, w: float, b: float) -> pd.DataFrame:
    """Return columns kind ("sample", "model", "true"), x, y for one feature."""
    X, y = data.X[:MAX_POINTS, 0].tolist(), data.y[:MAX_POINTS, 0].tolist()
    rows = [("sample", *pair) for pair in zip(X, y, strict=True)]
    rows += [("true", x, data.w[0] * x + data.b) for x in (-HALF, HALF)]
    rows += [("model", x, w * x + b) for x in (-HALF, HALF)]
    return pd.DataFrame(rows, columns=["kind", "x", "y"])


def line_bound(data: RegressionData) -> float:
    """Return a bound of the y axis within which every sample lies."""
    return float(math.ceil(float(data.y.abs().max()) * 1.05))


@lru_cache(maxsize=32)
def line_spec(bound: float, x_title: str, y_title: str, words: tuple[str, str, str], height: int) -> Spec:
    """Draw a :func:`line_frame`; ``words`` name the samples, the true line (dashed) and the model's line."""
    sample, *lines = words
    base = alt.Chart(empty("kind", "x", "y")).encode(
        x=alt.X("x:Q", title=x_title, scale=vega.scale(-HALF, HALF), axis=vega.axis(grid=False)),
        y=alt.Y("y:Q", title=y_title, scale=vega.scale(-bound, bound)),
    )
    return as_spec(
        alt.layer(
            base.transform_filter("datum.kind === 'sample'")
            .transform_calculate(name=literal(sample))
            .mark_point(filled=True, size=22, clip=True)
            .encode(
                color=vega.colour([sample], [BLUE]),
                opacity=alt.value(0.45),
            ),
            _lines(base, *lines),
        ).resolve_scale(color="independent", strokeDash="independent"),
        height,
    )


def _lines(base: alt.Chart, true: str, model: str) -> alt.Chart:
    """Draw the true line, dashed, and the model's, with one legend for dash and colour."""
    words = base.transform_filter("datum.kind !== 'sample'").transform_calculate(
        name=vega.named("datum.kind", {"true": true, "model": model})
    )
    legend = vega.legend(padding=4, symbolType="stroke", symbolSize=300)
    domain = [true, model]
    lines: alt.Chart = words.mark_line(strokeWidth=2, clip=True).encode(
        color=alt.Color("name:N", scale=alt.Scale(domain=domain, range=[GREY, RED]), legend=legend),
        strokeDash=alt.StrokeDash("name:N", scale=alt.Scale(domain=domain, range=[[6, 4], [1, 0]]), legend=legend),
        **({"detail": "level:N"} if "level" in base.data.columns else {}),
    )
    return lines


def plane_frame(data: RegressionData, w: list[float], b: float) -> pd.DataFrame:
    """Return columns kind, x, y (the two features), value (of a sample) and level (of a line of equal prediction)."""
    X, y = data.X[:MAX_POINTS].tolist(), data.y[:MAX_POINTS, 0].tolist()
    rows = [("sample", a, c, value, 0) for (a, c), value in zip(X, y, strict=True)]
    for kind, (w1, w2), bias in (("true", data.w, data.b), ("model", w, b)):
        for level in LEVELS:
            rows += [(kind, *end, 0.0, level) for end in level_line(w1, w2, bias - level)]
    return pd.DataFrame(rows, columns=["kind", "x", "y", "value", "level"])


def level_line(w1: float, w2: float, c: float) -> list[tuple[float, float]]:
    """Return both ends within the axes of the line w1·x1 + w2·x2 + c = 0, or [] if it lies outside."""
    ends: list[tuple[float, float]] = []
    for edge in (-HALF, HALF):
        if abs(w2) > 1e-12 and abs(x2 := -(w1 * edge + c) / w2) <= HALF:
            ends.append((edge, x2))
        if abs(w1) > 1e-12 and abs(x1 := -(w2 * edge + c) / w1) <= HALF:
            ends.append((x1, edge))
    return [min(ends), max(ends)] if len(ends) > 1 and min(ends) != max(ends) else []


@lru_cache(maxsize=32)
def plane_spec(x_title: str, y_title: str, value_title: str, true: str, model: str, height: int) -> Spec:
    """Draw a :func:`plane_frame`: samples coloured by target, and lines of equal prediction, −12, −8, … 12."""
    base = alt.Chart(empty("kind", "x", "y", "value", "level")).encode(
        x=alt.X("x:Q", title=x_title, scale=vega.scale(-HALF, HALF), axis=vega.axis(grid=False)),
        y=alt.Y("y:Q", title=y_title, scale=vega.scale(-HALF, HALF), axis=vega.axis(grid=False)),
    )
    samples = (
        base.transform_filter("datum.kind === 'sample'")
        .mark_point(filled=True, size=26, clip=True)
        .encode(
            color=alt.Color(
                "value:Q",
                title=value_title,
                scale=alt.Scale(domain=[-12, 0, 12], range=[ORANGE, "#c9ccd2", BLUE], clamp=True, interpolate="rgb"),
                legend=vega.legend(orient="right", title=value_title, offset=14, gradientLength=120),
            )
        )
    )
    layers = alt.layer(samples, _lines(base, true, model)).resolve_scale(color="independent", strokeDash="independent")
    return as_spec(layers, height)


# --- over the epochs --------------------------------------------------------------------------------------------------
def _rows(run: Regression) -> list[int]:
    stride = -(-len(run.updates) // MAX_UPDATES) or 1
    return list(range(0, len(run.updates), stride))


def loss_frame(run: Regression) -> pd.DataFrame:
    """Return columns epoch (a fraction within an epoch) and loss of a batch."""
    rows = _rows(run)
    return pd.DataFrame(
        {
            "epoch": [i / run.updates_per_epoch for i in rows],
            "loss": [min(max(run.updates[i].loss, FLOOR), 1e12) for i in rows],
        }
    )


@lru_cache(maxsize=32)
def loss_spec(epochs: int, x_title: str, y_title: str, height: int) -> Spec:
    """Draw a :func:`loss_frame` on a logarithmic axis."""
    chart = (
        alt.Chart(empty("epoch", "loss"))
        .mark_line(strokeWidth=1.5, color=BLUE, clip=True)
        .encode(
            x=alt.X("epoch:Q", title=x_title, scale=vega.scale(0, epochs), axis=vega.axis(grid=False)),
            y=alt.Y("loss:Q", title=y_title, scale=vega.scale(log=True), axis=vega.axis()),
        )
    )
    return as_spec(chart, height)


def names_of(run: Regression) -> tuple[str, ...]:
    """Return the names of the parameters: w₁, w₂, b."""
    return (*("w₁", "w₂")[: run.data.X.shape[1]], "b")


def parameters_frame(run: Regression) -> pd.DataFrame:
    """Return columns epoch, name, value and true of every parameter."""
    true = [*run.data.w, run.data.b]
    points = [(i / run.updates_per_epoch, run.updates[i].parameters) for i in _rows(run)]
    points.append((run.epoch / run.updates_per_epoch, run.scratch.parameters))
    rows = [
        (epoch, name, value, goal)
        for epoch, values in points
        for name, value, goal in zip(names_of(run), values, true, strict=True)
    ]
    return pd.DataFrame(rows, columns=["epoch", "name", "value", "true"])


def path_frame(path: Sequence[Sequence[float]], true: Sequence[float], updates_per_epoch: int) -> pd.DataFrame:
    """Return columns epoch, name, value and true of every parameter on a path of updates."""
    rows = [
        (i / updates_per_epoch, name, value, goal)
        for i, values in enumerate(path)
        for name, value, goal in zip(("w₁", "w₂", "b"), values, true, strict=True)
        if abs(value) <= LIMIT
    ]
    return pd.DataFrame(rows, columns=["epoch", "name", "value", "true"])


@lru_cache(maxsize=32)
def parameters_spec(names: tuple[str, ...], epochs: int, x_title: str, y_title: str, height: int) -> Spec:
    """Draw a :func:`parameters_frame`, with the true values as dashed lines."""
    base = alt.Chart(empty("epoch", "name", "value", "true")).encode(
        color=vega.colour(names, [BLUE, ORANGE, GREEN][: len(names)])
    )
    y = alt.Y("value:Q", title=y_title, scale=vega.scale(-6, 6), axis=vega.axis())
    chart = alt.layer(
        base.mark_line(strokeWidth=2, clip=True).encode(
            x=alt.X("epoch:Q", title=x_title, scale=vega.scale(0, epochs), axis=vega.axis(grid=False)),
            y=y,
        ),
        base.transform_aggregate(goal="min(true)", groupby=["name"])
        .mark_rule(strokeDash=[5, 4], strokeWidth=1.5)
        .encode(y=alt.Y("goal:Q", scale=vega.scale(-6, 6))),
    )
    return as_spec(chart, height)
