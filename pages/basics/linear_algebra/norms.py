"""The part about norms of a vector and the Frobenius norm of a matrix."""

from __future__ import annotations

import pandas as pd
import streamlit as st
import torch

from dlcore.drawing import formats
from dlcore.lessons.linear_algebra.norms import charts, programs
from dlcore.lessons.linear_algebra.norms import model as norms
from dlcore.settings.rules import Grid
from pages.basics.linear_algebra.products import draw_size
from pages.ui import layout, lesson
from pages.ui.controls import control, numbers
from pages.ui.language import t
from pages.ui.table import table


def draw_norms(s: lesson.State) -> None:
    """Draw the vector's controls, the unit balls and the norms; below them the Frobenius norm."""
    v = (s["v1"], s["v2"])
    entered, picture, shown = layout.stage(0.28, 0.36, 0.36)
    with entered:
        st.caption(t("linear_algebra.vector_v"))
        control(s, "v1")
        control(s, "v2")
        control(s, "balls")
        control(s, "order", disabled="Lp" not in s["balls"])
        if "Lp" in s["balls"] and s["order"] < 1:
            draw_warning(s["order"])
        lesson.idea("linear_algebra/norms")
    with picture:
        frame = charts.frame(v, s["balls"], s["order"])
        spec = charts.spec("v₁", "v₂", t("linear_algebra.norm"))
        st.vega_lite_chart(frame, spec, key="linear_algebra.balls", alt=t("linear_algebra.alt_norms"))
    with shown:
        draw_table(s, v)
        lesson.code(programs.snippet(v, s["balls"], s["order"]))
    draw_frobenius(s)


def draw_table(s: lesson.State, v: tuple[float, float]) -> None:
    """Draw a table of the chosen norms and their calculations."""
    vector = torch.tensor(v)
    rows = [
        {
            t("linear_algebra.norm"): norms.WORDS[id],
            t("linear_algebra.written_out"): norms.written_out(v, id, s["order"]),
            t("linear_algebra.value"): formats.text(norms.norm(vector, norms.order_of(id, s["order"])), 5),
        }
        for id in norms.WORDS
        if id in s["balls"]
    ]
    table(pd.DataFrame(rows))


def draw_warning(p: float) -> None:
    """Draw a warning: below order 1 the triangle inequality fails, as the sum of the basis vectors shows."""
    both = norms.norm(torch.ones(2), p)
    st.warning(t("linear_algebra.no_norm", p=formats.text(p, 6), both=formats.text(both)), icon=":material/warning:")


def draw_frobenius(s: lesson.State) -> None:
    """Draw a matrix that can be edited and its Frobenius norm."""
    value, rule = s["matrix"], s.settings["matrix"].rule
    assert isinstance(rule, Grid)
    m = torch.tensor(value)
    st.header(t("linear_algebra.frobenius"), anchor=False)
    entered, shown = st.columns([0.56, 0.44], gap="medium")
    with entered:
        with st.container(horizontal=True, gap="small"):
            draw_size(s, ("matrix",), "m", "rows", len(value), rule.rows, fill=1.0)
            draw_size(s, ("matrix",), "m", "columns", len(value[0]), rule.columns, fill=1.0)
        numbers(s, "matrix")
    with shown:
        squares = formats.text(float(m.square().sum()), 6)
        norm = formats.text(norms.frobenius(m), 6)
        st.markdown(t("linear_algebra.frobenius_is", count=m.numel(), squares=squares, norm=norm))
        lesson.code(programs.matrix_snippet(m))
