"""Vectorisation: a loop and one call do the same, raced on this machine when a person asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st
import torch

from dlcore.lessons.vectorisation import charts as vectorisation_chart
from dlcore.lessons.vectorisation import model as vectorisation
from dlcore.lessons.vectorisation.model import WAYS, Race, Result, elements
from dlcore.lessons.vectorisation.settings import LESSON
from dlcore.settings.rules import Number
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.gate import gate, tracks
from pages.ui.language import t

CHART_HEIGHT = 380
LARGE = 100_000  # numbers; races over as many take turns
MOST_RACES = 200  # of a task that are kept
MARKS = (1, 2, 3, 5)  # where the slider stops in each decade


def size_of(s: lesson.State) -> str:
    """The setting that is n for this task: a matrix has n² elements, so its n ends earlier."""
    return "side" if s["task"] == "matvec" else "n"


def results(s: lesson.State) -> list[Result]:
    """The races of this task so far; they stay when the page is left."""
    kept: list[Result] = s.kept.setdefault("results", {}).setdefault(s["task"], [])
    return kept


def buttons(s: lesson.State, rule: Number, *, racing: bool) -> None:
    """What is to be raced is noted for the next run only: every later one, whatever began it, ends the race."""

    def ask(sizes: tuple[int, ...]) -> None:
        s.kept["asked"] = sizes

    n = s[size_of(s)]
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("vectorisation.race"),
            key="vectorisation.race",
            type="primary",
            icon=":material/play_arrow:",
            disabled=racing,
            on_click=ask,
            args=((n,),),
        )
        st.button(
            t("vectorisation.sweep"),
            key="vectorisation.sweep",
            icon=":material/fast_forward:",
            disabled=racing,
            on_click=ask,
            args=(vectorisation.stops(int(rule.low), n),),
        )
        st.button(t("vectorisation.stop"), key="vectorisation.stop", icon=":material/stop:", disabled=not racing)
        st.button(
            t("vectorisation.clear"),
            key="vectorisation.clear",
            icon=":material/delete:",
            disabled=racing or not results(s),
            on_click=results(s).clear,
        )


def table(result: Result) -> None:
    """The times of one race."""
    st.markdown(
        t(
            "vectorisation.newest",
            n=f"{result.n:,}",
            loop=vectorisation.factor(result.ratio("loop")),
            lists=vectorisation.factor(result.ratio("lists")),
        )
    )
    rows = [
        {
            t("vectorisation.way"): t(f"vectorisation.ways.{way}"),
            t("vectorisation.time"): vectorisation.duration(result.seconds[way]),
            t("vectorisation.each"): vectorisation.duration(result.seconds[way] / result.work),
            t("vectorisation.ratio"): vectorisation.factor(result.ratio(way)),
            t("vectorisation.timings"): str(result.timings[way]),
        }
        for way in WAYS
    ]
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")
    st.caption(t("vectorisation.measured", threads=result.threads, version=torch.__version__))
    difference = f"{result.difference:.1g}"
    if not result.difference:
        st.caption(t("vectorisation.exact"))
    elif result.agree:
        st.caption(t("vectorisation.agree", difference=difference))
    else:
        st.warning(t("vectorisation.differ", difference=difference), icon=":material/error:")


@contextmanager
def track(work: int) -> Iterator[None]:
    """Wait until there is memory for a race over so many numbers."""
    if work < LARGE:
        yield
        return
    while not tracks().acquire(timeout=0.2):
        bar.progress(0.0, t("vectorisation.waiting"))  # where a newer run takes over
    try:
        yield
    finally:
        tracks().release()


s = lesson.begin(LESSON)
asked: tuple[int, ...] = s.kept.pop("asked", ())
rule = s.settings[size_of(s)].rule
assert isinstance(rule, Number)
low, high = int(rule.low), int(rule.high)
names = (t("vectorisation.ways.loop"), t("vectorisation.ways.lists"))
spec = vectorisation_chart.ratio_spec(
    low, high, s.label(size_of(s)), t("vectorisation.ratio_title"), names, height=CHART_HEIGHT
)
controls, picture = layout.stage(0.42, 0.58)
with controls:
    control(s, "task", in_sight=True)
    control(s, size_of(s), marks=MARKS)
    buttons(s, rule, racing=bool(asked))
    bar = st.progress(0.0) if asked else None
    lesson.idea("vectorisation/why")
with picture:
    chart = st.vega_lite_chart(
        vectorisation_chart.ratio_frame(results(s), names), spec, alt=t("vectorisation.alt_ratio")
    )
    if not results(s) and not asked:
        st.caption(t("vectorisation.none"))
times, code = st.columns(2, gap="medium")
with times:
    if results(s):
        table(results(s)[-1])
    lesson.idea("vectorisation/reading")
with code:
    lesson.code(vectorisation.snippet(s["task"], s[size_of(s)]))
lesson.end(s)

total, before = sum(elements(s["task"], n) for n in asked), 0
for n in asked:
    work = elements(s["task"], n)
    with track(work):
        race = Race(s["task"], n)
        while not race.done:
            with gate().turn() as seconds:
                race.advance_for(seconds)
            done = (before + race.progress * work) / total
            bar.progress(min(1.0, done), t("vectorisation.racing", n=f"{n:,}"))  # where a newer run takes over
    result = race.result()
    before += work
    results(s).append(result)
    del results(s)[:-MOST_RACES]
    chart.vega_lite_chart(vectorisation_chart.ratio_frame(results(s), names), spec, alt=t("vectorisation.alt_ratio"))
if asked:
    st.rerun()
