"""The live picture of the spiral's run: its frames and their placeholders.

The placeholders are made once per script run. A frame only replaces the data in them, so a chart whose specification
stays the same is redrawn in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.drawing.curves import curve_frame, curve_spec
from dlcore.drawing.image import data_url
from dlcore.spiral import charts, regions
from dlcore.spiral.training import Record, Run
from pages.spiral.spiral.session import Session
from pages.ui import layout, player
from pages.ui.gate import gate
from pages.ui.language import t

CURVE_HEIGHT: Final = 205

# Cells along a side of the region and pixels along a side of a cell: in training, in training with many sessions, and
# when the run is paused or over.
LIVE: Final = (120, 3)
CROWDED: Final = (100, 3)
AT_REST: Final = (180, 4)
CROWD: Final = 6  # number of sessions training at once above which frames are smaller
CURVES_EVERY: Final = 4  # frames; the curves change slowly and are as large as the region
CURVES_EVERY_CROWDED: Final = 12
LIVE_RECORDS: Final = 100  # most records of a curve in training: the browser redraws all of them every time


@dataclass(frozen=True, slots=True)
class Frame:
    """The data of one frame, computed in a turn of the gate."""

    region: str
    half: float
    history: list[Record]
    gradient_norms: list[float]


class View:
    """The placeholders of the picture's parts. Each is the part as first drawn; an ``st.empty`` would flicker."""

    def __init__(self, session: Session, first: Frame) -> None:
        self._session, self._first = session, first
        self._places: dict[str, DeltaGenerator] = {}

    def place(self, part: str) -> None:
        """Draw a part of the picture at the current position of the page."""
        self._places[part] = _DRAW[part](st, self._session, self._first)

    def draw(self, frame: Frame, *, curves: bool = True) -> None:
        """Draw a frame into the placeholders, without the curves unless ``curves``."""
        for part, place in self._places.items():
            if curves or part not in _CURVES:
                _DRAW[part](place, self._session, frame)


