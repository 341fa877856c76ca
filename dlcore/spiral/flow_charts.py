"""Charts of the flow through the layers over the epochs: a small chart for each quantity, a line for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import numpy as np
import pandas as pd

from dlcore.drawing import vega
from dlcore.drawing.palette import GREY, ramp
from dlcore.drawing.vega import TEXT_SIZE, Spec, as_spec, empty
from dlcore.spiral.flow import Flow

_EXTENT: Final = 50  # pixels for the numbers of the y axis, the same in all charts, so that their epochs align
QUANTITIES: Final = ("gradient", "update", "spread")


@lru_cache(maxsize=64)
def flow_spec(
    layers: int,
    epochs: int,
    x_title: str,
    y_title: str,
    layer_title: str,
    height: int,
    *,
    x_axis: bool,
    mark: bool = False,
) -> Spec:
    """Return the chart of a quantity of each layer on a logarithmic axis.

    Without ``x_axis`` it stands above a chart that has one; with ``mark`` a line stands at the marked epoch.
    Each line has its layer's number on it, one further to the right than the other, so that no two numbers meet.
    """
    x = alt.X("epoch:Q", scale=vega.scale(0, epochs), axis=None)
    if x_axis:
        x = x.axis(vega.axis(counts=True, grid=False)).title(x_title)
    number_axis = vega.axis(tickCount=3, grid=False, minExtent=_EXTENT, maxExtent=_EXTENT)
    # Along the y axis a title longer than the axis would make the chart smaller.
    words = alt.TitleParams(
        y_title, anchor="start", frame="group", fontSize=TEXT_SIZE, fontWeight="normal", color=vega.INK, offset=4
    )
    names = [str(layer) for layer in range(1, layers + 1)]
    base = (
        alt.Chart(empty("epoch", *names))
        .transform_fold([*names], as_=["layer", "value"])
        .transform_filter("isValid(datum.value) && datum.value > 0")
        .encode(
            x=x,
            y=alt.Y("value:Q", title=None, scale=vega.scale(log=True), axis=number_axis),
            color=alt.Color("layer:N", scale=alt.Scale(domain=names, range=ramp(layers)), legend=None),
        )
    )
    numbered = (
        base.transform_window(row="row_number()", groupby=["layer"])
        .transform_joinaggregate(rows="count()", groupby=["layer"])
        .transform_filter(f"datum.row === max(1, round((datum.layer - 0.5) * datum.rows / {layers}))")
    )
    titles = {"epoch": x_title, "layer": layer_title}
    marked = alt.Chart(empty("mark")).transform_aggregate(epoch="min(mark)")
    chart = alt.layer(
        *([marked.mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5).encode(x=x)] if mark else []),
        base.mark_line(strokeWidth=1.8),
        vega.tooltip(base, titles, numbers={"value": y_title}).mark_point(size=40, opacity=0),
        numbered.mark_point(filled=True, size=190, opacity=1),
        numbered.mark_text(fontSize=12).encode(text="layer:N", color=alt.value("black")),
    )
    return as_spec(chart.properties(title=words), height)


def flow_frame(flows: Sequence[Flow], quantity: str, mark: int | None = None) -> pd.DataFrame:
    """Return the column epoch and, named from "1", a column for each layer; what was not kept is NaN.

    If an epoch is given as ``mark``, a further column ``mark`` has it in every row.
    """
    layers = len(flows[0].gradient)
    values = np.array([getattr(flow, quantity) or [np.nan] * layers for flow in flows], dtype=np.float32)
    values[~np.isfinite(values)] = np.nan
    columns = {str(layer + 1): values[:, layer] for layer in range(layers)}
    marks = {} if mark is None else {"mark": np.full(len(flows), mark, dtype=np.int32)}
    return pd.DataFrame({"epoch": np.array([flow.epoch for flow in flows], dtype=np.int32), **columns, **marks})
