"""What can be looked at beside the curves of the page on images. Only the open panel is computed.

A panel draws itself and returns how to look again, inside the gate, and how to show what was found, while it trains.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
import torch

from dlcore.drawing import formats
from dlcore.drawing.confusion import confusion_frame, confusion_spec
from dlcore.drawing.image import data_url, unit_maps
from dlcore.images.data import CLASSES, Images
from dlcore.lessons.images import batches as images_batches
from dlcore.lessons.images import look as images_look
from dlcore.lessons.images import programs as images_text
from dlcore.lessons.images.model import ImagesRun
from pages.learning.images.draw import draw
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State

Panel = tuple[Callable[[], Any], Callable[[Any], object]]

COLUMNS, SHOWN = 10, 50
UNITS = 40
MISTAKES = 18


def factor(images: Images, pixels: int) -> int:
    """Pixels along the side of a cell, for pictures about so wide."""
    return max(1, pixels // images.side)


def still() -> Panel:
    """Of a panel that training does not change."""
    return lambda: None, lambda _: None


def legend(images: Images) -> None:
    """What the numbers of the classes mean, where they are not the digits themselves."""
    if images.name == "fashion":
        st.caption(" · ".join(f"{i} {t(f'images.fashion_{i}')}" for i in range(CLASSES)))


def picture(place: Any, image: bytes, alt: str) -> Any:
    return place.image(data_url(image), width="stretch", alt=alt)


def samples(s: State, run: ImagesRun) -> Panel:
    images, X, y = run.images, run.images.train.X, run.images.train.y
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        control(s, "of")
    rows = torch.arange(len(y)) if s["of"] == "all" else (y == int(s["of"])).nonzero().flatten()
    with right:
        control(s, "first", exact=True)
    at = min(s["first"], max(len(rows) - SHOWN, 0))
    rows = rows[at : at + SHOWN]
    if len(rows):
        labels = [str(label) for label in y[rows].tolist()]
        sheet = images_look.sheet(
            images_look.pictures(images, X[rows]),
            labels,
            columns=COLUMNS,
            factor=factor(images, 56),
            theme=layout.theme(),
        )
        picture(st, sheet, t("images.alt_samples", count=len(rows)))
    found = len(y) if s["of"] == "all" else int((y == int(s["of"])).sum())
    st.caption(t("images.samples", first=at, last=at + len(rows) - 1, count=formats.count(found)))
    legend(images)
    lesson.idea("images/samples")
    return still()


def batches(s: State, run: ImagesRun) -> Panel:
    images = run.images
    X, y = images_batches.first_batch(images, s["batch"], s["seed"])
    shown = X[: 3 * 16]
    sheet = images_look.sheet(
        images_look.pictures(images, shown),
        [str(label) for label in y[: len(shown)].tolist()],
        columns=16,
        factor=factor(images, 40),
        theme=layout.theme(),
    )
    picture(st, sheet, t("images.alt_batch", count=len(shown)))
    st.caption(t("images.batch", shown=len(shown), size=len(X), batches=formats.count(run.batches)))
    legend(images)
    made_of = (images.name, len(images.train), s["batch"])
    if s.memo.get("times", (None,))[0] != made_of:
        with gate().turn():
            s.memo["times"] = (made_of, images_batches.pass_times(images, s["batch"]))
    times = s.memo["times"][1]
    left, middle, right = st.columns(3, vertical_alignment="center")
    left.metric(t("images.by_loader"), formats.duration(times.loader / 1000))
    middle.metric(t("images.by_index"), formats.duration(times.indexed / 1000))
    right.button(t("images.again"), key="images.again", on_click=partial(s.memo.pop, "times", None))
    st.caption(t("images.timed", count=formats.count(times.samples)))
    lesson.idea("images/batches")
    lesson.code(images_text.batches(images, s["batch"], s["seed"], X, y))
    return still()


def weights(s: State, run: ImagesRun) -> Panel:
    side, theme = run.images.side, layout.theme()
    first = run.model.parameters[0]  # (units, side²)
    columns = 5 if run.training.kind == "softmax" else 8
    pixels = 400 // columns

    def look() -> bytes:
        with torch.no_grad():
            return unit_maps(
                first[:UNITS], side, columns=columns, theme=theme, factor=factor(run.images, pixels), gap=6
            )

    with gate().turn():
        made = look()
    place = picture(st, made, t("images.alt_weights"))
    if run.training.kind == "softmax":
        st.caption(t("images.templates"))
        legend(run.images)
        lesson.idea("images/templates")
    else:
        st.caption(t("images.units", shown=min(UNITS, len(first)), units=len(first)))
        lesson.idea("images/units")
    return look, lambda made: picture(place, made, t("images.alt_weights"))


def confusion(s: State, run: ImagesRun) -> Panel:
    names = tuple(map(str, range(CLASSES)))
    spec = confusion_spec(t("predictions.predicted"), t("predictions.true"), names, 380)

    def look() -> Any:
        part, probabilities = run.on_test()
        return confusion_frame(part.y.numpy(), probabilities.argmax(1).numpy(), names)

    with gate().turn():
        made = look()
    place = st.vega_lite_chart(made, spec, alt=t("alt.confusion"))
    legend(run.images)
    lesson.idea("images/confusion")
    return look, lambda made: place.vega_lite_chart(made, spec, alt=t("alt.confusion"))


def mistakes(s: State, run: ImagesRun) -> Panel:
    images, theme = run.images, layout.theme()

    def look() -> tuple[bytes, str]:
        part, probabilities = run.on_test()
        found = images_look.mistakes(part, probabilities, MISTAKES)
        each = zip(part.y[found.rows].tolist(), found.predicted, found.probability, strict=True)
        sheet = images_look.sheet(
            images_look.pictures(images, part.X[found.rows]),
            [f"{true} > {predicted}  {formats.percent(p)}" for true, predicted, p in each],
            columns=6,
            rows=MISTAKES // 6,
            factor=factor(images, 84),
            theme=theme,
        )
        return sheet, t("images.mistakes", count=found.count, samples=formats.count(len(part)))

    with gate().turn():
        made = look()
    words = st.markdown(made[1])
    place = picture(st, made[0], t("images.alt_mistakes"))
    st.caption(t("images.mistakes_read"))
    legend(images)
    lesson.idea("images/mistakes")

    def show(made: tuple[bytes, str]) -> None:
        words.markdown(made[1])
        picture(place, made[0], t("images.alt_mistakes"))

    return look, show


PANELS: dict[str, Callable[[State, ImagesRun], Panel]] = {
    "samples": samples,
    "batches": batches,
    "weights": weights,
    "confusion": confusion,
    "mistakes": mistakes,
    "draw": draw,
}
