"""The live picture of the spiral's run: its frames and their placeholders.

The placeholders are made once per script run. A frame only replaces the data in them, so a chart whose specification
stays the same is redrawn in place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.drawing.image import data_url
from dlcore.drawing.palette import BACKGROUND, CLASS_COLOURS, hex_colour
from dlcore.spiral import regions
from dlcore.spiral.training import Record, Run
from pages.spiral.spiral.scrubber import Scrubber
from pages.spiral.spiral.session import Session
from pages.spiral.spiral.views import PANELS, Panel
from pages.ui import layout, player
from pages.ui.gate import gate
from pages.ui.language import t

# Cells along a side of the region and pixels along a side of a cell: in training, in training with many sessions, and
# when the run is paused or over.
LIVE: Final = (120, 3)
CROWDED: Final = (100, 3)
AT_REST: Final = (180, 4)
REST: Final = 0.25  # seconds that a moment is shown before it is drawn at full resolution
CROWD: Final = 6  # number of sessions training at once above which frames are smaller
PANEL_EVERY_CROWDED: Final = 3  # times as many frames from one drawing of the open view to the next


@dataclass(frozen=True, slots=True)
class Frame:
    """The data of one frame, computed in a turn of the gate."""

    region: str
    half: float
    record: Record
    panel: Any = None  # what the open view draws, or None if it stays as it is
    regression: bool = False  # whether the record's score is R²


class View:
    """The placeholders of the picture's parts. Each is the part as first drawn; an ``st.empty`` would flicker."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._places: dict[str, DeltaGenerator] = {}
        self.panel: Panel = PANELS[session.view.panel]()
        self.scrubber = Scrubber(session)
        self.first = still(session, self.panel)

    def place(self, part: str) -> None:
        """Draw a part of the picture at the current position of the page."""
        self._places[part] = _DRAW[part](st, self._session, self.first)

    def place_panel(self) -> None:
        """Draw the open view at the current position of the page."""
        self.panel.draw(self._session, self.first.panel)

    def draw(self, frame: Frame) -> None:
        """Draw a frame into the placeholders."""
        for part, place in self._places.items():
            _DRAW[part](place, self._session, frame)
        if frame.panel is not None:
            self.panel.redraw(self._session, frame.panel)
        self.scrubber.redraw(self._session)


def compose(session: Session, panel: Panel | None = None, *, size: int, factor: int) -> Frame:
    """Return a frame of the run; call it in a turn of the gate. Without ``panel`` it lacks the open view."""
    png = regions.region(
        session.network,
        half=session.half,
        names=session.config.data.features,
        size=size,
        factor=factor,
        theme=layout.theme(),
        hard=session.view.hard_edges,
        points=session.points(size * factor),
    )
    data = panel.compute(session) if panel else None
    return Frame(data_url(png), session.half, session.record, data, session.config.data.regression)


def _draw_epoch(place: Any, session: Session, frame: Frame) -> DeltaGenerator:
    return place.markdown(_epoch_text(session))


def _draw_region(place: Any, session: Session, frame: Frame) -> DeltaGenerator:
    # An image and not a chart: an image in a chart of Vega disappears until its successor is loaded.
    alt = t("spiral.regression.alt_region" if session.config.data.regression else "spiral.alt.region")
    return place.image(frame.region, width="stretch", alt=alt)


def _draw_numbers(place: Any, session: Session, frame: Frame) -> DeltaGenerator:
    return place.markdown(_numbers(frame.record, session.run))


_DRAW: Final[dict[str, Callable[[Any, Session, Frame], DeltaGenerator]]] = {
    "epoch": _draw_epoch,
    "region": _draw_region,
    "numbers": _draw_numbers,
}


def axes(frame: Frame) -> None:
    """Draw the axes around the image of the region; the HTML holds no text but numbers computed here."""
    marks = "".join(
        f'<span class="x" style="left:{50 + 50 * at / frame.half:.3f}%">{formats.text(at)}</span>'
        f'<span class="y" style="top:{50 - 50 * at / frame.half:.3f}%">{formats.text(at)}</span>'
        for at in regions.ticks(frame.half)
    )
    st.html(f'<div class="axes" aria-hidden="true">{marks}<b class="x">x₁</b><b class="y">x₂</b></div>')


