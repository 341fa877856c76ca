"""A control for each setting, chosen by its rule: what may be entered, and between what, is the config's to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from dlcore.config import FULL_BATCH, SETTINGS, Flag, Number, OneOf, Some, get_field
from pages.ui.language import labels, language, t
from pages.ui.live_slider import decades, live_slider
from pages.ui.session import Session

# Where the thumb of a slider stops, if not evenly; between the stops a value can be typed.
_STOPS: Final[dict[str, tuple[int | float, ...]]] = {
    "data.points": decades(10, 5000),
    "training.lr": decades(1e-5, 10.0),
    "training.epochs": decades(1, 10_000),
    "training.batch": (FULL_BATCH, *(2**power for power in range(13)), 10_000),
    "training.l1": (0.0, *decades(1e-6, 1.0)),
    "training.l2": (0.0, *decades(1e-6, 1.0)),
}


def option(name: str, id: str) -> str:
    """The word for one of a setting's ids."""
    return t(f"{name.rpartition('.')[2]}.{id}")


def control(session: Session, name: str, *, options: tuple[str, ...] | None = None, disabled: bool = False) -> None:
    """Draw the control of a setting; moving it changes the session's config.

    ``disabled`` is for a setting that would change nothing in this run.
    """
    setting, value, key = SETTINGS[name], get_field(session.config, name), f"spiral.{name}"
    label, help = t(f"setting.{name}"), labels(language()).get(f"help.{name}", "")

    def moved() -> None:
        chosen = st.session_state[key]
        session.set(name, tuple(chosen) if isinstance(setting.rule, Some) else chosen)

    match setting.rule:
        case OneOf(options=all_options):
            st.session_state[key] = value
            st.selectbox(
                label,
                options or all_options,
                format_func=lambda id: option(name, id),
                key=key,
                on_change=moved,
                help=help or None,
                disabled=disabled,
            )
        case Flag():
            st.session_state[key] = value
            st.toggle(label, key=key, on_change=moved, help=help or None)
        case Some(options=all_options):
            st.session_state[key] = list(value)
            st.pills(
                label,
                all_options,
                selection_mode="multi",
                format_func=lambda id: option(name, id),
                key=key,
                on_change=moved,
                help=help or None,
            )
        case Number() as rule if name == "data.seed":
            st.session_state[key] = value
            st.number_input(label, int(rule.low), int(rule.high), step=1, key=key, on_change=moved, help=help or None)
        case Number() as rule:
            slider(
                label,
                key,
                value,
                rule,
                lambda chosen: session.set(name, chosen),
                stops=_STOPS.get(name),
                help=help,
                disabled=disabled,
            )


def slider(
    label: str,
    key: str,
    value: Any,
    rule: Number,
    on_change: Callable[[Any], object],
    *,
    stops: tuple[int | float, ...] | None = None,
    help: str = "",
    disabled: bool = False,
) -> None:
    """A slider over what a rule allows, that answers while its thumb moves."""
    number = int if rule.integer else float
    low, high = number(rule.low), number(rule.high)
    scale = {"stops": stops} if stops else {"low": low, "high": high, "step": number(rule.step)}
    live_slider(
        label,
        key=key,
        value=value,
        help=help,
        disabled=disabled,
        rule=t("rule.integer" if rule.integer else "rule.number", low=f"{low:g}", high=f"{high:g}"),
        on_change=on_change,
        **scale,
    )


def hidden_units(session: Session) -> None:
    """One slider for the width of all hidden layers."""
    hidden, widths = session.config.model.hidden, SETTINGS["model.hidden"].rule
    rule = Number(widths.low, widths.high, 1, integer=True)
    slider(
        t("control.hidden_units"),
        "spiral.model.hidden",
        hidden[0] if hidden else rule.low,
        rule,
        lambda units: session.set("model.hidden", (units,) * len(session.config.model.hidden)),
        disabled=not hidden,
        help=t("help.hidden_units"),
    )


def hidden_layers(session: Session) -> None:
    """How many hidden layers; a new one is as wide as the last."""
    hidden, widths = session.config.model.hidden, SETTINGS["model.hidden"].rule

    def moved(layers: int) -> None:
        kept = session.config.model.hidden[:layers]
        last = kept[-1] if kept else 16
        session.set("model.hidden", kept + (last,) * (layers - len(kept)))

    rule = Number(0, widths.layers, 1, integer=True)
    slider(t("control.layers"), "spiral.layers", len(hidden), rule, moved)


def layer_widths(session: Session) -> None:
    """The width of each layer by itself."""
    widths = SETTINGS["model.hidden"].rule
    rule = Number(widths.low, widths.high, 1, integer=True)
    for i, units in enumerate(session.config.model.hidden):

        def moved(chosen: int, i: int = i) -> None:
            hidden = session.config.model.hidden
            session.set("model.hidden", (*hidden[:i], chosen, *hidden[i + 1 :]))

        slider(t("control.layer", number=i + 1), f"spiral.layer{i}", units, rule, moved)


def view_toggle(session: Session, name: str) -> None:
    """A switch of what is drawn."""
    key = f"spiral.view.{name}"

    def moved() -> None:
        setattr(session.view, name, st.session_state[key])

    st.session_state[key] = getattr(session.view, name)
    st.toggle(t(f"view.{name}"), key=key, on_change=moved)
