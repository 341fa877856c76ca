"""Charts of the activations page: functions with their derivatives, and a bar for each layer of a deep network."""

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
from dlcore.lessons.activations.flow.model import SignalFlow
from dlcore.lessons.activations.functions.model import FUNCTIONS

SPAN: Final = 5.0  # the x axis goes from -SPAN to SPAN
POINTS: Final = 100  # points of a curve on each side of 0
_NEAR_ZERO: Final = 1e-9  # the x on both sides of 0, where a derivative may jump
# Ends of the bars' axis. A bar past an end is drawn up to it; the tooltip has its value.
MIN_SHOWN, MAX_SHOWN = 1e-16, 1e8
_DASHES: Final = ([1, 0], [6, 3])


def curves_frame(parameters: Mapping[str, float], marked_x: float) -> pd.DataFrame:
    """Return columns name, x, value, derivative and marked of each function in ``parameters``, an id to parameter map.

    The marked rows are those at ``marked_x``. A derivative that jumps at 0 is NaN there, so that its line breaks.
    """
    half = torch.linspace(0, SPAN, POINTS, dtype=torch.float64)
    half[0] = _NEAR_ZERO
    x = torch.cat([-half.flip(0), torch.tensor([0.0], dtype=torch.float64), half, torch.tensor([marked_x]).double()])
    frames = []
    for name, a in parameters.items():
        derivative = FUNCTIONS[name].derivative(x, a)
        if abs(derivative[POINTS + 1] - derivative[POINTS - 1]) > 1e-6:
            derivative[POINTS] = torch.nan
        frames.append(
            pd.DataFrame(
                {
                    "name": name,
                    "x": x.tolist(),
                    "value": FUNCTIONS[name].value(x, a).tolist(),
                    "derivative": derivative.tolist(),
                    "marked": [False] * (len(x) - 1) + [True],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


@lru_cache(maxsize=64)
def curves_spec(
    quantity: str,
    names: tuple[tuple[str, str], ...],
    y_min: float,
    y_max: float,
    x_title: str,
    y_title: str,
    height: int,
) -> Spec:
    """Draw ``quantity`` ("value" or "derivative") of each function, with a ring where the frame marks it.

    ``names`` are pairs of a function's id and its word on the page.
    """
    ids = [id for id, _ in names]
    all_ids = list(FUNCTIONS)  # so that a function keeps its colour whatever else is shown
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
        scale=vega.scale(y_min, y_max),
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
        # Thick rings, not filled: the legend shows the stroke, which all layers have in common.
        marked.mark_point(size=16, strokeWidth=4, opacity=1, clip=True).encode(x=x, y=y, color=colour),
    )
    return as_spec(chart, height)


def flow_frame(flow: SignalFlow) -> pd.DataFrame:
    """Return columns layer (from 1), signal, gradient and dead.

    The columns signal_shown and gradient_shown are clipped to the axis; a 0, which a logarithmic axis lacks, is NaN.
    """
    rows = [(i + 1, layer.signal, layer.gradient, layer.dead) for i, layer in enumerate(flow.layers)]
    frame = pd.DataFrame(rows, columns=["layer", "signal", "gradient", "dead"])
    for name in ("signal", "gradient"):
        frame[f"{name}_shown"] = frame[name].clip(MIN_SHOWN, MAX_SHOWN).where(frame[name] != 0)
    return frame


@lru_cache(maxsize=32)
def flow_spec(quantity: str, depth: int, x_title: str, y_title: str, dead_title: str, height: int) -> Spec:
    """Draw a bar for the size of ``quantity`` ("signal" or "gradient") at each layer on a logarithmic axis."""
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
                scale=vega.scale(MIN_SHOWN, MAX_SHOWN, log=True),
                axis=vega.axis(values=[1e-16, 1e-12, 1e-8, 1e-4, 1, 1e4, 1e8]),
            ),
            y2=alt.datum(1.0),
        )
    )
    return as_spec(chart, height)
