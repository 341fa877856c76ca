"""The chart of the ratio of each loop to the call over n, on two logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

import altair as alt
import pandas as pd

from dlcore.drawing import formats, vega
from dlcore.drawing.palette import BLUE, GREY, RED
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.vectorisation.model import WAYS, TimingResult

LOOPS: Final = WAYS[:2]
_SIDES: Final[tuple[tuple[str, Literal["left", "right"]], ...]] = (("<", "left"), (">=", "right"))


def ratio_frame(results: Sequence[TimingResult], names: tuple[str, str]) -> pd.DataFrame:
    """Return a row for each race and loop: n, ratio, way (its name), newest (of the last race), label ("×12")."""
    rows = [
        (result.n, result.ratio(way), name, result is results[-1], f"×{formats.ratio(result.ratio(way))}")
        for result in results
        for way, name in zip(LOOPS, names, strict=True)
    ]
    return pd.DataFrame(rows, columns=["n", "ratio", "way", "newest", "label"])


@lru_cache(maxsize=8)
def ratio_spec(low: int, high: int, x_title: str, y_title: str, names: tuple[str, str], *, height: int) -> Spec:
    """Return the specification of a frame of :func:`ratio_frame`: a dot a race, labels at the newest, a line at 1.

    Parameters
    ----------
    low, high : ends of the axis of n.
    names : of the loops, in the order of LOOPS.
    """
    x = alt.X(
        "n:Q",
        title=x_title,
        scale=vega.scale(low / 1.3, high * 1.3, log=True),
        axis=vega.axis(grid=False, counts=True, values=[10**power for power in range(1, 7) if 10**power <= high]),
    )
    base = alt.Chart(empty("n", "ratio", "way", "newest", "label")).encode(
        x=x,
        y=alt.Y(
            "ratio:Q",
            title=y_title,
            scale=vega.scale(0.1, 1_000_000, log=True),
            axis=vega.axis(values=[0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000]),
        ),
        color=vega.colour(names, [BLUE, RED], "way", direction="vertical"),
    )
    chart = alt.layer(
        alt.Chart().mark_rule(color=GREY, strokeDash=[6, 4]).encode(y=alt.datum(1)),
        base.mark_line(strokeWidth=1.5, opacity=0.5).encode(y=alt.Y("median(ratio):Q")),
        vega.tooltip(base, {"way": " "}, counts={"n": x_title}, numbers={"ratio": y_title})
        .mark_point(filled=True, opacity=0.9)
        .encode(size=alt.condition("datum.newest", alt.value(130), alt.value(35))),
        *(
            base.transform_filter(f"datum.newest && datum.n {side} {math.sqrt(low * high)}")
            .mark_text(align=align, dy=-14, fontWeight="bold")  # towards the middle, or it is cut off
            .encode(text="label:N", color=alt.value(vega.INK))
            for side, align in _SIDES
        ),
    )
    return as_spec(chart, height)
