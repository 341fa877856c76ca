"""The broadcasting page: which shapes fit, which axes are stretched, and what that costs."""

import pandas as pd
import streamlit as st

from dlcore.lessons.broadcasting import charts as broadcasting_charts
from dlcore.lessons.broadcasting import model as broadcasting
from dlcore.lessons.broadcasting import programs
from dlcore.lessons.broadcasting.model import AlignedAxis, BroadcastOutcome
from dlcore.lessons.broadcasting.settings import LESSON
from dlcore.settings.rules import Sizes
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.table import table
from pages.ui.tensor_view import cells_view

NAMES = {"left": "a", "right": "b"}


def draw_presets(s: lesson.State) -> None:
    """Draw the menu of example shapes; the current pair is marked."""
    key, now = "broadcasting.preset", (s["left"], s["right"])

    def chosen() -> None:
        pair = broadcasting.PRESETS.get(st.session_state[key])
        if pair:
            s.apply({"left": pair[0], "right": pair[1]})

    st.session_state[key] = next((id for id, pair in broadcasting.PRESETS.items() if pair == now), None)
    st.pills(t("broadcasting.presets"), list(broadcasting.PRESETS), key=key, on_change=chosen)


def draw_shape(s: lesson.State, name: str) -> None:
    """Draw the controls of one shape: a text, a number for each axis, and buttons that add or remove the first axis."""
    value, rule, key = s[name], s.settings[name].rule, f"broadcasting.{name}"
    assert isinstance(rule, Sizes)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        control(s, name)
        st.button(
            t("broadcasting.longer"),
            key=f"{key}.longer",
            icon=":material/add:",
            disabled=len(value) >= rule.max_dims,
            on_click=lambda: s.set(name, (1, *value)),
        )
        st.button(
            t("broadcasting.shorter"),
            key=f"{key}.shorter",
            icon=":material/remove:",
            disabled=len(value) <= rule.min_dims,
            on_click=lambda: s.set(name, value[1:]),
        )
    with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        for at, size in enumerate(value):
            draw_size(s, name, at, size, rule)


def draw_size(s: lesson.State, name: str, at: int, size: int, rule: Sizes) -> None:
    """Draw the number of one axis; the keys count from the right, as the axes do."""
    number = len(s[name]) - at
    key = f"broadcasting.{name}.{number}"

    def stepped() -> None:
        value = s[name]
        s.set(name, (*value[:at], st.session_state[key], *value[at + 1 :]))

    st.session_state[key] = size
    label = t("broadcasting.size", name=NAMES[name], axis=number)
    st.number_input(label, rule.min, rule.max, step=1, key=key, on_change=stepped, width=121)  # steppers need 120


def draw_shapes(axes: tuple[AlignedAxis, ...]) -> None:
    """Draw the two shapes as boxes, aligned from the right."""
    words = tuple(t(f"broadcasting.word.{axis.fate}") for axis in axes)
    names = (*NAMES.values(), t("broadcasting.result"))
    frame = broadcasting_charts.shape_frame(axes, names, words, t("broadcasting.axis"))
    spec = broadcasting_charts.shape_spec(broadcasting_charts.column_count(axes))
    st.vega_lite_chart(frame, spec, key="broadcasting.shapes", alt=t("broadcasting.alt_shapes"))


def draw_verdict(s: lesson.State, axes: tuple[AlignedAxis, ...], outcome: BroadcastOutcome) -> None:
    """Draw the result's shape; or torch's message, the axis it means, and buttons that cure it."""
    failing = broadcasting.failing_axis(axes)
    if failing is None:
        st.success(t("broadcasting.fits", shape=broadcasting.result_shape(axes)), icon=":material/check:")
        return
    st.error(f"`RuntimeError: {outcome.error}`", icon=":material/error:")
    dim = len(axes) + failing.number
    st.markdown(t("broadcasting.why", axis=-failing.number, dim=dim, left=failing.left, right=failing.right))
    rule = s.settings["right"].rule
    assert isinstance(rule, Sizes)
    cures = broadcasting.cures(s["left"], s["right"], rule.max_dims)
    st.markdown(t("broadcasting.cure" if cures else "broadcasting.no_cure"))
    with st.container(horizontal=True):
        for cure in cures:
            st.button(
                f"`{cure.code}` → {cure.result}",
                key=f"broadcasting.cure.{cure.code}",
                on_click=s.apply,
                args=({"left": cure.left, "right": cure.right},),
            )


