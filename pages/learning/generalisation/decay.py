"""Weight decay: two hundred inputs for twenty samples, the errors and the norm of the weights side by side."""

import math
from typing import Any

import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.generalisation import charts as generalisation_charts
from dlcore.lessons.generalisation import programs as generalisation_text
from dlcore.lessons.generalisation.model import TRUE_WEIGHT, LinearFit, many_inputs
from pages.learning.generalisation.parts import curve, stopping
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State

N_TEST, HEIGHT = 100, 320
OF = ("inputs", "few", "decay_epochs", "decay_lr", "batch", "seed")  # what determines a run, with λ


def make(s: State) -> LinearFit:
    """The run of what is set; beside it that without weight decay, which is kept: it is the same for every λ."""
    problem = many_inputs(n_inputs=s["inputs"], n_train=s["few"], n_test=N_TEST, seed=s["seed"])
    made_of = tuple(s[name] for name in OF)

    def fit(decay: float, beside: LinearFit | None = None) -> LinearFit:
        how = {"lr": s["decay_lr"], "batch": s["batch"], "epochs": s["decay_epochs"], "seed": s["seed"]}
        return LinearFit(problem, decay=decay, beside=beside, **how)

    if not s["decay"] or s.memo.get("plain_of") != made_of:
        s.memo |= {"plain_of": made_of, "plain": fit(0.0)}
    plain: LinearFit = s.memo["plain"]
    return fit(s["decay"], plain) if s["decay"] else plain


def norms(run: LinearFit) -> str:
    """The norm now, and that without decay after as many epochs."""
    epoch, now, plain = run.history[-1].epoch, run.history[-1].norm, run.beside
    if not plain:
        return t("generalisation.norm_plain", norm=formats.text(now))
    if epoch >= len(plain.history):
        return t("generalisation.norms_diverged", norm=formats.text(now), epoch=plain.epoch)
    then = plain.history[epoch].norm
    return t(
        "generalisation.norms", norm=formats.text(now), plain=formats.text(then), ratio=formats.text(then / now, 3)
    )


def decay(s: State) -> None:
    p = player.lesson_player("generalisation_decay", speed=5)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.40, 0.36)
    with left:
        for name in ("decay", "inputs", "few", "decay_epochs"):
            control(s, name)
        control(s, "decay_lr")
        control(s, "batch")
        control(s, "seed", exact=True)
    p.follow(tuple(s[name] for name in ("decay", *OF)), lambda: make(s))
    run: LinearFit = p.run
    runs = {f"λ = {formats.text(fit.decay)}": fit for fit in (run, run.beside) if fit}
    spec = generalisation_charts.norm_spec(
        tuple(runs), TRUE_WEIGHT * math.sqrt(s["inputs"]), run.epochs, t("axis.epoch"), t("generalisation.norm"), HEIGHT
    )

    def compose(_: int = 0) -> tuple[Any, Any]:
        return (
            curve(run, "error", stop="error", log=True, height=HEIGHT),
            generalisation_charts.norm_frame({name: fit.history for name, fit in runs.items()}),
        )

    def draw(made: tuple[Any, Any], places: tuple[Any, ...]) -> tuple[Any, ...]:
        return (
            places[0].vega_lite_chart(*made[0], alt=t("generalisation.alt_error")),
            places[1].vega_lite_chart(made[1], spec, alt=t("generalisation.alt_norm")),
            places[2].markdown(stopping(run, "error")),
            places[3].markdown(norms(run)),
            places[4].markdown(player.status(run)),
        )

    with bar:
        epoch = player.toolbar(p)
    places = draw(compose(), (middle, right, middle, right, epoch))
    lesson.idea("generalisation/decay")
    lesson.twins(generalisation_text.decay_scratch(run), generalisation_text.decay_concise(run))
    lesson.end(s, lambda: player.loop(p, compose, lambda made: draw(made, places)))
