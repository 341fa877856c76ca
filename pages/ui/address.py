"""Keep the browser's address in step with the settings: read it when new, write it when the settings rest."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from pages.ui import language, path
from pages.ui.language import QUERY_KEY

LINK_SECONDS: Final = 0.7  # rest before a write: every write adds an entry to the browser's history
ECHO_SECONDS: Final = 0.3  # after a write, messages may still carry the address before it
PLAY_KEY: Final = "play"  # ?play=1 starts training when a link to the spiral opens
_OTHERS: Final = (QUERY_KEY, PLAY_KEY)


@dataclass
class Address:
    """The address of one page. Navigation within the app clears it; a bare address then carries no news."""

    link: dict[str, str] = field(default_factory=dict)  # the parameters as last read or written
    changed_at: float = 0.0
    _moved: bool = False  # whether a control was moved since the address was last read
    _visit: int = 0  # number of the visit in which the address was last read
    _bare: dict[str, str] = field(default_factory=dict)  # the settings when this visit began without parameters
    _back: bool = False  # whether the browser's back button led to the bare address
    _before: dict[str, str] = field(default_factory=dict)  # the parameters that the last write replaced
    _written_at: float = -math.inf

    def touch(self) -> None:
        """Note that a control was moved."""
        self._moved, self.changed_at = True, time.monotonic()

    def arrived(self, present: dict[str, str]) -> dict[str, list[str]] | None:
        """Return the parameters of an address that is new to this session, all values of each; otherwise None.

        A moved control takes precedence: its message may have left the browser before the last written address
        arrived there, and would bring the older address back. So may any message shortly after a write.

        Parameters
        ----------
        present : the parameters of the current settings. A bare address restores the settings at the start of the
            visit.
        """
        moved, self._moved = self._moved, False
        params = {key: st.query_params.get_all(key) for key in st.query_params if key not in _OTHERS}
        walked, self._visit = self._visit != path.visits(), path.visits()
        self._back = self._back and not walked
        if walked and not params:
            self._bare = present
        echo = time.monotonic() - self._written_at < ECHO_SECONDS and params == _listed(self._before)
        if moved or echo or params == _listed(self.link) or (walked and not params):
            return None
        self._back = not params
        self.link = {key: values[-1] for key, values in params.items()}
        return params or _listed(self._bare)

    @property
    def rested(self) -> bool:
        """Return whether the settings have not changed for ``LINK_SECONDS``."""
        return time.monotonic() - self.changed_at > LINK_SECONDS

    def write(self, wanted: dict[str, str]) -> None:
        """Write the settings into the address if they rest; a bare address already stands for the defaults.

        A bare address reached by the back button stays bare until a setting changes, so that the next step back works.
        """
        current = {key: value for key, value in st.query_params.items() if key not in _OTHERS}
        said = not current and (len(wanted) == 1 or (self._back and wanted == self._bare))
        if not self.rested or current == wanted or said:
            return
        self.link, self._before, self._written_at = wanted, current, time.monotonic()
        st.query_params.from_dict({**wanted, **language.parameter()})

    def settle(self, wanted: Callable[[], dict[str, str]]) -> None:
        """Wait until the settings rest and write them, at the end of a script run; a moved control ends the wait."""
        while not self.rested:
            time.sleep(0.05)
            st.session_state.get(QUERY_KEY)  # a newer script run takes over here
        self.write(wanted())


def _listed(params: dict[str, str]) -> dict[str, list[str]]:
    return {key: [value] for key, value in params.items()}
