"""The same race on a small network: one set of data and first weights, a loss curve for each optimiser."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.learning import race_charts as charts
from dlcore.learning import race_text
from dlcore.learning.network_race import NetworkRace
from pages.learning.optimisers_race import look, who, words
from pages.ui import lesson, player
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State

HEIGHT = 400


def draw(s: State) -> None:
    """Controls and curves side by side; below them the idea and the code."""
    p = player.experiment("optimisers_network", speed=5)
    bar = st.container()
    left, middle, right = st.columns([0.24, 0.48, 0.28], gap="medium")
    with left:
        control(s, "kind", in_sight=True)
        control(s, "noise")
        rates, hyper = who(s, "net")
        control(s, "epochs")
        control(s, "seed", exact=True)
    settings = {name: s[name] for name in ("kind", "noise", "seed", "epochs")}
    p.follow(
        (tuple(settings.items()), tuple(rates.items()), hyper.momentum, hyper.decay),
        lambda: NetworkRace(rates, momentum=hyper.momentum, decay=hyper.decay, **settings),
    )
    run: NetworkRace = p.run
    spec = charts.curves_spec(
        words(s, tuple(rates)), s["epochs"], t("axis.epoch"), t("optimisers.loss"), HEIGHT, log=True, legend=True
    )

    def compose(_: int = 0) -> tuple[Any, str]:
        return charts.curves_frame({id: run.losses(id) for id in run.runs}, log=True), _table(s, run)

    with bar, player.toolbar(p):
        epoch = st.empty()
    with middle:
        curves = st.empty()
    with right:
        figures = st.empty()
        lesson.idea("optimisers/network")
    id = look(s, tuple(rates))
    lesson.code(race_text.network(run, id))
    st.caption(t("optimisers.network_code"))

    def show(made: tuple[Any, str]) -> None:
        curves.vega_lite_chart(made[0], spec, alt=t("optimisers.alt_losses"))
        figures.markdown(made[1])
        epoch.markdown(_status(s, run))

    show(compose())
    lesson.end(s, lambda: player.loop(p, compose, show))


def _status(s: State, run: NetworkRace) -> str:
    lost = [
        t("optimisers.diverged", name=s.option("shown", id), step=one.diverged_at)
        for id, one in run.runs.items()
        if one.diverged_at is not None
    ]
    return " — ".join([t("status.epoch", epoch=f"{run.epoch:,}", epochs=f"{run.epochs:,}"), *lost])


def _table(s: State, run: NetworkRace) -> str:
    rows = [f"| {t('optimisers.optimiser')} | {t('optimisers.loss')} | {t('optimisers.accuracy')} |", "|---|---|---|"]
    rows += [f"| {s.option('shown', id)} | {run.losses(id)[-1]:.4f} | {run.accuracy(id):.1%} |" for id in run.runs]
    return "\n".join(rows)
