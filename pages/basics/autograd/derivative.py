"""The part "derivative": a typed function, its derivative, the tangent at a point and the difference quotient."""

from __future__ import annotations

import math

import streamlit as st

from dlcore.drawing import formats
from dlcore.drawing.grid import number
from dlcore.lessons.autograd.derivative import charts, programs
from dlcore.lessons.autograd.derivative import model as derivative
from dlcore.settings.errors import InputError
from dlcore.settings.rules import Number
from pages.ui import lesson
from pages.ui.controls import control, slider
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.messages import describe_error


def draw_derivative(s: State) -> None:
    """Draw the controls, the curves, the error of the quotient, the numbers, the code and the idea."""
    controls, curves = st.columns([0.28, 0.72], gap="large")
    with controls:
        control(s, "formula")
        program = s.understood("formula", derivative.formula)
        low, high = _range(s)
        x0 = min(max(float(s["x0"]), low), high)
        step = 10.0 ** math.floor(math.log10((high - low) / 60))  # a power of ten, so that the thumb stops at round x
        slider(s.label("x0"), "autograd.x0", x0, Number(low, high, step), lambda chosen: s.set("x0", float(chosen)))
        control(s, "h", marks=(1, 2, 5))
        control(s, "dtype", in_sight=True)
    dtype = s["dtype"]
    tangent = derivative.tangent(program, x0, float(s["h"]), dtype=dtype)
    curve = derivative.curve(program, low, high, dtype=dtype)
    with curves:
        left, right = st.columns([0.62, 0.38])
        with left:
            names = ("f(x)", "f′(x)", t("autograd.derivative.tangent"), t("autograd.derivative.secant"))
            st.vega_lite_chart(
                charts.curve_frame(curve, tangent),
                charts.curve_spec("x", "y", names, 400),
                key="autograd.curve",
                alt=t("autograd.derivative.curve_alt"),
            )
        with right:
            st.vega_lite_chart(
                charts.error_frame(program, tangent, dtype=dtype),
                charts.error_spec("h", t("autograd.derivative.error"), 400),
                key="autograd.quotient_error",
                alt=t("autograd.derivative.error_alt"),
            )
        _write_result(tangent)
        if math.isfinite(limit := charts.bound(curve)):
            st.caption(t("autograd.derivative.clipped", limit=number(limit)))
    code, idea = st.columns(2, gap="large")
    with code:
        lesson.code(programs.snippet(program, x0, float(s["h"]), dtype=dtype))
    with idea:
        lesson.idea("autograd/derivative")


def choose_preset(s: State) -> None:
    """Draw the choice of an example function."""
    key = "autograd.presets"

    def chosen() -> None:
        s.set("formula", st.session_state[key] or s["formula"])

    st.session_state[key] = s["formula"] if s["formula"] in derivative.PRESETS else None
    st.pills(t("autograd.derivative.presets"), derivative.PRESETS, key=key, on_change=chosen)


def _range(s: State) -> tuple[float, float]:
    """Draw the controls of the range and return it, or the last valid one with a warning if it is too narrow."""
    first, second = st.columns(2)
    for side, name in ((first, "low"), (second, "high")):
        with side:
            control(s, name, exact=True)
    try:
        s.memo["range"] = derivative.interval(s["low"], s["high"])
    except InputError as error:
        st.warning(describe_error(error), icon=":material/error:")
    defaults = s.lesson.defaults()
    found: tuple[float, float] = s.memo.get("range", (defaults["low"], defaults["high"]))
    return float(found[0]), float(found[1])


def _write_result(tangent: derivative.Tangent) -> None:
    if tangent.corner:
        st.info(
            t(
                "autograd.derivative.corner",
                x=formats.text(tangent.x, 6),
                slope=formats.text(tangent.slope, 6),
                h=formats.text(tangent.h, 6),
                quotient=formats.text(tangent.quotient, 6),
            ),
            icon=":material/info:",
        )
        return
    if not tangent.exists:
        st.info(t("autograd.derivative.none", x=number(tangent.x)), icon=":material/info:")
        return
    st.markdown(
        t(
            "autograd.derivative.said",
            x=formats.text(tangent.x, 6),
            slope=formats.text(tangent.slope, 6),
            h=formats.text(tangent.h, 6),
            quotient=formats.text(tangent.quotient, 6),
            error=formats.text(tangent.error, 2),
        )
    )
