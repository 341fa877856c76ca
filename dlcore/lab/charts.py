"""Charts of a grid: the heat map of a quantity over the places, and curves of a row or a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from dlcore.drawing import formats, vega
from dlcore.drawing.curves import LOG_FLOOR, MAX_ROWS
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lab.parts import CellState

DIGITS: Final = 3  # of the numbers in the heat map


# --- heat map ---------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=16)
def heat_spec(x_title: str, y_title: str, xs: tuple[str, ...], ys: tuple[str, ...], height: int) -> Spec:
    """Return the heat map, the median written in each cell; ``xs`` and ``ys`` are the words of the values in order."""
    base = alt.Chart(empty("x", "y", "text", "share")).encode(
        x=alt.X("x:N", title=x_title, sort=list(xs), scale=alt.Scale(domain=list(xs)), axis=alt.Axis(labelAngle=0)),
        y=alt.Y("y:N", title=y_title or None, sort=list(ys), scale=alt.Scale(domain=list(ys))),
    )
    cells = base.mark_rect().encode(color=alt.Color("share:Q", scale=vega.shades(low=0), legend=None))
    text = base.mark_text().encode(
        text="text:N", color=alt.condition("datum.share > white_from", alt.value("white"), alt.value("black"))
    )
    return as_spec(alt.layer(cells, text), height)


def heat_frame(places: pd.DataFrame, xs: Sequence[str], ys: Sequence[str]) -> pd.DataFrame:
    """Return columns x, y (words), text and share: 0 for the smallest median of the grid and 1 for the largest.

    Parameters
    ----------
    places : as :func:`dlcore.lab.summary.places_frame` returns it; places without a median are left out.
    """
    kept = places[places["median"].notna()]
    low, high = kept["median"].min(), kept["median"].max()
    span = high - low
    return pd.DataFrame(
        {
            "x": [xs[i] for i in kept["column"]],
            "y": [ys[i] for i in kept["row"]],
            "text": [formats.text(value, DIGITS) for value in kept["median"]],
            "share": (kept["median"] - low) / span if span > 0 else np.zeros(len(kept)),
        }
    )


# --- curves -----------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=16)
def curves_spec(epochs: int, names: tuple[str, ...], title: str, x_title: str, y_title: str, height: int) -> Spec:
    """Return the chart of a loss over the epochs: a curve for each of ``names``, from dark to light in their order."""
    chart = (
        alt.Chart(empty("epoch", "value", "name"))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("epoch:Q", title=x_title, scale=vega.scale(0, epochs), axis=vega.axis(counts=True, grid=False)),
            y=alt.Y("value:Q", title=y_title, scale=vega.scale(log=True), axis=vega.axis(tickCount=4)),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=list(names), scheme="viridis"),
                legend=vega.legend(title=title, symbolType="stroke", symbolStrokeWidth=2, columns=6),
            ),
        )
    )
    return as_spec(vega.tooltip(chart, {"epoch": x_title, "name": title}, numbers={"value": y_title}), height)


def curves_frame(lines: Iterable[tuple[str, Sequence[CellState]]], quantity: str) -> pd.DataFrame:
    """Return columns epoch, value and name: of each line its name and the median over its states, at each epoch."""
    lines = list(lines)
    rows = [
        (record.epoch, getattr(record, quantity), name)
        for name, states in lines
        for state in states
        for record in state.history[:: -(-len(state.history) // MAX_ROWS) or 1]
    ]
    frame = pd.DataFrame(rows, columns=["epoch", "value", "name"]).dropna()
    median = frame.groupby(["name", "epoch"], sort=False)["value"].median().reset_index()
    median["value"] = median["value"].clip(lower=LOG_FLOOR)
    return median
