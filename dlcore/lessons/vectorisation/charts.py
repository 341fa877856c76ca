"""The ratio of the loops to the one call over n, on two logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

import altair as alt
import pandas as pd

from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.vectorisation.model import WAYS, Result

LOOPS: Final = WAYS[:2]
_COLOURS: Final = [hex_colour(CLASS_COLOURS[i]) for i in (0, 5)]
_SIDES: Final[tuple[tuple[str, Literal["left", "right"]], ...]] = (("<", "left"), (">=", "right"))
_GREY: Final = hex_colour(CLASS_COLOURS[7])


def duration(seconds: float) -> str:
    """A time in the unit that suits it, to three digits; a table cell must not break between the two.

    >>> [duration(seconds).split() for seconds in (4.14e-7, 2e-6, 0.0125, 3.5)]
    [['414', 'ns'], ['2', 'µs'], ['12.5', 'ms'], ['3.5', 's']]
    """
    for limit, factor, unit in ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if seconds < limit:
            return f"{seconds * factor:.3g}\N{NO-BREAK SPACE}{unit}"
    return f"{seconds:.3g}\N{NO-BREAK SPACE}s"


def factor(ratio: float) -> str:
    """A ratio to three digits, never with an exponent.

    >>> [factor(ratio) for ratio in (0.2871, 93.66, 18_954.2)]
    ['0.287', '93.7', '18,954']
    """
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def ratio_frame(results: Sequence[Result], names: tuple[str, str]) -> pd.DataFrame:
    """A row for each race and loop: n, ratio, way (its name), newest (of the last race), label ("×12")."""
    rows = [
        (result.n, result.ratio(way), name, result is results[-1], f"×{factor(result.ratio(way))}")
        for result in results
        for way, name in zip(LOOPS, names, strict=True)
    ]
    return pd.DataFrame(rows, columns=["n", "ratio", "way", "newest", "label"])


@lru_cache(maxsize=8)
def ratio_spec(low: int, high: int, x_title: str, y_title: str, names: tuple[str, str], *, height: int) -> Spec:
    """Draws a frame of :func:`ratio_frame`: a dot each race, a label at the newest, a line at 1: equally long.

    Parameters
    ----------
    low, high : ends of the axis of n.
    names : of the loops, in the order of LOOPS.
    """
    x = alt.X(
        "n:Q",
        title=x_title,
        scale=alt.Scale(type="log", domain=[low / 1.3, high * 1.3], nice=False),
        axis=alt.Axis(grid=False, format=",", values=[10**power for power in range(1, 7) if 10**power <= high]),
    )
    colour = alt.Color(
        "way:N",
        scale=alt.Scale(domain=list(names), range=_COLOURS),
        legend=alt.Legend(orient="top", direction="vertical", title=None),
    )
    base = alt.Chart(empty("n", "ratio", "way", "newest", "label")).encode(
        x=x,
        y=alt.Y(
            "ratio:Q",
            title=y_title,
            scale=alt.Scale(type="log", domainMin=0.1, domainMax=1_000_000, nice=False),
            axis=alt.Axis(values=[0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000], format=",.1~f"),
        ),
        color=colour,
    )
    chart = alt.layer(
        alt.Chart().mark_rule(color=_GREY, strokeDash=[6, 4]).encode(y=alt.datum(1)),
        base.mark_line(strokeWidth=1.5, opacity=0.5).encode(y=alt.Y("median(ratio):Q")),
        base.mark_point(filled=True, opacity=0.9).encode(
            size=alt.condition("datum.newest", alt.value(130), alt.value(35)),
            tooltip=[
                alt.Tooltip("way:N", title=" "),
                alt.Tooltip("n:Q", title=x_title, format=","),
                alt.Tooltip("ratio:Q", title=y_title, format=",.3g"),
            ],
        ),
        *(
            base.transform_filter(f"datum.newest && datum.n {side} {math.sqrt(low * high)}")
            .mark_text(align=align, dy=-14, fontSize=13, fontWeight="bold")  # towards the middle, or it is cut
            .encode(text="label:N")
            for side, align in _SIDES
        ),
    ).properties(width="container", height=height)
    return as_spec(chart)
