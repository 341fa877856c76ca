"""The published experiments, trained again in front of the reader."""

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.spiral.experiments import PUBLISHED, TOLERANCE, Reproduction
from dlcore.spiral.training import Run
from pages.spiral.spiral.session import session
from pages.ui import layout, path
from pages.ui.gate import gate
from pages.ui.language import content, t

_RESULTS = "reproduce.results"


def train_all() -> None:
    """Train each experiment up to its last printed line, a turn of the gate at a time."""
    bar = st.progress(0.0)
    results = {}
    total = sum(published.epoch for published in PUBLISHED.values())
    before = 0
    for id, published in PUBLISHED.items():
        run = Run(published.config)
        while run.epoch < published.epoch:
            with gate().turn():
                run.advance(min(50, published.epoch - run.epoch))
            bar.progress((before + run.epoch) / total, t("reproduce.progress", name=t(f"spiral.preset.{id}")))
        record = run.measure()
        before += published.epoch
        results[id] = Reproduction(published, record.train_loss, record.train_accuracy)
    bar.empty()
    st.session_state[_RESULTS] = results


def table() -> None:
    results: dict[str, Reproduction] = st.session_state.get(_RESULTS, {})
    rows = []
    for id, published in PUBLISHED.items():
        done = results.get(id)
        rows.append(
            {
                t("reproduce.experiment"): t(f"spiral.preset.{id}"),
                t("reproduce.published"): formats.fixed(published.loss, 6),
                t("reproduce.ours"): formats.fixed(done.loss, 6) if done else t("reproduce.idle"),
                t("reproduce.difference"): f"{done.difference:+.1e}" if done else "",
                t("reproduce.published_accuracy"): formats.fixed(published.accuracy, 3),
                t("reproduce.our_accuracy"): formats.fixed(done.accuracy, 3) if done else "",
                t("reproduce.agrees"): ("✓" if done.agrees else "✗") if done else "",
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    if results:
        off = sum(not done.agrees for done in results.values())
        values = {"count": off, "total": len(results), "tolerance": formats.text(TOLERANCE, 6)}
        (st.warning if off else st.success)(t("reproduce.some" if off else "reproduce.all", **values))


def opened() -> None:
    chosen = st.session_state["reproduce.open"]
    if chosen:
        session().apply(PUBLISHED[chosen].config.values())
        st.session_state["reproduce.go"] = True


layout.heading(t("page.reproduce"))
st.markdown(content("reproduce/idea"))
if st.session_state.pop("reproduce.go", False):
    st.switch_page(path.target("spiral"))
if st.button(t("reproduce.run"), type="primary", key="reproduce.run"):
    train_all()
table()
st.session_state["reproduce.open"] = None
st.pills(
    t("reproduce.open"),
    list(PUBLISHED),
    format_func=lambda id: t(f"spiral.preset.{id}"),
    key="reproduce.open",
    on_change=opened,
)
