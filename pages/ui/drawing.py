"""A square to draw on with pointer or finger; what it holds reaches Python whenever a stroke ends.

    s.memo["drawing"] = drawing(t("label"), key="…", value=s.memo["drawing"], size=32, on_change=keep)

A drawing is text, one hexadecimal digit of ink for each of ``size`` × ``size`` cells in reading order, and "" when
there is nothing. The app holds it; the browser sends strokes `{epoch, n, value}` with a growing `n`, each of which is
taken once, as with the live slider.
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
    """What this session has taken from one square."""

    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    seen: int = 0


def read(stroke: object, size: int) -> tuple[str, int, str] | None:
    """Epoch, number and drawing of what the browser sent, or None if it is nothing that its script sends."""
    if not isinstance(stroke, Mapping) or set(stroke) != {"epoch", "n", "value"}:
        return None
    epoch, n, value = stroke["epoch"], stroke["n"], stroke["value"]
    if type(epoch) is not str or type(n) is not int or type(value) is not str:
        return None
    return (epoch, n, value) if not value or re.fullmatch(rf"[0-9a-f]{{{size * size}}}", value) else None


def drawing(
    label: str, *, key: str, value: str, size: int, pen: float, clear: str, on_change: Callable[[str], object]
) -> None:
    """Draw the square.

    Parameters
    ----------
    label : what it is, for those who hear the page.
    value : the drawing that the app holds.
    size : cells along a side.
    pen : the width of a stroke, in cells.
    clear : the words on the button that empties it.
    on_change : called with the new drawing before the script runs.
    """
    strokes: _Strokes = st.session_state.setdefault(f"{key}.strokes", _Strokes())

    def receive() -> None:
        state = st.session_state.get(key)
        found = read(state.get("stroke") if isinstance(state, Mapping) else None, size)
        if found is None or found[0] != strokes.epoch or found[1] <= strokes.seen:
            return
        on_change(found[2])
        strokes.seen = found[1]  # last, so that a run which ends inside on_change is made good by the next one

    receive()  # a run that is superseded among the callbacks never gets to the rest of them
    data = {"epoch": strokes.epoch, "seen": strokes.seen, "value": value, "size": size, "pen": pen}
    _mount(key=key, data={**data, "label": label, "clear": clear}, on_stroke_change=receive)
