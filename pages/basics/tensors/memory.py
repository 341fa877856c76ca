"""The part about storage: views and copies, and updates in place or with a new tensor."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing import formats, grid
from dlcore.lessons.tensors.memory import model as memory
from dlcore.lessons.tensors.memory import programs
from dlcore.lessons.tensors.memory.model import TensorName, TensorPair
from dlcore.lessons.tensors.operations.sources import clamped
from pages.basics.tensors.cell_menu import cell_menu, written
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table
from pages.ui.tensor_view import tensor_view


def draw_memory(s: State) -> None:
    """Draw views and copies, or updates."""
    if s["memory_view"] == "views":
        _views(s)
    else:
        _updates(s)


def _views(s: State) -> None:
    pair = memory.derive(s["derivation"])
    left, middle, right = layout.stage(0.34, 0.25, 0.41)
    with left:
        control(s, "memory_view", in_sight=True)
        _choose(s, "derivation", memory.CODE, lambda id: f"b = {memory.CODE[id]} — {t(f'tensors.derivation.{id}')}")
        name: TensorName = "b" if s["tensor_name"] == "b" and pair.b is not None else "a"
        index = clamped(s["element"], pair.tensor(name).shape) or ()
        if pair.b is None:
            cell_menu(s, "element", name, pair.a.shape, index)
        else:
            with st.container(horizontal=True, gap="small"):
                control(s, "tensor_name", in_sight=True)
                cell_menu(s, "element", name, pair.tensor(name).shape, index)
            control(s, "write")
            control(s, "new_value", disabled=not s["write"])
    writes = s["write"] and pair.b is not None
    changed = memory.write(pair, name, index, s["new_value"]) if writes else 0
    with left:
        _facts(pair)
    with middle:
        _stage(s, pair, name, index)
    with right:
        at = written(name, index)
        st.markdown(t("tensors.memory.place", element=at, sum=memory.address_text(pair.tensor(name), index)))
        if writes:
            other = "a" if name == "b" else "b"
            st.markdown(t("tensors.memory.wrote", element=at, value=s["new_value"], count=changed, other=other))
        lesson.code(programs.snippet(pair, (name, index, s["new_value"]) if writes else None))
        if pair.refused:
            st.error(t(f"tensors.explain.{pair.refused.why}"), icon=":material/error:")
        lesson.idea("tensors/memory")


def _choose(s: State, name: str, ids: Any, words: Any) -> None:
    """Draw a menu of lines of code and their effects."""
    key = f"tensors.{name}"
    st.session_state[key] = s[name]
    st.selectbox(
        s.label(name), list(ids), format_func=words, key=key, on_change=lambda: s.set(name, st.session_state[key])
    )


def _stage(s: State, pair: TensorPair, name: TensorName, index: tuple[int, ...]) -> None:
    """Draw a above its storage, and b below that or below its own; a click marks all elements in one cell."""
    at = pair.place(name, index)
    darkest = grid.largest(pair.storage("a"), pair.storage("b"))  # one colour scale, so that a number has one colour

    def marked(of: TensorName) -> list[grid.Mark]:
        seen = pair.cells(of, at) if of == name or pair.shares else []
        return ["selected" if i in seen else "" for i in range(pair.tensor(of).numel())]

    def tensor(of: TensorName) -> None:
        st.caption(f"`{of}` · {tuple(pair.tensor(of).shape)}")
        tensor_view(
            pair.tensor(of),
            key=f"tensors.memory.{of}",
            marks=marked(of),
            on_click=lambda clicked: s.apply({"tensor_name": of, "element": clicked}),
            cell=38,
            darkest=darkest,
        )

    def storage(of: TensorName, words: str) -> None:
        numbers = pair.storage(of)
        st.caption(words)
        here = at if of == name or pair.shares else -1
        tensor_view(
            numbers,
            key=f"tensors.memory.storage.{of}",
            marks=["selected" if i == here else "" for i in range(len(numbers))],
            cell=38,
            darkest=darkest,
        )

    with st.container(gap="small"):
        tensor("a")
        storage("a", t("tensors.memory.storage_both" if pair.shares else "tensors.memory.storage_a"))
        if pair.b is not None and not pair.shares:
            storage("b", t("tensors.memory.storage_b"))
        if pair.b is not None:
            tensor("b")


def _facts(pair: TensorPair) -> None:
    """Draw a table of shapes and strides, and whether a and b share storage, address and object."""
    both: dict[str, Tensor] = {"a": pair.a} | ({} if pair.b is None else {"b": pair.b})
    asked = {
        ".shape": lambda x: tuple(x.shape),
        ".stride()": lambda x: x.stride(),
        ".storage_offset()": lambda x: x.storage_offset(),
        ".is_contiguous()": lambda x: x.is_contiguous(),
    }
    rows = [
        {t("tensors.create.ask"): f"`{ask}`", **{name: str(answer(tensor)) for name, tensor in both.items()}}
        for ask, answer in asked.items()
    ]
    table(pd.DataFrame(rows))
    if pair.b is not None:
        same = t("tensors.memory.same")
        another = t("tensors.memory.another")
        st.markdown(
            t(
                "tensors.memory.compared",
                storage=same if pair.shares else another,
                first=same if pair.first_same else another,
                object=same if pair.b is pair.a else another,
            )
        )


def _updates(s: State) -> None:
    result = memory.update(s["update"])
    darkest = grid.largest(result.before, result.after, result.old)
    left, right = layout.stage(0.34, 0.66)
    with left:
        control(s, "memory_view", in_sight=True)
        _choose(s, "update", memory.UPDATE_CODE, lambda id: f"{memory.UPDATE_CODE[id]} — {t(f'tensors.updated.{id}')}")
        st.markdown(t("tensors.memory.old", name=result.target))
        _new_memory()
    with right:
        before, after = st.columns(2)
        with before:
            st.markdown(t("tensors.memory.before"))
            _box("before", 1, f"{result.target}, old", result.before, darkest)
        with after:
            st.markdown(t("tensors.memory.after", code=memory.UPDATE_CODE[s["update"]]))
            if result.in_place:
                _box("after", 1, f"{result.target}, old", result.after, darkest)
            else:
                _box("old", 1, "old", result.old, darkest)
                _box("after", 2, result.target, result.after, darkest)
        if result.in_place and memory.new_bytes(s["update"]):
            st.warning(t("tensors.memory.temporary", name=result.target), icon=":material/content_copy:")
        elif result.in_place:
            st.success(t("tensors.memory.stays", name=result.target), icon=":material/check:")
        else:
            st.warning(t("tensors.memory.moves", name=result.target), icon=":material/content_copy:")
        with layout.afterwards():
            lesson.code(programs.update_snippet(s["update"], result))
            lesson.idea("tensors/in_place")


def _new_memory() -> None:
    """Draw a table of the bytes that each update takes for long vectors, and whether they are freed right after it."""
    rows = [
        {
            t("tensors.memory.line"): f"`{code}`",
            t("tensors.memory.new"): formats.count(memory.new_bytes(id)),
            t("tensors.memory.until"): t(f"tensors.memory.kept_{_kept(id)}"),
        }
        for id, code in memory.UPDATE_CODE.items()
    ]
    st.caption(t("tensors.memory.measured", n=formats.count(memory.VECTOR_LENGTH)))
    table(pd.DataFrame(rows))


def _kept(id: str) -> str:
    if not memory.new_bytes(id):
        return "none"
    return "briefly" if memory.update(id).in_place else "on"


def _box(id: str, number: int, names: str, numbers: Tensor, darkest: float) -> None:
    """Draw a storage with the names of its tensors."""
    st.caption(t("tensors.memory.box", number=number, names=f"`{names}`"))
    tensor_view(numbers, key=f"tensors.memory.box.{id}", cell=44, darkest=darkest)