def scale(session: Session) -> None:
    """Draw the colour scale of a regression's region, if it is one; the HTML holds no text but two numbers."""
    if not session.config.data.regression:
        return
    ends = (formats.text(sign * regions.VALUE_REACH) for sign in (-1, 1))
    ground = BACKGROUND[layout.theme()]
    colours = ",".join(map(hex_colour, (CLASS_COLOURS[1], ground, CLASS_COLOURS[0])))
    bar = f'<i style="display:block;flex:1;height:.7rem;background:linear-gradient(90deg,{colours})"></i>'
    st.html(f'<div style="display:flex;gap:.5rem;align-items:center" aria-hidden="true">{bar.join(ends)}</div>')
    st.caption(t("spiral.regression.scale"))


def _picture_key(session: Session) -> tuple[object, ...]:
    """Return everything that the region depends on."""
    view, edits = session.view, session.edits
    options = view.show_points, view.show_test, view.hard_edges
    shown = session.run, session.run.prepared.train, session.epoch
    return (*shown, options, frozenset(edits.off), tuple(edits.weights.items()), layout.theme())


def still(session: Session, panel: Panel) -> Frame:
    """Return a frame of the run as it is: its region at full resolution if there is one, else at low resolution."""
    with gate().turn():
        if session.crisp and session.crisp[0] == _picture_key(session):
            frame: Frame = session.crisp[1]
            return replace(frame, panel=panel.compute(session))
        return compose(session, panel, size=LIVE[0], factor=LIVE[1])


def sharpen(view: View, session: Session) -> None:
    """Draw the region at full resolution, when the run is paused or over."""
    key = _picture_key(session)
    if session.crisp and session.crisp[0] == key:
        return
    if session.moment is not None:
        time.sleep(REST)
        if st.session_state.get(session.state_key) is not session:  # a newer script run ends this one here
            return
    with gate().turn():
        frame = compose(session, size=AT_REST[0], factor=AT_REST[1])
    session.crisp = (key, frame)
    view.draw(frame)


def train(view: View, session: Session) -> None:
    """Train and draw frames until the run is over or paused."""

    def frame(number: int) -> Frame:
        crowded = gate().active > CROWD
        size, factor = CROWDED if crowded else LIVE
        every = view.panel.every * (PANEL_EVERY_CROWDED if crowded else 1)
        due = session.run.finished or number % every == 0
        return compose(session, view.panel if due else None, size=size, factor=factor)

    player.loop(session, frame, view.draw)


def _epoch_text(session: Session) -> str:
    run = session.run
    text = player.progress(session.epoch, run.config.training.epochs)
    if run.diverged_at is not None:
        return text + " — " + t("spiral.diverged", epoch=run.diverged_at)
    return text


# Loss and score by subset: accuracy in a classification, R² in a regression.
SCORES: Final = {
    False: ("numbers.train", "numbers.test", "spiral.numbers.validation", "spiral.numbers.best_test"),
    True: (
        "spiral.regression.train",
        "spiral.regression.test",
        "spiral.regression.validation",
        "spiral.regression.best_test",
    ),
}


def _numbers(record: Record, run: Run) -> str:
    """Return the losses and accuracies, and the line that the lecture's notebook would print."""
    if run.empty:
        return t("spiral.drawn.empty")
    regression, test = run.config.data.regression, len(run.prepared.test.y) > 0
    on_train, on_test, on_validation, best_on_test = SCORES[regression]
    line = t(on_train, loss=formats.fixed(record.train_loss, 4), accuracy=formats.fixed(record.train_accuracy, 3))
    if test:
        line += "  ·  " + t(
            on_test, loss=formats.fixed(record.test_loss, 4), accuracy=formats.fixed(record.test_accuracy, 3)
        )
    if best := run.best():
        line += "  ·  " + t(
            on_validation,
            loss=formats.fixed(record.validation_loss, 4),
            accuracy=formats.fixed(record.validation_accuracy, 3),
        )
        line += "  \n" + t(
            "spiral.numbers.best", epoch=formats.count(best.epoch), loss=formats.fixed(best.validation_loss, 4)
        )
        if test:
            line += t(
                best_on_test,
                loss=formats.fixed(best.test_loss, 4),
                accuracy=formats.fixed(best.test_accuracy, 3),
            )
    if record.epoch == 0:
        return f"{line}  \n{t('numbers.untrained')}"
    # The notebook prints loss and accuracy of the state before its update.
    printed = f"[EPOCH]: {record.epoch - 1}, [LOSS]: {run.losses[record.epoch - 1]:.6f}"
    before = [earlier for earlier in run.history if earlier.epoch == record.epoch - 1]
    if before:
        printed += f", [{'R2' if regression else 'ACCURACY'}]: {before[0].train_accuracy:.3f}"
    return f"{line}  \n`{printed}`"
