"""One turn at a time: training, prediction and encoding of all sessions pass through one gate.

Threads that compute at once fight for the interpreter: with thirty sessions and no gate the median wait from a slider
to its frame grew from 0.1 s to 2 s. A turn is short, and shorter the more sessions are training.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

TURN_SECONDS: Final = 0.040  # of training in one turn, if a session is alone
SHORTEST_TURN: Final = 0.003
_ACTIVE_SECONDS: Final = 1.5  # after its last turn a session no longer counts


class Gate:
    """Admits one thread at a time and tells it how long its turn may be."""

    def __init__(self) -> None:
        self._semaphore = threading.BoundedSemaphore()
        self._last_turn: dict[str, float] = {}

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Wait for the gate; yields the seconds of training that this turn may take."""
        session = session_id()
        with self._semaphore:
            now = time.monotonic()
            self._last_turn = {id: at for id, at in self._last_turn.items() if now - at < _ACTIVE_SECONDS}
            self._last_turn[session] = now
            yield max(SHORTEST_TURN, TURN_SECONDS / len(self._last_turn))

    @property
    def active(self) -> int:
        """Sessions that had a turn of late."""
        return len(self._last_turn)


def session_id() -> str:
    """The browser tab's: what the gate counts."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


@st.cache_resource(show_spinner=False)
def gate() -> Gate:
    """The gate of this process."""
    return Gate()


@st.cache_resource(show_spinner=False)
def tracks() -> threading.BoundedSemaphore:
    """For work that needs much memory for seconds, some 100 MB: two of all sessions may do such at once."""
    return threading.BoundedSemaphore(2)
