"""The scrubber below the region: a thin curve of the loss and a slider through the epochs that the run has kept.

The browser sends the chosen epoch, `{epoch, n, value}` with a growing `n`, at most every 80 ms and not before the last
one is answered; playing is the slider's stepping in the browser. While the run plays, carriers hand the growing curve
to it.
"""

from __future__ import annotations

import math
from typing import Any, Final

import streamlit as st

from dlcore.drawing.curves import LOG_FLOOR, TRAIN_COLOUR
from dlcore.spiral.training import Record, Run
from pages.spiral.spiral.session import Session
from pages.ui import component
from pages.ui.component import Inbox, number_between
from pages.ui.language import t

KEY: Final = "spiral.scrubber"
MOST_POINTS: Final = 100  # of the curve
EVERY: Final = 2  # frames of a playing run from one message to the next
WORDS: Final = ("label", "epoch", "present", "back", "forth", "pause", "speed")

_mount = component.register(__file__)


class Scrubber:
    """Draws the scrubber; made anew for every script run, before anything that depends on the moment."""

    def __init__(self, s: Session) -> None:
        self._place: Any = None
        self._frames = 0
        self._receive(s)  # a run that is superseded during the callbacks skips the rest of them

    def _receive(self, s: Session) -> None:
        """Use the message that the browser sent, if it is new."""

        def use(sent: object) -> None:
            epoch = number_between(sent, 0, s.run.epoch)
            if epoch is not None:
                s.look_at(epoch)

        _inbox().take(KEY, "moment", use)

    def draw(self, s: Session) -> None:
        """Mount the scrubber at the current position of the page."""
        inbox = _inbox()
        data = {
            **_grown(s.run),
            "epoch": inbox.epoch,
            "seen": inbox.seen,
            "moments": s.moments,
            "at": s.epoch,
            "playing": s.playing,
            "pinned": s.pinned.record.epoch if s.pinned else None,
            "colour": TRAIN_COLOUR,
            "words": {word: t(f"spiral.time.{word}", epoch="{epoch}") for word in WORDS},
        }
        with st.container(key="time", gap=None):
            _mount(key=KEY, data=data, on_moment_change=lambda: self._receive(s))
            with st.container(key="carrier-time"):
                self._place = st.empty()

    def redraw(self, s: Session) -> None:
        """Hand the curve as far as it has grown to the scrubber, now and then."""
        self._frames += 1
        if s.moment is None and (s.run.finished or self._frames % EVERY == 0):
            with self._place:
                component.carry(KEY, _grown(s.run))


def _inbox() -> Inbox:
    inbox: Inbox = st.session_state.setdefault(f"{KEY}.inbox", Inbox())
    return inbox


def _grown(run: Run) -> dict[str, Any]:
    history = run.history
    every = -(-len(history) // (MOST_POINTS - 1))
    return {"end": run.epoch, "curve": curve([*history[:-1:every], history[-1]], run.timeline.start, run.epoch)}


def curve(history: list[Record], start: int, end: int) -> list[int]:
    """Return x, y, x, y, … of the training loss on a log axis.

    x is 0 at the epoch ``start`` and 1000 at ``end``; y is 0 at the top, the largest loss shown, and 100 at the
    smallest.
    """
    shown = [record for record in history if start <= record.epoch <= end and math.isfinite(record.train_loss)]
    logs = [math.log(max(record.train_loss, LOG_FLOOR)) for record in shown]
    if not logs:
        return []
    top, span = max(logs), max(logs) - min(logs) or 1.0
    length = max(1, end - start)
    return [
        number
        for record, log in zip(shown, logs, strict=True)
        for number in (round(1000 * (record.epoch - start) / length), round(100 * (top - log) / span))
    ]
