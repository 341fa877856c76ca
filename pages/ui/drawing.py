"""A square to draw on with pointer or finger; the drawing reaches Python when a stroke ends.

    s.memo["drawing"] = drawing(t("label"), key="…", value=s.memo["drawing"], size=32, on_change=keep)

A drawing is text: one hexadecimal digit of ink for each of ``size`` × ``size`` cells in reading order, or "" if it is
empty. The app holds it; the browser sends strokes `{epoch, n, value}` with a growing `n`, each of which is used once,
like the picks of the live slider.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from pages.ui import component
from pages.ui.component import Inbox

_mount = component.register(__file__)


def read(value: object, size: int) -> str | None:
    """Return a drawing that a browser sent, or None if it is none of this size."""
    if not isinstance(value, str):
        return None
    return value if not value or re.fullmatch(rf"[0-9a-f]{{{size * size}}}", value) else None


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
    strokes: Inbox = st.session_state.setdefault(f"{key}.strokes", Inbox())

    def use(sent: object) -> None:
        drawn = read(sent, size)
        if drawn is not None:
            on_change(drawn)

    def receive() -> None:
        strokes.take(key, "stroke", use)

    receive()  # a run that is superseded during the callbacks skips the rest of them
    data = {"epoch": strokes.epoch, "seen": strokes.seen, "value": value, "size": size, "pen": pen}
    _mount(key=key, data={**data, "label": label, "clear": clear}, on_stroke_change=receive)
