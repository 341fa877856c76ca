"""The topic "detach": cutting the graph with detach or no_grad."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.drawing.grid import number
from dlcore.lessons.autograd.detach import charts, programs
from dlcore.lessons.autograd.detach import model as detach
from pages.ui import lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table


def draw_detach(s: State) -> None:
    """Draw the graph with its cut, both gradients over x, and a table of the variables as torch describes them."""
    left, right = st.columns([0.4, 0.6], gap="large")
    where, x = s["cut"], float(s["cut_at"])
    cut = detach.cut(where, x)
    with left:
        control(s, "cut", in_sight=True)
        control(s, "cut_at")
        if cut.error:
            st.error(f"RuntimeError: {cut.error}")
            st.markdown(t("autograd.gradients.no_graph"))
        else:
            whole = detach.cut("none", x).grad
            st.markdown(t("autograd.gradients.both", cut=number(cut.grad or 0.0), whole=number(whole or 0.0)))
        columns = {
            t("autograd.gradients.name"): [f"`{variable.name}`" for variable in cut.variables],
            t("autograd.gradients.value"): [number(variable.value) for variable in cut.variables],
            "requires_grad": [str(variable.requires_grad) for variable in cut.variables],
            "grad_fn": [variable.grad_fn for variable in cut.variables],
        }
        table(pd.DataFrame(columns))
    with right:
        st.vega_lite_chart(
            charts.graph_frame(where, x, t("autograd.gradients.cut")),
            charts.graph_spec(190),
            key="autograd.cut_graph",
            alt=t("autograd.gradients.graph_alt"),
        )
        st.vega_lite_chart(
            charts.curve_frame(where, x),
            charts.curve_spec("x", "x.grad", t("autograd.gradients.whole"), t("autograd.gradients.as_cut"), 280),
            key="autograd.cut_curves",
            alt=t("autograd.gradients.curves_alt"),
        )
    code, idea = st.columns(2, gap="large")
    with code:
        lesson.code(programs.snippet(where, x))
    with idea:
        lesson.idea("autograd/detach")
