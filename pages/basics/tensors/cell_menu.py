"""The menu of a tensor's cells: it chooses with the keyboard what a click on the picture chooses with the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import streamlit as st

from pages.ui.lesson import State

WIDTH = 190  # pixels


def written(name: str, cell: Sequence[int]) -> str:
    """Return the code of a cell, such as ``s[1, 2]``; of a scalar the name alone."""
    return f"{name}[{', '.join(map(str, cell))}]" if cell else name


def cell_menu(s: State, setting: str, of: str, shape: Sequence[int], chosen: tuple[int, ...]) -> None:
    """Draw the menu of all cells of the tensor ``of`` with the ``chosen`` one; none for a scalar."""
    if not shape:
        return
    key = f"tensors.{setting}"
    st.session_state[key] = chosen
    st.selectbox(
        s.label(setting),
        list(product(*map(range, shape))),
        format_func=lambda cell: written(of, cell),
        key=key,
        on_change=lambda: s.set(setting, st.session_state[key]),
        width=WIDTH,
    )
