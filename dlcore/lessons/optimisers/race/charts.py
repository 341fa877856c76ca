"""Charts of the page on optimizers: the surface in bands with the paths on it, and curves over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import altair as alt
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from dlcore.drawing import palette, vega
from dlcore.drawing.image import data_url, png
from dlcore.drawing.palette import BACKGROUND, GREY, INK, Theme, hex_colour
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.optimisers.race.model import Walker
from dlcore.lessons.optimisers.race.surfaces import Surface, Window, values
from dlcore.network.settings import OPTIMIZERS
from dlcore.typed.expression import Program

BANDS: Final = 14
PIXELS: Final = 320  # width and height of the surface's picture
CLICKS: Final = 41  # clickable points in each direction
FLOOR: Final = 1e-16  # where 0 is drawn on a logarithmic axis
# Each optimizer has its own colour and dash in every chart; the dashes tell them apart without colours.
COLOURS: Final = {id: palette.COLOURS[i] for id, i in zip(OPTIMIZERS, (0, 5, 2, 3, 6, 1, 4), strict=True)}
_DASHES: Final = dict(zip(OPTIMIZERS, ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [1, 0], [5, 2]), strict=True))


# --- the surface ------------------------------------------------------------------------------------------------------
def bands(surface: Surface, size: int = PIXELS) -> NDArray[np.uint8]:
    """Return the band of each pixel, 0 to ``BANDS`` − 1 from low to high f, or ``BANDS`` where f is not finite.

    Bands are equally wide in log(f − f_min + c), so that the floor of a valley has several. Row 0 is the largest y; the
    shape is (size, size).
    """
    left, right, bottom, top = surface.window
    centres = (torch.arange(size, dtype=torch.float64) + 0.5) / size
    x, y = left + (right - left) * centres[None, :], top - (top - bottom) * centres[:, None]
    with torch.no_grad():
        f = values(surface.program, x, y).numpy()
    band = np.full((size, size), BANDS, dtype=np.uint8)
    known = np.isfinite(f)
    if known.any():
        low, high = float(f[known].min()), float(f[known].max())
        height = np.minimum(f[known] / 2 - low / 2, 1e300)  # halves: their difference is finite too
        span = min(high / 2 - low / 2, 1e300)
        share = np.log1p(height / span * 300) / np.log(301) if span > 0 else np.zeros_like(height)
        band[known] = np.minimum(share * BANDS, BANDS - 1).astype(np.uint8)
    return band


@lru_cache(maxsize=16)
def picture(program: Program, window: Window, theme: Theme) -> str:
    """Draw the bands of a surface in greys, pale where f is low, with lines between, as a PNG in a ``data:`` URL."""
    pixels = bands(Surface(program, window))
    line = np.zeros(pixels.shape, dtype=bool)
    line[:, 1:] |= pixels[:, 1:] != pixels[:, :-1]
    line[1:] |= pixels[1:] != pixels[:-1]
    pixels = np.where(line, BANDS + 1, pixels).astype(np.uint8)
    ground, ink = np.array(BACKGROUND[theme], float), np.array(INK[theme], float)
    shares = [*(0.03 + 0.19 * i / (BANDS - 1) for i in range(BANDS)), 0.6, 0.33]
    colours = [np.round(ground + (ink - ground) * share).astype(int).tolist() for share in shares]
    return data_url(png(pixels, bytes(channel for colour in colours for channel in colour)))


def _axes(window: Window, *, hidden: bool = False) -> dict[str, Any]:
    """Return the encodings of x and y over a window; ``hidden`` axes take the same room as visible ones."""
    look: dict[str, Any] = {"grid": False}
    if hidden:
        look |= {"labelOpacity": 0, "titleOpacity": 0, "tickOpacity": 0, "domainOpacity": 0}
    left, right, bottom, top = window
    return {
        "x": alt.X("x:Q", title="x", scale=vega.scale(left, right), axis=vega.axis(**look)),
        "y": alt.Y("y:Q", title="y", scale=vega.scale(bottom, top), axis=vega.axis(**look)),
    }


@lru_cache(maxsize=32)
def map_spec(
    program: Program,
    window: Window,
    minima: tuple[tuple[float, float], ...],
    names: tuple[tuple[str, str], ...],
    theme: Theme,
    height: int,
) -> Spec:
    """Draw a :func:`map_frame` on the surface: its minima as crosses, each optimizer's path and current point.

    ``names`` are pairs of id and name.
    """
    base = alt.Chart(empty("id", "order", "x", "y", "now")).encode(**_axes(window))
    # The legend is inside the chart, so that the clickable chart lies exactly on this one.
    colour, dash = _scales(names, legend="bottom-right", ground=hex_colour(BACKGROUND[theme]))
    rim = hex_colour(INK[theme])
    chart = alt.layer(
        base.mark_image(aspect=False),
        base.mark_point(shape="cross", angle=45, size=110, color=rim, filled=True, clip=True),
        base.mark_line(strokeWidth=2, clip=True, strokeJoin="round").encode(
            color=colour, strokeDash=dash, order="order:Q"
        ),
        base.transform_filter("datum.now")
        .mark_point(filled=True, size=110, stroke=rim, strokeWidth=1.5, opacity=1, clip=True)
        .encode(color=colour),
    )
    spec = as_spec(chart, height)
    left, right, bottom, top = window
    image, crosses = spec["layer"][:2]
    image["data"] = {"values": [{"x": left, "x2": right, "y": bottom, "y2": top}]}
    image["encoding"] |= {
        "x2": {"field": "x2"},
        "y2": {"field": "y2"},
        "url": {"value": picture(program, window, theme)},
    }
    crosses["data"] = {"values": [{"x": x, "y": y} for x, y in minima]}
    return spec


def map_frame(walkers: Mapping[str, Walker], window: Window) -> pd.DataFrame:
    """Return columns id, order, x, y, now (the current point); steps too short to be seen are joined."""
    left, right, bottom, top = window
    width, tall = right - left, top - bottom
    rows: list[tuple[str, int, float, float, bool]] = []
    for id, walker in walkers.items():
        last_x = last_y = float("inf")
        for i, (x, y, _) in enumerate(walker.path):
            if abs(x - last_x) > 0.002 * width or abs(y - last_y) > 0.002 * tall:
                rows.append((id, i, x, y, False))
                last_x, last_y = x, y
        rows.append((id, walker.steps, *walker.place, True))
    return pd.DataFrame(rows, columns=["id", "order", "x", "y", "now"])


@lru_cache(maxsize=32)
def click_spec(window: Window, height: int) -> Spec:
    """Draw a :func:`click_frame` invisibly in the same room as :func:`map_spec`.

    A click selects the nearest point as the selection ``start``, with fields x and y.
    """
    start = alt.selection_point(name="start", fields=["x", "y"], on="click", nearest=True, empty=False, toggle=False)
    chart = (
        vega.tooltip(alt.Chart(empty("x", "y", "f")), numbers={name: name for name in ("x", "y", "f")})
        .mark_point(opacity=0, size=200)
        .encode(**_axes(window, hidden=True))
        .add_params(start)
    )
    return as_spec(chart.properties(background="transparent"), height)


@lru_cache(maxsize=16)
def click_frame(program: Program, window: Window) -> pd.DataFrame:
    """Return columns x, y, f of the clickable points, with coordinates rounded to two decimals."""
    left, right, bottom, top = window
    x, y = (
        torch.linspace(a, b, CLICKS, dtype=torch.float64).round(decimals=2) for a, b in ((left, right), (bottom, top))
    )
    with torch.no_grad():
        f = values(program, x[None, :], y[:, None])
    return pd.DataFrame(
        {"x": x.repeat(CLICKS).tolist(), "y": y.repeat_interleave(CLICKS).tolist(), "f": f.reshape(-1).tolist()}
    )


# --- over the steps ---------------------------------------------------------------------------------------------------
def _scales(
    names: tuple[tuple[str, str], ...], *, legend: Literal["top", "bottom-right", ""], ground: str = "transparent"
) -> tuple[alt.Color, alt.StrokeDash]:
    ids = [id for id, _ in names]
    look = vega.legend(
        orient=legend or "none",
        direction="vertical" if legend == "bottom-right" else "horizontal",
        columns=1 if legend == "bottom-right" else 3,  # as many as fit on a phone
        offset=4,
        padding=4,
        symbolType="stroke",
        symbolSize=250,
        symbolStrokeWidth=3,
        fillColor=ground,
        labelExpr=vega.named("datum.label", dict(names)),
    )
    shown = look if legend else None
    return (
        alt.Color("id:N", scale=alt.Scale(domain=ids, range=[COLOURS[id] for id in ids]), legend=shown),
        alt.StrokeDash("id:N", scale=alt.Scale(domain=ids, range=[_DASHES[id] for id in ids]), legend=shown),
    )


@lru_cache(maxsize=32)
def curves_spec(
    names: tuple[tuple[str, str], ...], steps: int, x_title: str, y_title: str, height: int, *, log: bool, legend: bool
) -> Spec:
    """Draw a :func:`curves_frame`: a curve for each optimizer, with a point where all begin."""
    colour, dash = _scales(names, legend="top" if legend else "")
    scale = vega.scale(log=True, nice=False) if log else alt.Scale(zero=False)
    base = alt.Chart(empty("id", "step", "value")).encode(
        x=alt.X(
            "step:Q",
            title=x_title,
            scale=vega.scale(0, steps),
            axis=vega.axis(grid=False, labelFlushOffset=-4),  # else the last label is cut off
        ),
        y=alt.Y("value:Q", title=y_title, scale=scale, axis=vega.axis()),
    )
    chart = alt.layer(
        base.mark_line(strokeWidth=2, clip=True).encode(color=colour, strokeDash=dash),
        base.transform_filter("datum.step === 0").mark_point(filled=True, size=40, opacity=1, color=GREY),
    )
    return as_spec(chart, height)


def curves_frame(series: Mapping[str, Sequence[float]], *, log: bool, max_rows: int = 250) -> pd.DataFrame:
    """Return columns id, step, value before the first step and after each, about ``max_rows`` of each id."""
    rows: list[tuple[str, int, float]] = []
    for id, numbers in series.items():
        stride = -(-len(numbers) // max_rows)
        steps = sorted({*range(0, len(numbers), stride), len(numbers) - 1})
        rows += [(id, i, max(numbers[i], FLOOR) if log else numbers[i]) for i in steps if i >= 0]
    return pd.DataFrame(rows, columns=["id", "step", "value"])
