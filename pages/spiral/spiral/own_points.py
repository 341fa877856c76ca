"""Own points: a surface over the region on which points of a class are drawn with pointer, finger or keys.

The browser holds a drawing while it is made and sends all of its points, written as in a link, ``{epoch, n, value}``
with a growing ``n``; each message is used once. Erasing and undoing are the browser's too.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from dlcore.settings.points import CHARACTERS, STEPS, Point, pack, unpack
from dlcore.spiral.config import MAX_DRAWN
from pages.spiral.spiral.session import Session
from pages.ui import component
from pages.ui.component import Inbox
from pages.ui.language import t

KEY: Final = "spiral.drawn"
_WORDS: Final = ("surface", "pen", "erase", "undo", "clear")

_mount = component.register(__file__)


def read(sent: object) -> tuple[Point, ...] | None:
    """Return the points that a browser sent, or None if it sent anything else."""
    return unpack(sent) if isinstance(sent, str) and len(sent) <= CHARACTERS * MAX_DRAWN else None


def receive(s: Session) -> None:
    """Use the points that the browser sent, if they are new."""

    def use(sent: object) -> None:
        points = read(sent)
        if points is not None:
            s.set("data.drawn", points)

    if s.config.data.kind == "points":
        _inbox().take(KEY, "points", use)


def _inbox() -> Inbox:
    inbox: Inbox = st.session_state.setdefault(f"{KEY}.inbox", Inbox())
    return inbox


def surface(s: Session) -> None:
    """Draw the surface, and the choice of its pen below the region, if the data set is the own points."""
    if s.config.data.kind != "points":
        return
    inbox = _inbox()
    classes = s.config.data.n_classes
    _mount(
        key=KEY,
        data={
            "epoch": inbox.epoch,
            "seen": inbox.seen,
            "value": pack(s.config.data.drawn),
            "half": s.half,
            "steps": STEPS,
            "characters": CHARACTERS,
            "max": MAX_DRAWN,
            "classes": [t("spiral.drawn.class", number=number) for number in range(classes)],
            "colours": [hex_colour(colour) for colour in CLASS_COLOURS],
            "words": {id: t(f"spiral.drawn.{id}") for id in _WORDS}
            | {"count": t("spiral.drawn.count", count="#", max=MAX_DRAWN)},
        },
        on_points_change=partial(receive, s),
    )
