"""From Altair's charts to the Vega-Lite specifications that pages keep.

A chart is built once and kept as a dictionary; what changes from run to run is in the data. So it is redrawn in place.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

Spec = dict[str, Any]


def as_spec(chart: Any) -> Spec:
    """An Altair chart as a dictionary without its placeholder data, for ``st.vega_lite_chart(frame, spec)``."""
    spec: Spec = chart.to_dict()
    for part in ("data", "datasets", "config", "$schema"):
        spec.pop(part, None)
    for layer in spec.get("layer", ()):
        layer.pop("data", None)
    return spec


def empty(*columns: str) -> pd.DataFrame:
    """A frame without rows, to build a chart on."""
    return pd.DataFrame({column: [] for column in columns})


def literal(text: str) -> str:
    """A string as it stands in a Vega expression."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
