"""The entries of a vector on a number line."""

from __future__ import annotations

from functools import lru_cache

import altair as alt
import pandas as pd
from torch import Tensor

from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from dlcore.drawing.vega import Spec, as_spec, empty


@lru_cache(maxsize=8)
def line_spec(x_title: str, index_title: str, *, height: int) -> Spec:
    """The entries of a vector as points on a number line."""
    chart = (
        alt.Chart(empty("index", "value"))
        .mark_point(filled=True, size=70, color=hex_colour(CLASS_COLOURS[0]), opacity=0.85)
        .encode(
            x=alt.X("value:Q", title=x_title, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(grid=True)),
            tooltip=[
                alt.Tooltip("index:Q", title=index_title),
                alt.Tooltip("value:Q", title=x_title, format=".6~g"),
            ],
        )
        .properties(width="container", height=height)
    )
    return as_spec(chart)


def line_frame(vector: Tensor) -> pd.DataFrame:
    """Columns index and value of the entries of a vector (n,)."""
    return pd.DataFrame({"index": range(len(vector)), "value": vector.to("cpu").double().numpy()})
