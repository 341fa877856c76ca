"""Convert Altair charts to Vega-Lite specifications, and make the axes, scales and legends of all charts.

A chart is built once and cached as a dictionary; only its data changes, so Streamlit redraws it in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from dlcore.drawing import formats, palette
from dlcore.drawing.palette import BLUE, ORANGE, Theme

Spec = dict[str, Any]

SHARES: Final = (0, 0.25, 0.5, 0.75, 1)  # ticks of an axis of shares, such as accuracy
FIRM, DASHED, DOTTED = [1, 0], [6, 4], [2, 3]
TEXT_SIZE: Final = 14  # pixels, of all words and numbers in charts
TEXT: Final[dict[Theme, str]] = {"light": "#555867", "dark": "#c9ced8"}  # their colour

# The theme of the page reaches a chart as its background alone. Words of a mark without a colour have this one. Screen
# readers get the chart's alternative text, a sentence in the reader's language: Vega would read out every mark as its
# raw fields, in English.
INK: Final = {"expr": "ink"}
PALE: Final = alt.ExprRef("pale")  # the colour of an uncoloured cell
_CONFIG: Final[Spec] = {
    "mark": {"aria": False},
    "params": [
        {"name": name, "expr": f"luminance(background) < 0.2 ? {of['dark']!r} : {of['light']!r}"}
        for name, of in (("ink", TEXT), ("pale", palette.PALE), ("white_from", palette.WHITE_FROM))
    ],
    "axis": {"aria": False, "labelFontSize": TEXT_SIZE, "labelColor": INK, "titleColor": INK},
    "legend": {"aria": False, "labelColor": INK, "titleColor": INK},
    "text": {"fontSize": TEXT_SIZE, "color": INK},
}


def as_spec(chart: Any, height: int | None = None) -> Spec:
    """Return an Altair chart as a dictionary without its placeholder data, for ``st.vega_lite_chart(frame, spec)``.

    It has the text and the accessibility of all charts.

    A ``height`` in pixels also makes it as wide as its container.
    """
    spec: Spec = (chart if height is None else chart.properties(width="container", height=height)).to_dict()
    for part in ("data", "datasets", "config", "$schema"):
        spec.pop(part, None)
    spec["config"] = _CONFIG
    layers: list[Spec] = spec.get("layer", [])
    for layer in layers:
        layer.pop("data", None)
    if layers:
        _hoist(spec, layers)
    return spec


def _hoist(spec: Spec, layers: list[Spec]) -> None:
    """Move the transforms and encodings that all layers share to their parent: they are sent once."""
    steps = [layer.get("transform", []) for layer in layers]
    shared = 0
    while shared < min(map(len, steps)) and all(step[shared] == steps[0][shared] for step in steps):
        shared += 1
    encodings = [layer.get("encoding", {}) for layer in layers]
    common = {
        channel: value
        for channel, value in encodings[0].items()
        if all(encoding.get(channel) == value for encoding in encodings)
    }
    if shared:
        spec["transform"] = spec.get("transform", []) + steps[0][:shared]
    if common:
        spec["encoding"] = common
    for layer, of_layer, encoding in zip(layers, steps, encodings, strict=True):
        layer["transform"] = of_layer[shared:]
        layer["encoding"] = {channel: value for channel, value in encoding.items() if channel not in common}


def shades(low: int = -1) -> alt.Scale:
    """Return the scale of shades from ``low``, -1 or 0, to 1."""
    colours: list[Any] = [ORANGE, PALE, BLUE]
    return alt.Scale(domain=[-1, 0, 1][1 + low :], range=colours[1 + low :], interpolate="lab")


def empty(*columns: str) -> pd.DataFrame:
    """Return a frame with these columns and no rows, to build a chart on."""
    return pd.DataFrame({column: [] for column in columns})


def literal(text: str) -> str:
    """Return a text as a string literal of a Vega expression."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def named(field: str, words: Mapping[str, str]) -> str:
    """Return the Vega expression that looks up the id in ``field``, such as ``datum.kind``, in ``words``."""
    return "{" + ", ".join(f"{literal(id)}: {literal(word)}" for id, word in words.items()) + f"}}[{field}]"


def axis(*, counts: bool = False, **look: Any) -> alt.Axis:
    """Return an axis whose numbers are formatted like :func:`formats.text`; ``look`` are Altair's arguments.

    With ``counts`` they are integers with thousands separators.
    """
    # A logarithmic axis also has unlabelled ticks.
    label = f"datum.label === '' ? '' : {formats.expression('datum.value')}"
    return alt.Axis(
        **{"tickCount": 5} | ({"format": ",d", "tickMinStep": 1} if counts else {"labelExpr": label}) | look
    )


def scale(*domain: Any, log: bool = False, **more: Any) -> alt.Scale:
    """Return a linear or logarithmic scale over ``domain`` (min, max: numbers or expressions), else over the data."""
    ends: dict[str, Any] = {"domain": list(domain), "nice": False} if domain else {}
    kind: dict[str, Any] = {"type": "log"} if log else {}
    return alt.Scale(**ends | kind | more)


def legend(**look: Any) -> alt.Legend:
    """Return a legend above the chart; ``look`` are Altair's arguments."""
    return alt.Legend(**{"orient": "top", "title": None, "offset": 0, "padding": 0} | look)


def colour(words: Sequence[str], colours: Sequence[str], field: str = "name", **look: Any) -> alt.Color:
    """Return the colour encoding of ``field``: a colour for each word, in order, with a legend."""
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=list(words), range=list(colours)), legend=legend(**look))


def dash(words: Sequence[str], field: str = "name", **look: Any) -> alt.StrokeDash:
    """Return the dash encoding of ``field``: firm for the first word, dashes for the second, dots for a third.

    With the field, words and look of :func:`colour` the two share a legend.
    """
    return alt.StrokeDash(
        f"{field}:N",
        scale=alt.Scale(domain=list(words), range=[FIRM, DASHED, DOTTED][: len(words)]),
        legend=legend(**look),
    )


def tooltip(
    chart: alt.Chart,
    words: Mapping[str, str] | None = None,
    *,
    counts: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
) -> alt.Chart:
    """Return a chart with a tooltip of these columns, each with its title: words, then counts, then numbers."""
    written = {f"{field}_written": formats.expression(f"datum.{field}") for field in numbers or {}}
    tips = [alt.Tooltip(f"{field}:N", title=title) for field, title in (words or {}).items()]
    tips += [alt.Tooltip(f"{field}:Q", title=title, format=",") for field, title in (counts or {}).items()]
    tips += [
        alt.Tooltip(f"{field}:N", title=title) for field, title in zip(written, (numbers or {}).values(), strict=True)
    ]
    result: alt.Chart = chart.transform_calculate(**written).encode(tooltip=tips)
    return result
