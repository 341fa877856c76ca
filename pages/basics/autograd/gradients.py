"""The part "gradients": accumulation, backward from a vector, cutting the graph, and control flow."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing.grid import number
from dlcore.lessons.autograd.gradients import model as gradients
from dlcore.lessons.autograd.gradients import programs
from dlcore.settings.errors import InputError
from pages.basics.autograd.control_flow import draw_control_flow
from pages.basics.autograd.detach import draw_detach
from pages.ui import layout, lesson
from pages.ui.controls import control, numbers
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.messages import describe_error
from pages.ui.table import table
from pages.ui.tensor_view import tensor_view


def choose_topic(s: State) -> None:
    """Draw the choice of a topic."""
    control(s, "topic", in_sight=True)


def draw_gradients(s: State) -> None:
    """Draw the chosen topic."""
    topics = {
        "accumulate": _draw_accumulate,
        "vector": _draw_vector,
        "detach": draw_detach,
        "control_flow": draw_control_flow,
    }
    topics[s["topic"]](s)


def _named(title: str, tensor: Tensor | None, key: str) -> None:
    """Draw a tensor, or None, under its title."""
    with st.container(width="content", gap="small"):
        st.markdown(title)
        if tensor is None:
            st.code("None", language="python")
        else:
            tensor_view(tensor, key=f"autograd.{key}")


def _draw_accumulate(s: State) -> None:
    left, right = st.columns([0.36, 0.64], gap="large")
    grid = "matrix" if s["function"] == "mean" else "vector"
    with left:
        control(s, "function")
        numbers(s, grid)
        log = s.understood("log", gradients.steps)
        _buttons(s, log)
    run = gradients.replay(s["function"], s[grid], log)
    last = run.steps[-1]
    with right:
        with st.container(horizontal=True, gap="medium"):
            if last.added is not None:
                _named(t("autograd.gradients.before"), run.steps[-2].grad, "before")
                _named(t("autograd.gradients.added"), last.added, "added")
            _named(t("autograd.gradients.now"), last.grad, "grad")
        if last.error:
            st.error(f"{last.kind}: {last.error}")
            st.markdown(t("autograd.gradients.no_grad" if last.id == "z" else "autograd.gradients.freed"))
        columns = {
            t("autograd.gradients.step"): [str(number) for number in range(1, len(run.steps) + 1)],
            t("autograd.gradients.line"): [f"`{step.code}`" for step in run.steps],
            "x.grad": [step.kind or _text(step.grad) for step in run.steps],
        }
        with layout.sentences("steps"):
            table(pd.DataFrame(columns))
    code, idea = st.columns(2, gap="large")
    with code:
        lesson.code(programs.replay_snippet(s["function"], s[grid], log))
    with idea:
        lesson.idea("autograd/accumulate")


def _text(tensor: Tensor | None) -> str:
    return "None" if tensor is None else ", ".join(number(value) for value in tensor.flatten().tolist())


def _buttons(s: State, log: str) -> None:
    """Draw a button for each line of code that can be run next."""
    full = len(log) >= gradients.MAX_STEPS
    with st.container(horizontal=True, gap="small"):
        for id in ("r" if s["retain"] else "b", "f", "z", "n"):
            code = f"y = {gradients.FUNCTIONS[s['function']][0]}" if id == "f" else gradients.LINES[id]
            st.button(
                f"`{code}`",
                key=f"autograd.run.{'b' if id == 'r' else id}",
                on_click=s.set,
                args=("log", log + id),
                disabled=full,
            )
        st.button(
            t("autograd.gradients.clear"),
            key="autograd.run.clear",
            icon=":material/restart_alt:",
            on_click=s.set,
            args=("log", ""),
            disabled=not s["log"],
        )
    control(s, "retain")
    if full:
        st.caption(t("autograd.gradients.full", max=gradients.MAX_STEPS))


def _choose_size(s: State) -> None:
    """Draw the choice of the number of elements of x and v; new elements of x, v and W are 1."""
    key, size = "autograd.size", len(s["v"][0])

    def chosen() -> None:
        n = st.session_state[key] or size
        at, v = ((*s[name][0], *(1.0,) * n)[:n] for name in ("at", "v"))
        rows = [(*row, *(1.0,) * n)[:n] for row in s["weights"]]
        s.apply({"at": (at,), "v": (v,), "weights": (*rows, *((1.0,) * n,) * n)[:n]})

    st.session_state[key] = size
    st.segmented_control(t("autograd.gradients.size"), (1, 2, 3, 4), key=key, on_change=chosen)


def _draw_vector(s: State) -> None:
    left, right = st.columns([0.44, 0.56], gap="large")
    with left:
        control(s, "map", in_sight=True)
        _choose_size(s)
        with st.container(horizontal=True, gap="medium"):
            for name in ("at", "v"):
                with st.container(width="content", gap="small"):
                    numbers(s, name)
        ones = ((1.0,) * len(s["v"][0]),)
        st.button(
            t("autograd.gradients.ones"), key="autograd.ones", on_click=s.set, args=("v", ones), disabled=s["v"] == ones
        )
        if s["map"] == "weights":
            numbers(s, "weights")
    given = (s["map"], s["at"], s["v"], s["weights"])
    try:
        result = gradients.backward_of_vector(*given)
    except InputError as error:
        with right:
            st.warning(describe_error(error), icon=":material/error:")
            lesson.idea("autograd/vector")
        return
    with right:
        with st.container(horizontal=True, gap="medium"):
            _named("`v`", result.v, "v_view")
            _named(t("autograd.gradients.jacobian"), result.jacobian, "jacobian")
            _named(t("autograd.gradients.product"), result.grad, "product")
        with st.container(horizontal=True, gap="medium"):
            _named("`y`", result.y, "y")
            _named(t("autograd.gradients.summed"), result.summed, "summed")
    if result.error:
        with right if s["map"] == "weights" else left:  # where there is room
            st.error(f"`y.backward()` → RuntimeError: {result.error}")
            st.markdown(t("autograd.gradients.no_scalar"))
    code, idea = st.columns(2, gap="large")
    with code:
        lesson.code(programs.vector_snippet(*given))
    with idea:
        lesson.idea("autograd/vector")