def compose(session: Session, *, size: int, factor: int, curves: bool = True) -> Frame:
    """Return a frame of the run; call it in a turn of the gate. Without ``curves`` it lacks the gradient norms."""
    run = session.run
    png = regions.region(
        run.engine,
        half=session.half,
        names=session.config.data.features,
        size=size,
        factor=factor,
        theme=layout.theme(),
        hard=session.view.hard_edges,
        points=session.points(size * factor),
    )
    history = run.history if run.history[-1].epoch == run.epoch else [*run.history, run.measure()]
    if not run.finished:
        every = -(-len(history) // LIVE_RECORDS)
        history = [*history[:-1:every], history[-1]]
    return Frame(data_url(png), session.half, history, run.engine.gradient_norms() if curves else [])


def _draw_epoch(place: Any, session: Session, frame: Frame) -> DeltaGenerator:
    return place.markdown(_epoch_text(session.run))


def _draw_region(place: Any, session: Session, frame: Frame) -> DeltaGenerator:
    # An image and not a chart: an image in a chart of Vega disappears until its successor is loaded.
    return place.image(frame.region, width="stretch", alt=t("spiral.alt.region"))


def _draw_numbers(place: Any, session: Session, frame: Frame) -> DeltaGenerator:
    return place.markdown(_numbers(frame.history[-1], session.run))


def _draw_curve(place: Any, session: Session, frame: Frame, *, quantity: str) -> DeltaGenerator:
    log = quantity == "loss" and session.view.log_loss
    validation = len(session.run.prepared.validation.y) > 0
    spec = curve_spec(
        session.config.training.epochs,
        t(f"axis.{quantity}"),
        t("axis.epoch"),
        t("subset.train"),
        t("subset.test"),
        log=log,
        share=quantity == "accuracy",
        height=CURVE_HEIGHT,
        validation=t("subset.validation") if validation else "",
    )
    rows = curve_frame(frame.history, quantity, log=log, validation=validation)
    return place.vega_lite_chart(rows, spec, alt=t(f"alt.{quantity}"))


def _draw_gradients(place: Any, session: Session, frame: Frame) -> DeltaGenerator:
    height = 90 + 20 * len(frame.gradient_norms)
    spec = charts.gradient_spec(t("spiral.axis.gradient"), t("spiral.axis.layer"), height)
    return place.vega_lite_chart(charts.gradient_frame(frame.gradient_norms), spec, alt=t("spiral.alt.gradients"))


_DRAW: Final[dict[str, Callable[[Any, Session, Frame], DeltaGenerator]]] = {
    "epoch": _draw_epoch,
    "region": _draw_region,
    "numbers": _draw_numbers,
    "loss": partial(_draw_curve, quantity="loss"),
    "accuracy": partial(_draw_curve, quantity="accuracy"),
    "gradients": _draw_gradients,
}
_CURVES: Final = ("loss", "accuracy", "gradients")


def axes(frame: Frame) -> None:
    """Draw the axes around the image of the region; the HTML holds no text but numbers computed here."""
    marks = "".join(
        f'<span class="x" style="left:{50 + 50 * at / frame.half:.3f}%">{formats.text(at)}</span>'
        f'<span class="y" style="top:{50 - 50 * at / frame.half:.3f}%">{formats.text(at)}</span>'
        for at in regions.ticks(frame.half)
    )
    st.html(f'<div class="axes" aria-hidden="true">{marks}<b class="x">x₁</b><b class="y">x₂</b></div>')


def _picture_key(session: Session) -> tuple[object, ...]:
    """Return everything that the picture depends on."""
    return (session.run, session.run.prepared.train, session.run.epoch, replace(session.view), layout.theme())


def still(session: Session) -> Frame:
    """Return a frame of the run as it is: the full-resolution one if there is one, else one of low resolution."""
    if session.crisp and session.crisp[0] == _picture_key(session):
        frame: Frame = session.crisp[1]
        return frame
    with gate().turn():
        return compose(session, size=LIVE[0], factor=LIVE[1])


def sharpen(view: View, session: Session) -> None:
    """Draw the region at full resolution, when the run is paused or over."""
    key = _picture_key(session)
    if session.crisp and session.crisp[0] == key:
        return
    with gate().turn():
        frame = compose(session, size=AT_REST[0], factor=AT_REST[1])
    session.crisp = (key, frame)
    view.draw(frame, curves=False)


def train(view: View, session: Session) -> None:
    """Train and draw frames until the run is over or paused."""

    def frame(number: int) -> tuple[Frame, bool]:
        crowded = gate().active > CROWD
        size, factor = CROWDED if crowded else LIVE
        curves = session.run.finished or number % (CURVES_EVERY_CROWDED if crowded else CURVES_EVERY) == 0
        return compose(session, size=size, factor=factor, curves=curves), curves

    player.loop(session, frame, lambda result: view.draw(result[0], curves=result[1]))


def _epoch_text(run: Run) -> str:
    text = player.progress(run.epoch, run.config.training.epochs)
    if run.diverged_at is not None:
        return text + " — " + t("spiral.diverged", epoch=run.diverged_at)
    return text


def _numbers(record: Record, run: Run) -> str:
    """Return the current losses and accuracies, and the line that the lecture's notebook would print."""
    if run.empty:
        return t("spiral.drawn.empty")
    test = len(run.prepared.test.y) > 0
    line = t(
        "numbers.train", loss=formats.fixed(record.train_loss, 4), accuracy=formats.fixed(record.train_accuracy, 3)
    )
    if test:
        line += "  ·  " + t(
            "numbers.test", loss=formats.fixed(record.test_loss, 4), accuracy=formats.fixed(record.test_accuracy, 3)
        )
    if best := run.best():
        line += "  ·  " + t(
            "spiral.numbers.validation",
            loss=formats.fixed(record.validation_loss, 4),
            accuracy=formats.fixed(record.validation_accuracy, 3),
        )
        line += "  \n" + t(
            "spiral.numbers.best", epoch=formats.count(best.epoch), loss=formats.fixed(best.validation_loss, 4)
        )
        if test:
            line += t(
                "spiral.numbers.best_test",
                loss=formats.fixed(best.test_loss, 4),
                accuracy=formats.fixed(best.test_accuracy, 3),
            )
    before = [record for record in run.history if record.epoch == run.epoch - 1]
    if run.losses and before:  # the notebook prints loss and accuracy of the state before its update
        printed = f"[EPOCH]: {run.epoch - 1}, [LOSS]: {run.losses[-1]:.6f}, [ACCURACY]: {before[0].train_accuracy:.3f}"
    elif run.losses:
        printed = f"[EPOCH]: {run.epoch - 1}, [LOSS]: {run.losses[-1]:.6f}"
    else:
        printed = t("numbers.untrained")
    return f"{line}  \n`{printed}`" if run.losses else f"{line}  \n{printed}"
