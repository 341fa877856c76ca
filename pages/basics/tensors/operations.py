"""The part that carries out an operation on operands that can be edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.tensors.operations import model as operations
from dlcore.lessons.tensors.operations import programs
from dlcore.lessons.tensors.operations import sources as cell_sources
from dlcore.lessons.tensors.operations.model import KINDS, OPERATIONS, Operation, OperationOutcome
from dlcore.settings.rules import resized
from pages.basics.tensors.cell_menu import cell_menu, written
from pages.ui import layout, lesson
from pages.ui.controls import control, numbers
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.tensor_view import tensor_view

SLOTS = ("first", "second")
# Of each argument that is typed: its setting, min and max count of numbers.
TYPED = {"shape": ("new_shape", 1, 4), "swap": ("swap", 2, 2), "dims": ("dims", 1, 4)}
ROOM = 640  # pixels for the picture's tensors side by side


def draw_operations(s: State) -> None:
    """Draw the operation and its operands at the left, the result and its code at the right."""
    left, right = layout.stage(0.38, 0.62)
    with left:
        operation = _menu(s)
        arguments = _arguments(s, operation)
        control(s, "operand_dtype", in_sight=True)
        for slot in SLOTS[: len(operation.operands)]:
            _operand(s, slot)
    operands = [
        operations.operand(kind, s[slot], s["operand_dtype"])
        for kind, slot in zip(operation.operands, SLOTS, strict=False)
    ]
    outcome = operations.compute(operation, operands, arguments)
    with right:
        _picture(s, operation, operands, arguments, outcome)
        if outcome.refused:
            st.error(t(f"tensors.explain.{outcome.refused.why}"), icon=":material/error:")
            _cure(s, operation)
        odd = cell_sources.oddity(operation, operands, outcome.results)
        if odd:
            st.info(t(f"tensors.odd.{odd}"), icon=":material/info:")
        with layout.afterwards():
            lesson.code(programs.snippet(operation, operands, arguments, outcome))
            lesson.idea(f"tensors/operations_{operation.idea}")


def _cure(s: State, operation: Operation) -> None:
    """Draw a button that sets operands and arguments which the operation accepts."""
    fitting = {slot: KINDS[kind] for slot, kind in zip(SLOTS, operation.operands, strict=False)}
    for name in ("operand_dtype", *(TYPED.get(name, (name,))[0] for name in operation.arguments)):
        fitting[name] = s.settings[name].default
    st.button(t("tensors.operations.cure"), key="tensors.cure", on_click=s.apply, args=(fitting,))


def _menu(s: State) -> Operation:
    """Draw the menu and the operation's presets.

    An operation with other kinds of operands brings its initial ones, or those it had when it was last chosen.
    """
    key = "tensors.operation"

    def choose(id: str) -> None:
        before, after = OPERATIONS[s["operation"]].operands, OPERATIONS[id].operands
        values: dict[str, Any] = {}
        if before != after:
            remembered = s.memo.setdefault("operands", {})
            remembered[before] = {slot: s[slot] for slot in SLOTS}
            fresh = {slot: KINDS[kind] for slot, kind in zip(SLOTS, after, strict=False)}
            values = {**fresh, **remembered.get(after, {})}
        s.apply({"operation": id, **values})

    def words(id: str) -> str:
        group = t(f"tensors.group.{OPERATIONS[id].group}")
        return f"{_signature(OPERATIONS[id])} — {t(f'tensors.op.{id}')} · {group}"

    st.session_state[key] = s["operation"]
    st.selectbox(
        s.label("operation"),
        list(OPERATIONS),
        format_func=words,
        key=key,
        help=s.help("operation"),
        on_change=lambda: choose(st.session_state[key]),
    )
    with st.container(horizontal=True, gap="small"):
        for id, (chosen, first, second) in operations.PRESETS.items():
            if chosen == s["operation"]:
                values = {"first": first, "second": second, "operand_dtype": "float32"}
                st.button(t(f"tensors.preset.{id}"), key=f"tensors.preset.{id}", on_click=s.apply, args=(values,))
    return OPERATIONS[s["operation"]]


def _signature(operation: Operation) -> str:
    """Return the call as the menu shows it, without optional arguments."""
    marks = {"k": "k", "shape": "…", "swap": "i, j", "dims": "…", "diagonal": "d"}
    return operation.code({name: marks[name] for name in operation.arguments if name in marks})


def _arguments(s: State, operation: Operation) -> dict[str, Any]:
    """Draw the controls of the arguments; return their values."""
    arguments: dict[str, Any] = {}
    for name in operation.arguments:
        if name in TYPED:
            setting, min_count, max_count = TYPED[name]
            control(s, setting)
            arguments[name] = s.understood(
                setting, lambda text, low=min_count, high=max_count: operations.whole_numbers(text, low, high)
            )
            continue
        if name == "dim":
            options: tuple[str, ...] = ("none", "0", "1", "2", "-1")
            if operation.id in operations.DIM_NEEDED:
                options = options[1:]
                s.values["dim"] = "0" if s["dim"] == "none" else s["dim"]
            control(s, "dim", options=options, in_sight=True)
            if s["dim"] != "none":
                arguments["dim"] = int(s["dim"])
            continue
        control(s, name)
        if name != "descending" or s[name]:
            arguments[name] = s[name]
    return arguments


def _operand(s: State, slot: str) -> None:
    """Draw an operand's numbers with its size beside them."""
    editor, size = st.columns([0.66, 0.34], gap="small")
    with editor:
        numbers(s, slot)
    rule = s.settings[slot].rule
    sides = (("rows", len(s[slot]), rule.rows), ("columns", len(s[slot][0]), rule.columns))
    with size:
        for side, now, limit in sides:
            key = f"tensors.{slot}.{side}"

            def stepped(key: str = key, side: str = side) -> None:
                s.set(slot, resized(s[slot], **{side: st.session_state[key]}))

            st.session_state[key] = now
            st.number_input(t(f"tensors.size.{side}"), 1, limit, step=1, key=key, on_change=stepped)


