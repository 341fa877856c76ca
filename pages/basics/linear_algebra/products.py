"""The part that computes products term by term."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
import torch

from dlcore.lessons.linear_algebra.products import charts, programs
from dlcore.lessons.linear_algebra.products import model as products
from dlcore.lessons.linear_algebra.products.model import MatrixProduct
from dlcore.settings.rules import Grid, resized
from pages.ui import layout, lesson
from pages.ui.controls import control, numbers, slider
from pages.ui.language import t
from pages.ui.tensor_view import cells_view

# The settings that hold the operands of each product; for bmm, the two matrices of each stack.
SIDES = {
    "dot": (("row",), ("vector",)),
    "mv": (("left",), ("vector",)),
    "mm": (("left",), ("right",)),
    "bmm": (("left", "left2"), ("right", "right2")),
}


def draw_products(s: lesson.State) -> None:
    """Draw the operands at the left, the product and its code at the right."""
    kind = s["product"]
    p = products.entered_product(kind, s["row"], s["vector"], (s["left"], s["left2"]), (s["right"], s["right2"]))
    step = min(s["step"], p.steps)
    entered, walked = layout.stage(0.4, 0.6)
    with entered:
        control(s, "product", in_sight=True)
        for names, word in zip(SIDES[kind], products.NAMES[kind], strict=True):
            draw_operand(s, names, word)
    with walked:
        if p.result is None:
            draw_error(p)
        else:
            draw_steps(s, p, step)
        draw_product(p, step)
        with layout.afterwards():
            lesson.idea("linear_algebra/products")
            stacks = None
            if p.result is None and kind == "bmm":
                stacks = tuple([torch.tensor(s[name]) for name in names] for names in SIDES[kind])
            lesson.code(programs.snippet(p, step, stacks))


def draw_operand(s: lesson.State, names: tuple[str, ...], word: str) -> None:
    """Draw an operand that can be edited and its size; the matrices of a stack change their sizes together."""
    rule, value = s.settings[names[0]].rule, s[names[0]]
    assert isinstance(rule, Grid)
    shape = (len(value), len(value[0]))
    with st.container(horizontal=True, gap="small"):
        if rule.rows > 1:
            draw_size(s, names, word, "rows", shape[0], rule.rows)
        draw_size(s, names, word, "columns" if rule.rows > 1 else "length", shape[1], rule.columns)
    for name in names:
        numbers(s, name)


def draw_size(
    s: lesson.State, names: tuple[str, ...], word: str, axis: str, size: int, limit: int, fill: float = 0.0
) -> None:
    """Draw the number of rows or columns (of a vector, its length); new ones hold ``fill``."""
    key = f"linear_algebra.{names[0]}.{axis}"

    def stepped() -> None:
        new = {"rows" if axis == "rows" else "columns": st.session_state[key]}
        s.apply({name: resized(s[name], fill=fill, **new) for name in names})

    st.session_state[key] = size
    st.number_input(t(f"linear_algebra.{axis}", name=word), 1, limit, step=1, key=key, on_change=stepped, width=125)


def draw_error(p: MatrixProduct) -> None:
    """Draw torch's message and its explanation."""
    st.error(f"`RuntimeError: {p.error}`", icon=":material/error:")
    left, right = (tuple(operand.shape) for operand in p.operands)
    st.markdown(t(f"linear_algebra.why.{p.kind}", left=left, right=right, inner=left[-1], outer=p.right.shape[1]))


def draw_steps(s: lesson.State, p: MatrixProduct, step: int) -> None:
    """Draw the slider of the terms and the buttons that move it."""
    rule = replace(s.settings["step"].rule, max=p.steps)
    slider(s.label("step"), "linear_algebra.step", step, rule, lambda to: s.set("step", to))
    next_sum = min((step // p.inner + 1) * p.inner, p.steps)
    moves = (
        ("first", ":material/first_page:", 0, step == 0),
        ("back", ":material/chevron_left:", max(step - 1, 0), step == 0),
        ("forward", ":material/chevron_right:", min(step + 1, p.steps), step == p.steps),
        ("next_sum", ":material/keyboard_double_arrow_right:", next_sum, step == p.steps),
        ("last", ":material/last_page:", p.steps, step == p.steps),
    )
    with st.container(horizontal=True, gap="small"):
        for id, icon, to, over in moves:
            st.button(
                t(f"linear_algebra.move.{id}"),
                key=f"linear_algebra.move.{id}",
                icon=icon,
                disabled=over,
                on_click=s.set,
                args=("step", to),
            )


def draw_product(p: MatrixProduct, step: int) -> None:
    """Draw the cells and the current sum."""
    frame = charts.product_frame(p, step)
    cell = charts.cell_size(frame)
    cells_view(frame, key="linear_algebra.cells", alt=t("linear_algebra.alt_products"), cell=cell)
    if p.result is None:
        return
    here = products.step_at(p, step)
    if here.at is None:
        st.markdown(t("linear_algebra.not_begun", terms=p.inner, sums=p.steps // p.inner))
        return
    batch, row, column = here.at
    place = {"dot": "", "mv": f"[{row}]", "mm": f"[{row}, {column}]", "bmm": f"[{batch}, {row}, {column}]"}[p.kind]
    sides = ("done" if here.terms == p.inner else "going") + ("_dot" if p.kind == "dot" else "")
    st.markdown(f"`result{place}`  **{here.sum_text}**")
    st.caption(
        t(f"linear_algebra.{sides}", row=row, column=column, terms=here.terms, inner=p.inner, filled=here.filled)
    )
