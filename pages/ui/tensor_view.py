"""A tensor drawn as a grid of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing import grid
from pages.ui import component
from pages.ui.language import t

MAX_WIDTH: Final = 18  # cells side by side that are still readable on a phone
_SCROLL_BAR: Final = 34  # pixels, including Streamlit's margins


def tensor_view(
    tensor: Tensor,
    *,
    key: str,
    marks: Sequence[grid.Mark] | None = None,
    on_click: Callable[[tuple[int, ...]], object] | None = None,
    cell: int = grid.CELL,
    darkest: float | None = None,
) -> None:
    """Draw a tensor; its alternative text is its shape.

    Parameters
    ----------
    marks : the mark of each element, in the order of ``tensor.flatten()``.
    on_click : called with the index of a clicked cell before the script runs.
    darkest : the magnitude of the full colour, by default the tensor's largest; tensors that are compared share one.
    """
    frame = grid.cells(tensor, marks=marks, darkest=darkest)
    cells_view(frame, key=key, alt=t("tensor_view.alt", shape=tuple(tensor.shape)), cell=cell, on_click=on_click)


def cells_view(
    frame: pd.DataFrame,
    *,
    key: str,
    alt: str,
    cell: int = grid.CELL,
    on_click: Callable[[tuple[int, ...]], object] | None = None,
) -> None:
    """Draw a frame of :func:`dlcore.drawing.grid.cells`.

    In little space, as on a phone, the cells get narrower; a picture too wide for that scrolls instead.
    """
    spec = grid.spec(*grid.extent(frame), cell=cell, index_title=t("tensor_view.index"))

    def clicked() -> None:
        index = str(component.selected(key, "cell").get("index"))
        if on_click and index in set(frame["index"][frame["mark"] != "gap"]):
            on_click(tuple(map(int, index.split(","))) if index else ())

    select: dict[str, Any] = {} if on_click is None else {"on_select": clicked, "selection_mode": "cell"}
    if grid.extent(frame)[0] <= MAX_WIDTH:
        with st.container(width=round(spec["width"])):
            st.vega_lite_chart(frame, spec, key=key, alt=alt, width="stretch", **select)
    else:
        with st.container(height=round(spec["height"]) + _SCROLL_BAR, border=False):  # scrolling needs a given height
            st.vega_lite_chart(frame, spec, key=key, alt=alt, width="content", **select)
