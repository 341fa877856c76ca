"""Charts of a cut graph: x, u and z with their edges, and the gradient over x with and without the cut."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import altair as alt
import pandas as pd
import torch

from dlcore.drawing import vega
from dlcore.drawing.grid import number
from dlcore.drawing.palette import BLUE, GREY, ORANGE, RED
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.autograd.detach.model import gradients
from dlcore.lessons.autograd.settings import CUT_BOUND

POINTS: Final = 121  # of a curve

_PLACES: Final = {"x": (0.0, 0.0), "u": (1.0, 1.0), "z": (2.0, 0.0)}
_NODES: Final = {"x": "x", "u": "u = x · x", "z": "z = u · x"}
_EDGES: Final = (("x", "u", "∂u/∂x = 2x"), ("u", "z", "∂z/∂u = x"), ("x", "z", "∂z/∂x = u"))

# A label beside its edge, on the side with no other edge; above the level one: which edges, align, dx.
_LABEL_SIDES: Final[tuple[tuple[str, Literal["left", "center", "right"], int], ...]] = (
    ("datum.y2 > datum.y", "right", -6),
    ("datum.y2 < datum.y", "left", 6),
    ("datum.y2 === datum.y", "center", 0),
)


def _is_cut(where: str, start: str, end: str) -> bool:
    return where == "no_grad" or (where == "u" and start == "u") or (where == "x" and (start, end) == ("x", "z"))


def graph_frame(where: str, value: float, cut_word: str) -> pd.DataFrame:
    """Return columns kind, x, y, x2, y2, state ("whole", "cut") and text: a row for each edge, then for each node.

    A cut edge, which carries no gradient, has the text ``cut_word``; the others their local derivative.
    """
    locals_ = {"x": 2 * value, "u": value}
    rows = []
    for start, end, text in _EDGES:
        (x, y), (x2, y2) = _PLACES[start], _PLACES[end]
        derivative = value * value if (start, end) == ("x", "z") else locals_[start]
        is_cut = _is_cut(where, start, end)
        label = f"✂ {cut_word}" if is_cut else f"{text} = {number(derivative)}"
        rows.append(("edge", x, y, x2, y2, "cut" if is_cut else "whole", label))
    for name, (x, y) in _PLACES.items():
        shown = {"x": value, "u": value * value, "z": value**3}[name]
        rows.append(("node", x, y, x, y, "", f"{_NODES[name]} = {number(shown)}"))
    return pd.DataFrame(rows, columns=["kind", "x", "y", "x2", "y2", "state", "text"])


@lru_cache(maxsize=8)
def graph_spec(height: int) -> Spec:
    """Draw a :func:`graph_frame`; a cut edge is dashed and red."""
    base = alt.Chart(empty("kind", "x", "y", "x2", "y2", "state", "text"))
    across = alt.X("x:Q", scale=vega.scale(-0.45, 2.45), axis=None)
    up = alt.Y("y:Q", scale=vega.scale(-0.4, 1.4), axis=None)
    states = ["whole", "cut"]
    edges = (
        base.transform_filter("datum.kind === 'edge'")
        .mark_rule(strokeWidth=3)
        .encode(
            x=across,
            y=up,
            x2="x2:Q",
            y2="y2:Q",
            color=alt.Color("state:N", scale=alt.Scale(domain=states, range=[BLUE, RED]), legend=None),
            strokeDash=alt.StrokeDash("state:N", scale=alt.Scale(domain=states, range=[[1, 0], [4, 6]]), legend=None),
        )
    )
    words = [
        base.transform_filter(f"datum.kind === 'edge' && {which}")
        .transform_calculate(mx="(datum.x + datum.x2) / 2", my="(datum.y + datum.y2) / 2 + 0.12")
        .mark_text(fontWeight="bold", align=align, dx=dx)
        .encode(
            x=alt.X("mx:Q", scale=vega.scale(-0.45, 2.45), axis=None),
            y=alt.Y("my:Q", scale=vega.scale(-0.4, 1.4), axis=None),
            text="text:N",
        )
        for which, align, dx in _LABEL_SIDES
    ]
    nodes = base.transform_filter("datum.kind === 'node'")
    dots = nodes.mark_circle(size=420, color=GREY, opacity=1).encode(x=across, y=up)
    names = nodes.transform_calculate(ty="datum.y + (datum.y > 0.5 ? 0.25 : -0.25)").mark_text()
    labels = names.encode(x=across, y=alt.Y("ty:Q", scale=vega.scale(-0.4, 1.4), axis=None), text="text:N")
    return as_spec(alt.layer(edges, *words, dots, labels), height)


def curve_frame(where: str, value: float) -> pd.DataFrame:
    """Return columns x, whole, cut (gradients, NaN if there is none), and mark (1 in the last row, at ``value``)."""
    x = torch.cat([torch.linspace(-CUT_BOUND, CUT_BOUND, POINTS), torch.tensor([value])])
    columns = {"whole": gradients("none", x), "cut": gradients(where, x)}
    frame = pd.DataFrame({"x": x.numpy()})
    for name, grad in columns.items():
        frame[name] = float("nan") if grad is None else grad.numpy()
    frame["mark"] = [0] * POINTS + [1]
    return frame


@lru_cache(maxsize=16)
def curve_spec(x_title: str, y_title: str, whole: str, cut: str, height: int) -> Spec:
    """Draw both gradients of a :func:`curve_frame` over x, with a dot on each at the chosen x."""
    base = (
        alt.Chart(empty("x", "whole", "cut", "mark"))
        .transform_fold(["whole", "cut"], as_=["which", "grad"])
        .transform_filter("isValid(datum.grad)")
        .transform_calculate(name=vega.named("datum.which", {"whole": whole, "cut": cut}))
        .encode(
            x=alt.X("x:Q", title=x_title, scale=vega.scale(-CUT_BOUND, CUT_BOUND), axis=vega.axis(tickCount=7)),
            y=alt.Y("grad:Q", title=y_title, scale=alt.Scale(domain=[0, 3 * CUT_BOUND**2 + 1]), axis=vega.axis()),
            color=vega.colour([whole, cut], [BLUE, ORANGE], labelLimit=300),
        )
    )
    lines = base.transform_filter("datum.mark === 0").mark_line(strokeWidth=2.5)
    dots = base.transform_filter("datum.mark === 1").mark_point(filled=True, size=110, opacity=1)
    return as_spec(alt.layer(lines, dots), height)
