"""Give back the memory of sessions that have left.

Streamlit keeps a session for a while after its tab was closed, and drops it only when some later session leaves too; a
script run that has ended stays as a cycle of references until Python's next full collection, which comes rarely; and
what is freed stays with the C library. So some time after a session has left, what it held is let go, the cycles are
collected, and free pages go back to the system.
"""

from __future__ import annotations

import ctypes
import gc
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.gate import Gate, gate, session_id
from pages.ui.lesson import State
from pages.ui.player import Player

GATHER: Final = 3.0  # seconds: of a class that leaves together, all are forgotten at once


@dataclass(frozen=True)
class Visit:
    """A session that is connected, and Streamlit's state of it, of which ``filtered_state`` is what the pages hold."""

    session: str
    state: Any

    def forget(self) -> None:
        """Let go of the states and runs of the pages. If the session is there after all, they begin again.

        They are emptied, too: Streamlit keeps the callbacks of widgets, whose globals are the page's names.
        """
        for key, value in self.state.filtered_state.items():
            if isinstance(value, State | Player):
                del self.state[key]
                for thing in (getattr(value, "run", None), value):
                    if hasattr(thing, "__dict__"):
                        vars(thing).clear()


class Cleaner:
    """Forget the sessions that have left, ``seconds`` after they did; a timer runs only while there are any."""

    def __init__(self, gate: Gate, seconds: float) -> None:
        self._gate, self._seconds = gate, seconds
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, Visit]] = {}  # the time it left, by session
        self._timer: threading.Timer | None = None

    def came(self, session: str) -> None:
        """Note that a session is connected, perhaps again."""
        with self._lock:
            self._left.pop(session, None)

    def left(self, visit: Visit) -> None:
        """Note that a session is not connected any more."""
        with self._lock:
            self._left[visit.session] = (time.monotonic(), visit)
            self._wait()

    def _wait(self) -> None:
        if self._left and not self._timer:
            first = min(at for at, _ in self._left.values())
            self._timer = threading.Timer(first + self._seconds + GATHER - time.monotonic(), self.sweep)
            self._timer.daemon = True
            self._timer.start()

    def sweep(self) -> None:
        """Forget the sessions that left long enough ago, and wait for the others."""
        with self._gate.closed():  # nobody's run may be in a turn, and a collection stops all threads anyhow
            with self._lock:
                due = time.monotonic() - self._seconds
                gone = [visit for at, visit in self._left.values() if at <= due]
                self._left = {id: (at, visit) for id, (at, visit) in self._left.items() if at > due}
                self._timer = None
                self._wait()
            while gone:
                gone.pop().forget()
            gc.collect()
            trim()


def trim() -> None:
    """Give free pages back to the system, where the C library can (glibc)."""
    try:
        malloc_trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # macOS, musl; Windows
        return
    malloc_trim(0)


@st.cache_resource(show_spinner=False)
def cleaner() -> Cleaner:
    """Return the cleaner of this process."""
    gc.freeze()  # what was imported stays: a collection need not look at some 300,000 objects each time
    return Cleaner(gate(), st.get_option("server.disconnectedSessionTTL"))


@st.cache_resource(show_spinner=False, scope="session", on_release=lambda visit: cleaner().left(visit))
def visit() -> Visit:
    """Return the visit of the present session; Streamlit releases it when the connection ends."""
    context = get_script_run_ctx()
    cleaner().came(session_id())
    return Visit(session_id(), context and context.session_state)
