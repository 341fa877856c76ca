"""One weight on its cost curve: searched for, walked down to, and the same one batch at a time."""

from typing import Any

import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.gradient_descent import charts
from dlcore.lessons.gradient_descent import programs as descent_text
from dlcore.lessons.gradient_descent.model import (
    FULL,
    Descent,
    Race,
    Samples,
    cost,
    critical_rate,
    factor,
    minimum,
    samples,
    search,
)
from dlcore.lessons.gradient_descent.settings import LESSON
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State

HEIGHT = 300


def data_controls(s: State) -> Samples:
    control(s, "n")
    control(s, "noise")
    if s["noise"]:
        control(s, "seed", exact=True)
    return samples(s["n"], s["noise"], seed=s["seed"])


def line(w: float, data: Samples) -> Any:
    spec = charts.line_spec(t("gradient_descent.x"), t("gradient_descent.y"), HEIGHT)
    return st.vega_lite_chart(charts.line_frame(w, data), spec, alt=t("gradient_descent.alt_line"))


def cost_spec(data: Samples, span: tuple[float, float]) -> Any:
    top = charts.cost_top(data, span)
    return charts.cost_spec(span, top, t("gradient_descent.w"), t("gradient_descent.cost"), HEIGHT)


def by_hand(s: State) -> None:
    left, middle, right = layout.stage(0.24, 0.34, 0.42, first=2)  # on a phone w is moved below the cost curve
    with left:
        control(s, "w")
        with st.expander(t("gradient_descent.grid"), key="gradient_descent.grid", expanded=True):
            for name in ("low", "high", "step"):
                control(s, name)
        data = data_controls(s)
    found = search(data, s["low"], s["high"], s["step"])
    span = charts.window(data, s["w"], s["low"], s["high"])
    with middle:
        line(s["w"], data)
        st.metric(t("gradient_descent.cost_now", w=formats.text(s["w"], 6)), formats.fixed(cost(s["w"], data), 4))
    with right:
        frame = charts.cost_frame(data, span, s["w"], tried=found)
        st.vega_lite_chart(frame, cost_spec(data, span), alt=t("gradient_descent.alt_cost"))
        st.metric(t("gradient_descent.best", count=len(found.weights)), f"w = {formats.text(found.best, 9)}")
    lesson.idea("gradient_descent/search")
    searched = (data, s["low"], s["step"], found)
    lesson.twins(descent_text.search_scratch(*searched), descent_text.search_concise(*searched))
    lesson.end(s)


def verdict(run: Descent) -> str:
    """What full-batch descent does at this rate, and why."""
    q = factor(run.data, run.lr)
    if abs(q) > 1:
        kind = "diverges"
    elif q < 0:
        kind = "swings"
    else:
        kind = "creeps" if q > 0.9 else "converges"
    return t(
        f"gradient_descent.rate_{kind}", factor=formats.text(q), critical=formats.fixed(critical_rate(run.data), 7)
    )


def numbers(run: Descent, span: tuple[float, float]) -> str:
    prediction = repr(4 * run.w) if abs(run.w) < 1e6 else formats.text(4 * run.w)
    text = t(
        "gradient_descent.numbers", w=formats.text(run.w, 6), gradient=formats.text(run.gradient), prediction=prediction
    )
    return text if span[0] <= run.w <= span[1] else f"{text} — {t('gradient_descent.outside')}"


