"""Charts of the softmax page: a bar for each class, and the probabilities over the temperature."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing import vega
from dlcore.drawing.formats import fixed
from dlcore.drawing.palette import COLOURS, GREY
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.softmax.model import softmax

TEMPERATURES: Final = (0.1, 10.0)
_POINTS: Final = 81


def _colour(classes: int) -> alt.Color:
    """Return a colour for each class, without a legend: the names stand under the bars."""
    names = [str(i) for i in range(classes)]
    colours = COLOURS[:classes]
    return alt.Color("class:N", scale=alt.Scale(domain=names, range=colours), legend=None)


def bars_frame(values: Tensor) -> pd.DataFrame:
    """Return columns class, value and text, a row for each of the values (classes,)."""
    numbers = values.tolist()
    classes = [str(i) for i in range(len(numbers))]
    return pd.DataFrame({"class": classes, "value": numbers, "text": [fixed(number, 4) for number in numbers]})


@lru_cache(maxsize=32)
def bars_spec(classes: int, class_title: str, value_title: str, y_min: float, y_max: float, height: int) -> Spec:
    """Draw a bar for each class on a fixed axis, its number written beyond its end; ``height`` in pixels."""
    base = alt.Chart(empty("class", "value", "text")).encode(
        x=alt.X("class:N", title=class_title, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("value:Q", title=value_title, scale=vega.scale(y_min, y_max), axis=vega.axis()),
    )
    chart = alt.layer(
        base.mark_bar(clip=True).encode(color=_colour(classes)),
        *(
            base.transform_filter(f"datum.value {sign} 0").mark_text(dy=dy).encode(text="text:N")
            for sign, dy in ((">=", -8), ("<", 10))
        ),
    )
    return as_spec(chart, height)


def temperature_frame(logits: Tensor, temperature: float) -> pd.DataFrame:
    """Return columns T, class and p (probability) over all temperatures; column now repeats the current temperature.

    ``logits`` has shape (classes,).
    """
    start, end = map(math.log10, TEMPERATURES)
    T = torch.logspace(start, end, _POINTS, dtype=torch.float64)
    p = softmax(logits.to(torch.float64)[None] / T[:, None])  # (points, classes)
    n = len(logits)
    return pd.DataFrame(
        {
            "T": T.repeat_interleave(n).tolist(),
            "class": [str(i) for i in range(n)] * _POINTS,
            "p": p.reshape(-1).tolist(),
            "now": temperature,
        }
    )


@lru_cache(maxsize=16)
def temperature_spec(classes: int, x_title: str, y_title: str, height: int) -> Spec:
    """Draw the probability of each class over the temperature, and a rule at the current one."""
    base = alt.Chart(empty("T", "class", "p", "now"))
    x = alt.X(
        "T:Q",
        title=x_title,
        scale=vega.scale(*TEMPERATURES, log=True),
        axis=vega.axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10], grid=False),
    )
    chart = alt.layer(
        base.mark_line(strokeWidth=2).encode(
            x=x,
            y=alt.Y("p:Q", title=y_title, scale=vega.scale(0, 1), axis=vega.axis(values=vega.SHARES)),
            color=_colour(classes),
        ),
        base.transform_aggregate(at="min(now)")
        .mark_rule(strokeDash=[4, 4], color=GREY, strokeWidth=2)
        .encode(x=alt.X("at:Q", scale=vega.scale(*TEMPERATURES, log=True))),
    )
    return as_spec(chart, height)