def _picture(
    s: State, operation: Operation, operands: Sequence[Tensor], arguments: dict[str, Any], outcome: OperationOutcome
) -> None:
    """Draw operands and results side by side; mark the operand cells that the chosen cell came from."""
    results = outcome.results
    cell = cell_sources.clamped(s["result_cell"], results[0].shape) if results and operation.follows else None
    marks: list[list[grid.Mark]] = [[""] * tensor.numel() for tensor in (*operands, *results)]
    if cell is not None:
        sources = cell_sources.sources(operation, operands, arguments, results[0].shape, cell)
        for tensor_marks, places in zip(marks, sources, strict=False):
            for place in places:
                tensor_marks[place] = "selected"
        marks[len(operands)][cell_sources.flat(cell, results[0].shape)] = "selected"
    width = sum(grid.extent(grid.cells(tensor))[0] for tensor in (*operands, *results))
    side = int(max(30, min(grid.CELL, ROOM / width)))
    labels = [*"ab"[: len(operands)], *operations.names_of(operation, outcome)]
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        for i, (name, tensor) in enumerate(zip(labels, (*operands, *results), strict=False)):
            with st.container(width="content", gap=None):
                sign = "= " if i == len(operands) else ""
                st.caption(f"{sign}{name} · {tuple(tensor.shape)} · {str(tensor.dtype).removeprefix('torch.')}")
                clickable = bool(operation.follows) and i == len(operands)
                tensor_view(
                    tensor,
                    key=f"tensors.operations.{i}.{len(operands)}",
                    marks=marks[i],
                    on_click=(lambda index: s.set("result_cell", index)) if clickable else None,
                    cell=side,
                )
    if cell is not None:
        shape = tuple(results[0].shape)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            cell_menu(s, "result_cell", "result", shape, cell)
            if operation.follows == "product":
                made = cell_sources.sum_text(operands[0], operands[1], shape, cell)
                st.markdown(f"`{written('result', cell)} = {made}`")
        st.caption(t("tensors.operations.click"))
