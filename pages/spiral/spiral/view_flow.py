"""The view of the flow: gradients, updates and activations of each layer over the epochs, and units that do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.network.passes import with_ones
from dlcore.spiral import units
from dlcore.spiral.flow import Flow, FlowHistory, moments
from dlcore.spiral.flow_charts import QUANTITIES, flow_frame, flow_spec
from pages.spiral.spiral.session import Session
from pages.ui.gate import gate
from pages.ui.language import t

HEIGHT: Final = 100  # of a chart without an axis of epochs
X_AXIS: Final = 52
LIVE_SECONDS: Final = 0.004  # of a frame, for moments of the past that are not measured yet


@dataclass(frozen=True, slots=True)
class Data:
    """The flow over the epochs, that of the shown network, and how many of its hidden units have each mark."""

    flows: list[Flow]
    now: Flow
    hidden: int
    marked: dict[str, int]


class FlowView:
    """Draws the flow through the layers, its verdict, and the counts of dead, saturated and twin units."""

    every = 4  # its charts change slowly and are as large as the region

    def compute(self, s: Session) -> Data | None:
        """Return the flow of the moments that are measured already, the latest first; None without training samples."""
        if not len(s.run.X_train):
            return None
        history = _history(s)
        layers = units.describe(s.network, with_ones(s.run.X_train.to(s.network.theta)))
        return Data(
            history.follow(moments(s.run), LIVE_SECONDS),
            history.measure(s.epoch, s.network.theta),
            sum(len(layer.active) for layer in layers),
            {mark: sum(int(getattr(layer, mark).sum()) for layer in layers) for mark in units.MARKS},
        )

    def draw(self, s: Session, data: Data | None) -> None:
        """Draw the view; if the run rests, measure the rest of its past, in turns."""
        st.caption(t("spiral.flow.idea"))
        if data is None:
            return
        with st.container(gap="xsmall"):
            self._places = self._all([st] * 5, s, data)
        while not s.playing and not _history(s).complete:
            with gate().turn():
                data = self.compute(s)
            self.redraw(s, data)

    def redraw(self, s: Session, data: Data | None) -> None:
        """Hand new data to the placeholders."""
        if data:
            self._all(self._places, s, data)

    def _all(self, places: list[Any], s: Session, data: Data) -> list[DeltaGenerator]:
        return [
            places[0].markdown(_verdict(s, data.now)),
            *(_chart(place, s, data.flows, name) for place, name in zip(places[1:4], QUANTITIES, strict=True)),
            places[4].markdown(_units(data)),
        ]


def _history(s: Session) -> FlowHistory:
    history: FlowHistory | None = s.memo.get("flow")
    if history is None or not history.is_of(s.run):
        history = s.memo["flow"] = FlowHistory(s.run)
    return history


def _chart(place: Any, s: Session, flows: list[Flow], quantity: str) -> DeltaGenerator:
    last = quantity == QUANTITIES[-1]
    spec = flow_spec(
        len(flows[0].gradient),
        s.config.training.epochs,
        t("axis.epoch"),
        t(f"spiral.flow.{quantity}"),
        t("spiral.axis.layer"),
        HEIGHT + X_AXIS * last,
        x_axis=last,
        mark=s.moment is not None,
    )
    return place.vega_lite_chart(flow_frame(flows, quantity, s.moment), spec, alt=t(f"spiral.flow.alt_{quantity}"))


def _verdict(s: Session, now: Flow) -> str:
    if s.run.diverged_at is not None:
        return t("spiral.flow.verdict.diverged", epoch=formats.count(s.run.diverged_at))
    if len(now.gradient) == 1:
        return t("spiral.flow.verdict.single")
    return t(f"spiral.flow.verdict.{now.verdict}", ratio=formats.text(now.ratio, 2))


def _units(data: Data) -> str:
    """Return the counts of marked units, or "" if there are no hidden units."""
    if not data.hidden:
        return ""
    lines = [t(f"spiral.flow.unit.{mark}", count=count, of=data.hidden) for mark, count in data.marked.items()]
    return "\n".join(f"- {line}" for line in lines)
