"""A square to draw on with pointer or finger; the drawing reaches Python when a stroke ends.

    s.memo["drawing"] = drawing(t("label"), key="…", value=s.memo["drawing"], size=32, on_change=keep)

A drawing is text: one hexadecimal digit of ink for each of ``size`` × ``size`` cells in reading order, or "" if it is
empty. The app holds it; the browser sends strokes `{epoch, n, value}` with a growing `n`, each of which is used once,
like the picks of the live slider.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from pages.ui import component

_mount = component.register(__file__)


@dataclass
class _Strokes:
    """The strokes of one square that this session has used."""

    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    seen: int = 0


def read(stroke: object, size: int) -> tuple[str, int, str] | None:
    """Return epoch, number and drawing of a message from the browser, or None if the message is invalid."""
    if not isinstance(stroke, Mapping) or set(stroke) != {"epoch", "n", "value"}:
        return None
    epoch, n, value = stroke["epoch"], stroke["n"], stroke["value"]
    if type(epoch) is not str or type(n) is not int or type(value) is not str:
        return None
    return (epoch, n, value) if not value or re.fullmatch(rf"[0-9a-f]{{{size * size}}}", value) else None


def drawing(
    label: str, *, key: str, value: str, size: int, pen: float, clear: str, on_change: Callable[[str], object]
) -> None:
    """Show the square.

    Parameters
    ----------
    label : the accessible name of the square.
    value : the drawing that the app holds.
    size : cells along a side.
    pen : the width of a stroke, in cells.
    clear : the label of the button that clears the square.
    on_change : called with the new drawing before the script runs.
    """
    strokes: _Strokes = st.session_state.setdefault(f"{key}.strokes", _Strokes())

    def receive() -> None:
        state = st.session_state.get(key)
        stroke = read(state.get("stroke") if isinstance(state, Mapping) else None, size)
        if stroke is None or stroke[0] != strokes.epoch or stroke[1] <= strokes.seen:
            return
        on_change(stroke[2])
        strokes.seen = stroke[1]  # last, so that the next run repeats an on_change that was interrupted

    receive()  # a run that is superseded during the callbacks skips the rest of them
    data = {"epoch": strokes.epoch, "seen": strokes.seen, "value": value, "size": size, "pen": pen}
    _mount(key=key, data={**data, "label": label, "clear": clear}, on_stroke_change=receive)
