"""Register Streamlit components, and check what a browser sends back: it may be anything.

A module's script and style sheet lie beside it, under its name. What the user does reaches Python as state of the
component, ``{name: {epoch, n, value}}`` with a growing ``n``. Streamlit keeps it for every later script run: an
:class:`Inbox` reads each message once.
"""

from __future__ import annotations

import itertools
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import streamlit as st

LATEST: Final = 10**13  # the highest n of a clock, in ms: a forged one above would leave no room for true ones


def register(module: str) -> Callable[..., Any]:
    """Register a component and return the function that mounts it; call this once per process.

    Parameters
    ----------
    module : the ``__file__`` of the module. Its stem is the component's name and the id of the element that the
        script fills; the script gets the style sheet as the constant ``CSS``.
    """
    here = Path(module)
    css = here.with_suffix(".css").read_text("utf-8")
    js = here.with_suffix(".js").read_text("utf-8")
    mount: Callable[..., Any] = st.components.v2.component(
        here.stem, html=f'<div id="{here.stem}"></div>', js=f"const CSS = {json.dumps(css)};\n{js}"
    )
    return mount


# Hands a message to the part of the page that listens under a name.
_CARRIER: Final = """export default function carry({ data }) {
  globalThis[Symbol.for(data.to)]?.(data.message);
}
"""
_carry = st.components.v2.component("carrier", js=_CARRIER)
_numbers: Final = itertools.count()


def carry(to: str, message: Mapping[str, Any]) -> None:
    """Send a message to the script that set ``globalThis[Symbol.for(to)]``, by an invisible component without a key.

    A component with a key can be mounted once per script run, these again and again, each in place of the one before.
    """
    # Two mounts with the same data in one script run are refused, and a picture may stay the same.
    _carry(data={"to": to, "message": message, "n": next(_numbers)})


@dataclass
class Inbox:
    """The messages of one component that this session has used. Clearing the session's state makes older ones void.

    Two script runs may read at once: whoever uses a message holds the ``lock`` until it is marked as seen.
    """

    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    seen: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def new(self, key: str, name: str) -> tuple[int, object] | None:
        """Return number and value of the component's last message, or None if it is used, void or malformed."""
        sent = message(key, name)
        n = sent.get("n")
        if sent.get("epoch") != self.epoch or type(n) is not int or not self.seen < n <= max(self.seen + 1, LATEST):
            return None
        return n, sent.get("value")

    def take(self, key: str, name: str, use: Callable[[object], object]) -> None:
        """Hand the value of the component's last message to ``use``, once."""
        with self.lock:
            sent = self.new(key, name)
            if sent is not None:
                n, value = sent
                use(value)
                self.seen = n  # last, so that the next run repeats a use that was interrupted


def message(key: str, name: str) -> Mapping[str, Any]:
    """Return the last message of a component under this name; {} if there is none or it is no object."""
    state = st.session_state.get(key)
    sent = state.get(name) if isinstance(state, Mapping) else None
    return sent if isinstance(sent, Mapping) else {}


def selected(key: str, parameter: str) -> Mapping[str, Any]:
    """Return the fields of the mark that was selected in a chart; {} if none was or the message is malformed."""
    marks = message(key, "selection").get(parameter)
    first = marks[0] if isinstance(marks, list) and marks else None
    return first if isinstance(first, Mapping) else {}


def number_between(sent: object, low: float, high: float) -> int | float | None:
    """Return a number that a browser sent, or None if it is none or not in [low, high]."""
    if isinstance(sent, bool) or not isinstance(sent, int | float) or not low <= sent <= high:
        return None
    return sent
