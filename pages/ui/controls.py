"""A control for each setting, chosen by its rule, which also gives its limits and options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.settings.rules import Flag, Number, OneOf, Sizes, Some, Text
from dlcore.typed.signs import whole_numbers
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.live_slider import MARKS, decades, live_slider


def control(
    s: State,
    name: str,
    *,
    options: tuple[str, ...] | None = None,
    disabled: bool = False,
    stops: tuple[int | float, ...] | None = None,
    marks: tuple[float, ...] = MARKS,
    exact: bool = False,
    in_sight: bool = False,
) -> None:
    """Draw the control of a setting; moving it changes the setting.

    Parameters
    ----------
    options : the available options of a choice, by default all of its rule.
    disabled : whether the setting has no effect at present.
    stops : the stops of a slider, by default those of its rule.
    marks : the stops between two powers of ten of a logarithmic slider.
    exact : whether a number is typed instead of slid, because neighbouring values are unrelated (a seed).
    in_sight : whether the options of a choice lie side by side instead of in a menu.
    """
    setting, value, key = s.settings[name], s.get(name), f"{s.id}.{name}"
    label, help = s.label(name), s.help(name) or None

    def moved() -> None:
        chosen = st.session_state[key]
        if isinstance(setting.rule, Some):  # a deselection below the minimum is undone
            chosen = tuple(chosen) if len(chosen) >= setting.rule.min_items else value
        s.set(name, chosen)

    common: dict[str, Any] = {"key": key, "help": help, "disabled": disabled}
    match setting.rule:
        case OneOf(options=all_options) if in_sight:
            _segments(s, name, value, options or all_options, label, lambda id: s.option(name, id), common)
        case OneOf(options=all_options):
            st.session_state[key] = value
            st.selectbox(
                label, options or all_options, format_func=lambda id: s.option(name, id), on_change=moved, **common
            )
        case Flag():
            st.session_state[key] = value
            st.toggle(label, on_change=moved, **common)
        case Some(options=all_options):
            st.session_state[key] = list(value)
            st.pills(
                label,
                all_options,
                selection_mode="multi",
                format_func=lambda id: s.option(name, id),
                on_change=moved,
                **common,
            )
        case Number() as rule if exact:
            number = int if rule.integer else float
            st.session_state[key] = value
            st.number_input(
                label, number(rule.min), number(rule.max), step=number(rule.step), on_change=moved, **common
            )
        case Number() as rule:
            slider(
                label,
                key,
                value,
                rule,
                lambda chosen: s.set(name, chosen),
                stops=stops,
                marks=marks,
                help=help or "",
                disabled=disabled,
            )
        case Text(max_lines=1) as rule:
            st.session_state[key] = value
            st.text_input(label, on_change=moved, **common)
        case Text() as rule:
            st.session_state[key] = value
            st.text_area(label, height="content", on_change=moved, **common)
        case Sizes() as rule:
            _sizes(s, name, rule, common)


def look(s: State, shown: tuple[str, ...], label: str) -> str:
    """Draw the choice of the item to look at closely, and return it; the first of ``shown`` by default.

    The page's setting ``look`` holds the choice; the option labels are those of its setting ``shown``.
    """
    chosen = s.get("look") if s.get("look") in shown else shown[0]
    _segments(s, "look", chosen, shown, label, lambda id: s.option("shown", id), {"key": f"{s.id}.look"})
    return str(chosen)


def _segments(
    s: State,
    name: str,
    value: str,
    options: tuple[str, ...],
    label: str,
    words: Callable[[str], str],
    common: dict[str, Any],
) -> None:
    """Draw the options of a choice side by side."""
    key = common["key"]

    def chosen() -> None:  # a second click on the chosen option would clear the choice
        s.set(name, st.session_state[key] or value)

    st.session_state[key] = value
    st.segmented_control(label, options, format_func=words, on_change=chosen, **common)


def _sizes(s: State, name: str, rule: Sizes, common: dict[str, Any]) -> None:
    """Draw the text input of a shape in Python's notation: ``3, 4``, with or without brackets."""
    key = common["key"]

    def typed() -> None:
        shape = whole_numbers(st.session_state[key])
        s.set(name, st.session_state[key] if shape is None else shape)

    st.session_state[key] = ", ".join(map(str, s.get(name)))
    st.text_input(s.label(name), on_change=typed, **common)


def numbers(s: State, name: str, *, disabled: bool = False) -> None:
    """Draw the editor of a matrix, for a setting whose rule is :class:`~dlcore.settings.rules.Grid`.

    The editor stores edits as differences from its first value, so it gets this value for as long as the edits lead to
    the present one. It gets a new value under a new key when the value came from elsewhere, or when the edits were lost
    because the user left the page.
    """
    value, slot = s.get(name), f"{s.id}.{name}.grid"
    begun = st.session_state.get(slot)
    lost = begun and begun["now"] != begun["first"] and f"{slot}.{begun['count']}" not in st.session_state
    if begun is None or begun["now"] != value or lost:
        count = begun["count"] + 1 if begun else 0
        begun = st.session_state[slot] = {"first": value, "now": value, "count": count}
    key = f"{slot}.{begun['count']}"

    def edited() -> None:
        rows = [list(row) for row in begun["first"]]
        for row, changes in st.session_state[key]["edited_rows"].items():
            for column, number in changes.items():
                rows[int(row)][int(column)] = 0.0 if number is None else float(number)
        changed = tuple(map(tuple, rows))
        s.set(name, changed)
        if s.get(name) == changed:
            begun["now"] = changed

    st.caption(s.label(name))
    st.data_editor(
        pd.DataFrame(begun["first"], columns=[str(i) for i in range(len(begun["first"][0]))], dtype=float),
        key=key,
        on_change=edited,
        disabled=disabled,
        hide_index=True,
        num_rows="fixed",
        width="content",
        column_config={
            str(i): st.column_config.NumberColumn(str(i), format="%.6g", width=70)
            for i in range(len(begun["first"][0]))
        },
    )


def slider(
    label: str,
    key: str,
    value: Any,
    rule: Number,
    on_change: Callable[[Any], object],
    *,
    stops: tuple[int | float, ...] | None = None,
    marks: tuple[float, ...] = MARKS,
    help: str = "",
    disabled: bool = False,
) -> None:
    """Draw a live slider over the range of a rule; it calls ``on_change`` while its thumb moves."""
    number = int if rule.integer else float
    written = formats.count if rule.integer else formats.text
    min_value, max_value = number(rule.min), number(rule.max)
    if rule.log and not stops:
        stops = decades(min_value, max_value, marks)
    scale = {"stops": stops} if stops else {"min_value": min_value, "max_value": max_value, "step": number(rule.step)}
    live_slider(
        label,
        key=key,
        value=value,
        help=help,
        disabled=disabled,
        rule=t("rule.integer" if rule.integer else "rule.number", min=written(min_value), max=written(max_value)),
        on_change=on_change,
        **scale,
    )
