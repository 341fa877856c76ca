"""The views of the network beside the region. One is open at a time, and only that one is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import streamlit as st

from pages.spiral.spiral.session import Session
from pages.spiral.spiral.view_curves import Curves
from pages.spiral.spiral.view_flow import FlowView
from pages.spiral.spiral.view_network import Diagram
from pages.spiral.spiral.view_slice import SliceView
from pages.spiral.spiral.view_space import Space
from pages.ui.language import t


class Panel(Protocol):
    """A view: made anew for every script run, drawn once in it, and redrawn while the run plays."""

    every: int  # frames of the region from one drawing of this view to the next

    def compute(self, s: Session, /) -> Any:
        """Return the data to draw; called in a turn of the gate."""

    def draw(self, s: Session, data: Any, /) -> None:
        """Draw the view at the current position of the page and keep its placeholders."""

    def redraw(self, s: Session, data: Any, /) -> None:
        """Hand new data to the placeholders."""


PANELS: Final[Mapping[str, type[Panel]]] = {
    "network": Diagram,
    "curves": Curves,
    "space": Space,
    "flow": FlowView,
    "slice": SliceView,
}


def menu(s: Session) -> None:
    """Draw the choice of the view."""

    def chosen() -> None:
        s.view.panel = st.session_state["spiral.panel"] or s.view.panel

    st.session_state["spiral.panel"] = s.view.panel
    st.segmented_control(
        t("spiral.views.menu"),
        list(PANELS),
        format_func=lambda id: t(f"spiral.views.{id}"),
        key="spiral.panel",
        on_change=chosen,
        label_visibility="collapsed",
    )


def play(panel: Panel, s: Session) -> None:
    """Let a view go on that changes by itself while the run does not train; call this when the page is drawn."""
    if isinstance(panel, Space):
        panel.play(s)
