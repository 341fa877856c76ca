"""The part "outliers": one point is moved away, and three losses fit a line to all of them."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.linear_regression.outliers import charts, programs
from dlcore.lessons.linear_regression.outliers.model import LOSSES, N, lines, movements, shift_to
from pages.ui import component, layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

HEIGHT = 380
KEY = "linear_regression.outliers.picture"


def move(s: State) -> None:
    """Move the point that is dragged in the picture to the height of the pointer."""
    place = component.selected(KEY, "drag")
    point = component.number_between(place.get("point"), 1, N)
    y = component.number_between(place.get("y"), *charts.Y_AXIS)
    if point is not None and y is not None:
        s.apply({"point": int(point), "shift": round(shift_to(int(point), float(y)), 1)})


def draw_outliers(s: State) -> None:
    """Draw the points with the three lines, and how far each line moved because of the moved point."""
    left, middle, right = layout.stage(0.24, 0.40, 0.36)
    with left:
        control(s, "shift")
        control(s, "point")
    names = tuple(t(f"linear_regression.outliers.{loss}") for loss in LOSSES)
    given = (s["point"], float(s["shift"]))
    with middle:
        st.vega_lite_chart(
            charts.lines_frame(*given),
            charts.lines_spec(names, HEIGHT),
            key=KEY,
            on_select=partial(move, s),
            alt=t("linear_regression.outliers.alt_lines"),
        )
        st.caption(t("linear_regression.outliers.drag"))
    with right:
        moved = t("linear_regression.outliers.moved")
        st.vega_lite_chart(
            charts.sweep_frame(*given),
            charts.sweep_spec(names, s.label("shift"), moved, HEIGHT - 160),
            alt=t("linear_regression.outliers.alt_sweep"),
        )
        fits = [(*lines(*given)[loss], distance) for loss, distance in movements(*given).items()]
        rows = [[name, *(formats.fixed(number, 2) for number in fit)] for name, fit in zip(names, fits, strict=True)]
        table(pd.DataFrame(rows, columns=[s.label("loss"), "w", "b", moved]))
    words, code = st.columns(2, gap="large")
    with words:
        lesson.idea("linear_regression/outliers")
    with code:
        lesson.code(programs.program(*given))
    lesson.end(s)
