"""Panel of the images page that classifies the reader's own drawing, or a test image moved with buttons."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from torch import Tensor

from dlcore.drawing.image import data_url
from dlcore.images.data import CLASSES, MEASURED
from dlcore.lessons.images import pictures
from dlcore.lessons.images.charts import probability_frame, probability_spec
from dlcore.lessons.images.model import ImagesRun
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.drawing import drawing
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State

ARROWS = {"left": (-1, 0, "back"), "right": (1, 0, "forward"), "up": (0, -1, "upward"), "down": (0, 1, "downward")}
PEN = 5.0  # cells; such strokes leave as much ink as the digits have, 30 % of the square


def classify(s: State, run: ImagesRun) -> tuple[Callable[[], Any], Callable[[Any], object]]:
    """Draw the panel; return a function that computes its chart and one that draws it."""
    control(s, "source", in_sight=True)
    left, right = st.columns([0.46, 0.54], gap="medium")
    with left:
        picture = drawn_picture(s, run) if s["source"] == "drawing" else moved_picture(s, run)
        if picture is not None:
            image = pictures.sheet(picture[None], [], columns=1, factor=112 // run.images.side, theme=layout.theme())
            st.caption(t("images.seen"))
            st.image(data_url(image), width=112, alt=t("images.alt_seen"))
        for _ in range(4):  # else the rest of the other source's elements stays while the run plays
            st.empty()
    if run.images.name == "fashion":
        names = tuple(f"{i} {t(f'images.fashion_{i}')}" for i in range(CLASSES))
    else:
        names = tuple(map(str, range(CLASSES)))
    spec = probability_spec(t("predictions.probability"), t("predictions.class"), names, 280)

    def compute() -> Any:
        if picture is None:
            return probability_frame([0.0] * CLASSES, names)
        return probability_frame(run.probabilities(picture.reshape(1, -1))[0].tolist(), names)

    with gate().turn():
        frame = compute()
    with right:
        place = st.vega_lite_chart(frame, spec, alt=t("images.alt_probabilities"))
        if picture is None:
            st.caption(t("images.nothing_drawn"))
        elif not run.epoch and not run.updates:
            st.caption(t("numbers.untrained"))
        else:
            st.empty()
    lesson.idea("images/draw")
    return compute, lambda frame: place.vega_lite_chart(frame, spec, alt=t("images.alt_probabilities"))


def drawn_picture(s: State, run: ImagesRun) -> Tensor | None:
    """Show the canvas; return the drawing as a picture like the data, or None if nothing is drawn."""

    def keep(value: str) -> None:
        s.memo["drawing"] = value

    drawing(
        t("images.canvas"),
        key="images.canvas",
        value=s.memo.get("drawing", ""),
        size=pictures.CANVAS,
        pen=PEN,
        clear=t("images.clear"),
        on_change=keep,
    )
    cells = pictures.read_drawing(s.memo.get("drawing", ""))
    return None if cells is None else pictures.like_data(cells, run.images.side)


def moved_picture(s: State, run: ImagesRun) -> Tensor:
    """Show the choice of a test image and the arrows; return the image moved by them."""
    subset = run.images.test.first(MEASURED)
    control(s, "test_sample", exact=True)
    row = s["test_sample"] % len(subset)  # the digits have fewer than the rule allows

    def move(dx: int, dy: int) -> None:
        limit = s.settings["dx"].rule.max
        s.apply({"dx": int(min(max(s["dx"] + dx, -limit), limit)), "dy": int(min(max(s["dy"] + dy, -limit), limit))})

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
    st.caption(t("images.moved", row=row, label=int(subset.y[row]), dx=s["dx"], dy=s["dy"]))
    picture = pictures.to_pictures(run.images, subset.X[row : row + 1])[0]
    return pictures.moved(picture, s["dx"], s["dy"])
