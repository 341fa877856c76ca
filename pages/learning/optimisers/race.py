"""The part "race": the paths of the optimizers on a surface, f over the steps, and each rule with its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing.formats import count, text
from dlcore.lessons.optimisers.network.model import Learner
from dlcore.lessons.optimisers.race import charts
from dlcore.lessons.optimisers.race import programs as race_text
from dlcore.lessons.optimisers.race.model import SurfaceRace, Walker
from dlcore.lessons.optimisers.race.rule import rule
from dlcore.lessons.optimisers.race.sampling import SAMPLES
from dlcore.lessons.optimisers.race.surfaces import SURFACES, TYPED, Surface, parse_function, typed_surface
from dlcore.network.optimizers import RULES, Hyper
from dlcore.network.settings import OPTIMIZERS
from dlcore.programs.snippet import Snippet
from dlcore.settings.rules import Number
from pages.ui import component, layout, lesson, player
from pages.ui.controls import control, look, slider
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

MAP_HEIGHT, CURVES_HEIGHT = 400, 230
BATCH_SIZES = (1, 2, 4, 8, 16, 32, SAMPLES)
HYPER = [field.name for field in fields(Hyper)]


def draw_race(s: State) -> None:
    """Draw the controls, the map, the curves, the rule, the idea and the programs."""
    p = player.lesson_player("optimisers", speed=1, unit="updates")
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.42, 0.34)
    with left:
        surface, start = _surface_controls(s)
        lrs, hyper = optimizer_controls(s, "lr")
        control(s, "steps")
        control(s, "batch_size", stops=BATCH_SIZES)
        if s["batch_size"] < SAMPLES:
            control(s, "sample_seed", exact=True)
    sampled = {"steps": s["steps"], "batch_size": s["batch_size"], "seed": s["sample_seed"]}
    # Typed programs are equal if they have the same nodes, so another spelling of f keeps the run.
    p.follow(
        ("race", surface.program, start, tuple(lrs.items()), hyper, *sampled.values()),
        lambda: SurfaceRace(surface, start, lrs, hyper, **sampled),
    )
    run: SurfaceRace = p.run
    walkers, names = run.walkers, optimizer_names(s, tuple(lrs))
    map_spec = charts.map_spec(surface.program, surface.window, surface.minima, names, layout.theme(), MAP_HEIGHT)
    lowest = surface.lowest
    f_title = t("optimisers.f" if lowest is None else "optimisers.distance")
    curves_spec = charts.curves_spec(
        names, s["steps"], t("optimisers.step"), f_title, CURVES_HEIGHT, log=lowest is not None, legend=False
    )

    def compose(_: int = 0) -> tuple[Any, Any]:
        series = {id: [_above(f, lowest) for _, _, f in walker.path] for id, walker in walkers.items()}
        return charts.map_frame(walkers, surface.window), charts.curves_frame(series, log=lowest is not None)

    def progress() -> str:
        steps = count(run.epochs)
        return t("optimisers.status", step=player.padded(count(run.epoch), steps), steps=steps)

    def show(drawn: tuple[Any, Any], places: Sequence[Any]) -> list[DeltaGenerator]:
        return [
            places[0].vega_lite_chart(drawn[0], map_spec, alt=t("optimisers.alt_map")),
            places[1].vega_lite_chart(drawn[1], curves_spec, alt=t("optimisers.alt_curves")),
            table(_table(s, walkers, lowest, f_title), place=places[2]),
            places[3].markdown(rule(walker)),
            places[4].markdown(status(s, progress(), walkers)),
        ]

    with bar:
        epoch = player.toolbar(p)
    with middle:
        overlay = st.container(key="overlay")
        st.caption(t("optimisers.click"))
        if run.diverged and not run.epoch:
            st.warning(t("optimisers.nowhere"), icon=":material/error:")
    idea_side, rule_side = st.columns([0.42, 0.58], gap="medium")
    with idea_side:
        lesson.idea("optimisers/race")
    with rule_side:
        walker = walkers[look(s, tuple(lrs), t("optimisers.look"))]
    with right:
        curves, points = st.container(), layout.still("points")
    places = show(compose(), (overlay, curves, points, rule_side, epoch))
    with overlay:
        _clickable(s, surface)
    hint = rule_side.empty() if walker.move else rule_side.caption(t("optimisers.not_started"))
    twins(race_text.scratch(walker), race_text.concise(walker))

    def draw_next(drawn: tuple[Any, Any]) -> None:
        show(drawn, places)
        hint.empty()

    lesson.end(s, lambda: player.loop(p, compose, draw_next))


def _surface_controls(s: State) -> tuple[Surface, tuple[float, float]]:
    """Draw the controls of surface and start, and return both; a new surface sets its own start and learning rates."""

    def chosen() -> None:
        id = st.session_state["optimisers.surface"]
        surface = SURFACES[id] if id in SURFACES else typed_surface(parse_function(TYPED), s["reach"])
        lrs = {f"lr_{name}": lr for name, lr in surface.lrs.items()}
        s.apply({"surface": id, "x0": surface.start[0], "y0": surface.start[1], **lrs})

    st.session_state["optimisers.surface"] = s["surface"]
    st.selectbox(
        s.label("surface"),
        (*SURFACES, "typed"),
        format_func=lambda id: s.option("surface", id),
        key="optimisers.surface",
        on_change=chosen,
    )
    if s["surface"] == "typed":
        control(s, "formula")
        surface = typed_surface(s.understood("formula", parse_function), float(s["reach"]))
        control(s, "reach")
    else:
        surface = SURFACES[s["surface"]]
    start = []
    for name, low, high in (("x0", *surface.window[:2]), ("y0", *surface.window[2:])):
        start.append(min(max(float(s[name]), low), high))
        slider(
            s.label(name), f"optimisers.{name}", start[-1], Number(low, high, 0.01), lambda v, name=name: s.set(name, v)
        )
    return surface, (start[0], start[1])


def optimizer_controls(s: State, prefix: str) -> tuple[dict[str, float], Hyper]:
    """Draw the controls of the optimizers; return their learning rates (``<prefix>_<id>``) and hyper-parameters."""
    racing = [id for id in OPTIMIZERS if id in s["shown"]]
    same = prefix == "lr" and s["same"]
    with layout.group(t("optimisers.rates"), f"optimisers.{prefix}.rates") as group:
        if group.open:
            if prefix == "lr":
                control(s, "same")
            for name in ["lr"] if same else [f"{prefix}_{id}" for id in racing]:
                control(s, name)
    with layout.group(t("optimisers.hyper"), f"optimisers.{prefix}.hyper") as group:
        if group.open:
            taken = {name for id in racing for name in RULES[id].hyper}
            for name in HYPER:
                control(s, name, disabled=name not in taken, marks=(1,))
    lrs = {id: float(s["lr"] if same else s[f"{prefix}_{id}"]) for id in racing}
    return lrs, Hyper(*(float(s[name]) for name in HYPER))


def optimizer_names(s: State, racing: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return pairs of id and name."""
    return tuple((id, s.option("shown", id)) for id in racing)


