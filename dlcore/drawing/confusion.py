"""The confusion matrix: counts of samples by true and predicted class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlcore.drawing import vega
from dlcore.drawing.vega import Spec, as_spec, empty


@lru_cache(maxsize=16)
def confusion_spec(x_title: str, y_title: str, order: tuple[str, ...], height: int) -> Spec:
    """Return the chart of true against predicted class, the count written in each cell."""
    base = alt.Chart(empty("true", "predicted", "count", "share")).encode(
        x=alt.X("predicted:N", title=x_title, sort=list(order), axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("true:N", title=y_title, sort=list(order)),
    )
    cells = base.mark_rect().encode(color=alt.Color("share:Q", scale=vega.shades(low=0), legend=None))
    text = base.mark_text().encode(
        text=alt.Text("count:Q", format=","),
        color=alt.condition("datum.share > white_from", alt.value("white"), alt.value("black")),
    )
    return as_spec(alt.layer(cells, text), height)


def confusion_frame(true: NDArray[np.int64], predicted: NDArray[np.int64], names: Sequence[str]) -> pd.DataFrame:
    """Return columns true, predicted, count and share (of the true class), a row for every pair of classes.

    ``true`` and ``predicted`` are class indices of shape (samples,).
    """
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
