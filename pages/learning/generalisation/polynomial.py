"""The course's cubic, fitted with a polynomial of any degree: the curve itself while it trains."""

from typing import Any

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing import formats
from dlcore.drawing.curves import curve_frame, curve_spec
from dlcore.lessons.generalisation import charts as generalisation_charts
from dlcore.lessons.generalisation import programs as generalisation_text
from dlcore.lessons.generalisation.model import COEFFICIENTS, Fit, LinearFit, exact, exact_fits, polynomial
from dlcore.lessons.generalisation.settings import MAX_DEGREE
from pages.learning.generalisation.parts import curve, stopping
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State

N_TEST, BATCH = 100, 10
ROW = 28  # px of the table's: all coefficients at once, those of ten powers without scrolling
SPAN = (1e-4, 1e4)  # of the exact fits' errors; beyond, they are drawn at the edge


def weights_table(run: LinearFit, best: Tensor) -> pd.DataFrame:
    """Every coefficient: its true value, the present one, and that of the exact fit, ``best`` (inputs,)."""
    degrees = range(len(run.w))
    return pd.DataFrame(
        {
            t("generalisation.feature"): [f"x^{i}/{i}!" for i in degrees],
            t("generalisation.true"): [
                formats.text(COEFFICIENTS[i] if i < len(COEFFICIENTS) else 0, 6) for i in degrees
            ],
            t("generalisation.learnt"): [formats.text(value) for value in run.w.tolist()],
            t("generalisation.exact"): [formats.text(value) for value in best.tolist()],
        }
    )


def fits(s: State) -> list[Fit]:
    """What the exact fit of each degree reaches."""
    made_of = {"n_train": s["n"], "n_test": N_TEST, "noise": s["noise"], "seed": s["seed"]}
    if s.memo.get("fits_of") != made_of:
        s.memo |= {"fits_of": made_of, "fits": exact_fits(**made_of)}
    found: list[Fit] = s.memo["fits"]
    return found


def exact_numbers(s: State, best: Tensor) -> str:
    """What the exact fit of the chosen degree reaches, and the size of its coefficients, ``best`` (inputs,)."""
    fit, largest = fits(s)[s["degree"]], formats.text(float(best.abs().max()), 3)
    return t(
        "generalisation.exact_fit",
        train=formats.text(fit.train_error, 3),
        test=formats.text(fit.test_error, 3),
        largest=largest,
    )


def over_degrees(s: State) -> None:
    """The U shape: what the exact fit of each degree reaches, the chosen degree marked."""
    frame = curve_frame(fits(s), "error", log=True, mark=s["degree"])
    spec = curve_spec(
        MAX_DEGREE,
        t("generalisation.exact_error"),
        t("generalisation.axis_degree"),
        t("subset.train"),
        t("subset.test"),
        log=True,
        share=False,
        height=215,
        mark=t("generalisation.degree", degree=s["degree"]),
        span=SPAN,
    )
    st.vega_lite_chart(frame, spec, alt=t("generalisation.alt_degrees"))


def polynomial_part(s: State) -> None:
    p = player.lesson_player("generalisation_polynomial", speed=5)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.40, 0.36)
    with left:
        for name in ("degree", "n", "noise", "epochs"):
            control(s, name)
        control(s, "lr")
        control(s, "seed", exact=True)
    names = ("degree", "n", "noise", "epochs", "lr", "seed")

    def make() -> LinearFit:
        problem = polynomial(s["degree"], n_train=s["n"], n_test=N_TEST, noise=s["noise"], seed=s["seed"])
        return LinearFit(problem, lr=s["lr"], batch=BATCH, decay=0.0, epochs=s["epochs"], seed=s["seed"])

    p.follow(tuple(s[name] for name in names), make)
    run: LinearFit = p.run
    best = exact(run.problem)
    words = (t("subset.train"), t("subset.test"), *(t(f"generalisation.{word}") for word in ("true", "model", "exact")))
    spec = generalisation_charts.polynomial_spec(words, "x", "y", 330)

    def compose(_: int = 0) -> tuple[Any, ...]:
        picture = generalisation_charts.polynomial_frame(run.problem, run.w, best)
        return picture, curve(run, "error", stop="error", log=True, height=215), weights_table(run, best)

    def draw(made: tuple[Any, ...], places: tuple[Any, ...]) -> tuple[Any, ...]:
        picture, errors, weights = made
        return (
            places[0].vega_lite_chart(picture, spec, alt=t("generalisation.alt_polynomial")),
            places[1].vega_lite_chart(*errors, alt=t("generalisation.alt_error")),
            places[2].markdown(stopping(run, "error")),
            places[3].dataframe(weights, hide_index=True, height="content", row_height=ROW),
            places[4].markdown(player.status(run)),
        )

    with bar:
        epoch = player.toolbar(p)
    with middle:
        picture = st.container()
        st.markdown(exact_numbers(s, best))
    places = draw(compose(), (picture, right, right, middle, epoch))
    with right:
        over_degrees(s)
    lesson.idea("generalisation/polynomial")
    lesson.twins(
        generalisation_text.polynomial_scratch(run, s["noise"]),
        generalisation_text.polynomial_concise(run, s["noise"]),
    )
    lesson.end(s, lambda: player.loop(p, compose, lambda made: draw(made, places)))
