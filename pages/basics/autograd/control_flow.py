"""The topic "control_flow": gradients through while and if."""

from __future__ import annotations

import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.autograd.control_flow import charts, programs
from dlcore.lessons.autograd.control_flow import model as control_flow
from dlcore.lessons.autograd.control_flow.model import UnrolledRun
from dlcore.settings.errors import InputError
from pages.ui import lesson
from pages.ui.controls import control, numbers
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.messages import describe_error


def draw_control_flow(s: State) -> None:
    """Draw the unrolled graph of the chosen input, its gradient, and for a scalar f and f′ over a."""
    flow, a = s["flow"], float(s["a"])
    scalar = flow == "scalar"
    start = (a,) if scalar else s["doubled" if flow == "norm" else "elements"][0]
    left, right = st.columns([0.36, 0.64], gap="large")
    with left:
        control(s, "flow", in_sight=True)
        if scalar:
            control(s, "a")
        else:
            numbers(s, "doubled" if flow == "norm" else "elements")
    try:
        if scalar:
            run = control_flow.run_f(a)
        else:
            run = (control_flow.run_norm if flow == "norm" else control_flow.run_f_of_vector)((start,))
    except InputError as error:
        with left:
            st.warning(describe_error(error), icon=":material/error:")
            _idea(flow)
        return
    with left:
        _write_result(run, flow, a)
        _idea(flow)
    with right:
        st.vega_lite_chart(
            charts.steps_frame(run, start),
            charts.steps_spec(
                t("autograd.gradients.operation"),
                "‖y‖" if flow == "norm" else "‖b‖",
                t("autograd.gradients.threshold", threshold=control_flow.THRESHOLD),
                230,
            ),
            key="autograd.unrolled",
            alt=t("autograd.gradients.unrolled_alt"),
        )
        with st.container(horizontal=True, gap="small"):
            st.markdown(" → ".join(f"`{text}`" for text in _chain(run)))
        if scalar:
            _curves(s, a)
        else:
            lesson.code((programs.norm_snippet if flow == "norm" else programs.f_of_vector_snippet)((start,)))
    if scalar:
        lesson.code(programs.f_snippet(a))


def _idea(flow: str) -> None:
    lesson.idea("autograd/control_flow_vector" if flow == "norm" else "autograd/control_flow")


def _write_result(run: UnrolledRun, flow: str, a: float) -> None:
    """Write the number of doublings, the branch and the gradient."""
    if flow == "norm":
        grads = ", ".join(formats.text(grad, 6) for grad in run.grads)
        st.markdown(t("autograd.gradients.flow_norm", n=run.doublings, grad=grads))
        return
    branch = t("autograd.gradients.then" if run.branch == "then" else "autograd.gradients.else")
    said = {"n": run.doublings, "branch": branch, "grad": formats.text(run.grad, 6)}
    if flow == "scalar":
        st.markdown(t("autograd.gradients.flow_scalar", **said, ratio=formats.text(run.result / a, 6)))
    else:
        result = ", ".join(formats.text(value, 6) for value in run.results)
        st.markdown(t("autograd.gradients.flow_vector", **said, result=result))


def _chain(run: UnrolledRun) -> list[str]:
    """Return the lines of code in order, the loop's line once with its number of repeats."""
    codes = [line.code for line in run.lines]
    repeats = run.doublings - 1
    loop = [f"{codes[1]}  ({repeats}×)"] if repeats else []
    return [codes[0], *loop, *codes[run.doublings :]]


def _curves(s: State, a: float) -> None:
    log = s["axes"] == "log"
    control(s, "axes", in_sight=True)
    frame = charts.curve_frame(a, log=log)
    titles = ("|a|", "|f(a)|", "|f′(a)|") if log else ("a", "f(a)", "f′(a)")
    f_side, slope_side = st.columns(2)
    for side, column, title in ((f_side, "f", titles[1]), (slope_side, "slope", titles[2])):
        with side:
            st.vega_lite_chart(
                frame,
                charts.curve_spec(column, titles[0], title, log=log, height=200),
                key=f"autograd.flow.{column}",
                alt=t("autograd.gradients.flow_alt", name=title),
            )
