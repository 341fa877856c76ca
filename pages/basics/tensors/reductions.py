"""Sums, means and the like along an axis: which cells collapse into which, and dividing by them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.tensors.operations.sources import clamped, flat
from dlcore.lessons.tensors.reductions import model as reductions
from dlcore.lessons.tensors.reductions import programs
from dlcore.programs.snippet import Snippet
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.tensor_view import tensor_view

SHAPES = {"matrix": (3, 4), "square": (3, 3), "stack": (2, 3, 4)}
ROOM = 640  # pixels for the picture's tensors side by side
CELL = 42  # so that a stack of two fits on a phone


def draw(s: State) -> None:
    """What is reduced and how at the left, the cells and the code at the right."""
    left, right = layout.stage(0.32, 0.68)
    with left:
        control(s, "reduction_view", in_sight=True)
        control(s, "reduced_shape")
        with st.container(horizontal=True, gap="small"):
            for id, shape in SHAPES.items():
                st.button(
                    t(f"tensors.shape_of.{id}"),
                    key=f"tensors.shape_of.{id}",
                    on_click=s.set,
                    args=("reduced_shape", shape),
                )
        if s["reduction_view"] == "reduce":
            control(s, "reduction")
        needed = s["reduction_view"] == "normalise" or s["reduction"] == "cumsum"
        axis = _axis(s, needed)
        cumulative = s["reduction_view"] == "reduce" and s["reduction"] == "cumsum"
        control(s, "keepdim", disabled=axis is None or cumulative)
    A = reductions.counted(s["reduced_shape"])
    with right:
        reduces = s["reduction_view"] == "reduce"
        shown = _reduce(s, A, axis) if reduces else _normalise(s, A, axis or 0)
        with layout.afterwards():
            lesson.code(shown)
            lesson.idea("tensors/reductions" if reduces else "tensors/normalise")


def _axis(s: State, needed: bool) -> reductions.Axis:
    """The axis; where one is needed, none cannot be chosen, and where A has fewer axes, torch says so."""
    options: tuple[str, ...] = ("none", "0", "1", "2")
    if needed:
        options = options[1:]
        s.values["axis"] = "0" if s["axis"] == "none" else s["axis"]
    control(s, "axis", options=options, in_sight=True)
    return None if s["axis"] == "none" else int(s["axis"])


def _reduce(s: State, A: Tensor, axis: reductions.Axis) -> Snippet:
    """The picture; returns its code."""
    function, keepdim = s["reduction"], s["keepdim"]
    found = reductions.reduce(A, function, axis, keepdim=keepdim)
    shown = programs.snippet(A.shape, function, axis, keepdim, found)
    if found.values is None:
        _tensors(s, [("A", A, set())])
        st.error(t(f"tensors.explain.{found.refused.why}"), icon=":material/error:")
        return shown
    cell = clamped(s["reduced_cell"], found.values.shape) or ()
    places = reductions.sources(A.shape, function, axis, keepdim, cell)
    _shapes(A.shape, found.values.shape, axis)
    _tensors(s, [("A", A, places), ("s", found.values, {flat(cell, found.values.shape)})], click=1)
    at = f"[{', '.join(map(str, cell))}]" if cell else ""
    st.markdown(f"`s{at} = {reductions.spelled(A, function, places, found.values[cell])}`")
    st.caption(t("tensors.reductions.click"))
    return shown


def _shapes(before: Sequence[int], after: Sequence[int], axis: reductions.Axis) -> None:
    """The shapes, the axis that collapses struck out, and what happened to it in words."""
    gone = range(len(before)) if axis is None else [axis]
    kept = len(after) == len(before)
    sizes = ", ".join(f"~~{size}~~" if i in gone and tuple(after) != tuple(before) else str(size)
                      for i, size in enumerate(before))  # fmt: skip
    if axis is None:
        words = t("tensors.reductions.all", count=len(before))
    elif tuple(after) == tuple(before) and before[axis] != 1:
        words = t("tensors.reductions.stays", axis=axis)
    else:
        words = t("tensors.reductions.kept" if kept else "tensors.reductions.removed", axis=axis, size=before[axis])
    st.markdown(f"({sizes}) → {tuple(after)} · {words}")


def _normalise(s: State, A: Tensor, axis: int) -> Snippet:
    """The picture; returns its code."""
    if axis >= A.dim():
        found = reductions.reduce(A, "sum", axis, keepdim=s["keepdim"])
        _tensors(s, [("A", A, set())])
        st.error(t(f"tensors.explain.{found.refused.why}"), icon=":material/error:")
        return programs.snippet(A.shape, "sum", axis, s["keepdim"], found)
    divided = reductions.normalise(A, axis, keepdim=s["keepdim"])
    drawn = [("A", A, set[int]()), (reductions.code("sum", axis, s["keepdim"]), divided.sums, set[int]())]
    if divided.divided.values is not None and divided.again is not None:
        drawn += [("P", divided.divided.values, set()), (f"P.sum(axis={axis})", divided.again, set())]
    _tensors(s, drawn)
    match divided.verdict:
        case "ones":
            st.success(t("tensors.verdict.ones", axis=axis), icon=":material/check:")
        case "silent":
            st.warning(t("tensors.verdict.silent", axis=axis), icon=":material/warning:")
        case "error":
            st.error(
                t("tensors.verdict.error", shape=tuple(A.shape), sums=tuple(divided.sums.shape)),
                icon=":material/error:",
            )
    return programs.normalise_snippet(A.shape, axis, s["keepdim"], divided)


def _tensors(s: State, drawn: Sequence[tuple[str, Tensor, set[int]]], *, click: int | None = None) -> None:
    """Tensors side by side, some cells of each marked; one of them may be clicked."""
    width = sum(grid.extent(grid.cells(tensor))[0] for _, tensor, _ in drawn)
    side = int(max(28, min(CELL, ROOM / width)))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        for i, (name, tensor, places) in enumerate(drawn):
            with st.container(width="content", gap=None):
                st.caption(f"`{name}` · {tuple(tensor.shape)}")
                tensor_view(
                    tensor,
                    key=f"tensors.reductions.{i}.{click}",
                    marks=["selected" if place in places else "" for place in range(tensor.numel())],
                    on_click=(lambda index: s.set("reduced_cell", index)) if i == click else None,
                    cell=side,
                )
