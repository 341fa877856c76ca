"""The buttons below the scrubber, and the pinned moment beside the one that is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from dlcore.drawing import formats
from pages.spiral.spiral import live
from pages.spiral.spiral.session import Session
from pages.ui.gate import gate
from pages.ui.language import t

PINNED: Final = (60, 4)  # cells and pixels a cell along a side of the pinned region
WIDTH: Final = 150  # of its picture on the page


def draw(s: Session) -> None:
    """Draw the buttons, of which those that need a moment of the past are disabled at the present, and the pin."""
    at_present = s.moment is None
    with st.container(key="moments", horizontal=True, gap="xsmall"):
        _button("train_on", ":material/resume:", s.train_on, disabled=at_present)
        _button("to_present", ":material/last_page:", s.to_present, disabled=at_present)
        _button("pin", ":material/keep:", lambda: pin(s))
    st.caption(t("spiral.time.idea"))
    if s.pinned:
        _pinned(s)


def _button(name: str, icon: str, act: Callable[[], object], *, disabled: bool = False) -> None:
    st.button(
        t(f"spiral.time.{name}"),
        key=f"spiral.time.{name}",
        icon=icon,
        on_click=act,
        disabled=disabled,
        help=t(f"spiral.time.{name}_help"),
    )


def pin(s: Session) -> None:
    """Keep the picture and the numbers of what is shown."""
    with gate().turn():
        s.pinned = live.compose(s, size=PINNED[0], factor=PINNED[1])


def _pinned(s: Session) -> None:
    frame: live.Frame = s.pinned
    record = frame.record
    label = live.SCORES[frame.regression][0]
    numbers = t(label, loss=formats.fixed(record.train_loss, 4), accuracy=formats.fixed(record.train_accuracy, 3))

    def unpin() -> None:
        s.pinned = None

    with st.container(key="pinned", horizontal=True, gap="small", vertical_alignment="center"):
        st.image(frame.region, width=WIDTH, alt=t("spiral.time.alt", epoch=record.epoch))
        with st.container(gap="xsmall"):
            st.markdown(f"{t('spiral.time.pinned', epoch=formats.count(record.epoch))}  \n{numbers}")
            st.button(t("spiral.time.unpin"), key="spiral.time.unpin", icon=":material/keep_off:", on_click=unpin)
