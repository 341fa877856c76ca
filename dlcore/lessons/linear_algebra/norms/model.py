"""The length of a vector, in several senses: Lp norms, their unit balls, and the Frobenius norm.

>>> [round(norm(torch.tensor([3.0, -4.0]), p), 4) for p in (1, 2, math.inf)]
[7.0, 5.0, 4.0]
>>> frobenius(torch.ones(4, 9))
6.0
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.linear_algebra.map.charts import axes
from dlcore.programs.literal import tensor_literal
from dlcore.programs.snippet import Snippet

Pair = tuple[float, float]

ORDERS: Final = {"L1": 1.0, "L2": 2.0, "Linf": math.inf}  # of the norms that have a fixed one; Lp has none
WORDS: Final = {"L1": "L1", "L2": "L2", "Linf": "L∞", "Lp": "Lp"}
HALF: Final = 1.6
HEIGHT: Final = 430
_POINTS: Final = 240  # of a ball's edge, a multiple of 8: corners lie on the axes and on the diagonals
_COLOURS: Final = {name: hex_colour(CLASS_COLOURS[i]) for name, i in zip(WORDS.values(), (0, 2, 5, 3), strict=True)}
_COLUMNS: Final = ("kind", "norm", "x", "y", "order")


def norm(v: Tensor, order: float) -> float:
    """``(Σ|vᵢ|^p)^(1/p)``; for ``order`` below 1 this is no norm, but can be computed. ``v`` has shape (n,)."""
    return float(torch.linalg.vector_norm(v, ord=order))


def frobenius(m: Tensor) -> float:
    """The root of the sum of the squares of a matrix."""
    return float(torch.linalg.matrix_norm(m))


def order_of(id: str, p: float) -> float:
    """The order of a norm of WORDS, where ``p`` is that of Lp."""
    return ORDERS.get(id, p)


def written_out(v: Pair, id: str, p: float) -> str:
    """How the norm is computed, with the vector's own numbers.

    >>> written_out((3, -4), "L2", 3)
    '√(3² + (−4)²)'
    """
    x, y = (f"{part + 0.0:g}".replace("-", "−") for part in v)
    match id:
        case "L1":
            return f"|{x}| + |{y}|"
        case "L2":
            return "√(" + " + ".join(f"({part})²" if part.startswith("−") else f"{part}²" for part in (x, y)) + ")"
        case "Linf":
            return f"max(|{x}|, |{y}|)"
    return f"(|{x}|^{p:g} + |{y}|^{p:g})^(1/{p:g})"


@lru_cache(maxsize=64)
def edge(order: float) -> tuple[Pair, ...]:
    """Points all around the edge of the unit ball: those with norm 1."""
    angles = torch.arange(_POINTS + 1, dtype=torch.float64) * (2 * math.pi / _POINTS)
    around = torch.stack([angles.cos(), angles.sin()], dim=1)
    around[around.abs() < 1e-12] = 0.0  # sin π is not quite 0, and its root is larger still
    points = around / torch.linalg.vector_norm(around, ord=order, dim=1, keepdim=True)
    return tuple((x, y) for x, y in points.tolist())


def frame(v: Pair, balls: Sequence[str], p: float) -> pd.DataFrame:
    """A row for each point of each ball's edge, for the vector's ray, and for where it meets each edge.

    Returns
    -------
    frame : columns kind (edge, ray, tip), norm (a word of WORDS), x, y, order. A tip is ``v`` divided by that norm;
        the zero vector has neither ray nor tips.
    """
    rows: list[tuple[str, str, float, float, int]] = []
    vector = torch.tensor(v, dtype=torch.float64)
    farthest = 0.0
    for id in balls:
        order = order_of(id, p)
        rows += [("edge", WORDS[id], x, y, i) for i, (x, y) in enumerate(edge(order))]
        length = norm(vector, order)
        if length > 0:
            x, y = (vector / length).tolist()
            rows.append(("tip", WORDS[id], x, y, 0))
            farthest = max(farthest, math.hypot(x, y))
    if farthest:
        x, y = (vector / norm(vector, 2) * farthest).tolist()
        rows += [("ray", "", 0.0, 0.0, 0), ("ray", "", x, y, 1)]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


@lru_cache(maxsize=8)
def spec(x_title: str, y_title: str, title: str) -> Spec:
    """Draws a frame of :func:`frame`, in a plane that keeps squares square; ``title`` is the word for norm."""
    x, y = axes(HALF, ("x", x_title), ("y", y_title))
    base = alt.Chart(empty(*_COLUMNS)).encode(x=x, y=y)
    colour = alt.Color(
        "norm:N",
        scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
        legend=alt.Legend(orient="top", title=None, symbolType="stroke", offset=4),
    )
    tooltip = [
        alt.Tooltip("norm:N", title=title),
        alt.Tooltip("x:Q", title=x_title, format=".4g"),
        alt.Tooltip("y:Q", title=y_title, format=".4g"),
    ]
    chart = alt.layer(
        base.transform_filter("datum.kind === 'edge'")
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(color=colour, order="order:Q"),
        base.transform_filter("datum.kind === 'ray'")
        .mark_line(color=hex_colour(CLASS_COLOURS[7]), strokeWidth=2, strokeDash=[5, 3], clip=True)
        .encode(order="order:Q"),
        base.transform_filter("datum.kind === 'tip'")
        .mark_point(filled=True, size=110, opacity=1, clip=True)
        .encode(color=colour, tooltip=tooltip),
    ).properties(width="container", height=HEIGHT)
    return as_spec(chart)


def snippet(v: Pair, balls: Sequence[str], p: float) -> Snippet:
    """The norms that are chosen, in torch's words."""
    vector = torch.tensor(v)
    lines, printed = ["import torch", "", f"v = torch.tensor({list(v)})"], []
    for id in WORDS:
        if id in balls:
            order = order_of(id, p)
            text = "float('inf')" if math.isinf(order) else f"{order:.15g}"
            lines.append(f"print(torch.linalg.vector_norm(v, ord={text}))")
            printed.append(str(torch.linalg.vector_norm(vector, ord=order)))
    return Snippet("\n".join(lines), "\n".join(printed))


def matrix_snippet(m: Tensor) -> Snippet:
    """The Frobenius norm, and the root that it is."""
    ones = bool((m == 1).all())
    text = f"torch.ones{tuple(m.shape)}" if ones else tensor_literal(m)
    lines = [
        "import torch",
        "",
        f"m = {text}",
        "print(torch.linalg.matrix_norm(m))  # ord='fro' is the default",
        "print(m.square().sum().sqrt())",
    ]
    return Snippet("\n".join(lines), f"{torch.linalg.matrix_norm(m)!s}\n{m.square().sum().sqrt()!s}")
