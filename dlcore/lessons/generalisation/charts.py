"""Charts of the generalisation page: samples with the polynomial, and the norm of the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing import vega
from dlcore.drawing.curves import TEST_COLOUR, TRAIN_COLOUR
from dlcore.drawing.palette import GREEN, GREY, PINK
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.generalisation.model import COEFFICIENTS, FitRecord, RegressionProblem, powers

X_MAX: Final = 3.2  # the x axis goes from -X_MAX to X_MAX: inputs are drawn from N(0, 1)
Y_MIN, Y_MAX = -45.0, 25.0  # the range of the true curve
POINTS: Final = 121
MAX_ROWS: Final = 200
_NORM_TICKS: Final = [10.0**k for k in range(-3, 7)]  # a run with a larger norm has diverged


def polynomial_frame(problem: RegressionProblem, w: Tensor, exact: Tensor) -> pd.DataFrame:
    """Return columns kind ("train", "test", "true", "model" or "exact"), x and y of the samples and the curves.

    ``w`` are the model's weights (inputs,), ``exact`` those of the exact fit (inputs,). A curve is clipped far beyond
    the y axis, so that it visibly leaves the chart. Raise ValueError if the problem is not a polynomial's.
    """
    if problem.x is None:
        raise ValueError("problem must be a polynomial's, got one without x")
    n_train = len(problem.y_train)
    x_train = problem.x[:n_train]
    grid = torch.linspace(-X_MAX, X_MAX, POINTS, dtype=torch.float64)
    # The exact fit goes through samples between two points of the grid, which a steep curve would miss.
    fine = torch.cat([grid, x_train[x_train.abs() < X_MAX]]).sort().values
    curves = [
        ("true", grid, torch.tensor(COEFFICIENTS, dtype=torch.float64)),
        ("model", grid, w),
        ("exact", fine, exact),
    ]
    rows = [("train", x_train, problem.y_train), ("test", problem.x[n_train:], problem.y_test)]
    rows += [(kind, x, (powers(x, len(c) - 1) @ c).clamp(-1e4, 1e4)) for kind, x, c in curves]
    return pd.DataFrame(
        {
            "kind": [kind for kind, x, _ in rows for _ in range(len(x))],
            "x": torch.cat([x for _, x, _ in rows]).numpy(),
            "y": torch.cat([y for _, _, y in rows]).numpy(),
        }
    )


@lru_cache(maxsize=16)
def polynomial_spec(words: tuple[str, str, str, str, str], x_title: str, y_title: str, height: int) -> Spec:
    """Draw training samples filled, test samples hollow, the true curve dashed, the exact fit thin, the model thick.

    ``words`` name train, test, true, model and exact fit.
    """
    base = (
        alt.Chart(empty("kind", "x", "y"))
        .transform_calculate(
            name=vega.named("datum.kind", dict(zip(("train", "test", "true", "model", "exact"), words, strict=True)))
        )
        .encode(
            x=alt.X("x:Q", title=x_title, scale=vega.scale(-X_MAX, X_MAX), axis=vega.axis(grid=False)),
            y=alt.Y("y:Q", title=y_title, scale=vega.scale(Y_MIN, Y_MAX), axis=vega.axis(tickCount=6)),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=list(words), range=[TRAIN_COLOUR, TEST_COLOUR, GREY, GREEN, PINK]),
                legend=vega.legend(symbolType="circle", symbolSize=60, columnPadding=3),  # five words fit on a phone
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
        only("exact").mark_line(strokeWidth=1.2, clip=True),
    )
    return as_spec(chart, height)


def norm_frame(runs: Mapping[str, Sequence[FitRecord]]) -> pd.DataFrame:
    """Return columns name, epoch and norm of several histories, at most ``MAX_ROWS`` + 1 rows of each."""
    rows = []
    for name, history in runs.items():
        every = -(-len(history) // MAX_ROWS)
        rows += [(name, record.epoch, record.norm) for record in [*history[:-1:every], history[-1]]]
    return pd.DataFrame(rows, columns=["name", "epoch", "norm"])


@lru_cache(maxsize=32)
def norm_spec(names: tuple[str, ...], true: float, epochs: int, x_title: str, y_title: str, height: int) -> Spec:
    """Draw the norm of the weights of one run or two over the epochs, and the ``true`` norm dashed."""
    y = alt.Y("norm:Q", title=y_title, scale=vega.scale(log=True), axis=vega.axis(values=_NORM_TICKS))
    lines = (
        alt.Chart(empty("name", "epoch", "norm"))
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            x=alt.X("epoch:Q", title=x_title, scale=vega.scale(0, epochs), axis=vega.axis(grid=False)),
            y=y,
            color=vega.colour(names, [GREEN, GREY][: len(names)]),
        )
    )
    goal = alt.Chart(empty("norm")).mark_rule(strokeDash=[5, 4], color=GREY).encode(y=alt.datum(true))
    return as_spec(alt.layer(lines, goal), height)
