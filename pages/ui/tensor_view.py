"""A tensor drawn as a grid of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from torch import Tensor

from dlcore import grid
from pages.ui.language import t


def tensor_view(
    tensor: Tensor,
    *,
    key: str,
    marks: Sequence[grid.Mark] | None = None,
    on_click: Callable[[tuple[int, ...]], object] | None = None,
    cell: int = grid.CELL,
) -> None:
    """Draw a tensor; its alternative text is its shape.

    Parameters
    ----------
    marks : what is to be seen of each element, in the order of ``tensor.flatten()``.
    on_click : called with a clicked cell's index before the script runs.
    """
    frame = grid.cells(tensor, marks=marks)
    spec = grid.spec(*grid.extent(frame), cell=cell, index_title=t("tensor_view.index"))
    words = t("tensor_view.alt", shape=tuple(tensor.shape))
    if on_click is None:
        st.vega_lite_chart(frame, spec, key=key, alt=words, width="content")
        return

    def clicked() -> None:
        picked = st.session_state[key]["selection"].get("cell")
        if picked:
            index = picked[0]["index"]
            on_click(tuple(map(int, index.split(","))) if index else ())

    st.vega_lite_chart(frame, spec, key=key, on_select=clicked, selection_mode="cell", alt=words, width="content")
