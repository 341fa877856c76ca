"""The chart of a vector's entries on a number line."""

from __future__ import annotations

from functools import lru_cache

import altair as alt
import pandas as pd
from torch import Tensor

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE
from dlcore.drawing.vega import Spec, as_spec, empty


@lru_cache(maxsize=8)
def line_spec(x_title: str, index_title: str, *, height: int) -> Spec:
    """Return the specification that draws a frame of :func:`line_frame` as points on a number line."""
    chart = (
        vega.tooltip(alt.Chart(empty("index", "value")), {"index": index_title}, numbers={"value": x_title})
        .mark_point(filled=True, size=70, color=BLUE, opacity=0.85)
        .encode(
            x=alt.X("value:Q", title=x_title, scale=alt.Scale(zero=False, nice=True), axis=vega.axis(grid=True)),
        )
    )
    return as_spec(chart, height)


def line_frame(vector: Tensor) -> pd.DataFrame:
    """Return the entries of a vector (n,) as columns index and value."""
    return pd.DataFrame({"index": range(len(vector)), "value": vector.to("cpu").double().numpy()})
