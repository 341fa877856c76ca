"""The controls of the chosen unit: switch it off, move its weights and its bias, see what that costs."""

from __future__ import annotations

import math
from typing import Final

import streamlit as st

from dlcore.drawing import formats
from dlcore.spiral.training import loss_and_accuracy
from pages.spiral.spiral.session import Session
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.live_slider import live_slider

MOST: Final = 6  # weights with a slider of their own: the largest of the unit
REACH: Final = 3.0  # a slider reaches this many times the largest weight of its layer


def draw(s: Session) -> None:
    """Draw the controls of the chosen unit, and what is changed by hand."""
    hidden = s.network.sizes[1:-1]
    if s.view.unit and s.view.unit[0] < len(hidden) and s.view.unit[1] < hidden[s.view.unit[0]]:
        _unit(s, *s.view.unit)
    if s.edits:
        _edited(s)


def _unit(s: Session, layer: int, unit: int) -> None:
    name = t("spiral.network.unit", layer=layer + 1, unit=unit + 1)

    def switched() -> None:
        (s.edits.off.discard if (layer, unit) in s.edits.off else s.edits.off.add)((layer, unit))

    key = f"spiral.off.{layer}.{unit}"
    st.session_state[key] = (layer, unit) in s.edits.off
    st.toggle(t("spiral.network.off", unit=name), key=key, on_change=switched)
    W = s.trained.W[layer]  # not the changed one: the sliders and their ends stay where they are
    order = W[unit, :-1].abs().nan_to_num().argsort(descending=True, stable=True)[:MOST].tolist()
    reach = float(math.ceil(REACH * float(s.trained.W[layer].abs().max().nan_to_num()))) or 1.0
    columns = st.columns(3, gap="small")
    for i, source in enumerate([*sorted(order), W.shape[1] - 1]):
        with columns[i % 3]:
            _weight(s, (layer, unit, source), reach)


def _weight(s: Session, weight: tuple[int, int, int], reach: float) -> None:
    layer, unit, source = weight
    value = s.edits.weights.get(weight, float(s.trained.W[layer][unit, source]))

    def moved(chosen: float) -> None:
        s.edits.weights[weight] = chosen

    live_slider(
        _source(s, layer, source),
        key="spiral.weight." + ".".join(map(str, weight)),
        value=round(value, 4),
        min_value=-reach,
        max_value=reach,
        step=reach / 100,
        rule=t("rule.number", min=formats.text(-reach), max=formats.text(reach)),
        on_change=moved,
    )


def _source(s: Session, layer: int, source: int) -> str:
    if source == s.network.sizes[layer]:
        return t("spiral.network.bias")
    feature = s.config.data.features[source] if layer == 0 else ""
    name = t(f"spiral.option.data.features.{feature}") if feature else f"{layer}.{source + 1}"
    return t("spiral.network.weight_of", source=name)


def _edited(s: Session) -> None:
    """Say what the changes do to the training samples, with the ways out."""
    st.markdown(_difference(s))
    over = s.run.finished and s.moment is None
    with st.container(horizontal=True):
        st.button(t("spiral.network.restore"), key="spiral.restore", icon=":material/undo:", on_click=s.edits.clear)
        st.button(
            t("spiral.network.take"),
            key="spiral.take",
            icon=":material/play_arrow:",
            on_click=s.train_edited,
            disabled=over,
            help=t("spiral.network.take_over") if over else None,
        )


def _difference(s: Session) -> str:
    """Return what the changes do: to the classes and the accuracy, or to the loss of a regression."""
    y = s.run.prepared.train.y
    with gate().turn():
        outputs = [network.logits(s.run.X_train).cpu() for network in (s.trained, s.network)]
        (loss, before), (loss_after, after) = (loss_and_accuracy(output, y) for output in outputs)
    if s.config.data.regression:
        return t("spiral.regression.edited", before=formats.fixed(loss, 4), after=formats.fixed(loss_after, 4))
    changed = int((outputs[0].argmax(1) != outputs[1].argmax(1)).sum())
    return t(
        "spiral.network.edited",
        changed=formats.count(changed),
        n=formats.count(len(y)),
        before=formats.fixed(before, 3),
        after=formats.fixed(after, 3),
    )
