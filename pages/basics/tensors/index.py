"""The part that indexes a tensor: marks the selected elements and explains each part of the expression."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.tensors.index import model as indexing
from dlcore.lessons.tensors.index import programs
from dlcore.lessons.tensors.index.model import Indexed
from dlcore.lessons.tensors.index.parts import Note, explain
from dlcore.lessons.tensors.index.syntax import Access, parse
from dlcore.lessons.tensors.refusal import Refused
from pages.basics.tensors.create import show_refused
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table
from pages.ui.tensor_view import tensor_view


def draw_index(s: State) -> None:
    """Draw the expression and its parts at the left, the tensor and the result at the right."""
    left, right = layout.stage(0.42, 0.58)
    with left:
        control(s, "expression")
        access = s.understood("expression", parse)
        _menus(s, _name(s))
        outcome = indexing.apply(access)
        if isinstance(outcome, Indexed):
            _parts(access)
        with layout.afterwards("left"):
            lesson.idea("tensors/index")
    with right:
        _before(s, access, outcome)
        if isinstance(outcome, Refused):
            show_refused(outcome, t(f"tensors.not_indexed.{outcome.why}"))
        else:
            _after(access, outcome)
        with layout.afterwards():
            lesson.code(programs.snippet(access, outcome))


def _name(s: State) -> str:
    """Return the name of the tensor that the expression begins with, even if the rest is invalid."""
    text = s["expression"].strip()
    return text[:1] if text[:1] in indexing.CODE else next(iter(indexing.CODE))


def _menus(s: State, name: str) -> None:
    """Draw the menu of tensors and examples for the chosen one; both write the expression."""
    tensors, examples = "tensors.index.tensor", "tensors.index.examples"

    def choose() -> None:
        chosen = st.session_state[tensors]
        if chosen and chosen != name:
            s.set("expression", indexing.EXAMPLES[chosen][0])

    def take() -> None:
        if st.session_state[examples]:
            s.set("expression", st.session_state[examples])

    st.session_state[tensors] = name
    st.session_state[examples] = s["expression"] if s["expression"] in indexing.EXAMPLES[name] else None
    st.segmented_control(t("tensors.index.tensor"), list(indexing.CODE), key=tensors, on_change=choose)
    st.pills(
        t("tensors.index.examples"),
        indexing.EXAMPLES[name],
        format_func=lambda text: text.replace("[", "\\[").replace("*", "\\*").replace(":", "\\:"),
        key=examples,
        on_change=take,
        wrap=True,
    )


def _cell(tensor: Tensor) -> int:
    """Return the pixels of a cell: the tensor fits on a phone unless its numbers would not fit their cells."""
    width, _ = grid.extent(grid.cells(tensor))
    return int(max(28, min(38, 350 / width)))


def _darkest(outcome: Indexed | Refused) -> float | None:
    """Return the top of one colour scale for the tensor and the result, so that a number has one colour."""
    return grid.largest(outcome.before, outcome.result) if isinstance(outcome, Indexed) else None


def _before(s: State, access: Access, outcome: Indexed | Refused) -> None:
    tensor = indexing.example_tensor(access.name)
    picked = set(outcome.selected) if isinstance(outcome, Indexed) else set()
    marks: list[grid.Mark] = ["selected" if i in picked else "" for i in range(tensor.numel())]

    def clicked(index: tuple[int, ...]) -> None:
        s.set("expression", f"{access.name}[{', '.join(map(str, index))}]")

    st.caption(t("tensors.index.before", name=access.name, shape=tuple(tensor.shape)))
    tensor_view(
        tensor,
        key=f"tensors.index.before.{access.name}",
        marks=marks,
        on_click=clicked,
        cell=_cell(tensor),
        darkest=_darkest(outcome),
    )


def _after(access: Access, outcome: Indexed) -> None:
    shape = tuple(outcome.result.shape)
    if access.value is not None:
        changed: list[grid.Mark] = [
            "selected" if now != then else ""
            for now, then in zip(outcome.result.flatten().tolist(), outcome.before.flatten().tolist(), strict=True)
        ]
        st.caption(t("tensors.index.changed", name=access.name))
        tensor_view(
            outcome.result,
            key="tensors.index.after",
            marks=changed,
            cell=_cell(outcome.result),
            darkest=_darkest(outcome),
        )
        if not outcome.shares:
            st.warning(t("tensors.index.lost", name=access.name), icon=":material/content_copy:")
        return
    st.caption(t("tensors.index.result", shape=shape))
    if len(shape) > grid.MAX_DIMENSIONS:
        st.info(t("tensors.index.too_many_axes", count=len(shape)))
    elif outcome.result.numel():
        tensor_view(outcome.result, key="tensors.index.after", cell=_cell(outcome.result), darkest=_darkest(outcome))
    if outcome.shares:
        st.markdown(f":material/visibility: {t('tensors.index.view', name=access.name)}")
    else:
        st.markdown(f":material/content_copy: {t('tensors.index.copy', name=access.name)}")


def _parts(access: Access) -> None:
    """Draw a table of parts for each bracket, with the shapes before and after it."""
    for number, step in enumerate(explain(access)):
        st.caption(t("tensors.index.step", number=number + 1, before=step.before, after=step.shape))
        columns = {
            t("tensors.index.part"): [f"`{note.text}`" if note.text else "" for note in step.notes],
            t("tensors.index.does"): [_explanation(note) for note in step.notes],
        }
        with layout.sentences(f"parts-{number}"):
            table(pd.DataFrame(columns))


def _explanation(note: Note) -> str:
    shown = note.entries if len(note.entries) <= 12 else (*note.entries[:10], "…")
    return t(
        f"tensors.effect.{note.effect}",
        axis=note.axis,
        last=note.last,
        entries=", ".join(map(str, shown)),
        count=note.count,
        total=note.total,
    )
