"""The controls of the spiral page alone: the network's layers, and the stops of its sliders."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dlcore.drawing import formats
from dlcore.network.settings import FULL_BATCH, MAX_SAMPLES
from dlcore.settings.rules import Number
from dlcore.spiral.config import SETTINGS
from pages.spiral.spiral.session import Session
from pages.ui import controls
from pages.ui.controls import slider
from pages.ui.language import t
from pages.ui.live_slider import decades

_PENALTIES: Final = (0.0, *decades(1e-6, SETTINGS["training.l2"].rule.max))

# Values at which a slider stops, if not at the steps of its rule; other values can be typed.
_STOPS: Final[dict[str, tuple[int | float, ...]]] = {
    "training.batch_size": (FULL_BATCH, *(2**power for power in range(13)), MAX_SAMPLES),
    "training.l1": _PENALTIES,
    "training.l2": _PENALTIES,
}


def control(session: Session, name: str, *, options: tuple[str, ...] | None = None, disabled: bool = False) -> None:
    """Draw the control of a setting of the run."""
    controls.control(
        session, name, options=options, disabled=disabled, stops=_STOPS.get(name), exact=name == "data.seed"
    )


def hidden_units(session: Session) -> None:
    """Draw the slider of the hidden units, which sets the size of all hidden layers."""
    hidden, sizes = session.config.model.hidden, SETTINGS["model.hidden"].rule
    rule = Number(sizes.min, sizes.max, 1, integer=True)
    slider(
        t("spiral.control.hidden_units"),
        f"{session.id}.model.hidden",
        hidden[0] if hidden else rule.min,
        rule,
        lambda units: session.set("model.hidden", (units,) * len(session.config.model.hidden)),
        disabled=not hidden,
        help=t("spiral.control.hidden_units_help"),
    )


def counts(session: Session) -> None:
    """Draw how many parameters the network has, and what a prediction costs."""
    config, n_classes = session.config, session.run.prepared.train.n_classes
    n_inputs = len(config.data.features)
    parameters, products = (
        count(n_inputs, n_classes) for count in (config.model.parameters, config.model.multiply_adds)
    )
    st.caption(
        t("spiral.control.counts", parameters=formats.count(parameters), products=formats.count(products)),
        help=t("spiral.control.counts_help"),
    )


def hidden_layers(session: Session) -> None:
    """Draw the slider of the number of hidden layers; a new layer gets the size of the last."""
    hidden, sizes = session.config.model.hidden, SETTINGS["model.hidden"].rule

    def moved(layers: int) -> None:
        hidden = session.config.model.hidden[:layers]
        last = hidden[-1] if hidden else 16
        session.set("model.hidden", hidden + (last,) * (layers - len(hidden)))

    rule = Number(0, sizes.max_layers, 1, integer=True)
    slider(t("spiral.control.layers"), f"{session.id}.layers", len(hidden), rule, moved)


def layer_sizes(session: Session) -> None:
    """Draw a slider for the size of each hidden layer."""
    sizes = SETTINGS["model.hidden"].rule
    rule = Number(sizes.min, sizes.max, 1, integer=True)
    for i, units in enumerate(session.config.model.hidden):

        def moved(chosen: int, i: int = i) -> None:
            hidden = session.config.model.hidden
            session.set("model.hidden", (*hidden[:i], chosen, *hidden[i + 1 :]))

        slider(t("spiral.control.layer", number=i + 1), f"spiral.layer{i}", units, rule, moved)


def view_toggle(session: Session, name: str) -> None:
    """Draw the switch of a field of ``session.view``."""
    key = f"spiral.view.{name}"

    def moved() -> None:
        setattr(session.view, name, st.session_state[key])

    st.session_state[key] = getattr(session.view, name)
    st.toggle(t(f"spiral.view.{name}"), key=key, on_change=moved)
