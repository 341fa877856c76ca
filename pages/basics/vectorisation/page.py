"""The vectorisation page: a loop and one call compute the same, and are timed on this machine on demand."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.lessons.vectorisation import charts, model, programs
from dlcore.lessons.vectorisation.model import WAYS, TimingRace, TimingResult
from dlcore.lessons.vectorisation.settings import LESSON
from dlcore.settings.rules import Number
from pages.basics.vectorisation.device import draw_device, measure_if_asked
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.gate import gate, memory_slots
from pages.ui.language import t
from pages.ui.table import table

CHART_HEIGHT = 380
LARGE = 100_000  # elements; races over at least as many take turns
MAX_RACES = 200  # of a task
MARKS = (1, 2, 3, 5)  # where the slider stops in each decade


def results(s: lesson.State) -> list[TimingResult]:
    """Return the races of this task so far; they survive leaving the page."""
    kept: list[TimingResult] = s.memo.setdefault("results", {}).setdefault(s["task"], [])
    return kept


def draw_buttons(s: lesson.State, n: int, low: int, *, racing: bool) -> None:
    """Draw the buttons; a race is asked for the next script run only, so any later run ends it."""

    def ask(*sizes: int) -> None:
        s.memo["asked"] = sizes
        s.memo.pop("unfinished", None)

    with st.container(horizontal=True, gap="small"):
        for id, icon, disabled, act, args in (
            ("race", "play_arrow", racing, ask, (n,)),
            ("sweep", "fast_forward", racing, ask, model.sweep_sizes(low, n)),
            ("stop", "stop", not racing, None, ()),
            ("clear", "delete", racing or not results(s), results(s).clear, ()),
        ):
            st.button(
                t(f"vectorisation.{id}"),
                key=f"vectorisation.{id}",
                type="primary" if id == "race" else "secondary",
                icon=f":material/{icon}:",
                disabled=disabled,
                on_click=act,
                args=args,
            )


def draw_table(result: TimingResult | None) -> None:
    """Draw the times of one race; before the first, the same elements without times, so that nothing moves later."""
    dash = dict.fromkeys(WAYS, "–")
    factors = {way: formats.ratio(result.ratio(way)) for way in WAYS} if result else dash
    if result:
        st.markdown(t("vectorisation.newest", n=formats.count(result.n), loop=factors["loop"], lists=factors["lists"]))
    else:
        st.markdown(t("vectorisation.times"))
    times, each = dash, dash
    if result:
        count = model.element_count(result.task, result.n)
        times = {way: formats.duration(result.seconds[way]) for way in WAYS}
        each = {way: formats.duration(result.seconds[way] / count) for way in WAYS}
    rows = [
        {
            t("vectorisation.way"): t(f"vectorisation.ways.{way}"),
            t("vectorisation.time"): times[way],
            t("vectorisation.each"): each[way],
            t("vectorisation.ratio"): factors[way],
        }
        for way in WAYS
    ]
    table(pd.DataFrame(rows))
    st.caption(t("vectorisation.measured", threads=torch.get_num_threads(), version=torch.__version__))
    difference = formats.text(result.difference, 1) if result else ""
    if result is None:
        st.caption(t("vectorisation.unchecked"))
    elif not result.difference:
        st.caption(t("vectorisation.exact"))
    elif result.agree:
        st.caption(t("vectorisation.agree", difference=difference))
    else:
        st.warning(t("vectorisation.differ", difference=difference), icon=":material/error:")


@contextmanager
def memory_for(count: int, bar: DeltaGenerator, end: float) -> Iterator[None]:
    """Wait until there is memory for a race over so many elements, or until ``end``."""
    if count < LARGE:
        yield
        return
    while not memory_slots().acquire(timeout=0.2):
        bar.progress(0.0, t("vectorisation.waiting"))  # a newer script run takes over here
        if time.monotonic() >= end:
            yield
            return
    try:
        yield
    finally:
        memory_slots().release()


def run_race(task: str, n: int, bar: DeltaGenerator, end: float) -> TimingResult | None:
    """Run one race, a turn at a time; return None if it is not over at ``end``, in seconds of the monotonic clock."""
    race = TimingRace(task, n)
    with memory_for(model.element_count(task, n), bar, end):
        while race.result is None and time.monotonic() < end:
            with gate().turn() as seconds:
                race.advance_for(seconds)
            # A newer script run takes over here.
            bar.progress(race.progress, t("vectorisation.racing", n=formats.count(n)))
    return race.result


def status(s: lesson.State) -> str:
    """Return what stands at the bar while nothing is timed."""
    unfinished = s.memo.get("unfinished")
    if unfinished is None:
        return t("vectorisation.ready")
    return t("vectorisation.unfinished", n=formats.count(unfinished), seconds=model.MAX_SECONDS)


s = lesson.begin(LESSON)
asked: tuple[int, ...] = s.memo.pop("asked", ())
size = "side" if s["task"] == "matvec" else "n"  # a matrix has n² elements, so its n ends earlier
rule = s.settings[size].rule
assert isinstance(rule, Number)
low, high = int(rule.min), int(rule.max)
names = (t("vectorisation.ways.loop"), t("vectorisation.ways.lists"))
spec = charts.ratio_spec(low, high, s.label(size), t("vectorisation.ratio_title"), names, height=CHART_HEIGHT)
controls, picture = layout.stage(0.42, 0.58)
with controls:
    control(s, "task", in_sight=True)
    control(s, size, marks=MARKS)
    draw_buttons(s, s[size], low, racing=bool(asked))
    bar = st.progress(0.0, status(s))
    lesson.idea("vectorisation/why")
with picture:
    chart = st.vega_lite_chart(charts.ratio_frame(results(s), names), spec, alt=t("vectorisation.alt_ratio"))
    st.caption(t("vectorisation.dots" if results(s) else "vectorisation.none"))
times, code = st.columns(2, gap="medium")
with times:
    draw_table(results(s)[-1] if results(s) else None)
    lesson.idea("vectorisation/reading")
with code:
    lesson.code(programs.snippet(s["task"], s[size]))
draw_device(s)
lesson.end(s)
measure_if_asked(s)

end = time.monotonic() + model.MAX_SECONDS
for n in asked:
    result = run_race(s["task"], n, bar, end)
    if result is None:
        s.memo["unfinished"] = n
        break
    results(s).append(result)
    del results(s)[:-MAX_RACES]
    chart.vega_lite_chart(charts.ratio_frame(results(s), names), spec, alt=t("vectorisation.alt_ratio"))
if asked:
    st.rerun()