def draw_rule(axes: tuple[AlignedAxis, ...]) -> None:
    """Draw the rule axis by axis, from the right as it is applied."""
    rows = [
        {
            t("broadcasting.axis"): f"−{-axis.number}",
            "a": "–" if axis.left is None else str(axis.left),
            "b": "–" if axis.right is None else str(axis.right),
            t("broadcasting.result"): "✗" if axis.size is None else str(axis.size),
            t("broadcasting.what"): t(f"broadcasting.fate.{axis.fate}", left=axis.left, right=axis.right),
        }
        for axis in reversed(axes)
    ]
    if rows:
        with layout.sentences("rule"):
            table(pd.DataFrame(rows))
    else:
        st.caption(t("broadcasting.scalars"))


def draw_values(s: lesson.State, outcome: BroadcastOutcome) -> None:
    """Draw the numbers, with the repeated ones marked."""
    st.caption(t("broadcasting.drawn_fails" if outcome.result is None else "broadcasting.drawn"))
    frame = broadcasting_charts.values_frame(outcome, s["operation"])
    cell = broadcasting_charts.cell_size(frame)
    cells_view(frame, key="broadcasting.values", alt=t("broadcasting.alt_values"), cell=cell)
    drawn = outcome.a if outcome.result is None else outcome.result
    count, total = broadcasting_charts.drawn_and_total(tuple(drawn.shape))
    if count < total:
        st.caption(t("broadcasting.cropped", count=count, total=total))


def draw_memory(outcome: BroadcastOutcome) -> None:
    """Draw a table of shapes, strides and numbers stored and seen."""
    if outcome.result is None:
        st.caption(t("broadcasting.nothing_to_stretch"))
        return
    rows = []
    for name, tensor in (("a", outcome.a), ("b", outcome.b)):
        stretch = broadcasting.stretch(tensor, tuple(outcome.result.shape))
        rows.append(
            {
                t("broadcasting.operand"): name,
                t("broadcasting.shape_before"): str(stretch.shape),
                t("broadcasting.stride_before"): str(stretch.stride),
                t("broadcasting.shape_after"): str(stretch.expanded),
                t("broadcasting.stride_after"): str(stretch.expanded_stride),
                t("broadcasting.stored"): str(stretch.stored),
                t("broadcasting.seen"): str(stretch.seen),
            }
        )
    table(pd.DataFrame(rows))
    lesson.idea("broadcasting/memory")


s = lesson.begin(LESSON)
axes = broadcasting.align(s["left"], s["right"])
outcome = broadcasting.operate(s["left"], s["right"], s["operation"])
draw_presets(s)
controls, shapes = layout.stage(0.42, 0.58)
with controls:
    draw_shape(s, "left")
    draw_shape(s, "right")
    draw_rule(axes)
with shapes:
    draw_shapes(axes)
    draw_verdict(s, axes, outcome)
    with layout.afterwards():
        lesson.idea("broadcasting/rule")
drawing, code = st.columns([0.6, 0.4], gap="medium")
with drawing:
    with st.container(horizontal=True):
        control(s, "part", in_sight=True)
        if s["part"] == "values":
            control(s, "operation", in_sight=True)
    if s["part"] == "values":
        draw_values(s, outcome)
    else:
        draw_memory(outcome)
with code:
    in_memory = s["part"] == "memory"
    lesson.code(programs.memory_snippet(outcome) if in_memory else programs.snippet(outcome, s["operation"]))
lesson.end(s)
