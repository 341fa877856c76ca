"""Page on activation functions: their derivatives, and the signal and the gradient in a deep network."""

import pandas as pd
import streamlit as st
import torch

from dlcore.drawing import formats
from dlcore.lessons.activations import charts, programs
from dlcore.lessons.activations.flow.model import PRESETS, SignalFlow, compute_flow
from dlcore.lessons.activations.functions.model import FUNCTIONS
from dlcore.lessons.activations.settings import LESSON
from pages.ui import layout, lesson
from pages.ui.controls import control, look
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

HEIGHT = 300


def parameter(s: State, name: str) -> float:
    """Return the parameter of the function ``name``, or 0 if it has none."""
    setting = FUNCTIONS[name].parameter
    return float(s[setting]) if setting else 0.0


def functions(s: State) -> None:
    control(s, "shown")
    left, middle, right = layout.stage(0.24, 0.38, 0.38)
    with left:
        control(s, "x")
        for name in s["shown"]:
            if FUNCTIONS[name].parameter:
                control(s, FUNCTIONS[name].parameter)
    shown = {name: parameter(s, name) for name in FUNCTIONS if name in s["shown"]}
    names = tuple((name, s.option("shown", name)) for name in shown)
    frame = charts.curves_frame(shown, s["x"])
    with middle:
        spec = charts.curves_spec("value", names, -2.0, 4.0, "x", t("activations.value"), HEIGHT)
        st.vega_lite_chart(frame, spec, alt=t("activations.alt_value"))
    with right:
        spec = charts.curves_spec("derivative", names, -0.6, 1.4, "x", t("activations.derivative"), HEIGHT)
        st.vega_lite_chart(frame, spec, alt=t("activations.alt_derivative"))
    x = torch.tensor([s["x"]], dtype=torch.float64)
    with middle:
        at = formats.text(s["x"], 6)
        values = [FUNCTIONS[name].value(x, a).item() for name, a in shown.items()]
        slopes = [FUNCTIONS[name].derivative(x, a).item() for name, a in shown.items()]
        columns = {
            t("activations.function"): [word for _, word in names],
            t("activations.value_at", x=at): [formats.text(value) for value in values],
            t("activations.derivative_at", x=at): [formats.text(slope) for slope in slopes],
        }
        table(pd.DataFrame(columns))
    with right:
        for name, word in names:
            st.markdown(f"{word}: ${FUNCTIONS[name].formula}$")
    lesson.idea("activations/functions")
    name = look(s, tuple(shown), s.label("look"))
    arguments = (name, shown[name], float(s["x"]))
    lesson.twins(programs.scratch(*arguments), programs.concise(*arguments))
    lesson.end(s)


def presets(s: State) -> None:
    key = "activations.preset"
    current = (id for id, preset in PRESETS.items() if all(s[name] == value for name, value in preset.items()))

    def choose() -> None:
        if st.session_state[key]:
            s.apply(PRESETS[st.session_state[key]])

    st.session_state[key] = next(current, None)
    st.selectbox(
        t("activations.preset"),
        list(PRESETS),
        format_func=lambda id: t(f"activations.preset_{id}"),
        placeholder=t("control.own"),
        key=key,
        on_change=choose,
    )


def size(value: float) -> str:
    return t("activations.undefined") if value != value else formats.text(value, 2)


def numbers(s: State, flow: SignalFlow) -> None:
    """Show the ratios of signal and gradient between the ends, the number of dead units and the size of the network."""
    dead = sum(layer.dead for layer in flow.layers)
    st.markdown(t("activations.signal_ratio", value=size(flow.signal_ratio)), help=t("activations.signal_ratio_help"))
    st.markdown(
        t("activations.gradient_ratio", value=size(flow.gradient_ratio)), help=t("activations.gradient_ratio_help")
    )
    st.markdown(t("activations.weight_ratio", value=size(flow.weight_ratio)), help=t("activations.weight_ratio_help"))
    units = s["width"] * len(flow.layers)
    st.markdown(
        t("activations.dead_units", value=" / ".join(map(formats.count, (dead, units)))),
        help=t("activations.dead_help"),
    )
    products = formats.count(s["width"] * units)
    st.markdown(
        t("numbers.size", parameters=formats.count(flow.parameters), products=products), help=t("numbers.size_help")
    )


def deep_network(s: State) -> None:
    left, middle, right = layout.stage(0.24, 0.38, 0.38, first=2)  # on a phone the gradient comes first
    with left:
        presets(s)
        control(s, "depth")
        control(s, "width")
        control(s, "activation")
        control(s, "init")
        if s["init"] == "normal":
            control(s, "sigma")
        control(s, "cure")
        if s["cure"] == "clipping":
            control(s, "max_norm")
        control(s, "seed", exact=True)
    settings = {name: s[name] for name in ("width", "activation", "init", "sigma", "seed", "cure", "max_norm")}
    with gate().turn():
        flow = compute_flow(depth=s["depth"], **settings)
    frame = charts.flow_frame(flow)
    titles = {"signal": t("activations.signal"), "gradient": t("activations.gradient")}
    for column, (quantity, title) in zip((middle, right), titles.items(), strict=True):
        with column:
            spec = charts.flow_spec(quantity, s["depth"], t("activations.layer"), title, t("activations.dead"), HEIGHT)
            st.vega_lite_chart(frame, spec, alt=t(f"activations.alt_{quantity}"))
    with middle, st.container(key="numbers"):
        numbers(s, flow)
    with right:
        st.markdown(t(f"activations.verdict_{flow.verdict}"))
        if s["cure"] == "clipping":
            st.markdown(t("activations.clipped", norm=size(flow.norm), clipped=size(flow.clipped_norm)))
    init_side, cure_side = st.columns(2, gap="medium")
    with init_side:
        lesson.idea("activations/flow")
    with cure_side:
        lesson.idea("activations/cures")
    lesson.twins(programs.flow_scratch(flow, **settings), programs.flow_concise(flow, **settings))
    lesson.end(s)


s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
{"functions": functions, "flow": deep_network}[s["part"]](s)
