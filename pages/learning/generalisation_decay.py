"""Weight decay: two hundred inputs for twenty samples, the errors and the norm of the weights side by side."""

import math
from typing import Any

import streamlit as st

from dlcore.learning import generalisation_charts, generalisation_text
from dlcore.learning.generalisation import TRUE_WEIGHT, LinearFit, many_inputs
from pages.learning.generalisation_parts import curve, stopping
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State

N_TEST, HEIGHT = 100, 320


def make(s: State, decay: float) -> LinearFit:
    problem = many_inputs(n_inputs=s["inputs"], n_train=s["few"], n_test=N_TEST, seed=s["seed"])
    return LinearFit(problem, lr=s["decay_lr"], batch=s["batch"], decay=decay, epochs=s["decay_epochs"], seed=s["seed"])


def without(s: State) -> LinearFit:
    """The same run to its end with λ = 0, to compare with."""
    made_of = tuple(s[name] for name in ("inputs", "few", "decay_epochs", "decay_lr", "batch", "seed"))
    if s.kept.get("plain_of") != made_of:
        s.kept |= {"plain_of": made_of, "plain": make(s, 0.0)}
    plain: LinearFit = s.kept["plain"]
    with st.spinner(t("generalisation.comparing")):  # seconds, where batches of one make many updates
        while not plain.finished:
            with gate().turn() as seconds:
                plain.advance_for(seconds)
            st.session_state.get("generalisation.state")  # where a newer script run takes over
    return plain


def norms(run: LinearFit, plain: LinearFit) -> str:
    """The norm now, and that without decay after as many epochs."""
    if not run.decay:
        return t("generalisation.norm_plain", norm=f"{run.history[-1].norm:.4g}")
    then, now = plain.history[min(run.epoch, len(plain.history) - 1)].norm, run.history[-1].norm
    return t("generalisation.norms", norm=f"{now:.4g}", plain=f"{then:.4g}", ratio=f"{then / now:.3g}")


def decay(s: State) -> None:
    p = player.experiment("generalisation_decay", speed=5)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.40, 0.36)
    with left:
        for name in ("decay", "inputs", "few", "decay_epochs"):
            control(s, name)
        control(s, "decay_lr")
        control(s, "batch")
        control(s, "seed", exact=True)
    names = ("decay", "inputs", "few", "decay_epochs", "decay_lr", "batch", "seed")
    p.follow(tuple(s[name] for name in names), lambda: make(s, s["decay"]))
    run, plain = p.run, without(s)
    name, zero = f"λ = {run.decay:g}", "λ = 0"
    lines = (name, zero) if run.decay else (name,)
    spec = generalisation_charts.norm_spec(
        lines, TRUE_WEIGHT * math.sqrt(s["inputs"]), run.epochs, t("axis.epoch"), t("generalisation.norm"), HEIGHT
    )

    def compose(_: int = 0) -> tuple[Any, Any]:
        histories = {name: run.history, zero: plain.history} if run.decay else {name: run.history}
        return (
            curve(run, "error", stop="error", log=True, height=HEIGHT),
            generalisation_charts.norm_frame(histories),
        )

    def draw(made: tuple[Any, Any], places: tuple[Any, ...]) -> tuple[Any, ...]:
        return (
            places[0].vega_lite_chart(*made[0], alt=t("generalisation.alt_error")),
            places[1].vega_lite_chart(made[1], spec, alt=t("generalisation.alt_norm")),
            places[2].markdown(stopping(run, "error")),
            places[3].markdown(norms(run, plain)),
            places[4].markdown(player.status(run)),
        )

    with bar:
        epoch = player.toolbar(p)
    places = draw(compose(), (middle, right, middle, right, epoch))
    lesson.idea("generalisation/decay")
    lesson.twins(generalisation_text.decay_scratch(run), generalisation_text.decay_concise(run))
    lesson.end(s, lambda: player.loop(p, compose, lambda made: draw(made, places)))
