"""The view of the slice: the loss on the plane in which the run moved most, with its path; computed when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dlcore.drawing import formats
from dlcore.network.engine import Engine
from dlcore.spiral.flow import moments
from dlcore.spiral.slice import NoPlaneError, Slice, Surface
from dlcore.spiral.slice_charts import slice_frame, slice_spec
from pages.spiral.spiral.session import Session
from pages.ui.gate import gate
from pages.ui.language import t

HEIGHT: Final = 420
KEPT, ASKED = "slice", "slice.asked"  # in the memo of the session


@dataclass(frozen=True, slots=True)
class Kept:
    """A slice of a run at an epoch, or the reason why it has none."""

    engine: Engine  # of the run since its last start, with its points
    epoch: int
    found: Surface | str


class SliceView:
    """Draws the slice that was computed last, until a run begins, and the button that computes one."""

    every = 4

    def compute(self, s: Session) -> Kept | None:
        """Return the slice of the run if there is one."""
        kept: Kept | None = s.memo.get(KEPT)
        return kept if kept and kept.engine is s.run.engine else None

    def draw(self, s: Session, data: Kept | None) -> None:
        """Draw the button and the slice; compute it first if it was asked for."""
        st.caption(t("spiral.slice.idea", parameters=formats.count(s.network.theta.numel())))

        def ask() -> None:
            s.memo[ASKED] = True

        st.button(t("spiral.slice.compute"), key="spiral.slice", icon=":material/landscape:", on_click=ask)
        if s.memo.get(ASKED):
            _compute(s)
            data = self.compute(s)
        self._status = st.markdown(_status(s, data))
        if data and isinstance(data.found, Surface):
            _chart(data.found)

    def redraw(self, s: Session, data: Kept | None) -> None:
        """Say how old the slice is."""
        self._status.markdown(_status(s, data))


def _compute(s: Session) -> None:
    """Compute the slice of the run in turns. A script run that takes over begins anew."""
    run, epoch = s.run, s.run.epoch
    engine = run.engine
    words = t("spiral.slice.computing")
    bar = st.progress(0.0, words)
    try:
        with gate().turn():
            job = Slice(run, moments(run))
        while job.progress < 1:
            with gate().turn() as seconds:
                job.advance_for(seconds)
            bar.progress(job.progress, words)
        s.memo[KEPT] = Kept(engine, epoch, job.surface)
    except NoPlaneError as error:
        s.memo[KEPT] = Kept(engine, epoch, error.reason)
    s.memo.pop(ASKED, None)
    bar.empty()


def _status(s: Session, kept: Kept | None) -> str:
    if kept is None:
        return t("spiral.slice.none")
    if not isinstance(kept.found, Surface):
        return t(f"spiral.slice.without.{kept.found}")
    surface = kept.found
    text = t("spiral.slice.end", epoch=formats.count(kept.epoch), loss=formats.fixed(surface.end, 4))
    if surface.samples < surface.of:
        text += t("spiral.slice.sample", samples=formats.count(surface.samples), of=formats.count(surface.of))
    if kept.epoch != s.run.epoch:
        text += t("spiral.slice.old", epoch=formats.count(kept.epoch))
    return text


def _chart(surface: Surface) -> None:
    titles = (
        t(f"spiral.slice.axis_{i + 1}", share=formats.percent(share, 1)) for i, share in enumerate(surface.shares)
    )
    spec = slice_spec(*titles, t("axis.loss"), t("axis.epoch"), HEIGHT)
    st.vega_lite_chart(slice_frame(surface), spec, alt=t("spiral.slice.alt"))
