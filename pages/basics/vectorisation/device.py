"""The section about GPUs: what ``.to(device)`` does, and the times of some work on the devices of this machine."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.vectorisation import device, programs
from dlcore.network.device import devices
from pages.ui import layout, lesson
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table

Times = dict[tuple[str, str], float]  # seconds by work and device


def draw_device(s: State) -> None:
    """Draw prose, times and a program, in a group that is closed until someone asks for it."""
    group = layout.group(t("vectorisation.device.title"), "vectorisation.device")
    if not group.open:
        return
    with group:
        prose, picture = st.columns([0.42, 0.58], gap="medium")
        with prose:
            lesson.idea("vectorisation/device")
        with picture:
            st.button(
                t("vectorisation.device.measure"),
                key="vectorisation.measure",
                icon=":material/timer:",
                on_click=lambda: s.memo.update(measure=True),
            )
            available = tuple(one for one in devices() if one.available)
            _table(s.memo.get("times", {}), {one.id: f"{one.id} · {one.name}" for one in available})
            if len(available) == 1:
                st.info(t("vectorisation.device.none"), icon=":material/info:")
            lesson.code(programs.device_snippet())


def measure_if_asked(s: State) -> None:
    """Time every work on every device, each in a turn of its own, and draw the page again.

    Call it when the page is drawn: until a script run ends, what it has not drawn again looks stale.
    """
    if not s.memo.pop("measure", False):
        return
    times: Times = {}
    for work in device.WORKS:
        for one in devices():
            if one.available:
                with gate().turn():
                    times[work, one.id] = device.seconds(work, one.id)
    s.memo["times"] = times
    st.rerun()


def _table(times: Times, names: dict[str, str]) -> None:
    """Draw a row for each work; its times are empty until they are measured."""
    rows = [
        {
            t("vectorisation.device.work"): t(f"vectorisation.works.{work}"),
            t("vectorisation.device.multiply_adds"): formats.count(device.multiply_adds(work)),
            **{name: formats.duration(times[work, id]) if (work, id) in times else "–" for id, name in names.items()},
        }
        for work in device.WORKS
    ]
    table(pd.DataFrame(rows))