def descend(s: State) -> None:
    p = player.lesson_player("gradient_descent", speed=1)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.40, 0.36)
    with left:
        for name in ("lr", "start", "epochs"):
            control(s, name)
        data = data_controls(s)
    made_of = ("descent", data, s["lr"], s["start"], s["epochs"])
    p.follow(made_of, lambda: Descent(data, lr=s["lr"], start=s["start"], batch=FULL, epochs=s["epochs"]))
    run: Descent = p.run
    span = charts.window(data, s["start"])
    curve = cost_spec(data, span)
    alone = ("w",)
    over = charts.epochs_spec("cost", alone, s["epochs"], t("axis.epoch"), t("gradient_descent.cost"), HEIGHT, log=True)

    def frames(_: int = 0) -> tuple[Any, Any]:
        return charts.cost_frame(data, span, run.w, path=run.path), charts.epochs_frame({"w": run})

    first = frames()
    with bar, player.toolbar(p):
        epoch = st.markdown(player.status(run))
    with middle:
        descent = st.vega_lite_chart(first[0], curve, alt=t("gradient_descent.alt_cost"))
        figures = st.markdown(numbers(run, span))
    with right:
        costs = st.vega_lite_chart(first[1], over, alt=t("gradient_descent.alt_epochs"))
        st.markdown(verdict(run))

    def draw(made: tuple[Any, Any]) -> None:
        descent.vega_lite_chart(made[0], curve, alt=t("gradient_descent.alt_cost"))
        costs.vega_lite_chart(made[1], over, alt=t("gradient_descent.alt_epochs"))
        figures.markdown(numbers(run, span))
        epoch.markdown(player.status(run))

    lesson.idea("gradient_descent/descent")
    lesson.twins(descent_text.scratch(run), descent_text.concise(run))
    lesson.end(s, lambda: player.loop(p, frames, draw))


def batches(s: State) -> None:
    p = player.lesson_player("gradient_descent", speed=1)
    bar = st.container()
    left, right = layout.stage(0.24, 0.76)
    with left:
        for name in ("lr", "start", "epochs", "batch", "shuffle"):
            control(s, name)
        data = data_controls(s)
    sizes = {t("gradient_descent.one"): 1, t("gradient_descent.some", batch=s["batch"]): s["batch"]}
    sizes[t("gradient_descent.all", n=s["n"])] = FULL
    made_of = ("batches", data, *(s[name] for name in ("lr", "start", "epochs", "batch", "shuffle", "seed")))

    def make() -> Race:
        common = {"lr": s["lr"], "start": s["start"], "epochs": s["epochs"], "shuffle": s["shuffle"], "seed": s["seed"]}
        return Race({batch: Descent(data, batch=batch, **common) for batch in sizes.values()})

    p.follow(made_of, make)
    race: Race = p.run
    runs = {name: race.runs[batch] for name, batch in sizes.items()}
    common = (tuple(sizes), s["epochs"], t("axis.epoch"))
    height = HEIGHT - 40
    specs = {
        "w": charts.epochs_spec("w", *common, t("gradient_descent.w"), height, log=False, aim=minimum(data)),
        "cost": charts.epochs_spec("cost", *common, t("gradient_descent.cost"), height, log=True),
    }

    def frames(_: int = 0) -> Any:
        return charts.epochs_frame(runs)

    def table() -> str:
        lines = [f"| {t('gradient_descent.batch')} | w | {t('gradient_descent.at_four')} |", "|---|---|---|"]
        lines += [f"| {name} | {formats.text(run.w, 9)} | {4 * run.w!r} |" for name, run in runs.items()]
        lines += ["", t("gradient_descent.minimum", w=formats.text(minimum(data), 9))]
        if receding := [name for name, run in runs.items() if run.receding]:
            critical = formats.fixed(critical_rate(data), 7)
            lines += ["", t("gradient_descent.receding", names=" · ".join(receding), critical=critical)]
        return "\n".join(lines)

    first = frames()
    with bar, player.toolbar(p):
        epoch = st.markdown(player.status(race))
    with right:
        places = {}
        for column, (quantity, spec) in zip(st.columns(2), specs.items(), strict=True):
            with column:
                places[quantity] = st.vega_lite_chart(first, spec, alt=t("gradient_descent.alt_batches"))
        figures = st.markdown(table())

    def draw(made: Any) -> None:
        for quantity, spec in specs.items():
            places[quantity].vega_lite_chart(made, spec, alt=t("gradient_descent.alt_batches"))
        figures.markdown(table())
        epoch.markdown(player.status(race))

    lesson.idea("gradient_descent/batches")
    shown = race.runs[s["batch"]]
    lesson.twins(descent_text.scratch(shown), descent_text.concise(shown))
    lesson.end(s, lambda: player.loop(p, frames, draw))


s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
{"search": by_hand, "descent": descend, "batches": batches}[s["part"]](s)
