"""The spiral playground: a network that learns decision regions, and the controls of its run."""

import streamlit as st

from dlcore.network.device import devices
from dlcore.network.settings import USES_MOMENTUM
from dlcore.spiral.config import DATASETS
from dlcore.spiral.data import SHAPES
from dlcore.spiral.experiments import PRESETS
from pages.spiral.spiral import live, moments, own_points, panels, views
from pages.spiral.spiral.controls import control, counts, hidden_layers, hidden_units, layer_sizes, view_toggle
from pages.spiral.spiral.own_data import upload
from pages.spiral.spiral.session import Session, session
from pages.ui import layout, messages, player
from pages.ui.language import t

NOTES = ("lecture_linear", "student_sgd", "student_adam")  # presets of which more is known than their numbers


def toolbar(s: Session, view: live.View) -> None:
    def new_weights() -> None:
        st.button(t("spiral.new_weights"), key="spiral.new_weights", icon=":material/casino:", on_click=s.new_weights)

    with player.toolbar(s, more=new_weights):
        view.place("epoch")


def chosen_preset(s: Session) -> str | None:
    """Return the id of the preset with the settings of the run, or None."""
    return next((id for id, config in PRESETS.items() if config == s.config), None)


def note(s: Session) -> None:
    """Draw what is known of the numbers of the chosen preset."""
    if (id := chosen_preset(s)) in NOTES:
        st.caption(t(f"spiral.note.{id}"))


def presets(s: Session) -> None:
    def choose() -> None:
        chosen = st.session_state["spiral.preset"]
        if chosen:
            s.apply(PRESETS[chosen].values())

    st.session_state["spiral.preset"] = chosen_preset(s)
    st.selectbox(
        t("control.preset"),
        list(PRESETS),
        format_func=lambda id: t(f"spiral.preset.{id}"),
        placeholder=t("control.own"),
        key="spiral.preset",
        on_change=choose,
        label_visibility="collapsed",
    )


def essentials(s: Session) -> None:
    presets(s)
    hidden_units(s)
    counts(s)
    control(s, "training.lr")
    control(s, "data.noise", disabled=s.config.data.kind not in SHAPES)
    control(s, "training.epochs")
    control(s, "model.activation", disabled=not s.config.model.hidden)
    device_menu(s)


def device_menu(s: Session) -> None:
    """Draw the choice of the device: those that are there, and below it why the others are not."""
    control(s, "device", options=tuple(d.id for d in devices() if d.available))
    missing: dict[str, list[str]] = {}
    for d in devices():
        if not d.available:
            missing.setdefault(d.reason, []).append(t(f"spiral.option.device.{d.id}"))
    for reason, names in missing.items():
        st.caption(f"{', '.join(names)}: {t(f'spiral.device_missing.{reason}')}")


def folded(s: Session) -> None:
    """Draw the other controls in groups; closed groups are left empty, which saves time in every rerun."""
    with layout.group(t("spiral.group.data"), "spiral.group.data") as group:
        if group.open:
            control(s, "data.kind")
            upload(s)
            kind = s.config.data.kind
            min_classes, max_classes = DATASETS[kind]
            if kind != "csv" and min_classes < max_classes:
                control(s, "data.classes")
            if kind in SHAPES:
                control(s, "data.points")
            if kind != "points":
                control(s, "data.test_share")
                control(s, "data.validation_share")
            control(s, "data.features")
            control(s, "data.seed")
    with layout.group(t("spiral.group.network"), "spiral.group.network") as group:
        if group.open:
            hidden_layers(s)
            if len(s.config.model.hidden) > 1:
                layer_sizes(s)
            control(s, "model.embedding")
            control(s, "model.init")
            control(s, "training.dropout", disabled=not s.config.model.hidden)
    with layout.group(t("spiral.group.training"), "spiral.group.training") as group:
        if group.open:
            control(s, "training.optimizer")
            if s.config.training.optimizer in USES_MOMENTUM:
                control(s, "training.momentum")
            control(s, "training.schedule")
            control(s, "training.batch_size")
            control(s, "training.l2")
            control(s, "training.l1")
    with layout.group(t("spiral.group.view"), "spiral.group.view") as group:
        if group.open:
            for name in ("show_points", "show_test", "hard_edges", "log_loss"):
                if not (name == "hard_edges" and s.config.data.regression):  # it has no classes, so no edges
                    view_toggle(s, name)


def stage(s: Session, view: live.View) -> None:
    left, middle, right = layout.stage(0.22, 0.4, 0.38, first=2)
    # The region first: what is drawn before it delays it.
    with right, st.container(gap="xxsmall"):
        with st.container(key="region"):
            view.place("region")
            live.axes(view.first)
            own_points.surface(s)
        live.scale(s)
        view.scrubber.draw(s)
        with st.container(key="numbers"):
            view.place("numbers")
            note(s)
        moments.draw(s)
    with left:
        with st.container(gap="xsmall"):
            essentials(s)
        with st.container(gap="xxsmall"):
            folded(s)
    with middle:
        views.menu(s)
        view.place_panel()


s = session()
s.read_link()
own_points.receive(s)  # a run that is superseded during the callbacks skips the rest of them
view = live.View(s)
layout.heading(t("page.spiral"))
toolbar(s, view)
messages.show(s.problems, instead=s.problem, name=s.label)
stage(s, view)
panels.draw_panels(s)
live.train(view, s)
s.settle_link()
live.sharpen(view, s)
views.play(view.panel, s)
