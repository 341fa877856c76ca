"""From Altair's charts to the Vega-Lite specifications that pages keep, and what all charts have in common.

A chart is built once and kept as a dictionary; what changes from run to run is in the data. So it is redrawn in place.
Every chart takes its axes, its legend and its width from here, so that one place decides how they look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from dlcore.drawing import formats

Spec = dict[str, Any]

SHARES: Final = (0, 0.25, 0.5, 0.75, 1)  # what an axis of shares, such as accuracy, says
FIRM, DASHED = [1, 0], [6, 4]


def as_spec(chart: Any, height: int | None = None) -> Spec:
    """Return an Altair chart as a dictionary without its placeholder data, for ``st.vega_lite_chart(frame, spec)``.

    With a ``height`` in pixels it is as wide as the page lets it be.
    """
    spec: Spec = (chart if height is None else chart.properties(width="container", height=height)).to_dict()
    for part in ("data", "datasets", "config", "$schema"):
        spec.pop(part, None)
    for layer in spec.get("layer", ()):
        layer.pop("data", None)
    return spec


def empty(*columns: str) -> pd.DataFrame:
    """Return a frame without rows, to build a chart on."""
    return pd.DataFrame({column: [] for column in columns})


def literal(text: str) -> str:
    """Return a string as it stands in a Vega expression."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def named(field: str, words: Mapping[str, str]) -> str:
    """Return the Vega expression of the word for the id in ``field``, such as ``datum.kind``."""
    return "{" + ", ".join(f"{literal(id)}: {literal(word)}" for id, word in words.items()) + f"}}[{field}]"


def axis(*, counts: bool = False, **look: Any) -> alt.Axis:
    """Return an axis whose numbers are written as everywhere; ``look`` are Altair's arguments.

    ``counts`` are whole numbers, with their thousands apart.
    """
    # A logarithmic axis has ticks without a word, whose label is empty.
    label = f"datum.label === '' ? '' : {formats.expression('datum.value')}"
    return alt.Axis(**{"tickCount": 5} | ({"format": ","} if counts else {"labelExpr": label}) | look)


def scale(*domain: float, log: bool = False, **more: Any) -> alt.Scale:
    """Return a linear or logarithmic scale from the first to the second number; over the data where there is none."""
    ends: dict[str, Any] = {"domain": list(domain), "nice": False} if domain else {}
    kind: dict[str, Any] = {"type": "log"} if log else {}
    return alt.Scale(**ends | kind | more)


def legend(**look: Any) -> alt.Legend:
    """Return a legend above the chart; ``look`` are Altair's arguments."""
    return alt.Legend(**{"orient": "top", "title": None, "offset": 0, "padding": 0} | look)


def colour(words: Sequence[str], colours: Sequence[str], field: str = "name", **look: Any) -> alt.Color:
    """Return the colours of the names in ``field``, in order, with their legend."""
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=list(words), range=list(colours)), legend=legend(**look))


def tooltip(
    chart: alt.Chart,
    words: Mapping[str, str] | None = None,
    *,
    counts: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
) -> alt.Chart:
    """Return a chart that tells these columns, each with its title, under the pointer: words as they stand first."""
    written = {f"{field}_written": formats.expression(f"datum.{field}") for field in numbers or {}}
    told = [alt.Tooltip(f"{field}:N", title=title) for field, title in (words or {}).items()]
    told += [alt.Tooltip(f"{field}:Q", title=title, format=",") for field, title in (counts or {}).items()]
    told += [
        alt.Tooltip(f"{field}:N", title=title) for field, title in zip(written, (numbers or {}).values(), strict=True)
    ]
    found: alt.Chart = chart.transform_calculate(**written).encode(tooltip=told)
    return found
