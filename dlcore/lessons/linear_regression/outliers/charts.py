"""Charts of the lines fitted by each loss, and of how far their parameters move with a point."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, GREEN, GREY, ORANGE, RED
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.linear_regression.outliers.model import LOSSES, REACH, N, X, lines, moved, points, sweep

X_AXIS: Final = (-2.2, 2.2)
Y_AXIS: Final = (-14.0, 16.0)  # every point fits, however far one is moved
HEIGHTS: Final = 61  # of the places to which a point can be dragged, over the height of the picture
_DRAG: Final = "pointermove[event.buttons], click"
_COLOURS: Final = (RED, BLUE, GREEN)
_DASHES: Final = ([1, 0], [6, 3], [2, 2])


def lines_frame(point: int, shift: float) -> pd.DataFrame:
    """Return columns kind ("sample", "moved", "from" or a loss), x and y; "from" is where the moved point was."""
    x, before, after = points()[0].tolist(), points()[1].tolist(), moved(point, shift).tolist()
    rows = [("moved" if i == point - 1 else "sample", *at) for i, at in enumerate(zip(x, after, strict=True))]
    rows += [("from", x[point - 1], y[point - 1]) for y in (before, after)]
    rows += [(loss, end, w * end + b) for loss, (w, b) in lines(point, shift).items() for end in X_AXIS]
    return pd.DataFrame(rows, columns=["kind", "x", "y"])


def _by_loss(names: tuple[str, ...], field: str) -> dict[str, alt.Color | alt.StrokeDash]:
    """Return colour and dash of the losses, with one legend; ``names`` are their names in the order of LOSSES."""
    words = dict(zip(LOSSES, names, strict=True))
    label = " : ".join(f"datum.value === '{id}' ? {vega.literal(name)}" for id, name in words.items()) + " : ''"
    legend = vega.legend(labelExpr=label, symbolType="stroke", symbolSize=300)
    domain = list(LOSSES)
    return {
        "color": alt.Color(f"{field}:N", scale=alt.Scale(domain=domain, range=list(_COLOURS)), legend=legend),
        "strokeDash": alt.StrokeDash(f"{field}:N", scale=alt.Scale(domain=domain, range=list(_DASHES)), legend=legend),
    }


@lru_cache(maxsize=8)
def lines_spec(names: tuple[str, ...], height: int) -> Spec:
    """Draw a :func:`lines_frame`: the points, the moved one in orange, and a line for each loss.

    While the pointer is pressed, the selection ``drag`` has the number of the nearest point and the height y.
    """
    base = alt.Chart(empty("kind", "x", "y")).encode(
        x=alt.X("x:Q", title="x", scale=vega.scale(*X_AXIS), axis=vega.axis(grid=False)),
        y=alt.Y("y:Q", title="y", scale=vega.scale(*Y_AXIS), axis=vega.axis()),
    )

    def only(*kinds: str) -> alt.Chart:
        return base.transform_filter(alt.FieldOneOfPredicate("kind", list(kinds)))

    drag = alt.selection_point(name="drag", fields=["point", "y"], on=_DRAG, nearest=True, empty=False, toggle=False)
    places = (  # all heights at all points, unseen: the pointer is at the nearest
        alt.Chart(empty("i"))
        .transform_calculate(
            point=f"datum.i % {N} + 1",
            x=f"{X[0]} + (datum.i % {N}) * {(X[1] - X[0]) / (N - 1)}",
            y=f"{Y_AXIS[0]} + floor(datum.i / {N}) * {(Y_AXIS[1] - Y_AXIS[0]) / (HEIGHTS - 1)}",
        )
        .mark_point(opacity=0, tooltip=None, cursor="ns-resize")
        .encode(x="x:Q", y="y:Q")
        .add_params(drag)
    )
    chart = alt.layer(
        only("from").mark_line(color=GREY, strokeDash=[3, 3]),
        only("sample").mark_point(filled=True, size=40, color=GREY, opacity=1),
        only(*LOSSES).mark_line(strokeWidth=2.5, clip=True).encode(**_by_loss(names, "kind")),
        only("moved").mark_point(filled=True, size=150, color=ORANGE, opacity=1),
        places,
    )
    spec = as_spec(chart, height)
    spec["layer"][-1]["data"] = {"sequence": {"start": 0, "stop": N * HEIGHTS, "as": "i"}}
    return spec


def sweep_frame(point: int, shift: float) -> pd.DataFrame:
    """Return columns loss, shift, distance and now: how far (w, b) moves for each shift; now is the chosen shift."""
    shifts, found = sweep(point)
    rows = [(loss, at, value) for loss, values in found.items() for at, value in zip(shifts, values, strict=True)]
    return pd.DataFrame(rows, columns=["loss", "shift", "distance"]).assign(now=shift)


@lru_cache(maxsize=8)
def sweep_spec(names: tuple[str, ...], x_title: str, y_title: str, height: int) -> Spec:
    """Draw a :func:`sweep_frame`, and a rule at the chosen shift."""
    base = alt.Chart(empty("loss", "shift", "distance", "now"))
    x = vega.scale(-REACH, REACH)
    chart = alt.layer(
        base.transform_aggregate(at="min(now)")
        .mark_rule(color=GREY, strokeDash=[4, 4])
        .encode(x=alt.X("at:Q", scale=x)),
        base.mark_line(strokeWidth=2.5).encode(
            x=alt.X("shift:Q", title=x_title, scale=x, axis=vega.axis(grid=False)),
            y=alt.Y("distance:Q", title=y_title, scale=vega.scale(0, 1), axis=vega.axis()),
            **_by_loss(names, "loss"),
        ),
    )
    return as_spec(chart, height)
