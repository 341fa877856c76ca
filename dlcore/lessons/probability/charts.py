"""The charts of an experiment with a die: estimates over the throws, the last estimates, and their errors.

Frames have at most :data:`MAX_POINTS` rows for any number of groups.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, COLOURS, GREY, RED
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.probability.model import DieExperiment, band, expected_error

MAX_POINTS: Final = 500  # points of a line
_TENS: Final = [10.0**power for power in range(-6, 6)]
_STEPS: Final = [factor * ten for ten in _TENS for factor in (1, 3)]
_ERRORS: Final = ("largest", "mean", "expected")


def plotted_groups(groups: int, *, log: bool) -> Tensor:
    """Return the groups (from 0) at which a line has a point, spread evenly over its axis; the last is one."""
    if groups <= MAX_POINTS:
        return torch.arange(groups)
    spread = np.geomspace(1, groups, MAX_POINTS) if log else np.linspace(1, groups, MAX_POINTS)
    return torch.from_numpy(np.unique(spread.round().astype(np.int64)) - 1)


def estimate_frame(experiment: DieExperiment, face: int, *, log: bool) -> pd.DataFrame:
    """Return columns n, e1 … (estimates), p1 … (probabilities), low and high (the band of ``face``, from 0)."""
    groups = plotted_groups(len(experiment.counts), log=log)
    n, estimates = experiment.n[groups], experiment.estimates[groups]
    low, high = band(float(experiment.p[face]), n)
    columns: dict[str, Any] = {"n": n, "low": low, "high": high}
    for i, p in enumerate(experiment.p.tolist()):
        columns |= {f"e{i + 1}": estimates[:, i], f"p{i + 1}": torch.full_like(n, p)}
    return pd.DataFrame({name: values.numpy().astype(np.float32) for name, values in columns.items()})


@lru_cache(maxsize=64)
def estimate_spec(
    faces: int, face: int, x_title: str, y_title: str, face_title: str, *, log: bool, height: int
) -> Spec:
    """Return the specification of a line for each face, dashed probabilities, and the band of ``face`` (from 0)."""
    estimates, truths = ([f"{kind}{i + 1}" for i in range(faces)] for kind in "ep")
    base = alt.Chart(empty("n", "low", "high", *estimates, *truths))
    x = alt.X(
        "n:Q",
        title=x_title,
        scale=vega.scale(log=log, nice=False, zero=False),
        axis=vega.axis(grid=False, counts=True),
    )
    y = alt.Y("value:Q", title=y_title, axis=vega.axis(tickCount=6))
    area = base.mark_area(color=COLOURS[face], opacity=0.2).encode(
        x=x, y=alt.Y("low:Q", title=y_title), y2=alt.Y2("high:Q")
    )
    lines = (
        base.transform_fold([*estimates], as_=["face", "value"])
        .mark_line(strokeWidth=1.8)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "face:N",
                scale=alt.Scale(domain=estimates, range=list(COLOURS[:faces])),
                legend=vega.legend(title=face_title, titleOrient="left", labelExpr="slice(datum.label, 1)"),
            ),
            strokeWidth=alt.condition(f"datum.face === 'e{face + 1}'", alt.value(3), alt.value(1.5)),
        )
    )
    dashed = (
        base.transform_fold([*truths], as_=["face", "value"])
        .mark_line(strokeWidth=1.5, strokeDash=[6, 4], color=GREY)
        .encode(x=x, y=y, detail="face:N")
    )
    near = alt.selection_point(
        name="near", fields=["n"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    rule = (
        vega.tooltip(base, counts={"n": x_title}, numbers={name: name[1:] for name in estimates})
        .mark_rule(color=GREY)
        .encode(
            x=x,
            opacity=alt.condition(near, alt.value(0.7), alt.value(0)),
        )
        .add_params(near)
    )
    return as_spec(alt.layer(area, dashed, lines, rule), height)


def final_frame(experiment: DieExperiment) -> pd.DataFrame:
    """Return columns face (from "1"), estimate (after the last throw) and true."""
    return pd.DataFrame(
        {
            "face": [str(i + 1) for i in range(len(experiment.p))],
            "estimate": experiment.estimates[-1].numpy(),
            "true": experiment.p.numpy(),
        }
    )


@lru_cache(maxsize=16)
def final_spec(faces: int, face_title: str, y_title: str, true_title: str, height: int) -> Spec:
    """Return the specification of bars of the last estimates, each with a tick at the true probability."""
    base = alt.Chart(empty("face", "estimate", "true")).encode(
        x=alt.X("face:N", title=face_title, axis=alt.Axis(labelAngle=0)),
    )
    base = vega.tooltip(base, {"face": face_title}, numbers={"estimate": y_title, "true": true_title})
    bars = base.mark_bar(opacity=0.75).encode(
        y=alt.Y("estimate:Q", title=y_title, axis=vega.axis(tickCount=4)),
        color=alt.Color(
            "face:N",
            scale=alt.Scale(domain=[str(i + 1) for i in range(faces)], range=list(COLOURS[:faces])),
            legend=None,
        ),
    )
    ticks = base.mark_tick(thickness=3, color=GREY, width={"band": 1}).encode(y="true:Q")
    return as_spec(alt.layer(bars, ticks), height)


def error_frame(experiment: DieExperiment) -> pd.DataFrame:
    """Return columns n, largest and mean (absolute error over the faces), expected (mean error, c/√n)."""
    groups = plotted_groups(len(experiment.counts), log=True)
    n, errors = experiment.n[groups], experiment.errors[groups]
    columns = {
        "n": n,
        "largest": errors.max(1).values,
        "mean": errors.mean(1),
        "expected": expected_error(experiment.p, n),
    }
    return pd.DataFrame({name: values.numpy().astype(np.float32) for name, values in columns.items()})


@lru_cache(maxsize=16)
def error_spec(x_title: str, y_title: str, names: tuple[str, str, str], height: int) -> Spec:
    """Return the specification of largest, mean and (dashed) expected error over the throws, on logarithmic axes.

    ``names`` are the words for largest, mean and expected. An error of 0 is left out: it has no logarithm.
    """
    chart = (
        alt.Chart(empty("n", *_ERRORS))
        .transform_fold(list(_ERRORS), as_=["part", "value"])
        .transform_filter("datum.value > 1e-6")
        .transform_calculate(name=vega.named("datum.part", dict(zip(_ERRORS, names, strict=True))))
        .mark_line(strokeWidth=1.8)
        .encode(
            x=alt.X(
                "n:Q",
                title=x_title,
                scale=vega.scale(log=True, nice=False),
                axis=vega.axis(grid=False, counts=True),
            ),
            y=alt.Y(
                "value:Q",
                title=y_title,
                scale=vega.scale(log=True, nice=False),
                axis=vega.axis(values=_STEPS),
            ),
            color=vega.colour(names, [RED, BLUE, GREY]),
            strokeDash=alt.StrokeDash(
                "name:N", scale=alt.Scale(domain=list(names), range=[[1, 0], [1, 0], [6, 4]]), legend=None
            ),
        )
    )
    return as_spec(chart, height)
