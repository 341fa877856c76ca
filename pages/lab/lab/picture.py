"""The grid of decision regions: one image, and over it the values of the axes and the losses."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.drawing.image import data_url
from dlcore.lab.grid import Grid
from dlcore.lab.sheet import place, shape, shown
from pages.lab.lab.state import GridRun, axis_name, words
from pages.ui import layout
from pages.ui.language import t

HEIGHT: Final = 440  # pixels at most, so that the grid stands above the fold of a laptop
LABELS: Final = 90  # pixels of the labels beside the image
REFRESH: Final = 0.03  # seconds a frame for redrawing cells


class Picture:
    """The grid as it is drawn, and its placeholders; an ``st.empty`` would flicker."""

    def __init__(self, run: GridRun, quantity: str) -> None:
        self._run, self._quantity = run, quantity
        self._image: Any = None
        self._words: Any = None

    def compose(self, seconds: float = REFRESH) -> tuple[str, str]:
        """Return the image and the words over it; call it in a turn of the gate."""
        self._run.sheet.refresh(seconds)
        return data_url(self._run.sheet.png(layout.theme())), overlay(self._run, self._quantity)

    def draw(self, frame: tuple[str, str]) -> None:
        """Draw the grid at the current position of the page."""
        rows, columns = shape(self._run.grid)
        width = int(HEIGHT * columns / rows) + LABELS
        with st.container(key="lab-grid", width=width, gap=None):
            self._image, self._words = _image(st, frame[0]), st.html(frame[1])

    def redraw(self, frame: tuple[str, str]) -> None:
        """Hand a new frame to the placeholders."""
        _image(self._image, frame[0])
        self._words.html(frame[1])


def _image(place: Any, image: str) -> DeltaGenerator:
    drawn: DeltaGenerator = place.image(image, width="stretch", alt=t("lab.alt_grid"))
    return drawn


def overlay(run: GridRun, quantity: str) -> str:
    """Return the HTML of the axes' values and of the losses: labels of the app and numbers, escaped all the same."""
    grid, states = run.grid, run.states
    rows, columns = shape(grid)
    parts = [f'<b class="x">{escape(axis_name(grid.x.id))}</b>']
    parts += [_span("x", (i + 0.5) / columns, 0, words(grid.x, value)) for i, value in enumerate(grid.x.values)]
    parts += [_span("y", 0, (i + 0.5) / rows, name) for i, name in enumerate(row_names(grid))]
    for cell in shown(grid):
        row, column = place(grid, cell)
        state = states[cell.index]
        if state.diverged_at is not None:
            text = t("lab.diverged")
        elif state.last is None:
            continue
        else:
            text = formats.fixed(getattr(state.last, quantity), 3)
        parts.append(_span("loss", (column + 0.5) / columns, (row + 1) / rows, text))
    return f'<div class="cells" aria-hidden="true">{"".join(parts)}</div>'


def row_names(grid: Grid) -> list[str]:
    """Return the words of the rows: the values of the second axis, or the seeds."""
    if grid.y is not None:
        return [words(grid.y, value) for value in grid.y.values]
    if grid.seeds == 1:
        return [""]
    return [t("lab.seed", number=i + 1) for i in range(grid.seeds)]


def _span(kind: str, left: float, top: float, text: str) -> str:
    return f'<span class="{kind}" style="left:{100 * left:.3f}%;top:{100 * top:.3f}%">{escape(text)}</span>'
