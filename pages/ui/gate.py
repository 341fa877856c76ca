"""A gate that lets one session at a time train, predict and encode.

Threads that compute at once compete for the interpreter: with thirty sessions and no gate the median wait from a slider
to its frame grew from 0.1 s to 2 s. A turn is short, and gets shorter the more sessions are training.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

TURN_SECONDS: Final = 0.040  # of training in one turn of a single session
MIN_TURN_SECONDS: Final = 0.003
_ACTIVE_SECONDS: Final = 1.5  # after its last turn, until a session stops counting


class Gate:
    """A lock that admits one thread at a time and tells it how long its turn may take."""

    def __init__(self) -> None:
        self._semaphore = threading.BoundedSemaphore()
        self._last_turn: dict[str, float] = {}

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Wait for the gate; yield the seconds of training that this turn may take."""
        session = session_id()
        with self._semaphore:
            now = time.monotonic()
            self._last_turn = {id: at for id, at in self._last_turn.items() if now - at < _ACTIVE_SECONDS}
            self._last_turn[session] = now
            yield max(MIN_TURN_SECONDS, TURN_SECONDS / len(self._last_turn))

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Wait until no turn is in progress, and let none begin; for work that would stop all threads anyhow."""
        with self._semaphore:
            yield

    @property
    def active(self) -> int:
        """Return the number of sessions that had a turn recently."""
        return len(self._last_turn)


def session_id() -> str:
    """Return the id of the session, one per browser tab, or "" outside a script run."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


@st.cache_resource(show_spinner=False)
def gate() -> Gate:
    """Return the gate of this process."""
    return Gate()


@st.cache_resource(show_spinner=False)
def memory_slots() -> threading.BoundedSemaphore:
    """Return the semaphore of work that needs about 100 MB for seconds: two sessions at once may do it."""
    return threading.BoundedSemaphore(2)
