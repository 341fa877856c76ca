"""Page on linear regression: training from scratch and with torch's modules, the loop's lines, and outliers."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.linear_regression import charts, programs
from dlcore.lessons.linear_regression.model import Regression, RegressionData, best_fit, make
from dlcore.lessons.linear_regression.settings import LESSON
from dlcore.settings.rules import Number
from pages.learning.linear_regression.loop import draw_loop
from pages.learning.linear_regression.outliers import draw_outliers
from pages.ui import layout, lesson, player
from pages.ui.controls import control, slider
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

HEIGHT = 280


def controls(s: State) -> RegressionData:
    """Draw the controls and return the data that they describe."""
    control(s, "shape", in_sight=True)
    control(s, "lr")
    control(s, "batch_size")
    control(s, "noise")
    with layout.group(t("linear_regression.more"), "linear_regression.more") as more:
        if more.open:
            names = ("w1", "w2", "b") if s["shape"] == "plane" else ("w1", "b")
            for name in (*names, "n", "epochs"):
                control(s, name)
            control(s, "loss", in_sight=True)
            control(s, "seed", exact=True)
    features = 2 if s["shape"] == "plane" else 1
    return make(features, s["n"], w=(s["w1"], s["w2"]), b=s["b"], noise=s["noise"], seed=s["seed"])


def status(run: Regression) -> str:
    """Return the words on how far the run is, and whether it has diverged."""
    updates = formats.count(run.epochs)
    text = t(
        "linear_regression.status",
        update=player.padded(formats.count(run.epoch), updates),
        updates=updates,
        epoch=formats.fixed(run.epoch / run.updates_per_epoch, 2),
        epochs=run.n_epochs,
    )
    return text + " — " + t("linear_regression.diverged") if run.diverged else text


def picture(run: Regression) -> tuple[pd.DataFrame, Any]:
    """Return the frame and the spec of the chart of the data with the model."""
    lines = t("linear_regression.true"), t("linear_regression.model")
    *w, b = run.scratch.parameters
    if len(w) == 1:
        spec = charts.line_spec(charts.line_bound(run.data), "x", "y", (t("linear_regression.samples"), *lines), HEIGHT)
        return charts.line_frame(run.data, w[0], b), spec
    return charts.plane_frame(run.data, w, b), charts.plane_spec("x₁", "x₂", "y", *lines, HEIGHT)


def column(values: Iterable[float]) -> list[str]:
    """Return the text of numbers with six digits, also those of a diverged run."""
    return [formats.text(value, 6) for value in values]


def twins_table(run: Regression) -> pd.DataFrame:
    """Return a table of every parameter: its true value, the least-squares fit, and the value in both models."""
    return pd.DataFrame(
        {
            t("linear_regression.parameter"): charts.names_of(run),
            t("linear_regression.true"): column((*run.data.w, run.data.b)),
            t("linear_regression.least_squares"): column(best_fit(run.data)),
            t("lesson.scratch"): column(run.scratch.parameters),
            t("lesson.concise"): column(run.concise.parameters),
        }
    )


def difference(run: Regression) -> str:
    """Return the words on the largest difference between the two models, and the loss."""
    return t(
        "linear_regression.difference", difference=formats.text(run.difference, 2), loss=formats.text(run.full_loss())
    )


def draw_update(s: State, run: Regression) -> None:
    """Draw the choice of an update that was done, and a table of its gradients."""
    if not run.updates:
        st.caption(t("linear_regression.nothing_to_read"))
        return
    done, number = len(run.updates), min(s["read"], len(run.updates))
    if done > 1:
        rule = Number(1, done, 1, integer=True)
        slider(s.label("read"), "linear_regression.read", number, rule, lambda chosen: s.set("read", chosen))
    update = run.updates[number - 1]
    st.markdown(t("linear_regression.update", number=formats.count(number), loss=formats.text(update.loss)))
    columns = {
        t("linear_regression.parameter"): charts.names_of(run),
        t("linear_regression.before"): column(update.parameters),
        t("linear_regression.gradient"): column(update.gradients),
        t("linear_regression.step"): column([-run.lr * slope for slope in update.gradients]),
    }
    table(pd.DataFrame(columns))


def draw_training(s: State) -> None:
    """Draw the part "train": both models, and the gradients of any update."""
    p = player.lesson_player("linear_regression", speed=5, unit="updates")
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.42, 0.34)
    with left:
        data = controls(s)
    names = ("shape", "w1", "w2", "b", "noise", "n", "seed", "lr", "batch_size", "epochs", "loss")
    p.follow(
        tuple(s[name] for name in names),
        lambda: Regression(
            data, lr=s["lr"], batch_size=s["batch_size"], epochs=s["epochs"], loss=s["loss"], seed=s["seed"]
        ),
    )
    run: Regression = p.run
    epoch_title = t("axis.epoch")
    loss_spec = charts.loss_spec(run.n_epochs, epoch_title, t("axis.loss"), 195)
    parameters_spec = charts.parameters_spec(
        charts.names_of(run), run.n_epochs, epoch_title, t("linear_regression.value"), 205
    )

    def compose(_: int = 0) -> tuple[Any, ...]:
        return *picture(run), charts.loss_frame(run), charts.parameters_frame(run)

    def draw(drawn: tuple[Any, ...], places: tuple[Any, ...]) -> tuple[Any, ...]:
        frame, spec, losses, values = drawn
        model, loss, parameters, epoch, twins, note = places
        return (
            model.vega_lite_chart(frame, spec, alt=t("linear_regression.alt_model")),
            loss.vega_lite_chart(losses, loss_spec, alt=t("alt.loss")),
            parameters.vega_lite_chart(values, parameters_spec, alt=t("linear_regression.alt_parameters")),
            epoch.markdown(status(run)),
            table(twins_table(run), place=twins),
            note.caption(difference(run)),
        )

    with bar:
        epoch = player.toolbar(p)
    with middle:
        model, twins, note = st.container(), layout.still("twins"), layout.still("difference")
    places = draw(compose(), (model, right, right, epoch, twins, note))
    words, reading = st.columns([0.5, 0.5], gap="medium")
    with words:
        lesson.idea("linear_regression/idea")
    with reading:
        draw_update(s, run)
    described = (run, s["seed"], s["noise"])
    lesson.twins(programs.scratch(*described), programs.concise(*described))
    lesson.end(s, lambda: player.loop(p, compose, lambda drawn: draw(drawn, places)))


s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
{"train": draw_training, "loop": draw_loop, "outliers": draw_outliers}[s["part"]](s)
