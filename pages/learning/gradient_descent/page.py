"""Page on gradient descent with one weight: exhaustive search, descent on the loss curve, and batch sizes."""

from typing import Any

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.gradient_descent import charts, programs
from dlcore.lessons.gradient_descent.model import (
    FULL,
    Descent,
    DescentRace,
    Samples,
    critical_lr,
    factor,
    loss,
    minimum,
    samples,
    search,
)
from dlcore.lessons.gradient_descent.settings import LESSON
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

HEIGHT = 300


def data_controls(s: State) -> Samples:
    """Draw the controls of the data and return the samples."""
    control(s, "n")
    control(s, "noise")
    if s["noise"]:
        control(s, "seed", exact=True)
    return samples(s["n"], s["noise"], seed=s["seed"])


def draw_line(w: float, data: Samples) -> None:
    """Draw the samples and the line with slope w."""
    spec = charts.line_spec(t("gradient_descent.x"), t("gradient_descent.y"), HEIGHT)
    st.vega_lite_chart(charts.line_frame(w, data), spec, alt=t("gradient_descent.alt_line"))


def loss_spec(data: Samples, span: tuple[float, float]) -> Any:
    """Return the chart of the loss over w in the language of the page."""
    top = charts.loss_top(data, span)
    return charts.loss_spec(span, top, t("gradient_descent.w"), t("gradient_descent.loss"), HEIGHT)


def draw_search(s: State) -> None:
    """Draw the part "search": a weight moved by hand, and the best weight of a grid."""
    left, middle, right = layout.stage(0.24, 0.34, 0.42, first=2)  # on a phone the loss curve comes first
    with left:
        control(s, "w")
        with st.expander(t("gradient_descent.grid"), key="gradient_descent.grid", expanded=True):
            for name in ("low", "high", "step"):
                control(s, name)
        data = data_controls(s)
    result = search(data, s["low"], s["high"], s["step"])
    span = charts.window(data, s["w"], s["low"], s["high"])
    with middle:
        draw_line(s["w"], data)
        st.metric(t("gradient_descent.loss_now", w=formats.text(s["w"], 6)), formats.fixed(loss(s["w"], data), 4))
    with right:
        frame = charts.loss_frame(data, span, s["w"], tried=result)
        st.vega_lite_chart(frame, loss_spec(data, span), alt=t("gradient_descent.alt_loss"))
        st.metric(t("gradient_descent.best", count=len(result.weights)), f"w = {formats.text(result.best, 9)}")
    lesson.idea("gradient_descent/search")
    searched = (data, s["low"], s["step"], result)
    lesson.twins(programs.search_scratch(*searched), programs.search_concise(*searched))
    lesson.end(s)


def verdict(run: Descent) -> str:
    """Return the words on how full-batch descent behaves at the learning rate of ``run``, and why."""
    q = factor(run.data, run.lr)
    if abs(q) > 1:
        kind = "diverges"
    elif q < 0:
        kind = "swings"
    else:
        kind = "creeps" if q > 0.9 else "converges"
    return t(f"gradient_descent.rate_{kind}", factor=formats.text(q), critical=formats.fixed(critical_lr(run.data), 7))


def numbers(run: Descent) -> pd.DataFrame:
    """Return a table of the current weight, gradient and prediction."""
    prediction = repr(4 * run.w) if abs(run.w) < 1e6 else formats.text(4 * run.w)
    heads = "w", t("gradient_descent.gradient"), t("gradient_descent.at_four")
    return pd.DataFrame([(formats.text(run.w, 6), formats.text(run.gradient), prediction)], columns=heads)


def outside(run: Descent, span: tuple[float, float]) -> str:
    """Return the words for a weight outside ``span``, or an empty line."""
    return "&nbsp;" if span[0] <= run.w <= span[1] else t("gradient_descent.outside")


