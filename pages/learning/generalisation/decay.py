"""Part on weight decay: two hundred inputs for twenty samples, with errors and norm of the weights side by side."""

import math
from typing import Any

import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.generalisation import charts, programs
from dlcore.lessons.generalisation.model import TRUE_WEIGHT, LinearFit, many_inputs
from pages.learning.generalisation.parts import curve, stopping
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State

N_TEST, HEIGHT = 100, 320
RUN_SETTINGS = ("n_inputs", "n_train", "decay_epochs", "decay_lr", "batch_size", "seed")  # besides the weight decay


def make_run(s: State) -> LinearFit:
    """Return the run of the current settings; its baseline, without weight decay, is shared by every λ."""
    problem = many_inputs(n_inputs=s["n_inputs"], n_train=s["n_train"], n_test=N_TEST, seed=s["seed"])
    settings = tuple(s[name] for name in RUN_SETTINGS)

    def run(weight_decay: float, baseline: LinearFit | None = None) -> LinearFit:
        common = {"lr": s["decay_lr"], "batch_size": s["batch_size"], "epochs": s["decay_epochs"], "seed": s["seed"]}
        return LinearFit(problem, weight_decay=weight_decay, baseline=baseline, **common)

    if not s["weight_decay"] or s.memo.get("baseline_settings") != settings:
        s.memo |= {"baseline_settings": settings, "baseline": run(0.0)}
    baseline: LinearFit = s.memo["baseline"]
    return run(s["weight_decay"], baseline) if s["weight_decay"] else baseline


def norms(run: LinearFit) -> str:
    """Return the text with the current norm and that of the baseline at the same epoch."""
    last, baseline = run.history[-1], run.baseline
    norm = formats.text(last.norm)
    if not baseline:
        return t("generalisation.norm_plain", norm=norm)
    if last.epoch >= len(baseline.history):
        return t("generalisation.norms_diverged", norm=norm, epoch=baseline.epoch)
    plain = baseline.history[last.epoch].norm
    return t("generalisation.norms", norm=norm, plain=formats.text(plain), ratio=formats.text(plain / last.norm, 3))


def decay_part(s: State) -> None:
    p = player.lesson_player("generalisation_decay", speed=5)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.40, 0.36)
    with left:
        for name in ("weight_decay", "n_inputs", "n_train", "decay_epochs", "decay_lr", "batch_size"):
            control(s, name)
        control(s, "seed", exact=True)
    p.follow(tuple(s[name] for name in ("weight_decay", *RUN_SETTINGS)), lambda: make_run(s))
    run: LinearFit = p.run
    runs = {f"λ = {formats.text(fit.weight_decay)}": fit for fit in (run, run.baseline) if fit}
    true_norm = TRUE_WEIGHT * math.sqrt(s["n_inputs"])
    spec = charts.norm_spec(tuple(runs), true_norm, run.epochs, t("axis.epoch"), t("generalisation.norm"), HEIGHT)

    def compose(_: int = 0) -> tuple[Any, Any]:
        return (
            curve(run, "error", stop="error", log=True, height=HEIGHT),
            charts.norm_frame({name: fit.history for name, fit in runs.items()}),
        )

    def draw(frame: tuple[Any, Any], places: tuple[Any, ...]) -> tuple[Any, ...]:
        return (
            places[0].vega_lite_chart(*frame[0], alt=t("generalisation.alt_error")),
            places[1].vega_lite_chart(frame[1], spec, alt=t("generalisation.alt_norm")),
            places[2].markdown(stopping(run, "error")),
            places[3].markdown(norms(run)),
            places[4].markdown(player.status(run)),
        )

    with bar:
        epoch = player.toolbar(p)
    with middle:
        picture, words = st.container(), layout.still("words")
    with right:
        errors, norm = st.container(), layout.still("norm")
    places = draw(compose(), (picture, errors, words, norm, epoch))
    regime = "more_inputs" if s["n_inputs"] >= s["n_train"] else "fewer_inputs"
    st.markdown(t(f"generalisation.{regime}", inputs=s["n_inputs"], samples=s["n_train"]))
    lesson.idea("generalisation/decay")
    lesson.twins(programs.decay_scratch(run), programs.decay_concise(run))
    lesson.end(s, lambda: player.loop(p, compose, lambda frame: draw(frame, places)))
