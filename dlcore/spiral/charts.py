"""Vega-Lite specifications, made once with Altair and kept as dictionaries; frames of numbers for them.

A chart is redrawn in place only while its specification stays the same, so everything that changes from frame to frame
is in the data. Words (axis titles, legend) are arguments: the pages have them in the reader's language.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from dlcore.drawing.vega import Spec, as_spec, empty, literal

TRAIN_COLOUR: Final = hex_colour(CLASS_COLOURS[0])
TEST_COLOUR: Final = hex_colour(CLASS_COLOURS[5])
_GREY: Final = "#8a8f98"

# "Nothing" on a logarithmic axis: a loss of 0 or a gradient of 0 is drawn at the floor.
LOG_FLOOR: Final = 1e-8

MAX_ROWS: Final = 205  # of a curve: no run of the spiral has more records, nor a chart more pixels to tell them apart


class Measured(Protocol):
    """What a history is made of: ``train_<quantity>`` and ``test_<quantity>`` after ``epoch`` epochs."""

    @property
    def epoch(self) -> int: ...


@lru_cache(maxsize=64)
def curve_spec(
    epochs: int,
    y_title: str,
    x_title: str,
    train: str,
    test: str,
    *,
    log: bool,
    share: bool,
    height: int,
    mark: str = "",
    span: tuple[float, float] | None = None,
) -> Spec:
    """Curves of train and test over the epochs of the run. ``share`` fixes the axis at 0…1, as for accuracy.

    Parameters
    ----------
    mark : what stands at the epoch that the frame marks; nothing is marked without it.
    span : the ends of the axis, if they are fixed otherwise. What lies beyond is drawn at the end.
    """
    domain = list(span) if span else [0, 1]
    scale = alt.Scale(zero=True)
    if log:
        scale = alt.Scale(type="log", domain=domain, clamp=True, nice=False) if span else alt.Scale(type="log")
    elif share or span:
        scale = alt.Scale(domain=domain)
    x = alt.X("epoch:Q", title=x_title, scale=alt.Scale(domain=[0, epochs]), axis=alt.Axis(tickCount=5, grid=False))
    base = (
        alt.Chart(empty("epoch", "train", "test"))
        .transform_fold(["train", "test"], as_=["part", "value"])
        .transform_filter("isValid(datum.value)")
        .transform_calculate(name=f"datum.part === 'train' ? {literal(train)} : {literal(test)}")
        .transform_joinaggregate(rows="count()", groupby=["part"])
        .encode(
            x=x,
            y=alt.Y("value:Q", title=y_title, scale=scale, axis=alt.Axis(tickCount=4, format=".3~g")),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=[train, test], range=[TRAIN_COLOUR, TEST_COLOUR]),
                legend=alt.Legend(orient="top", title=None, offset=0, padding=0),
            ),
        )
    )
    near = alt.selection_point(
        name="near", fields=["epoch"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    layers: list[Any] = [
        base.mark_line(strokeWidth=1.8),
        base.mark_point(filled=True, size=40)
        .encode(
            # Of a single value no line can be drawn: it would be invisible until a second comes.
            opacity=alt.when(near)
            .then(alt.value(1))
            .when("datum.rows === 1")
            .then(alt.value(1))
            .otherwise(alt.value(0)),
            tooltip=[
                alt.Tooltip("epoch:Q", title=x_title),
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("value:Q", title=y_title, format=".6g"),
            ],
        )
        .add_params(near),
    ]
    if mark:
        marked = alt.Chart(empty("epoch", "mark")).transform_filter("datum.mark").encode(x=x)
        layers += [
            marked.mark_rule(color=_GREY, strokeDash=[4, 3], strokeWidth=1.5),
            base.transform_filter("datum.mark").mark_point(filled=True, size=60),
        ]
        for left in (True, False):  # the word stays within the picture
            words = marked.transform_filter(f"datum.epoch {'<=' if left else '>'} {epochs / 2}")
            text = words.mark_text(
                align="left" if left else "right", dx=4 if left else -4, baseline="top", dy=3, color=_GREY
            )
            layers.append(text.encode(y=alt.value(0), text=alt.value(mark)))
    return as_spec(alt.layer(*layers).properties(width="container", height=height))


def curve_frame(
    history: Sequence[Measured], quantity: str, *, log: bool = False, mark: int | None = None
) -> pd.DataFrame:
    """Columns epoch, train, test of ``quantity`` ("loss", "accuracy", "error"), at most some 200 rows of 12 bytes.

    ``mark`` is an epoch to be marked: its row, and no other, is true in a further column.
    """
    every = -(-len(history) // MAX_ROWS) or 1
    last = len(history) - 1
    history = [r for i, r in enumerate(history) if i % every == 0 or i == last or r.epoch == mark]
    columns: dict[str, Any] = {"epoch": np.array([record.epoch for record in history], dtype=np.int32)}
    for part in ("train", "test"):
        values = np.array([getattr(record, f"{part}_{quantity}") for record in history], dtype=np.float32)
        columns[part] = np.maximum(values, np.float32(LOG_FLOOR)) if log else values
    if mark is not None:
        columns["mark"] = columns["epoch"] == mark
    return pd.DataFrame(columns)


@lru_cache(maxsize=16)
def gradient_spec(x_title: str, y_title: str, height: int) -> Spec:
    """A bar for the gradient norm of each layer, on a fixed logarithmic axis."""
    chart = (
        alt.Chart(empty("layer", "norm", "shown"))
        .mark_bar(color=_GREY, height={"band": 0.7})
        .encode(
            x=alt.X(
                "shown:Q",
                title=x_title,
                scale=alt.Scale(type="log", domain=[LOG_FLOOR, 10], clamp=True),
                axis=alt.Axis(values=[1e-8, 1e-6, 1e-4, 1e-2, 1], format=".0e", grid=False),
            ),
            x2=alt.datum(LOG_FLOOR),
            y=alt.Y("layer:O", title=y_title, axis=alt.Axis(labelAngle=0)),
            tooltip=[alt.Tooltip("layer:O", title=y_title), alt.Tooltip("norm:Q", title=x_title, format=".3g")],
        )
        .properties(width="container", height=height)
    )
    return as_spec(chart)


def gradient_frame(norms: Sequence[float]) -> pd.DataFrame:
    """Columns layer (from 1), norm, and norm as it can be drawn."""
    shown = [max(norm, LOG_FLOOR) if math.isfinite(norm) else 10.0 for norm in norms]
    return pd.DataFrame({"layer": range(1, len(norms) + 1), "norm": norms, "shown": shown})


@lru_cache(maxsize=32)
def scatter_spec(half: float, names: tuple[str, ...], titles: tuple[tuple[str, str], ...], *, height: int) -> Spec:
    """Samples by class, to be clicked: the selection ``row`` gives the sample's number.

    ``names`` are the classes' words; ``titles`` has those of x, y, class, part, train, test,
    row and predicted.
    """
    title = dict(titles)
    colours = [hex_colour(colour) for colour in CLASS_COLOURS[: len(names)]]
    picked = alt.selection_point(name="row", fields=["row"], on="click", empty=False)
    scale = alt.Scale(domain=[-half, half], nice=False, zero=False)
    points = (
        alt.Chart(empty("x", "y", "class", "part", "row"))
        .mark_point(filled=True, opacity=0.9)
        .encode(
            x=alt.X("x:Q", title=title["x"], scale=scale, axis=alt.Axis(grid=False, tickCount=5)),
            y=alt.Y("y:Q", title=title["y"], scale=scale, axis=alt.Axis(grid=False, tickCount=5)),
            color=alt.Color(
                "class:N",
                title=title["class"],
                scale=alt.Scale(domain=list(names), range=colours),
                legend=alt.Legend(orient="top"),
            ),
            shape=alt.Shape(
                "part:N",
                title=title["part"],
                scale=alt.Scale(domain=[title["train"], title["test"]], range=["circle", "square"]),
                legend=alt.Legend(orient="top"),
            ),
            size=alt.condition(picked, alt.value(220), alt.value(18)),
            tooltip=[
                alt.Tooltip("row:Q", title=title["row"]),
                alt.Tooltip("class:N", title=title["class"]),
                alt.Tooltip("predicted:N", title=title["predicted"]),
            ],
        )
        .add_params(picked)
    )
    return as_spec(points.properties(width="container", height=height))


@lru_cache(maxsize=16)
def confusion_spec(x_title: str, y_title: str, order: tuple[str, ...], height: int) -> Spec:
    """Counts of true class against predicted class, the number written in each cell."""
    base = alt.Chart(empty("true", "predicted", "count", "share")).encode(
        x=alt.X("predicted:N", title=x_title, sort=list(order), axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("true:N", title=y_title, sort=list(order)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("share:Q", scale=alt.Scale(domain=[0, 1], range=["#f2f6fa", TRAIN_COLOUR]), legend=None)
    )
    text = base.mark_text(fontSize=13).encode(
        text="count:Q", color=alt.condition("datum.share > 0.5", alt.value("white"), alt.value("#26272f"))
    )
    return as_spec(alt.layer(cells, text).properties(width="container", height=height))


def confusion_frame(true: NDArray[np.int64], predicted: NDArray[np.int64], names: Sequence[str]) -> pd.DataFrame:
    """Rows true, predicted, count and its share of the true class, for every pair of classes."""
    n = len(names)
    counts = np.zeros((n, n), dtype=np.int64)
    np.add.at(counts, (true, predicted), 1)
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return pd.DataFrame(
        {
            "true": np.repeat(np.array(names, dtype=object), n),
            "predicted": np.tile(np.array(names, dtype=object), n),
            "count": counts.ravel(),
            "share": (counts / totals).ravel(),
        }
    )
