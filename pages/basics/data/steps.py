"""The steps of the data page: each with its switch, its buttons, its code and its result."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing import formats
from dlcore.drawing.palette import CLASS_COLOURS
from dlcore.lessons.data.model import Preparation, PreparationStep
from dlcore.lessons.data.older.model import older_line
from dlcore.lessons.data.programs import older_snippet
from dlcore.lessons.data.settings import PREPARATION_STEPS
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.messages import plain

HEAD = 6  # rows of a frame that are drawn
MAX_COLUMNS = 30
_RED, _GREEN, _BLUE = CLASS_COLOURS[2]
HIGHLIGHT = f"background-color: rgba({_RED}, {_GREEN}, {_BLUE}, 0.3)"  # visible on white and on black
CONTROLS = {"missing": "missing", "tensor": "dtype"}  # the setting of a step


def draw_steps(s: State, preparation: Preparation) -> None:
    """Draw a row for the table as it was read, for each step that is on in its order, and for those that are off."""
    with st.container(border=True):
        left, right = st.columns([0.52, 0.48], gap="medium")
        with left:
            st.markdown(f"**{t('data.read')}**")
            _code("data = pd.read_csv(io.StringIO(csv))")
        with right:
            _frame(preparation.start, None, "data.frame.read")
            st.caption(_lacking(preparation.start))
    on: tuple[str, ...] = s["steps"]
    for i, id in enumerate(on):
        with st.container(border=True):
            left, right = st.columns([0.52, 0.48], gap="medium")
            with left:
                _head(s, id, i)
                if i < len(preparation.steps):
                    _code(preparation.steps[i].code)
                    _older(preparation, i)
            with right:
                if i < len(preparation.steps):
                    _result(preparation.steps[i])
                else:
                    st.caption(t("data.stops_here") if i == len(preparation.steps) else t("data.not_reached"))
    off = [id for id in PREPARATION_STEPS if id not in on]
    if off:
        with st.container(border=True):
            for id in off:
                _switch(s, id)


def _switch(s: State, id: str) -> None:
    key = f"data.on.{id}"

    def switched() -> None:
        on: tuple[str, ...] = s["steps"]
        if id in on:
            s.set("steps", tuple(other for other in on if other != id))
            return
        later = PREPARATION_STEPS[PREPARATION_STEPS.index(id) + 1 :]
        # Insert it before the first step that usually follows it.
        at = next((i for i, other in enumerate(on) if other in later), len(on))
        s.set("steps", (*on[:at], id, *on[at:]))

    st.session_state[key] = id in s["steps"]
    st.toggle(s.option("steps", id), key=key, on_change=switched)


def _head(s: State, id: str, i: int) -> None:
    """Draw a step's switch, the buttons that move it, and its setting."""

    def move(by: int) -> None:
        on = list(s["steps"])
        on[i], on[i + by] = on[i + by], on[i]
        s.set("steps", tuple(on))

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="content"):
            _switch(s, id)
        with st.container(horizontal=True, width="content", gap="xxsmall"):
            for way, by, stuck in (("up", -1, i == 0), ("down", 1, i == len(s["steps"]) - 1)):
                st.button(
                    "",
                    key=f"data.{way}.{id}",
                    icon=f":material/arrow_{way}ward:",
                    help=t("data.up") if way == "up" else t("data.down"),
                    disabled=stuck,
                    type="tertiary",
                    on_click=move,
                    args=(by,),
                )
    if id in CONTROLS:
        control(s, CONTROLS[id], in_sight=True)


def _code(lines: str) -> None:
    # These lines do not run alone, so this is not lesson.code(). They contain nothing that a reader typed.
    st.markdown(f"```python\n{lines}\n```")


def _older(preparation: Preparation, i: int) -> None:
    """Draw what becomes today of the line that older notes have for a step, in a group that is closed at first."""
    line, id = older_line(preparation, i), preparation.steps[i].id
    if line is None:
        return
    group = layout.group(t("data.older.title", line=line.code), f"data.older.{id}")
    if group.open:
        with group:
            st.markdown(t(f"data.older.why_{id}") if line.error else t("data.older.works"))
            lesson.code(older_snippet(preparation, i, line))


def _result(step: PreparationStep) -> None:
    if isinstance(step.X, Tensor):
        name = "data" if step.y is None else "X"
        shapes = [f"`{name}`: `{tuple(step.X.shape)}`, `{step.X.dtype}`"]
        shapes += [f"`y`: `{tuple(step.y.shape)}`, `{step.y.dtype}`"] if isinstance(step.y, Tensor) else []
        st.markdown("  \n".join(shapes))
        return
    with st.container(horizontal=True, gap="small"):
        _frame(step.X, step.changed, f"data.frame.{step.id}")
        if isinstance(step.y, pd.Series):
            _frame(step.y.to_frame(), None, f"data.frame.{step.id}.y")
    st.caption(" ".join(_changes(step)) + " " + _lacking(step.X))


def _changes(step: PreparationStep) -> list[str]:
    """Return sentences about the changes of a step."""
    if step.id == "split":
        return [t("data.split_off", column=plain(step.removed[0]))]
    sentences = []
    if step.removed:
        sentences.append(t("data.removed", columns=_names(step.removed)))
    if step.new:
        sentences.append(t("data.new", columns=_names(step.new)))
    if step.filled:
        sentences.append(t("data.filled", count=step.filled))
    if step.rows_dropped:
        sentences.append(t("data.rows_dropped", count=step.rows_dropped))
    return sentences or [t("data.unchanged")]


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(plain(name) for name in names[:6])
    return shown + (" …" if len(names) > 6 else "")


def _lacking(X: pd.DataFrame) -> str:
    size = t("data.size", rows=X.shape[0], columns=X.shape[1])
    return f"{size} {t('data.lacking', count=int(X.isna().to_numpy().sum()))}"


def _frame(X: pd.DataFrame, changed: pd.DataFrame | None, key: str) -> None:
    """Draw the first rows, with the changed cells coloured."""
    head = X.iloc[:HEAD, :MAX_COLUMNS]
    text = head.map(_cell)
    text.index.name = t("data.row")
    styled = text.style
    if changed is not None:
        marks = changed.iloc[:HEAD, :MAX_COLUMNS].map(lambda new: HIGHLIGHT if new else "")
        styled = styled.apply(lambda _: marks, axis=None)
    st.dataframe(styled, key=key, width=_width(text), height=35 * (len(head) + 1) + 3)


def _width(text: pd.DataFrame) -> int:
    """Return the pixels of a frame; ``width="content"`` would keep the width of its first content."""
    columns = [max(map(_pixels, [str(name), *text[name]])) for name in text.columns]
    return 55 + sum(18 + pixels for pixels in columns)


def _pixels(text: str) -> int:
    return sum(15 if ord(sign) > 0x2E80 else 9 if sign.isupper() or sign in "mw" else 8 for sign in text)


def _cell(value: object) -> str:
    """Return a value as pandas prints it."""
    if isinstance(value, str | bool):
        return str(value)
    if value is None or value != value:
        return "NaN"
    if isinstance(value, float):
        return formats.fixed(value, 1) if value.is_integer() else formats.text(value, 6)
    return str(value)
