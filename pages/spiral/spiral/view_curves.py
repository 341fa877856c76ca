"""The view of the curves: loss and accuracy, or R², over the epochs."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.drawing.curves import curve_frame, curve_spec
from dlcore.spiral.training import Record
from pages.spiral.spiral.session import Session
from pages.ui.language import t

HEIGHT: Final = 205
R2_FLOOR: Final = -0.5  # the lower end of the axis of R², which has no lower limit
LIVE_RECORDS: Final = 100  # most records of a curve in training: the browser redraws all of them every time


class Curves:
    """Draws loss and accuracy over the epochs."""

    every = 4  # the curves change slowly and are as large as the region

    def compute(self, s: Session) -> list[Record]:
        """Return the records of the run and the present one."""
        run = s.run
        history = run.history if run.history[-1].epoch == run.epoch else [*run.history, run.measure()]
        if s.playing:
            every = -(-len(history) // LIVE_RECORDS)
            history = [*history[:-1:every], history[-1]]
        return history

    def draw(self, s: Session, data: list[Record]) -> None:
        """Draw the charts."""
        self._places = self._charts([st] * 2, s, data)

    def redraw(self, s: Session, data: list[Record]) -> None:
        """Redraw the charts."""
        self._charts(self._places, s, data)

    def _charts(self, places: list[Any], s: Session, data: list[Record]) -> list[DeltaGenerator]:
        return [_curve(place, s, data, name) for place, name in zip(places, ("loss", "accuracy"), strict=True)]


def _curve(place: Any, s: Session, history: list[Record], quantity: str) -> DeltaGenerator:
    log = quantity == "loss" and s.view.log_loss
    validation = len(s.run.prepared.validation.y) > 0
    r2 = quantity == "accuracy" and s.config.data.regression
    title = t("spiral.regression.axis", floor=formats.text(R2_FLOOR)) if r2 else t(f"axis.{quantity}")
    spec = curve_spec(
        s.config.training.epochs,
        title,
        t("axis.epoch"),
        t("subset.train"),
        t("subset.test"),
        log=log,
        share=quantity == "accuracy",
        span=(R2_FLOOR, 1.0) if r2 else None,
        height=HEIGHT,
        mark=t("spiral.time.shown") if s.moment is not None else "",
        validation=t("subset.validation") if validation else "",
    )
    rows = curve_frame(history, quantity, log=log, mark=s.moment, validation=validation)
    return place.vega_lite_chart(rows, spec, alt=t("spiral.regression.alt_r2") if r2 else t(f"alt.{quantity}"))