def twins(scratch: Snippet, concise: Snippet) -> None:
    """Draw both programs, with a note if they have no output because rounding decides it."""
    lesson.twins(scratch, concise)
    if not scratch.output:
        st.caption(t("optimisers.not_reproducible"))


def _clickable(s: State, surface: Surface) -> None:
    """Draw the invisible chart on the map that takes the clicks; it stays while the map is redrawn."""

    def clicked() -> None:
        place, (left, right, bottom, top) = component.selected("optimisers.click", "start"), surface.window
        x = component.number_between(place.get("x"), left, right)
        y = component.number_between(place.get("y"), bottom, top)
        if x is not None and y is not None:
            s.apply({"x0": float(x), "y0": float(y)})

    st.vega_lite_chart(
        charts.click_frame(surface.program, surface.window),
        charts.click_spec(surface.window, MAP_HEIGHT),
        key="optimisers.click",
        on_select=clicked,
        alt=t("optimisers.alt_click"),
    )


def status(s: State, text: str, racers: Mapping[str, Walker | Learner]) -> str:
    """Return the words on the progress and on the optimizers that have diverged."""
    lost = [
        t("optimisers.diverged", name=s.option("shown", id), step=racer.steps + 1)
        for id, racer in racers.items()
        if racer.diverged
    ]
    return " — ".join([text, *lost])


def _table(s: State, walkers: dict[str, Walker], lowest: float | None, title: str) -> pd.DataFrame:
    rows = []
    for id, walker in walkers.items():
        x, y, f = walker.path[-1]
        rows.append((s.option("shown", id), text(x), text(y), text(_above(f, lowest), 3)))
    return pd.DataFrame(rows, columns=[t("optimisers.optimizer"), "x", "y", title])


def _above(f: float, lowest: float | None) -> float:
    """Return f minus the minimum, at least 0 despite rounding, or f itself if the minimum is unknown."""
    return f if lowest is None else max(0.0, f - lowest)
