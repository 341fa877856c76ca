"""Charts of the spiral page: cached Vega-Lite specifications, made with Altair, and data frames for them.

A chart is redrawn in place only while its specification stays the same, so everything that changes from frame to frame
is in the data. Words (axis titles, legend) are arguments, in the reader's language.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt

from dlcore.drawing import vega
from dlcore.drawing.markers import SHAPES
from dlcore.drawing.palette import COLOURS, GREY
from dlcore.drawing.vega import Spec, as_spec, empty


@lru_cache(maxsize=32)
def scatter_spec(half: float, names: tuple[str, ...], titles: tuple[tuple[str, str], ...], *, height: int) -> Spec:
    """Return the chart of samples by class; a click on one selects its number as ``row``.

    ``names`` are the class names; ``titles`` has the words for x, y, class, subset, train, test, row, predicted and
    validation, which is "" or missing if there are no such samples.
    """
    title = dict(titles)
    subsets = [title[id] for id in ("train", "test", "validation") if title.get(id)]
    outlines: list[Any] = ["transparent", vega.INK, GREY]  # as in the picture of the regions
    picked = alt.selection_point(name="row", fields=["row"], on="click", empty=False)
    scale = vega.scale(-half, half)
    points = (
        alt.Chart(empty("x", "y", "class", "subset", "row"))
        .mark_point(filled=True, opacity=0.9)
        .encode(
            x=alt.X("x:Q", title=title["x"], scale=scale, axis=vega.axis(grid=False)),
            y=alt.Y("y:Q", title=title["y"], scale=scale, axis=vega.axis(grid=False)),
            color=vega.colour(names, COLOURS[: len(names)], "class", title=title["class"]),
            shape=alt.Shape(
                "class:N",
                scale=alt.Scale(domain=list(names), range=list(SHAPES[: len(names)])),
                legend=vega.legend(title=title["class"]),
            ),
            stroke=alt.Stroke(
                "subset:N",
                scale=alt.Scale(domain=subsets, range=outlines[: len(subsets)]),
                legend=vega.legend(title=title["subset"], symbolFillColor=GREY, symbolStrokeWidth=1.5),
            ),
            size=alt.condition(picked, alt.value(220), alt.value(30)),
        )
        .add_params(picked)
    )
    shown = {name: title[name] for name in ("row", "class", "predicted")}
    return as_spec(vega.tooltip(points, shown), height)
