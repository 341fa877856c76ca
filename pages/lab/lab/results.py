"""What a grid showed: sentences, the heat map, the table and curves of a row or a column."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.lab.charts import curves_frame, curves_spec, heat_frame, heat_spec
from dlcore.lab.grid import Grid
from dlcore.lab.parts import CellState
from dlcore.lab.summary import Finding, findings, places_frame, runs_frame
from pages.lab.lab.picture import row_names
from pages.lab.lab.state import GridRun, axis_name, words
from pages.ui import layout
from pages.ui.language import t
from pages.ui.table import table

VIEWS: Final = ("heat", "table", "curves")
HEAT_AXIS, HEAT_ROW, CURVES_HEIGHT = 70, 34, 260  # pixels


@dataclass(frozen=True)
class Results:
    """The numbers of a grid at one moment."""

    states: Sequence[CellState]
    runs: pd.DataFrame


def results(run: GridRun) -> Results:
    """Return the numbers of the grid; call it in a turn of the gate."""
    states = run.states
    return Results(states, runs_frame(states))


def quantity_of(grid: Grid, quantity: str) -> str:
    """Return the name of "loss" or "accuracy" on the test samples, or the training samples if there are none."""
    return f"{'test' if grid.base.data.test_share > 0 else 'train'}_{quantity}"


# --- sentences --------------------------------------------------------------------------------------------------------
def sentences(grid: Grid, found: Results) -> str:
    """Return what the grid showed, a line for each finding; the empty grid has a line that says how to begin."""
    lines = [sentence(grid, finding) for finding in findings(grid, found.runs, quantity_of(grid, "loss"))]
    return "  \n".join(lines) if lines else t("lab.before")


def sentence(grid: Grid, finding: Finding) -> str:
    """Return a finding in words."""
    axis = next(axis for axis in grid.axes if axis.id == finding.axis)
    values = [words(axis, value) for value in finding.values]
    return t(
        f"lab.finding.{finding.rule}",
        axis=axis_name(axis.id),
        values=", ".join(values),
        first=values[0],
        last=values[-1],
        best="" if finding.best is None else words(axis, finding.best),
        difference=_number(finding.difference),
        spread=_number(finding.spread),
        runs=finding.runs,
    )


def _number(value: float) -> str:
    return "–" if math.isnan(value) else formats.text(value, 2)


# --- views ------------------------------------------------------------------------------------------------------------
class View:
    """One view of the results, chosen by a menu, with its placeholder."""

    def __init__(self, run: GridRun) -> None:
        self._grid = run.grid
        self._place: Any = None
        self._view, self._line = VIEWS[0], ""

    def draw(self, found: Results) -> None:
        """Draw the menu and the view at the current position of the page."""
        self._view = _menu("lab.view", t("lab.view"), {id: t(f"lab.views.{id}") for id in VIEWS})
        st.caption(t(f"lab.teaches.{self._view}"))
        if self._view == "curves":
            self._line = _menu("lab.line", t("lab.line"), dict(lines(self._grid)))
        self._place = self._draw(layout.still("lab"), found)

    def redraw(self, found: Results) -> None:
        """Hand new numbers to the placeholder."""
        self._draw(self._place, found)

    def _draw(self, place: Any, found: Results) -> Any:
        grid, loss = self._grid, quantity_of(self._grid, "loss")
        if self._view == "table":
            return table(numbers(grid, found.runs), place=place)
        if self._view == "curves":
            named = list(curves_of(grid, found.states, self._line))
            title = axis_name(grid.x.id if self._line.startswith("row") or grid.y is None else grid.y.id)
            names = tuple(name for name, _ in named)
            spec = curves_spec(grid.base.training.epochs, names, title, t("axis.epoch"), t("axis.loss"), CURVES_HEIGHT)
            return place.vega_lite_chart(curves_frame(named, loss), spec, alt=t("lab.alt_curves"))
        xs = tuple(words(grid.x, value) for value in grid.x.values)
        ys = ("",) if grid.y is None else tuple(words(grid.y, value) for value in grid.y.values)
        y_title = "" if grid.y is None else axis_name(grid.y.id)
        spec = heat_spec(axis_name(grid.x.id), y_title, xs, ys, HEAT_AXIS + HEAT_ROW * len(ys))
        return place.vega_lite_chart(heat_frame(places_frame(found.runs, loss), xs, ys), spec, alt=t("lab.alt_heat"))


def _menu(key: str, label: str, options: dict[str, str]) -> str:
    """Draw a menu that keeps its choice when the page is left, and return the choice."""
    kept = st.session_state.setdefault(f"{key}.kept", {})

    def chosen() -> None:
        kept["id"] = st.session_state[key]

    id = kept.get("id")
    st.session_state[key] = id if id in options else next(iter(options))
    choice: str = st.selectbox(label, list(options), format_func=options.get, key=key, on_change=chosen)
    return choice


def numbers(grid: Grid, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the table of loss and accuracy: of each place the median, and the spread over its seeds."""
    loss, accuracy = (places_frame(runs, quantity_of(grid, quantity)) for quantity in ("loss", "accuracy"))
    rows = []
    for (_, one), (_, other) in zip(loss.iterrows(), accuracy.iterrows(), strict=True):
        place = [words(axis, value) for axis, value in zip(grid.axes, (one["x"], one["y"]), strict=False)]
        row = [one["median"], one["spread"], other["median"], other["spread"]]
        rows.append([" · ".join(place), *("–" if math.isnan(value) else formats.fixed(value, 3) for value in row)])
    return pd.DataFrame(
        rows,
        columns=[
            " · ".join(axis_name(axis.id) for axis in grid.axes),
            t("axis.loss"),
            t("lab.spread"),
            t("axis.accuracy"),
            t("lab.accuracy_spread"),
        ],
    )


def lines(grid: Grid) -> Iterator[tuple[str, str]]:
    """Yield the id and the words of each row and column whose curves can be drawn."""
    if grid.y is None:
        yield "row", axis_name(grid.x.id)
        return
    for i, name in enumerate(row_names(grid)):
        yield f"row{i}", f"{axis_name(grid.y.id)}: {name}"
    for i, value in enumerate(grid.x.values):
        yield f"column{i}", f"{axis_name(grid.x.id)}: {words(grid.x, value)}"


def curves_of(grid: Grid, states: Sequence[CellState], line: str) -> Iterator[tuple[str, list[CellState]]]:
    """Yield the name and the states of each place of a row or a column."""
    across = not line.startswith("column")
    axis = grid.x if across or grid.y is None else grid.y
    number = int(line.removeprefix("row").removeprefix("column") or 0)
    for i, value in enumerate(axis.values):
        at = (i, number) if across else (number, i)
        yield words(axis, value), [state for state in states if (state.cell.column, state.cell.row) == at]