def draw_descent(s: State) -> None:
    """Draw the part "descent": full-batch descent on the loss curve."""
    p = player.lesson_player("gradient_descent", speed=1)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.40, 0.36)
    with left:
        for name in ("lr", "start", "epochs"):
            control(s, name)
        data = data_controls(s)
    settings = ("descent", data, s["lr"], s["start"], s["epochs"])
    p.follow(settings, lambda: Descent(data, lr=s["lr"], start=s["start"], batch_size=FULL, epochs=s["epochs"]))
    run: Descent = p.run
    span = charts.window(data, s["start"])
    curve = loss_spec(data, span)
    over = charts.epochs_spec(
        "loss", ("w",), s["epochs"], t("axis.epoch"), t("gradient_descent.loss"), HEIGHT, log=True
    )

    def frames(_: int = 0) -> tuple[Any, Any]:
        return charts.loss_frame(data, span, run.w, path=run.path), charts.epochs_frame({"w": run})

    first = frames()
    with bar, player.toolbar(p):
        epoch = st.markdown(player.status(run))
    with middle:
        descent = st.vega_lite_chart(first[0], curve, alt=t("gradient_descent.alt_loss"))
        with layout.still("numbers"):
            figures, note = table(numbers(run)), st.markdown(outside(run, span))
    with right:
        losses = st.vega_lite_chart(first[1], over, alt=t("gradient_descent.alt_epochs"))
        st.markdown(verdict(run))

    def draw(drawn: tuple[Any, Any]) -> None:
        descent.vega_lite_chart(drawn[0], curve, alt=t("gradient_descent.alt_loss"))
        losses.vega_lite_chart(drawn[1], over, alt=t("gradient_descent.alt_epochs"))
        table(numbers(run), place=figures)
        note.markdown(outside(run, span))
        epoch.markdown(player.status(run))

    lesson.idea("gradient_descent/descent")
    lesson.twins(programs.scratch(run), programs.concise(run))
    lesson.end(s, lambda: player.loop(p, frames, draw))


def draw_batches(s: State) -> None:
    """Draw the part "batches": descents with three batch sizes side by side."""
    p = player.lesson_player("gradient_descent", speed=1)
    bar = st.container()
    left, right = layout.stage(0.24, 0.76)
    with left:
        for name in ("lr", "start", "epochs", "batch_size", "shuffle"):
            control(s, name)
        data = data_controls(s)
    sizes = {t("gradient_descent.one"): 1, t("gradient_descent.some", size=s["batch_size"]): s["batch_size"]}
    sizes[t("gradient_descent.all", n=s["n"])] = FULL
    settings = ("batches", data, *(s[name] for name in ("lr", "start", "epochs", "batch_size", "shuffle", "seed")))

    def make() -> DescentRace:
        common = {"lr": s["lr"], "start": s["start"], "epochs": s["epochs"], "shuffle": s["shuffle"], "seed": s["seed"]}
        return DescentRace({size: Descent(data, batch_size=size, **common) for size in sizes.values()})

    p.follow(settings, make)
    race: DescentRace = p.run
    runs = {name: race.runs[size] for name, size in sizes.items()}
    common = (tuple(sizes), s["epochs"], t("axis.epoch"))
    height = HEIGHT - 40
    specs = {
        "w": charts.epochs_spec("w", *common, t("gradient_descent.w"), height, log=False, target=minimum(data)),
        "loss": charts.epochs_spec("loss", *common, t("gradient_descent.loss"), height, log=True),
    }

    def frames(_: int = 0) -> Any:
        return charts.epochs_frame(runs)

    def weights() -> pd.DataFrame:
        rows = [(name, formats.text(run.w, 9), repr(4 * run.w)) for name, run in runs.items()]
        return pd.DataFrame(rows, columns=[t("gradient_descent.batch"), "w", t("gradient_descent.at_four")])

    def receding() -> str:
        names = " · ".join(name for name, run in runs.items() if run.receding)
        critical = formats.fixed(critical_lr(data), 7)
        return t("gradient_descent.receding", names=names, critical=critical) if names else "&nbsp;"

    first = frames()
    with bar, player.toolbar(p):
        epoch = st.markdown(player.status(race))
    with right:
        places = {}
        for column, (quantity, spec) in zip(st.columns(2), specs.items(), strict=True):
            with column:
                places[quantity] = st.vega_lite_chart(first, spec, alt=t("gradient_descent.alt_batches"))
        with layout.still("numbers"):
            figures = table(weights())
        st.markdown(t("gradient_descent.minimum", w=formats.text(minimum(data), 9)))
        with layout.still("receding"):
            note = st.markdown(receding())

    def draw(frame: Any) -> None:
        for quantity, spec in specs.items():
            places[quantity].vega_lite_chart(frame, spec, alt=t("gradient_descent.alt_batches"))
        table(weights(), place=figures)
        note.markdown(receding())
        epoch.markdown(player.status(race))

    lesson.idea("gradient_descent/batches")
    shown = race.runs[s["batch_size"]]
    lesson.twins(programs.scratch(shown), programs.concise(shown))
    lesson.end(s, lambda: player.loop(p, frames, draw))


s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
{"search": draw_search, "descent": draw_descent, "batches": draw_batches}[s["part"]](s)
