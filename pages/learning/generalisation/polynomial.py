"""Part on polynomials: the course's cubic, fitted with a polynomial of any degree."""

from typing import Any

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing import formats
from dlcore.drawing.curves import curve_frame, curve_spec
from dlcore.lessons.generalisation import charts, programs
from dlcore.lessons.generalisation.model import (
    COEFFICIENTS,
    FitRecord,
    LinearFit,
    exact_fits,
    exact_weights,
    polynomial,
)
from dlcore.lessons.generalisation.settings import MAX_DEGREE
from pages.learning.generalisation.parts import curve, stopping
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

N_TEST, BATCH = 100, 10
ERROR_SPAN = (1e-4, 1e4)  # of the axis; errors of exact fits beyond it are drawn at the edge


def weights_table(run: LinearFit, exact: Tensor) -> pd.DataFrame:
    """Return a table of the true, the current and the exact coefficients; ``exact`` has shape (inputs,)."""
    degrees = range(len(run.w))
    return pd.DataFrame(
        {
            t("generalisation.feature"): [f"x^{i}/{i}!" for i in degrees],
            t("generalisation.true"): [
                formats.text(COEFFICIENTS[i] if i < len(COEFFICIENTS) else 0, 6) for i in degrees
            ],
            t("generalisation.learnt"): [formats.text(value) for value in run.w.tolist()],
            t("generalisation.exact"): [formats.text(value) for value in exact.tolist()],
        }
    )


def fits(s: State) -> list[FitRecord]:
    """Return the record of the exact fit of each degree, computed once for the same samples."""
    settings = {"n_train": s["n_points"], "n_test": N_TEST, "noise": s["noise"], "seed": s["seed"]}
    if s.memo.get("fits_settings") != settings:
        s.memo |= {"fits_settings": settings, "fits": exact_fits(**settings)}
    records: list[FitRecord] = s.memo["fits"]
    return records


def exact_numbers(s: State, exact: Tensor) -> str:
    """Return the text with the errors of the exact fit and the largest of its coefficients ``exact`` (inputs,)."""
    fit, largest = fits(s)[s["degree"]], formats.text(float(exact.abs().max()), 3)
    return t(
        "generalisation.exact_fit",
        train=formats.text(fit.train_error, 3),
        test=formats.text(fit.test_error, 3),
        largest=largest,
    )


def draw_degrees(s: State) -> None:
    """Draw the errors of the exact fit of each degree, a U shape on test, with the chosen degree marked."""
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
        span=ERROR_SPAN,
    )
    st.vega_lite_chart(frame, spec, alt=t("generalisation.alt_degrees"))


def polynomial_part(s: State) -> None:
    p = player.lesson_player("generalisation_polynomial", speed=5)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.40, 0.36)
    with left:
        for name in ("degree", "n_points", "noise", "epochs", "lr"):
            control(s, name)
        control(s, "seed", exact=True)
    names = ("degree", "n_points", "noise", "epochs", "lr", "seed")

    def make() -> LinearFit:
        problem = polynomial(s["degree"], n_train=s["n_points"], n_test=N_TEST, noise=s["noise"], seed=s["seed"])
        return LinearFit(problem, lr=s["lr"], batch_size=BATCH, weight_decay=0.0, epochs=s["epochs"], seed=s["seed"])

    p.follow(tuple(s[name] for name in names), make)
    run: LinearFit = p.run
    exact = exact_weights(run.problem)
    kinds = (t("subset.train"), t("subset.test"), *(t(f"generalisation.{word}") for word in ("true", "model", "exact")))
    spec = charts.polynomial_spec(kinds, "x", "y", 330)

    def compose(_: int = 0) -> tuple[Any, ...]:
        picture = charts.polynomial_frame(run.problem, run.w, exact)
        return picture, curve(run, "error", stop="error", log=True, height=215), weights_table(run, exact)

    def draw(frame: tuple[Any, ...], places: tuple[Any, ...]) -> tuple[Any, ...]:
        picture, errors, weights = frame
        return (
            places[0].vega_lite_chart(picture, spec, alt=t("generalisation.alt_polynomial")),
            places[1].vega_lite_chart(*errors, alt=t("generalisation.alt_error")),
            places[2].markdown(stopping(run, "error")),
            table(weights, place=places[3]),
            places[4].markdown(player.status(run)),
        )

    with bar:
        epoch = player.toolbar(p)
    with middle:
        picture = st.container()
        st.markdown(exact_numbers(s, exact))
        weights = layout.still("weights")
    with right:
        errors, words = st.container(), layout.still("words")
    places = draw(compose(), (picture, errors, words, weights, epoch))
    with right:
        draw_degrees(s)
    lesson.idea("generalisation/polynomial")
    lesson.twins(
        programs.polynomial_scratch(run, s["noise"]),
        programs.polynomial_concise(run, s["noise"]),
    )
    lesson.end(s, lambda: player.loop(p, compose, lambda frame: draw(frame, places)))
