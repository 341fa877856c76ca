"""The pictures of the page on activations: curves with their derivatives, and a bar for each layer of a deep net."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd
import torch

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, COLOURS, GREY, ORANGE
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.activations.flow.model import Flow
from dlcore.lessons.activations.functions.model import CURVES

SPAN: Final = 5.0  # of the x axis, to both sides
POINTS: Final = 100  # of a curve on each side of 0
_NEXT: Final = 1e-9  # to 0, where a derivative may jump
# Of the bars' axis: past both ends a bar is drawn to the end, its number is in the tooltip.
LOW, HIGH = 1e-16, 1e8
_DASHES: Final = ([1, 0], [6, 3])


def curves_frame(parameters: Mapping[str, float], at: float) -> pd.DataFrame:
    """Columns name, x, value, derivative, marked of each function that ``parameters`` names, with its parameter.

    The rows that are marked are those at ``at``. Where a derivative jumps, at 0, it is NaN: the line breaks there.
    """
    half = torch.linspace(0, SPAN, POINTS, dtype=torch.float64)
    half[0] = _NEXT
    x = torch.cat([-half.flip(0), torch.tensor([0.0], dtype=torch.float64), half, torch.tensor([at]).double()])
    parts = []
    for name, a in parameters.items():
        derivative = CURVES[name].derivative(x, a)
        if abs(derivative[POINTS + 1] - derivative[POINTS - 1]) > 1e-6:
            derivative[POINTS] = torch.nan
        parts.append(
            pd.DataFrame(
                {
                    "name": name,
                    "x": x.tolist(),
                    "value": CURVES[name].value(x, a).tolist(),
                    "derivative": derivative.tolist(),
                    "marked": [False] * (len(x) - 1) + [True],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@lru_cache(maxsize=64)
def curves_spec(
    quantity: str, names: tuple[tuple[str, str], ...], low: float, high: float, x_title: str, y_title: str, height: int
) -> Spec:
    """``quantity`` ("value" or "derivative") of each function, with a point on each where the frame marks it.

    ``names`` are pairs of id and word.
    """
    ids = [id for id, _ in names]
    all_ids = list(CURVES)  # so that a function keeps its colour whatever else is shown
    colours = [COLOURS[all_ids.index(id) % len(COLOURS)] for id in ids]
    dashes = [_DASHES[all_ids.index(id) // len(COLOURS)] for id in ids]
    legend = vega.legend(
        labelExpr=vega.named("datum.label", dict(names)),
        columns=4,
        symbolType="stroke",
        symbolSize=150,
        symbolStrokeWidth=2,
    )
    x = alt.X("x:Q", title=x_title, scale=vega.scale(-SPAN, SPAN), axis=vega.axis())
    y = alt.Y(
        f"{quantity}:Q",
        title=y_title,
        scale=vega.scale(low, high),
        axis=vega.axis(tickCount=6),
    )
    colour = alt.Color("name:N", scale=alt.Scale(domain=ids, range=colours), legend=legend)
    dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=ids, range=dashes), legend=legend)
    base = alt.Chart(empty("name", "x", "value", "derivative", "marked"))
    marked = base.transform_filter("datum.marked")
    chart = alt.layer(
        marked.transform_aggregate(x="min(x)").mark_rule(strokeDash=[4, 4], color=GREY).encode(x=x),
        base.transform_filter("!datum.marked")
        .mark_line(strokeWidth=2, clip=True)
        .encode(x=x, y=y, color=colour, strokeDash=dash),
        # Thick rings, not filled: the legend shows what all layers have in common, the stroke.
        marked.mark_point(size=16, strokeWidth=4, opacity=1, clip=True).encode(x=x, y=y, color=colour),
    )
    return as_spec(chart, height)


def flow_frame(flow: Flow) -> pd.DataFrame:
    """Columns layer (from 1), signal, gradient, dead, and both sizes as they can be drawn: what is 0
    has no bar on a logarithmic axis.
    """
    rows = [(i + 1, layer.signal, layer.gradient, layer.dead) for i, layer in enumerate(flow.layers)]
    frame = pd.DataFrame(rows, columns=["layer", "signal", "gradient", "dead"])
    for name in ("signal", "gradient"):
        frame[f"{name}_shown"] = frame[name].clip(LOW, HIGH).where(frame[name] != 0)
    return frame


@lru_cache(maxsize=32)
def flow_spec(quantity: str, depth: int, x_title: str, y_title: str, dead_title: str, height: int) -> Spec:
    """A bar for the size of ``quantity`` ("signal" or "gradient") at each layer, from 1, on a logarithmic axis."""
    every = max(1, depth // 10)
    base = alt.Chart(empty("layer", quantity, f"{quantity}_shown", "dead"))
    chart = (
        vega.tooltip(base, {"layer": x_title, "dead": dead_title}, numbers={quantity: y_title})
        .mark_bar(color=BLUE if quantity == "signal" else ORANGE, clip=True)
        .encode(
            x=alt.X(
                "layer:O",
                title=x_title,
                axis=alt.Axis(labelAngle=0, values=[i for i in range(1, depth + 1) if i == 1 or i % every == 0]),
            ),
            y=alt.Y(
                f"{quantity}_shown:Q",
                title=y_title,
                scale=vega.scale(LOW, HIGH, log=True),
                axis=vega.axis(values=[1e-16, 1e-12, 1e-8, 1e-4, 1, 1e4, 1e8]),
            ),
            y2=alt.datum(1.0),
        )
    )
    return as_spec(chart, height)
