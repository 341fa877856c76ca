"""The controls of the lab: the axes with their values, the seeds, and the base run in folded groups."""

from __future__ import annotations

import streamlit as st

from dlcore.lab.axes import read_axis
from dlcore.lab.grid import NO_AXIS
from dlcore.network.settings import USES_MOMENTUM
from dlcore.settings import codec
from dlcore.settings.rules import OneOf
from dlcore.spiral.config import DATASETS
from dlcore.spiral.data import SHAPES
from dlcore.spiral.experiments import PRESETS
from pages.lab.lab.state import LabState
from pages.spiral.spiral.controls import control, hidden_layers, hidden_units
from pages.ui import controls, layout
from pages.ui.language import t

KINDS = tuple(id for id in DATASETS if id not in ("csv", "points"))  # a grid draws its data anew for each seed


def draw_controls(s: LabState) -> None:
    """Draw all controls of the lab."""
    _axis(s, "x")
    _axis(s, "y")
    if "seed" not in (s["x.axis"], s["y.axis"]):
        controls.control(s, "seeds")
    st.caption(t("lab.runs", count=s.grid.n_runs))
    _preset(s)
    control(s, "training.epochs")
    with layout.group(t("spiral.group.data"), "lab.group.data") as group:
        if group.open:
            _data(s)
    with layout.group(t("spiral.group.network"), "lab.group.network") as group:
        if group.open:
            hidden_units(s)
            hidden_layers(s)
            for name in ("model.activation", "model.init", "training.dropout"):
                control(s, name, disabled=not s.config.model.hidden)
    with layout.group(t("spiral.group.training"), "lab.group.training") as group:
        if group.open:
            for name in ("training.optimizer", "training.lr", "training.schedule", "training.batch_size"):
                control(s, name)
            if s.config.training.optimizer in USES_MOMENTUM:
                control(s, "training.momentum")
            control(s, "training.l2")


def _data(s: LabState) -> None:
    kind = s.config.data.kind
    control(s, "data.kind", options=KINDS if kind in KINDS else (*KINDS, kind))
    if kind in SHAPES:
        control(s, "data.points")
        control(s, "data.noise")
    if kind != "points":
        control(s, "data.test_share")
    control(s, "data.seed")


def _axis(s: LabState, name: str) -> None:
    """Draw the choice of an axis and its values."""
    key = f"lab.{name}.axis"

    def chosen() -> None:
        s.choose_axis(name, st.session_state[key])

    st.session_state[key] = s[f"{name}.axis"]
    st.selectbox(
        s.label(f"{name}.axis"),
        s.settings[f"{name}.axis"].rule.options,
        format_func=lambda id: s.option(f"{name}.axis", id),
        key=key,
        on_change=chosen,
    )
    if s[f"{name}.axis"] != NO_AXIS:
        _values(s, name)


def _values(s: LabState, name: str) -> None:
    """Draw the values of an axis: numbers are typed, options chosen."""
    axis = read_axis(s[f"{name}.axis"], s[f"{name}.values"])
    rule, key = axis.kind.rule, f"lab.{name}.values.{axis.id}"

    def moved() -> None:
        s.type_values(name, _joined(st.session_state[key]))

    label = s.label(f"{name}.values")
    if isinstance(rule, OneOf):
        st.session_state[key] = list(axis.values)
        st.pills(
            label,
            rule.options,
            selection_mode="multi",
            format_func=lambda id: s.option(axis.kind.setting, id),
            key=key,
            on_change=moved,
        )
    else:
        st.session_state[key] = ", ".join(codec.write(rule, value) for value in axis.values)
        st.text_input(label, key=key, on_change=moved, help=t("lab.values_help"))


def _joined(chosen: str | list[str]) -> str:
    return chosen if isinstance(chosen, str) else ",".join(chosen)


def _preset(s: LabState) -> None:
    """Draw the choice of the base run among the presets of the spiral page."""

    def choose() -> None:
        if chosen := st.session_state["lab.preset"]:
            s.apply(PRESETS[chosen].values())

    st.session_state["lab.preset"] = next((id for id, config in PRESETS.items() if config == s.config), None)
    st.selectbox(
        t("lab.base"),
        list(PRESETS),
        format_func=lambda id: t(f"spiral.preset.{id}"),
        placeholder=t("control.own"),
        key="lab.preset",
        on_change=choose,
    )
