"""The part that makes a tensor: every constructor with its settings, and the tensor's attributes."""

from __future__ import annotations

import pandas as pd
import streamlit as st
import torch
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.tensors.create import constructors, programs
from dlcore.lessons.tensors.create import model as creation
from dlcore.lessons.tensors.create.charts import line_frame, line_spec
from dlcore.lessons.tensors.refusal import Refused
from dlcore.settings.errors import InputError
from dlcore.settings.rules import Number
from pages.ui import layout, lesson, messages
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table
from pages.ui.tensor_view import cells_view

TYPED = ("eye_rows", "eye_columns", "permuted", "create_seed")
MAX_CELLS_ACROSS = 16
MAX_CELLS_DOWN = 24


def draw_create(s: State) -> None:
    """Draw controls and attributes at the left, the tensor and its code at the right."""
    left, right = layout.stage(0.34, 0.66)
    with left:
        chosen = _controls(s)
    with right:
        st.markdown(t(f"tensors.what.{s['constructor']}"))
        try:
            made = creation.create(chosen)
        except InputError as error:
            st.warning(messages.describe_error(error), icon=":material/error:")
            return
        if made.refused:
            show_refused(made.refused, t(f"tensors.not_made.{made.refused.why}"))
        if made.tensor is not None:
            picture(made.tensor, known=not made.uninitialised)
            if s["constructor"] in ("arange", "linspace") and made.tensor.numel() <= 200:
                _line(made.tensor)
        with layout.afterwards():
            lesson.code(programs.snippet(made))
            if made.uninitialised:
                st.caption(t("tensors.create.uninitialised"))
            if s["constructor"] in ("tensor", "Tensor"):
                _compare(s["constructor"], constructors.Arguments(chosen))
            lesson.idea("tensors/create")
    if made.tensor is not None:
        with left:
            _facts(made.tensor, uninitialised=made.uninitialised)


def _compare(constructor: str, a: constructors.Arguments) -> None:
    """Draw what ``torch.tensor`` and ``torch.Tensor`` make of the same values; the latter knows no dtype."""
    dtype = a.dtype if constructor == "tensor" else None
    made = creation.compare(a.values, dtype)
    call = "torch.tensor" if dtype is None else f"torch.tensor(…, dtype={dtype})"
    first, second = (f"`{name}`" if name else t("tensors.create.refused") for name in (made.first, made.second))
    if made.size is None:
        st.caption(t("tensors.create.compare", call=call, first=first, second=second))
    else:
        st.warning(t("tensors.create.compare_size", size=made.size, call=call, first=first), icon=":material/warning:")


def _line(x: Tensor) -> None:
    """Draw a vector's entries on a number line."""
    spec = line_spec(t("tensors.create.value"), t("tensor_view.index"), height=110)
    st.vega_lite_chart(line_frame(x), spec, key="tensors.create.line", alt=t("tensors.create.line_alt"))


def show_refused(refused: Refused, why: str) -> None:
    """Draw torch's exception and its explanation."""
    st.error(f"`{refused.text.replace('`', chr(39))}`  \n{why}", icon=":material/error:")


def _controls(s: State) -> dict[str, object]:
    """Draw the constructor and its settings; return their values, for invalid text the last valid one."""
    control(s, "constructor")
    chosen = dict(s.values)
    for name in creation.relevant_settings(s["constructor"]):
        rule = s.settings[name].rule
        control(s, name, exact=isinstance(rule, Number) and name in TYPED)
        if name == "values":
            chosen[name] = s.understood(name, _readable)
    return chosen


def _readable(text: str) -> str:
    constructors.parse_values(text)
    return text


def picture(x: Tensor, *, known: bool = True) -> None:
    """Draw the values, or a ? for each that is not ``known``; of a tensor too large, its first matrix or row."""
    full = x
    while x.dim() > 2 and _too_large(x):
        x = x[0]
    frame = grid.cells(x if known else torch.zeros(x.shape))
    if not known:
        frame["text"] = frame["text"].where(frame["mark"] == "gap", "?")
    width, _ = grid.extent(frame)
    alt = t("tensor_view.alt", shape=tuple(x.shape))
    cells_view(frame, key="tensors.create.grid", alt=alt, cell=int(max(34, min(grid.CELL, 620 / width))))
    if x.dim() < full.dim():
        first = ", ".join("0" for _ in range(full.dim() - x.dim()))
        st.caption(t("tensors.create.part", part=f"x[{first}]", shape=tuple(x.shape)))


def _too_large(x: Tensor) -> bool:
    blocks, matrices, rows, columns = (len(grid.shown(size)) for size in (1,) * (4 - x.dim()) + tuple(x.shape))
    return matrices * columns > MAX_CELLS_ACROSS or blocks * rows > MAX_CELLS_DOWN


def _facts(x: Tensor, *, uninitialised: bool) -> None:
    rows = creation.facts(x, uninitialised=uninitialised)
    columns = {
        t("tensors.create.ask"): [f"`{expression}`" for _, expression, _ in rows],
        t("tensors.create.answer"): [value for _, _, value in rows],
        t("tensors.create.meaning"): [t(f"tensors.fact.{id}") for id, _, _ in rows],
    }
    with layout.sentences("facts"):
        table(pd.DataFrame(columns))
