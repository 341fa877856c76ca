"""A tensor drawn as a grid of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing import grid
from pages.ui.language import t

WIDEST: Final = 18  # cells side by side that a phone's width leaves large enough to be read
_SCROLL_BAR: Final = 34  # pixels, with Streamlit's margins


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
    marks : what is to be seen of each element, in the order of ``tensor.flatten()``.
    on_click : called with a clicked cell's index before the script runs.
    darkest : the magnitude that gets the full colour, if not the tensor's largest: where tensors are compared, that of
        all of them.
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
    """Draw a frame of :func:`dlcore.drawing.grid.cells`. Where there is little room, as on a phone, the cells get
    narrower; where they would get too narrow for their numbers, the picture scrolls."""
    spec = grid.spec(*grid.extent(frame), cell=cell, index_title=t("tensor_view.index"))

    def clicked() -> None:
        picked = st.session_state[key]["selection"].get("cell")
        if picked and on_click:
            index = picked[0]["index"]
            on_click(tuple(map(int, index.split(","))) if index else ())

    select: dict[str, Any] = {} if on_click is None else {"on_select": clicked, "selection_mode": "cell"}
    if grid.extent(frame)[0] <= WIDEST:
        with st.container(width=round(spec["width"])):
            st.vega_lite_chart(frame, spec, key=key, alt=alt, width="stretch", **select)
    else:
        with st.container(height=round(spec["height"]) + _SCROLL_BAR, border=False):  # only a given height scrolls
            st.vega_lite_chart(frame, spec, key=key, alt=alt, width="content", **select)
