"""Vectorisation: a loop and one call do the same, raced on this machine when a person asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.lessons.vectorisation import charts, model, programs
from dlcore.lessons.vectorisation.model import WAYS, Race, Result
from dlcore.lessons.vectorisation.settings import LESSON
from dlcore.settings.rules import Number
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.gate import gate, memory_slots
from pages.ui.language import t

CHART_HEIGHT = 380
LARGE = 100_000  # numbers; races over as many take turns
MOST_RACES = 200  # of a task that are kept
MARKS = (1, 2, 3, 5)  # where the slider stops in each decade


def results(s: lesson.State) -> list[Result]:
    """The races of this task so far; they stay when the page is left."""
    kept: list[Result] = s.memo.setdefault("results", {}).setdefault(s["task"], [])
    return kept


def buttons(s: lesson.State, n: int, low: int, *, racing: bool) -> None:
    """What is to be raced is noted for the next run only: every later one, whatever began it, ends the race."""

    def ask(*sizes: int) -> None:
        s.memo["asked"] = sizes

    with st.container(horizontal=True, gap="small"):
        for id, icon, disabled, act, args in (
            ("race", "play_arrow", racing, ask, (n,)),
            ("sweep", "fast_forward", racing, ask, model.stops(low, n)),
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


def table(result: Result) -> None:
    """The times of one race."""
    factors = {way: formats.ratio(result.ratio(way)) for way in WAYS}
    st.markdown(t("vectorisation.newest", n=formats.count(result.n), loop=factors["loop"], lists=factors["lists"]))
    work = model.elements(result.task, result.n)
    rows = [
        {
            t("vectorisation.way"): t(f"vectorisation.ways.{way}"),
            t("vectorisation.time"): formats.duration(result.seconds[way]),
            t("vectorisation.each"): formats.duration(result.seconds[way] / work),
            t("vectorisation.ratio"): factors[way],
        }
        for way in WAYS
    ]
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")
    st.caption(t("vectorisation.measured", threads=torch.get_num_threads(), version=torch.__version__))
    difference = formats.text(result.difference, 1)
    if not result.difference:
        st.caption(t("vectorisation.exact"))
    elif result.agree:
        st.caption(t("vectorisation.agree", difference=difference))
    else:
        st.warning(t("vectorisation.differ", difference=difference), icon=":material/error:")


@contextmanager
def track(work: int, bar: DeltaGenerator) -> Iterator[None]:
    """Wait until there is memory for a race over so many numbers."""
    if work < LARGE:
        yield
        return
    while not memory_slots().acquire(timeout=0.2):
        bar.progress(0.0, t("vectorisation.waiting"))  # where a newer run takes over
    try:
        yield
    finally:
        memory_slots().release()


def raced(task: str, n: int, bar: DeltaGenerator) -> Result:
    """Race once, a turn at a time."""
    race = Race(task, n)
    with track(model.elements(task, n), bar):
        while race.result is None:
            with gate().turn() as seconds:
                race.advance_for(seconds)
            bar.progress(race.progress, t("vectorisation.racing", n=formats.count(n)))  # where a newer run takes over
    return race.result


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
    buttons(s, s[size], low, racing=bool(asked))
    bar = st.progress(0.0) if asked else st.empty()
    lesson.idea("vectorisation/why")
with picture:
    chart = st.vega_lite_chart(charts.ratio_frame(results(s), names), spec, alt=t("vectorisation.alt_ratio"))
    if not results(s) and not asked:
        st.caption(t("vectorisation.none"))
times, code = st.columns(2, gap="medium")
with times:
    if results(s):
        table(results(s)[-1])
    lesson.idea("vectorisation/reading")
with code:
    lesson.code(programs.snippet(s["task"], s[size]))
lesson.end(s)

for n in asked:
    results(s).append(raced(s["task"], n, bar))
    del results(s)[:-MOST_RACES]
    chart.vega_lite_chart(charts.ratio_frame(results(s), names), spec, alt=t("vectorisation.alt_ratio"))
if asked:
    st.rerun()
