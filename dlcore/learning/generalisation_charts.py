"""The pictures of the page on generalisation: samples with the polynomial, and the norm of the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd
import torch
from torch import Tensor

from dlcore.charts import TEST_COLOUR, TRAIN_COLOUR
from dlcore.learning.generalisation import COEFFICIENTS, Fit, Problem, powers
from dlcore.palette import CLASS_COLOURS, hex_colour
from dlcore.vega import Spec, as_spec, empty, literal

HALF: Final = 3.2  # of the x axis: inputs are N(0, 1)
LOW, HIGH = -45.0, 25.0  # of the y axis, which the true curve spans
POINTS: Final = 121
MAX_ROWS: Final = 200
_NORMS: Final = [0.001, 0.01, 0.1, 1, 10, 100]
_GREY: Final = "#8a8f98"
GREEN: Final = hex_colour(CLASS_COLOURS[2])


def polynomial_frame(problem: Problem, w: Tensor) -> pd.DataFrame:
    """Columns kind ("train", "test", "true", "model"), x, y: the samples, and curves from -HALF to HALF.

    A curve beyond the axis is cut a little past its end, so that it is seen to leave.
    """
    if problem.x is None:
        raise ValueError("problem must be a polynomial's, got one without x")
    n_train = len(problem.y_train)
    grid = torch.linspace(-HALF, HALF, POINTS, dtype=torch.float64)
    true = torch.tensor(COEFFICIENTS, dtype=torch.float64)
    model = powers(grid, len(w) - 1) @ w  # (POINTS,)
    return pd.DataFrame(
        {
            "kind": [*["train"] * n_train, *["test"] * len(problem.y_test), *["true"] * POINTS, *["model"] * POINTS],
            "x": torch.cat([problem.x, grid, grid]).numpy(),
            "y": torch.cat([problem.y_train, problem.y_test, powers(grid, 3) @ true, model.clamp(-1e4, 1e4)]).numpy(),
        }
    )


@lru_cache(maxsize=16)
def polynomial_spec(words: tuple[str, str, str, str], x_title: str, y_title: str, height: int) -> Spec:
    """Training samples filled, test samples hollow, the true curve dashed and the model's over them.

    ``words`` are those of train, test, true and model.
    """
    train, test, true, model = words
    base = (
        alt.Chart(empty("kind", "x", "y"))
        .transform_calculate(
            name=f"datum.kind === 'train' ? {literal(train)} : datum.kind === 'test' ? {literal(test)} :"
            f" datum.kind === 'true' ? {literal(true)} : {literal(model)}"
        )
        .encode(
            x=alt.X("x:Q", title=x_title, scale=alt.Scale(domain=[-HALF, HALF], nice=False), axis=alt.Axis(grid=False)),
            y=alt.Y("y:Q", title=y_title, scale=alt.Scale(domain=[LOW, HIGH], nice=False), axis=alt.Axis(tickCount=6)),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=list(words), range=[TRAIN_COLOUR, TEST_COLOUR, _GREY, GREEN]),
                legend=alt.Legend(orient="top", title=None, offset=0, symbolType="circle"),
            ),
        )
    )

    def only(kind: str) -> alt.Chart:
        return base.transform_filter(f"datum.kind === '{kind}'")

    chart = alt.layer(
        only("test").mark_point(size=26, opacity=0.7, clip=True),
        only("train").mark_point(filled=True, size=36, opacity=0.9, clip=True),
        only("true").mark_line(strokeWidth=2, strokeDash=[6, 4], clip=True),
        only("model").mark_line(strokeWidth=2.5, clip=True),
    )
    return as_spec(chart.properties(width="container", height=height))


def norm_frame(runs: Mapping[str, Sequence[Fit]]) -> pd.DataFrame:
    """Columns name, epoch, norm of several histories, at most ``MAX_ROWS`` rows of each, or one more."""
    rows = []
    for name, history in runs.items():
        every = -(-len(history) // MAX_ROWS)
        rows += [(name, fit.epoch, fit.norm) for fit in [*history[:-1:every], history[-1]]]
    return pd.DataFrame(rows, columns=["name", "epoch", "norm"])


@lru_cache(maxsize=32)
def norm_spec(names: tuple[str, ...], true: float, epochs: int, x_title: str, y_title: str, height: int) -> Spec:
    """The weights' norm over the epochs, of one run or two, on a logarithmic axis; that of the true ones dashed."""
    y = alt.Y("norm:Q", title=y_title, scale=alt.Scale(type="log"), axis=alt.Axis(values=_NORMS, format=".3~g"))
    lines = (
        alt.Chart(empty("name", "epoch", "norm"))
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            x=alt.X(
                "epoch:Q", title=x_title, scale=alt.Scale(domain=[0, epochs]), axis=alt.Axis(tickCount=5, grid=False)
            ),
            y=y,
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=list(names), range=[GREEN, _GREY][: len(names)]),
                legend=alt.Legend(orient="top", title=None, offset=0, padding=0),
            ),
        )
    )
    goal = alt.Chart(empty("norm")).mark_rule(strokeDash=[5, 4], color=_GREY).encode(y=alt.datum(true))
    return as_spec(alt.layer(lines, goal).properties(width="container", height=height))
