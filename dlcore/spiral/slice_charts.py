"""The chart of a slice: the loss as colour, lines of equal loss, and the path of the run over them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from dlcore.drawing import formats, vega
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.spiral.slice import Surface, contour_lines

_NUMBER: Final = formats.expression("datum.value", 3)
_OVERLAP: Final = 0.56  # half the side of a cell, in steps; above 0.5, so that nothing shows between two cells


@lru_cache(maxsize=16)
def slice_spec(x_title: str, y_title: str, loss_title: str, epoch_title: str, height: int) -> Spec:
    """Return the chart of a slice on axes that fit its data; the loss has a logarithmic scale of colours."""
    base = alt.Chart(empty("kind", "x", "y", "x2", "y2", "loss", "epoch"))

    def axis(channel: type[Any], name: str, title: str) -> Any:
        return channel(f"{name}:Q", title=title, scale=alt.Scale(zero=False, nice=False), axis=vega.axis(grid=False))

    x, y = axis(alt.X, "x", x_title), axis(alt.Y, "y", y_title)
    colour = alt.Color(
        "loss:Q",
        scale=vega.scale(log=True, scheme="viridis", reverse=True),
        legend=vega.legend(
            title=loss_title,
            titleOrient="left",
            gradientLength=180,
            tickCount=3,
            labelExpr=_NUMBER,
            labelOverlap="greedy",
        ),
    )
    cells = vega.tooltip(base.transform_filter("datum.kind === 'cell'"), numbers={"loss": loss_title})
    path = base.transform_filter("datum.kind === 'path'").encode(x=x, y=y, order="epoch:Q")
    end = path.transform_joinaggregate(last="max(epoch)").transform_filter("datum.epoch === datum.last")
    chart = alt.layer(
        cells.mark_rect().encode(x=x, y=y, x2="x2:Q", y2="y2:Q", color=colour),
        base.transform_filter("datum.kind === 'line'")
        .mark_rule(color="white", opacity=0.55, strokeWidth=1)
        .encode(x=x, y=y, x2="x2:Q", y2="y2:Q"),
        path.mark_line(color="black", strokeWidth=4),
        path.mark_line(color="white", strokeWidth=2),
        vega.tooltip(path, counts={"epoch": epoch_title}).mark_point(filled=True, color="white", size=14, opacity=1),
        end.mark_point(filled=True, color="#d55e00", stroke="white", size=110, opacity=1),
    )
    return as_spec(chart, height)


def slice_frame(surface: Surface) -> pd.DataFrame:
    """Return columns kind, x, y, x2, y2, loss and epoch: a row for each cell, line and point of the path."""
    dx, dy = surface.x[1] - surface.x[0], surface.y[1] - surface.y[0]
    x, y = (values.ravel() for values in np.meshgrid(surface.x, surface.y))
    dx, dy = _OVERLAP * dx, _OVERLAP * dy
    cells = {"x": x - dx, "y": y - dy, "x2": x + dx, "y2": y + dy, "loss": surface.loss.ravel()}
    _, *ends = contour_lines(surface).T
    lines = dict(zip(("x", "y", "x2", "y2"), ends, strict=True))
    path = {"x": surface.path[:, 0], "y": surface.path[:, 1], "epoch": surface.epochs}
    kinds = {"cell": cells, "line": lines, "path": path}
    frames = [pd.DataFrame(columns, dtype=np.float32).assign(kind=kind) for kind, columns in kinds.items()]
    return pd.concat(frames, ignore_index=True)
