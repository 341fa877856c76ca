"""The browser's address as a link to what a person has set: read when new, written when the settings have rested."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from pages.ui.language import QUERY_KEY

LINK_SECONDS: Final = 0.7  # settings this old are written into the address: every write is a step of its history
PLAY_KEY: Final = "play"  # ?play=1 starts training as a link to the spiral opens
_OTHERS: Final = (QUERY_KEY, PLAY_KEY)


@dataclass
class Address:
    """One page's. The address is cleared when a person walks through the app, and says nothing new then."""

    link: dict[str, str] = field(default_factory=dict)  # the parameters as last read or written
    changed_at: float = 0.0
    _moved: bool = False  # by a control, since the address was last read

    def touch(self) -> None:
        """A control was moved."""
        self._moved, self.changed_at = True, time.monotonic()

    def arrived(self) -> dict[str, list[str]] | None:
        """The parameters to follow, all values of each, if the address is new to this session.

        A control that was moved comes first: its message may have left the browser before the address that the
        server wrote last had reached it, and would bring an older one back.
        """
        moved, self._moved = self._moved, False
        params = {key: st.query_params.get_all(key) for key in st.query_params if key not in _OTHERS}
        if moved or not params or params == {key: [value] for key, value in self.link.items()}:
            return None
        self.link = {key: values[-1] for key, values in params.items()}
        return params

    @property
    def rested(self) -> bool:
        """Whether the settings have stood still for long enough."""
        return time.monotonic() - self.changed_at > LINK_SECONDS

    def write(self, wanted: dict[str, str]) -> None:
        """Put settings that have rested into the address; a bare address already says the defaults."""
        current = {key: value for key, value in st.query_params.items() if key not in _OTHERS}
        if not self.rested or current == wanted or (not current and len(wanted) == 1):
            return
        self.link = wanted
        lang = {QUERY_KEY: st.query_params[QUERY_KEY]} if QUERY_KEY in st.query_params else {}
        st.query_params.from_dict({**wanted, **lang})

    def settle(self, wanted: Callable[[], dict[str, str]]) -> None:
        """The same at the end of a script run, waiting for the rest; the next move of a control ends the wait."""
        while not self.rested:
            time.sleep(0.05)
            st.session_state.get(QUERY_KEY)  # where a newer script run takes over
        self.write(wanted())
