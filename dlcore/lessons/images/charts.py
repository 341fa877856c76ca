"""Chart of the images page: a bar for the probability of each class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import pandas as pd

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, GREY
from dlcore.drawing.vega import Spec, as_spec, empty


@lru_cache(maxsize=16)
def probability_spec(x_title: str, y_title: str, names: tuple[str, ...], height: int) -> Spec:
    """Draw a bar for each class in the order of ``names``, the most probable one in colour."""
    base = alt.Chart(empty("class", "probability", "best")).encode(
        x=alt.X("probability:Q", title=x_title, scale=vega.scale(0, 1), axis=vega.axis(values=vega.SHARES)),
        y=alt.Y("class:N", title=y_title, sort=list(names), axis=alt.Axis(labelLimit=160)),
    )
    base = vega.tooltip(base, {"class": y_title}, numbers={"probability": x_title})
    bars = base.mark_bar(height={"band": 0.75}).encode(
        color=alt.condition("datum.best", alt.value(BLUE), alt.value(GREY))
    )
    return as_spec(bars, height)


def probability_frame(probabilities: Sequence[float], names: Sequence[str]) -> pd.DataFrame:
    """Return columns class, probability and best, which is true where the probability is the largest."""
    best = max(probabilities)
    return pd.DataFrame(
        {"class": names, "probability": probabilities, "best": [p == best for p in probabilities]},
    )
