"""The same race on a small network: one set of data and first weights, a loss curve for each optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.lessons.optimisers.network.model import NetworkRace
from dlcore.lessons.optimisers.race import charts
from dlcore.lessons.optimisers.race import programs as race_text
from pages.learning.optimisers.race import status, twins, who, words
from pages.ui import layout, lesson, player
from pages.ui.controls import control, look
from pages.ui.language import t
from pages.ui.lesson import State

HEIGHT = 400


def draw(s: State) -> None:
    """Controls and curves side by side; below them the idea and the code."""
    p = player.lesson_player("optimisers_network", speed=5)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.48, 0.28)
    with left:
        control(s, "kind", in_sight=True)
        control(s, "noise")
        rates, hyper = who(s, "net")
        control(s, "epochs")
        control(s, "seed", exact=True)
    settings = {name: s[name] for name in ("kind", "noise", "seed", "epochs")}
    p.follow(
        (tuple(settings.items()), tuple(rates.items()), hyper),
        lambda: NetworkRace(rates, hyper, **settings),
    )
    run: NetworkRace = p.run
    spec = charts.curves_spec(
        words(s, tuple(rates)), s["epochs"], t("axis.epoch"), t("optimisers.loss"), HEIGHT, log=True, legend=True
    )

    def compose(_: int = 0) -> tuple[Any, str]:
        losses = {id: learner.losses for id, learner in run.learners.items()}
        return charts.curves_frame(losses, log=True), _table(s, run)

    def progress() -> str:
        return t("status.epoch", epoch=formats.count(run.epoch), epochs=formats.count(run.epochs))

    def show(made: tuple[Any, str], at: Sequence[Any]) -> list[DeltaGenerator]:
        return [
            at[0].vega_lite_chart(made[0], spec, alt=t("optimisers.alt_losses")),
            at[1].markdown(made[1]),
            at[2].markdown(status(s, progress(), run.learners)),
        ]

    with bar:
        epoch = player.toolbar(p)
    places = show(compose(), (middle, right, epoch))
    with right:
        lesson.idea("optimisers/network")
    id = look(s, tuple(rates), t("optimisers.look_code"))
    twins(race_text.network_scratch(run, id), race_text.network_concise(run, id))
    lesson.end(s, lambda: player.loop(p, compose, lambda made: show(made, places)))


def _table(s: State, run: NetworkRace) -> str:
    rows = [f"| {t('optimisers.optimizer')} | {t('optimisers.loss')} | {t('optimisers.accuracy')} |", "|---|---|---|"]
    for id, learner in run.learners.items():
        loss, accuracy = learner.measured()[0]
        rows.append(f"| {s.option('shown', id)} | {formats.fixed(loss, 4)} | {formats.percent(accuracy, 1)} |")
    return "\n".join(rows)
