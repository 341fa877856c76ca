"""The panel on which a person's own drawing is classified, or a test picture that is moved with buttons."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
import torch

from dlcore.drawing.image import data_url
from dlcore.images.data import CLASSES, MEASURED
from dlcore.lessons.images import look as images_look
from dlcore.lessons.images.charts import probability_frame, probability_spec
from dlcore.lessons.images.model import ImagesRun
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.drawing import drawing
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State

ARROWS = {"left": (-1, 0, "back"), "right": (1, 0, "forward"), "up": (0, -1, "upward"), "down": (0, 1, "downward")}
PEN = 5.0  # cells: strokes so wide leave as much ink as the digits have, 30 % of the square


def draw(s: State, run: ImagesRun) -> tuple[Callable[[], Any], Callable[[Any], object]]:
    control(s, "source", in_sight=True)
    left, right = st.columns([0.46, 0.54], gap="medium")
    with left:
        seen = own(s, run) if s["source"] == "drawing" else sample(s, run)
        if seen is not None:
            image = images_look.sheet(seen[None], [], columns=1, factor=112 // run.images.side, theme=layout.theme())
            st.caption(t("images.seen"))
            st.image(data_url(image), width=112, alt=t("images.alt_seen"))
        for _ in range(4):  # as many elements as the other way has: what is left of it would stay while the run plays
            st.empty()
    if run.images.name == "fashion":
        names = tuple(f"{i} {t(f'images.fashion_{i}')}" for i in range(CLASSES))
    else:
        names = tuple(map(str, range(CLASSES)))
    spec = probability_spec(t("predictions.probability"), t("predictions.class"), names, 280)
    inputs = torch.zeros(1, run.images.side**2) if seen is None else seen.reshape(1, -1)

    def look() -> Any:
        if seen is None:
            return probability_frame([0.0] * CLASSES, names)
        return probability_frame(run.probabilities(inputs)[0].tolist(), names)

    with gate().turn():
        made = look()
    with right:
        place = st.vega_lite_chart(made, spec, alt=t("images.alt_probabilities"))
        if seen is None:
            st.caption(t("images.nothing_drawn"))
        elif not run.epoch and not run.batch:
            st.caption(t("numbers.untrained"))
        else:
            st.empty()
    lesson.idea("images/draw")
    return look, lambda made: place.vega_lite_chart(made, spec, alt=t("images.alt_probabilities"))


def own(s: State, run: ImagesRun) -> torch.Tensor | None:
    """The person's drawing as the data would have it."""

    def keep(value: str) -> None:
        s.memo["drawing"] = value

    drawing(
        t("images.canvas"),
        key="images.canvas",
        value=s.memo.get("drawing", ""),
        size=images_look.CANVAS,
        pen=PEN,
        clear=t("images.clear"),
        on_change=keep,
    )
    found = images_look.read_drawing(s.memo.get("drawing", ""))
    return None if found is None else images_look.like_data(found, run.images.side)


def sample(s: State, run: ImagesRun) -> torch.Tensor:
    """A test picture, moved by the arrows."""
    part = run.images.test.first(MEASURED)
    control(s, "sample", exact=True)
    row = s["sample"] % len(part)  # the digits have fewer than the rule allows

    def move(dx: int, dy: int) -> None:
        low, high = s.settings["dx"].rule.min, s.settings["dx"].rule.max
        s.apply({"dx": int(min(max(s["dx"] + dx, low), high)), "dy": int(min(max(s["dy"] + dy, low), high))})

    with st.container(horizontal=True, gap="small", key="images.arrows"):
        for id, (dx, dy, icon) in ARROWS.items():
            st.button(
                "",
                key=f"images.{id}",
                icon=f":material/arrow_{icon}:",
                help=t(f"images.move_{id}"),
                on_click=partial(move, dx, dy),
            )
        st.button(t("images.back"), key="images.back", on_click=partial(s.apply, {"dx": 0, "dy": 0}))
    st.caption(t("images.moved", row=row, label=int(part.y[row]), dx=s["dx"], dy=s["dy"]))
    picture = images_look.pictures(run.images, part.X[row : row + 1])[0]
    return images_look.moved(picture, s["dx"], s["dy"])
