"""The part "loop": the training loop as notebooks write it, any line of which can be left out."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.linear_regression import charts
from dlcore.lessons.linear_regression.loop import programs
from dlcore.lessons.linear_regression.loop.model import BATCH_SIZE, EPOCHS, LINES, TRUE, Loop, LoopRun, N, train
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

HEIGHT = 300


def draw_loop(s: State) -> None:
    """Draw the choice of the loop's lines, the parameters over its updates, its losses and its code."""
    left, middle, right = layout.stage(0.24, 0.34, 0.42)
    with left:
        control(s, "lines")
        control(s, "reduction", in_sight=True)
        control(s, "half")
        control(s, "lr")
    loop = Loop(s["reduction"], s["half"], s["lr"], s["lines"])
    run = train(loop)
    with middle:
        names = ("w₁", "w₂", "b")
        st.vega_lite_chart(
            charts.path_frame(run.path, TRUE, N // BATCH_SIZE),
            charts.parameters_spec(names, EPOCHS, t("axis.epoch"), t("linear_regression.value"), HEIGHT),
            alt=t("linear_regression.alt_parameters"),
        )
        _write_result(loop, run)
    with right:
        lesson.code(programs.program(loop))
    lesson.idea("linear_regression/loop")
    lesson.end(s)


def _write_result(loop: Loop, run: LoopRun) -> None:
    """Write torch's error or the losses, the rate by which loops can be compared, and what the missing lines do."""
    if run.error:
        st.error(run.error, icon=":material/error:")
    else:
        losses = [formats.text(loss, 2) for loss in run.losses]
        epochs = [str(epoch) for epoch in range(1, EPOCHS + 1)]
        table(pd.DataFrame({t("axis.epoch"): epochs, t("axis.loss"): losses}))
        st.markdown(t("linear_regression.loop.rate", rate=formats.text(loop.rate)))
    if loop.reduction == "none" and "backward" in loop.lines:
        st.markdown(t("linear_regression.loop.none"))
    for line in LINES:
        if line not in loop.lines:
            st.markdown(t(f"linear_regression.loop.without_{line}"))
