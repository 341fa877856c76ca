"""The part that reduces a tensor along an axis, or divides it by its sums."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.tensors.operations.sources import clamped, flat
from dlcore.lessons.tensors.reductions import model as reductions
from dlcore.lessons.tensors.reductions import programs
from dlcore.programs.snippet import Snippet
from dlcore.settings.rules import OneOf
from pages.basics.tensors.cell_menu import cell_menu, written
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.tensor_view import tensor_view

SHAPES = {"matrix": (3, 4), "square": (3, 3), "stack": (2, 3, 4)}
ROOM = 640  # pixels for the picture's tensors side by side
CELL = 42  # pixels; a stack of two fits on a phone


def draw_reductions(s: State) -> None:
    """Draw the controls at the left, the tensors and the code at the right."""
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
        several = s["reduction_view"] == "reduce" and s["reduction"] in reductions.SEVERAL
        axis = _axis(s, needed, several=several)
        cumulative = s["reduction_view"] == "reduce" and s["reduction"] == "cumsum"
        control(s, "keepdim", disabled=axis is None or cumulative)
    A = reductions.counting_tensor(s["reduced_shape"])
    with right:
        reduces = s["reduction_view"] == "reduce"
        shown = _normalise(s, A, axis) if isinstance(axis, int) and not reduces else _reduce(s, A, axis)
        with layout.afterwards():
            lesson.code(shown)
            lesson.idea("tensors/reductions" if reduces else "tensors/normalise")


def _axis(s: State, needed: bool, *, several: bool) -> reductions.Axis:
    """Draw the menu of axes; return the chosen one or ones.

    Parameters
    ----------
    needed : whether the menu leaves out "none".
    several : whether it offers two axes at once.
    """
    rule = s.settings["axis"].rule
    assert isinstance(rule, OneOf)
    options = tuple(id for id in rule.options if not (needed and id == "none") and (several or "-" not in id))
    if s["axis"] not in options:
        s.values["axis"] = "0"
    control(s, "axis", options=options, in_sight=True)
    axes = () if s["axis"] == "none" else tuple(map(int, s["axis"].split("-")))
    return axes if len(axes) > 1 else axes[0] if axes else None


def _reduce(s: State, A: Tensor, axis: reductions.Axis) -> Snippet:
    """Draw the tensors of the reduction; return its code."""
    function, keepdim = s["reduction"], s["keepdim"]
    reduced = reductions.reduce(A, function, axis, keepdim=keepdim)
    shown = programs.snippet(A.shape, function, axis, keepdim, reduced)
    if reduced.values is None:
        _tensors(s, [("A", A, set())])
        st.error(t(f"tensors.explain.{reduced.refused.why}"), icon=":material/error:")
        return shown
    cell = clamped(s["reduced_cell"], reduced.values.shape) or ()
    places = reductions.sources(A.shape, function, axis, keepdim, cell)
    _shapes(A.shape, reduced.values.shape, axis)
    _tensors(s, [("A", A, places), ("s", reduced.values, {flat(cell, reduced.values.shape)})], click=1)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        cell_menu(s, "reduced_cell", "s", reduced.values.shape, cell)
        made = reductions.calculation(A, function, places, reduced.values[cell])
        st.markdown(f"`{written('s', cell)} = {made}`")
    st.caption(t("tensors.reductions.click"))
    return shown


def _shapes(before: Sequence[int], after: Sequence[int], axis: reductions.Axis) -> None:
    """Draw the shapes, with the axis that disappears struck out, and a sentence about it."""
    gone = tuple(range(len(before))) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    kept = len(after) == len(before)
    sizes = ", ".join(f"~~{size}~~" if i in gone and tuple(after) != tuple(before) else str(size)
                      for i, size in enumerate(before))  # fmt: skip
    if axis is None:
        words = t("tensors.reductions.all", count=len(before))
    elif isinstance(axis, tuple):
        words = t("tensors.reductions.kept_several" if kept else "tensors.reductions.removed_several", axes=axis)
    elif tuple(after) == tuple(before) and before[axis] != 1:
        words = t("tensors.reductions.stays", axis=axis)
    else:
        words = t("tensors.reductions.kept" if kept else "tensors.reductions.removed", axis=axis, size=before[axis])
    st.markdown(f"({sizes}) → {tuple(after)} · {words}")


def _normalise(s: State, A: Tensor, axis: int) -> Snippet:
    """Draw the tensors of the division by sums; return its code."""
    if axis >= A.dim():
        reduced = reductions.reduce(A, "sum", axis, keepdim=s["keepdim"])
        _tensors(s, [("A", A, set())])
        st.error(t(f"tensors.explain.{reduced.refused.why}"), icon=":material/error:")
        return programs.snippet(A.shape, "sum", axis, s["keepdim"], reduced)
    normalised = reductions.normalise(A, axis, keepdim=s["keepdim"])
    drawn = [("A", A, set[int]()), (reductions.code("sum", axis, s["keepdim"]), normalised.sums, set[int]())]
    if normalised.quotient.values is not None and normalised.quotient_sums is not None:
        drawn += [("P", normalised.quotient.values, set()), (f"P.sum(axis={axis})", normalised.quotient_sums, set())]
    _tensors(s, drawn)
    match normalised.verdict:
        case "ones":
            st.success(t("tensors.verdict.ones", axis=axis), icon=":material/check:")
        case "silent":
            st.warning(t("tensors.verdict.silent", axis=axis), icon=":material/warning:")
        case "error":
            st.error(
                t("tensors.verdict.error", shape=tuple(A.shape), sums=tuple(normalised.sums.shape)),
                icon=":material/error:",
            )
    return programs.normalise_snippet(A.shape, axis, s["keepdim"], normalised)


def _tensors(s: State, drawn: Sequence[tuple[str, Tensor, set[int]]], *, click: int | None = None) -> None:
    """Draw tensors side by side, some cells of each marked; ``click`` is the number of the clickable one."""
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
