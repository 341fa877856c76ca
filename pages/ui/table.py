"""The table of every page: small, read as a whole, and the same in the light, in the dark and by a screen reader."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def table(frame: pd.DataFrame, *, place: Any = st, hide_header: bool = False) -> DeltaGenerator:
    """Draw a small table and return its placeholder, in which the next one can be drawn.

    Long data, which scrolls, goes into ``st.dataframe`` instead: it draws only the rows in sight.

    Parameters
    ----------
    frame : its cells are text, read as Markdown, with numbers formatted by :mod:`dlcore.drawing.formats`. Every column
        has a name. The first column is aligned left and the others, the numbers, right; in a container of
        :func:`pages.ui.layout.sentences` all are aligned left.
    place : where to draw: a container, or the placeholder of the table before.
    """
    drawn: DeltaGenerator = place.table(frame, hide_index=True, hide_header=hide_header, border="horizontal")
    return drawn
