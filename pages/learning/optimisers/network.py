"""The part "network": a loss curve for each optimizer on a small network, with the same data and first weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.lessons.optimisers.network.model import NetworkRace
from dlcore.lessons.optimisers.race import charts
from dlcore.lessons.optimisers.race import programs as race_text
from pages.learning.optimisers.race import optimizer_controls, optimizer_names, status, twins
from pages.ui import layout, lesson, player
from pages.ui.controls import control, look
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

HEIGHT = 400


def draw_network(s: State) -> None:
    """Draw the controls, the loss curves, the table, the idea and the programs."""
    p = player.lesson_player("optimisers_network", speed=5)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.48, 0.28)
    with left:
        control(s, "kind", in_sight=True)
        control(s, "noise")
        lrs, hyper = optimizer_controls(s, "net")
        control(s, "epochs")
        control(s, "seed", exact=True)
    settings = {name: s[name] for name in ("kind", "noise", "seed", "epochs")}
    p.follow(
        (tuple(settings.items()), tuple(lrs.items()), hyper),
        lambda: NetworkRace(lrs, hyper, **settings),
    )
    run: NetworkRace = p.run
    spec = charts.curves_spec(
        optimizer_names(s, tuple(lrs)),
        s["epochs"],
        t("axis.epoch"),
        t("optimisers.loss"),
        HEIGHT,
        log=True,
        legend=True,
    )

    def compose(_: int = 0) -> tuple[Any, pd.DataFrame]:
        losses = {id: learner.losses for id, learner in run.learners.items()}
        return charts.curves_frame(losses, log=True), _table(s, run)

    def show(drawn: tuple[Any, pd.DataFrame], places: Sequence[Any]) -> list[DeltaGenerator]:
        return [
            places[0].vega_lite_chart(drawn[0], spec, alt=t("optimisers.alt_losses")),
            table(drawn[1], place=places[1]),
            places[2].markdown(status(s, player.progress(run.epoch, run.epochs), run.learners)),
        ]

    with bar:
        epoch = player.toolbar(p)
    with right:
        figures = layout.still("figures")
    places = show(compose(), (middle, figures, epoch))
    with right:
        lesson.idea("optimisers/network")
    id = look(s, tuple(lrs), t("optimisers.look_code"))
    twins(race_text.network_scratch(run, id), race_text.network_concise(run, id))
    lesson.end(s, lambda: player.loop(p, compose, lambda drawn: show(drawn, places)))


def _table(s: State, run: NetworkRace) -> pd.DataFrame:
    rows = []
    for id, learner in run.learners.items():
        loss, accuracy = learner.measured()[0]
        rows.append((s.option("shown", id), formats.fixed(loss, 4), formats.percent(accuracy, 1)))
    return pd.DataFrame(rows, columns=[t("optimisers.optimizer"), t("optimisers.loss"), t("optimisers.accuracy")])
