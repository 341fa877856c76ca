"""Cutting the graph: z = u·x with u = x·x, whole or cut at one place, and what that does to the gradient.

>>> [cut(where, 2.0).grad for where in CUTS]
[12.0, 4.0, 8.0, None]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import altair as alt
import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing.grid import number
from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from dlcore.drawing.vega import Spec, as_spec, empty, literal
from dlcore.lessons.autograd.settings import CUT_BOUND
from dlcore.programs.snippet import Snippet

# Where the graph is cut: the lines that make u and z.
CUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "none": ("u = x * x", "z = u * x"),
    "u": ("u = x * x", "z = u.detach() * x"),
    "x": ("u = x * x", "z = u * x.detach()"),
    "no_grad": ("with torch.no_grad():", "    u = x * x", "    z = u * x"),
}
POINTS: Final = 121  # of a curve
_BLUE, _ORANGE, _GREY, _RED = (hex_colour(CLASS_COLOURS[i]) for i in (0, 1, 7, 5))


@dataclass(frozen=True, slots=True)
class Variable:
    """A tensor as torch describes it: ``grad_fn`` is the name of its operation, or "None"."""

    name: str
    value: float
    requires_grad: bool
    grad_fn: str


@dataclass(frozen=True, slots=True)
class Cut:
    """x.grad (None if torch would not go back, then with its message) and what x, u and z are."""

    grad: float | None
    error: str
    variables: tuple[Variable, ...]


def _forward(where: str, x: Tensor) -> tuple[Tensor, Tensor]:
    match where:
        case "u":
            u = x * x
            return u, u.detach() * x
        case "x":
            u = x * x
            return u, u * x.detach()
        case "no_grad":
            with torch.no_grad():
                u = x * x
                return u, u * x
    u = x * x
    return u, u * x


def gradients(where: str, x: Tensor) -> Tensor | None:
    """x.grad after ``z.sum().backward()``, of x's shape; None where there is nothing to go back through."""
    x = x.detach().requires_grad_()
    z = _forward(where, x)[1]
    if z.requires_grad:
        z.sum().backward()  # type: ignore[no-untyped-call]
    return x.grad


def cut(where: str, value: float) -> Cut:
    """Run ``z.backward()`` at x = value with the graph cut at ``where``, one of :data:`CUTS`."""
    x = torch.tensor(value, requires_grad=True)
    u, z = _forward(where, x)
    error = ""
    try:
        z.backward()  # type: ignore[no-untyped-call]
    except RuntimeError as raised:
        error = str(raised)
    found = tuple(
        Variable(name, tensor.item(), tensor.requires_grad, tensor.grad_fn.name() if tensor.grad_fn else "None")
        for name, tensor in (("x", x), ("u", u), ("z", z))
    )
    return Cut(None if x.grad is None else x.grad.item(), error, found)


def snippet(where: str, value: float) -> Snippet:
    """The program of :func:`cut`."""
    lines = ["import torch", "", f"x = torch.tensor({value!r}, requires_grad=True)", *CUTS[where]]
    found = cut(where, value)
    if found.error:
        lines += ["print(u.requires_grad, u.grad_fn)", "print(z.requires_grad, z.grad_fn)"]
        return Snippet("\n".join(lines), "False None\nFalse None")
    lines += ["z.backward()", "print(x.grad)"]
    return Snippet("\n".join(lines), str(torch.tensor(found.grad)))


# --- the picture of the graph ---

_PLACES: Final = {"x": (0.0, 0.0), "u": (1.0, 1.0), "z": (2.0, 0.0)}
_NODES: Final = {"x": "x", "u": "u = x · x", "z": "z = u · x"}
_EDGES: Final = (("x", "u", "∂u/∂x = 2x"), ("u", "z", "∂z/∂u = x"), ("x", "z", "∂z/∂x = u"))


_WORDS: Final[tuple[tuple[str, Literal["left", "center", "right"], int], ...]] = (
    ("datum.y2 > datum.y", "right", -6),
    ("datum.y2 < datum.y", "left", 6),
    ("datum.y2 === datum.y", "center", 0),
)


def _is_cut(where: str, start: str, end: str) -> bool:
    return where == "no_grad" or (where == "u" and start == "u") or (where == "x" and (start, end) == ("x", "z"))


def graph_frame(where: str, value: float, cut_word: str) -> pd.DataFrame:
    """Rows of edges (x, y to x2, y2, cut, text in the middle, above the edge), then of nodes (x, y, text and value).

    ``cut_word`` stands on the edges that carry no gradient; on the others is the local derivative.
    """
    locals_ = {"x": 2 * value, "u": value}
    rows = []
    for start, end, text in _EDGES:
        (x, y), (x2, y2) = _PLACES[start], _PLACES[end]
        derivative = value * value if (start, end) == ("x", "z") else locals_[start]
        gone = _is_cut(where, start, end)
        said = f"✂ {cut_word}" if gone else f"{text} = {number(derivative)}"
        rows.append(("edge", x, y, x2, y2, "cut" if gone else "whole", said))
    for name, (x, y) in _PLACES.items():
        shown = {"x": value, "u": value * value, "z": value**3}[name]
        rows.append(("node", x, y, x, y, "", f"{_NODES[name]} = {number(shown)}"))
    return pd.DataFrame(rows, columns=["kind", "x", "y", "x2", "y2", "state", "text"])


