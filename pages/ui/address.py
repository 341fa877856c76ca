"""The browser's address as a link to what a person has set: read when new, written when the settings have rested."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from pages.ui import language, path
from pages.ui.language import QUERY_KEY

LINK_SECONDS: Final = 0.7  # settings this old are written into the address: every write is a step of its history
ECHO_SECONDS: Final = 0.3  # for so long a message may still bring the address that stood before the last write
PLAY_KEY: Final = "play"  # ?play=1 starts training as a link to the spiral opens
_OTHERS: Final = (QUERY_KEY, PLAY_KEY)


@dataclass
class Address:
    """One page's. The address is cleared when a person walks through the app, and says nothing new then."""

    link: dict[str, str] = field(default_factory=dict)  # the parameters as last read or written
    changed_at: float = 0.0
    _moved: bool = False  # by a control, since the address was last read
    _visit: int = 0  # the one of which the address was last read
    _bare: dict[str, str] = field(default_factory=dict)  # what was set when this visit began without parameters
    _back: bool = False  # to there, by the browser's button
    _before: dict[str, str] = field(default_factory=dict)  # the parameters that the last write replaced
    _written_at: float = -math.inf

    def touch(self) -> None:
        """A control was moved."""
        self._moved, self.changed_at = True, time.monotonic()

    def arrived(self, present: dict[str, str]) -> dict[str, list[str]] | None:
        """The parameters to follow, all values of each, if the address is new to this session.

        A control that was moved comes first: its message may have left the browser before the address that the
        server wrote last had reached it, and would bring an older one back. So may any message shortly after.

        Parameters
        ----------
        present : the parameters of what is set now. An address without any leads back to what was set when the
            person came to it.
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
        """Whether the settings have stood still for long enough."""
        return time.monotonic() - self.changed_at > LINK_SECONDS

    def write(self, wanted: dict[str, str]) -> None:
        """Put settings that have rested into the address; a bare one already says the defaults.

        One that the person went back to stays bare while nothing is set otherwise: the next step back leads on.
        """
        current = {key: value for key, value in st.query_params.items() if key not in _OTHERS}
        said = not current and (len(wanted) == 1 or (self._back and wanted == self._bare))
        if not self.rested or current == wanted or said:
            return
        self.link, self._before, self._written_at = wanted, current, time.monotonic()
        st.query_params.from_dict({**wanted, **language.parameter()})

    def settle(self, wanted: Callable[[], dict[str, str]]) -> None:
        """The same at the end of a script run, waiting for the rest; the next move of a control ends the wait."""
        while not self.rested:
            time.sleep(0.05)
            st.session_state.get(QUERY_KEY)  # where a newer script run takes over
        self.write(wanted())


def _listed(params: dict[str, str]) -> dict[str, list[str]]:
    return {key: [value] for key, value in params.items()}
