"""The reproduction page: trains the experiments of the lecture and of one student, and compares the results."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.spiral.experiments import EXPERIMENTS, TOLERANCE, Reproduction
from dlcore.spiral.training import Run
from pages.spiral.spiral.session import session
from pages.ui import layout, path
from pages.ui.gate import gate
from pages.ui.language import content, t
from pages.ui.table import table

_RESULTS = "reproduce.results"


def train_all(outcome: DeltaGenerator, place: DeltaGenerator) -> None:
    """Train each experiment up to its last printed line, with a turn of the gate for every 50 epochs."""
    results: dict[str, Reproduction] = {}
    st.session_state[_RESULTS] = results
    total = sum(published.epoch for published in EXPERIMENTS.values())
    epochs_before = 0
    for id, published in EXPERIMENTS.items():
        run = Run(published.config)
        while run.epoch < published.epoch:
            with gate().turn():
                run.advance(min(50, published.epoch - run.epoch))
            done = (epochs_before + run.epoch) / total
            outcome.progress(done, t("reproduce.progress", name=t(f"spiral.preset.{id}")))
        record = run.measure()
        epochs_before += published.epoch
        results[id] = Reproduction(published, record.train_loss, record.train_accuracy)
        draw_table(place)
    draw_outcome(outcome)


def draw_outcome(place: Any) -> DeltaGenerator:
    """Draw whether all numbers agree, or what the page will show; return the placeholder."""
    results: dict[str, Reproduction] = st.session_state.get(_RESULTS, {})
    if len(results) < len(EXPERIMENTS):
        return place.caption(t("reproduce.before"))
    differing = sum(not ours.agrees for ours in results.values())
    values = {"count": differing, "total": len(results), "tolerance": formats.text(TOLERANCE, 6)}
    return (place.warning if differing else place.success)(
        t("reproduce.some" if differing else "reproduce.all", **values)
    )


def draw_table(place: Any) -> DeltaGenerator:
    """Draw the experiments with the numbers expected and, of those trained, ours; return the placeholder."""
    results: dict[str, Reproduction] = st.session_state.get(_RESULTS, {})
    rows = []
    for id, published in EXPERIMENTS.items():
        ours = results.get(id)
        rows.append(
            {
                t("reproduce.experiment"): t(f"spiral.preset.{id}"),
                t("reproduce.published"): formats.fixed(published.loss, 6),
                t("reproduce.ours"): formats.fixed(ours.loss, 6) if ours else "–",
                t("reproduce.difference"): formats.text(ours.difference, 2) if ours else "–",
                t("reproduce.published_accuracy"): formats.fixed(published.accuracy, 3),
                t("reproduce.our_accuracy"): formats.fixed(ours.accuracy, 3) if ours else "–",
                t("reproduce.agrees"): ("✓" if ours.agrees else "✗") if ours else "–",
            }
        )
    return table(pd.DataFrame(rows), place=place)


def open_in_playground() -> None:
    chosen = st.session_state["reproduce.open"]
    if chosen:
        session().apply(EXPERIMENTS[chosen].config.values())
        st.session_state["reproduce.go"] = True


layout.heading(t("page.reproduce"))
st.markdown(content("reproduce/idea"))
if st.session_state.pop("reproduce.go", False):
    st.switch_page(path.target("spiral"))
asked = st.button(t("reproduce.run"), type="primary", key="reproduce.run")
with st.container(key="outcome"):
    outcome = draw_outcome(st)
rows = draw_table(layout.still("results"))
st.session_state["reproduce.open"] = None
st.pills(
    t("reproduce.open"),
    list(EXPERIMENTS),
    format_func=lambda id: t(f"spiral.preset.{id}"),
    key="reproduce.open",
    on_change=open_in_playground,
)
if asked:  # last, so that the page stands while it trains
    train_all(outcome, rows)