@lru_cache(maxsize=8)
def graph_spec(height: int) -> Spec:
    """Draws a :func:`graph_frame`; a cut edge is dashed and red."""
    base = alt.Chart(empty("kind", "x", "y", "x2", "y2", "state", "text"))
    across = alt.X("x:Q", scale=alt.Scale(domain=[-0.45, 2.45]), axis=None)
    up = alt.Y("y:Q", scale=alt.Scale(domain=[-0.4, 1.4]), axis=None)
    states = ["whole", "cut"]
    edges = (
        base.transform_filter("datum.kind === 'edge'")
        .mark_rule(strokeWidth=3)
        .encode(
            x=across,
            y=up,
            x2="x2:Q",
            y2="y2:Q",
            color=alt.Color("state:N", scale=alt.Scale(domain=states, range=[_BLUE, _RED]), legend=None),
            strokeDash=alt.StrokeDash("state:N", scale=alt.Scale(domain=states, range=[[1, 0], [4, 6]]), legend=None),
        )
    )
    # Beside its edge, on the side where there is no other; above the one that runs level.
    words = [
        base.transform_filter(f"datum.kind === 'edge' && {which}")
        .transform_calculate(mx="(datum.x + datum.x2) / 2", my="(datum.y + datum.y2) / 2 + 0.12")
        .mark_text(fontSize=14, fontWeight="bold", align=align, dx=dx)
        .encode(
            x=alt.X("mx:Q", scale=alt.Scale(domain=[-0.45, 2.45]), axis=None),
            y=alt.Y("my:Q", scale=alt.Scale(domain=[-0.4, 1.4]), axis=None),
            text="text:N",
            color=alt.Color("state:N", scale=alt.Scale(domain=states, range=[_BLUE, _RED]), legend=None),
        )
        for which, align, dx in _WORDS
    ]
    nodes = base.transform_filter("datum.kind === 'node'")
    dots = nodes.mark_circle(size=420, color=_GREY, opacity=1).encode(x=across, y=up)
    names = nodes.transform_calculate(ty="datum.y + (datum.y > 0.5 ? 0.25 : -0.25)").mark_text(fontSize=15, color=_GREY)
    labels = names.encode(x=across, y=alt.Y("ty:Q", scale=alt.Scale(domain=[-0.4, 1.4]), axis=None), text="text:N")
    return as_spec(alt.layer(edges, *words, dots, labels).properties(width="container", height=height))


# --- the curves ---


def curve_frame(where: str, value: float) -> pd.DataFrame:
    """Columns x, whole and cut (the gradients; NaN where there is none), and mark: the row at ``value``, last."""
    x = torch.cat([torch.linspace(-CUT_BOUND, CUT_BOUND, POINTS), torch.tensor([value])])
    columns = {"whole": gradients("none", x), "cut": gradients(where, x)}
    frame = pd.DataFrame({"x": x.numpy()})
    for name, found in columns.items():
        frame[name] = float("nan") if found is None else found.numpy()
    frame["mark"] = [0] * POINTS + [1]
    return frame


@lru_cache(maxsize=16)
def curve_spec(x_title: str, y_title: str, whole: str, cut: str, height: int) -> Spec:
    """Both gradients over x, with a dot on each at the chosen x."""
    base = (
        alt.Chart(empty("x", "whole", "cut", "mark"))
        .transform_fold(["whole", "cut"], as_=["which", "grad"])
        .transform_filter("isValid(datum.grad)")
        .transform_calculate(name=f"datum.which === 'whole' ? {literal(whole)} : {literal(cut)}")
        .encode(
            x=alt.X("x:Q", title=x_title, scale=alt.Scale(domain=[-CUT_BOUND, CUT_BOUND]), axis=alt.Axis(tickCount=7)),
            y=alt.Y(
                "grad:Q", title=y_title, scale=alt.Scale(domain=[0, 3 * CUT_BOUND**2 + 1]), axis=alt.Axis(tickCount=5)
            ),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=[whole, cut], range=[_BLUE, _ORANGE]),
                legend=alt.Legend(orient="top", title=None, labelLimit=300),
            ),
        )
    )
    lines = base.transform_filter("datum.mark === 0").mark_line(strokeWidth=2.5)
    dots = base.transform_filter("datum.mark === 1").mark_point(filled=True, size=110, opacity=1)
    return as_spec(alt.layer(lines, dots).properties(width="container", height=height))
