"""What a screen reader is told: the page's language, and of a run its epoch and loss now and then, and how it ended.

A component can be mounted under its key once per script run, and a run plays within one. So what is said while it plays
comes in components without a key, each of which replaces the one before. The words themselves stand in one live region
of the document, which outlives them all.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final, Protocol

import streamlit as st

from dlcore.drawing import formats
from pages.ui.language import language, t

EVERY: Final = 5.0  # seconds between two announcements while a run plays

_ENDED: Final = "announcer.ended"

_component = st.components.v2.component("announcer", js=Path(__file__).with_suffix(".js").read_text("utf-8"))


class Announced(Protocol):
    """A run whose progress is announced."""

    @property
    def epoch(self) -> int: ...
    @property
    def finished(self) -> bool: ...
    @property
    def diverged(self) -> bool: ...
    @property
    def train_loss(self) -> float | None: ...


def mount() -> None:
    """Set the document's language, and say how a run ended that finished in the last script run."""
    _show(st.session_state.pop(_ENDED, ""), key="document")


class Announcer:
    """Says where a playing run is, at most every ``EVERY`` seconds; how it ends is said by the next script run."""

    def __init__(self) -> None:
        self._said = time.monotonic()
        self._place: Any = None

    def say(self, run: Announced, unit: str) -> None:
        """Announce the run if it is time, or note how it ended."""
        if run.finished:
            st.session_state[_ENDED] = ended(run, unit)
        elif time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            self._place = self._place or st.container(key="announcement").empty()
            with self._place:
                _show(progress(run, unit))


def _show(text: str, key: str | None = None) -> None:
    _component(key=key, data={"language": language(), "text": text})


def progress(run: Announced, unit: str) -> str:
    """Return the epoch (or update, if that is the unit) of a run and, if it has one, its loss."""
    text = t(f"announce.{unit}", epoch=formats.count(run.epoch))
    return text if run.train_loss is None else t("announce.loss", progress=text, loss=formats.text(run.train_loss, 3))


def ended(run: Announced, unit: str) -> str:
    """Return how a finished run ended, and where."""
    return t("announce.diverged" if run.diverged else "announce.finished", progress=progress(run, unit))
