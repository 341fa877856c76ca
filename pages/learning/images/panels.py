"""Panels of the images page: samples, batches, weights, confusion matrix, mistakes. Only the open one is computed.

A panel draws itself and returns two functions for while the model trains: one that computes its content anew, called
inside the gate, and one that shows the content.
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
from dlcore.lessons.images import pictures, programs
from dlcore.lessons.images.model import ImagesRun
from pages.learning.images.draw import classify
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State

Panel = tuple[Callable[[], Any], Callable[[Any], object]]

COLUMNS, MAX_SAMPLES = 10, 50
MAX_UNITS = 40
MAX_MISTAKES = 18


def factor(images: Images, pixels: int) -> int:
    """Return how many pixels a cell's side has in pictures about ``pixels`` wide."""
    return max(1, pixels // images.side)


def static() -> Panel:
    """Return the functions of a panel that training does not change."""
    return lambda: None, lambda _: None


def legend(images: Images) -> None:
    """Name the classes, except where they are the digits themselves."""
    if images.name == "fashion":
        st.caption(" · ".join(f"{i} {t(f'images.fashion_{i}')}" for i in range(CLASSES)))


def picture(place: Any, image: bytes, alt: str) -> Any:
    return place.image(data_url(image), width="stretch", alt=alt)


def samples(s: State, run: ImagesRun) -> Panel:
    images, X, y = run.images, run.images.train.X, run.images.train.y
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        control(s, "shown_class")
    rows = torch.arange(len(y)) if s["shown_class"] == "all" else (y == int(s["shown_class"])).nonzero().flatten()
    count = len(rows)
    with right:
        control(s, "first_sample", exact=True)
    first = min(s["first_sample"], max(count - MAX_SAMPLES, 0))
    rows = rows[first : first + MAX_SAMPLES]
    if len(rows):
        labels = [str(label) for label in y[rows].tolist()]
        sheet = pictures.sheet(
            pictures.to_pictures(images, X[rows]),
            labels,
            columns=COLUMNS,
            factor=factor(images, 56),
            theme=layout.theme(),
        )
        picture(st, sheet, t("images.alt_samples", count=len(rows)))
    st.caption(t("images.samples", first=first, last=first + len(rows) - 1, count=formats.count(count)))
    legend(images)
    lesson.idea("images/samples")
    return static()


def batches(s: State, run: ImagesRun) -> Panel:
    images = run.images
    X, y = images_batches.first_batch(images, s["batch_size"], s["seed"])
    shown = X[: 3 * 16]
    sheet = pictures.sheet(
        pictures.to_pictures(images, shown),
        [str(label) for label in y[: len(shown)].tolist()],
        columns=16,
        factor=factor(images, 40),
        theme=layout.theme(),
    )
    picture(st, sheet, t("images.alt_batch", count=len(shown)))
    st.caption(t("images.batch", shown=len(shown), size=len(X), batches=formats.count(run.batches)))
    legend(images)
    made_of = (images.name, len(images.train), s["batch_size"])
    if s.memo.get("times", (None,))[0] != made_of:
        with gate().turn():
            s.memo["times"] = (made_of, images_batches.measure_epochs(images, s["batch_size"]))
    times = s.memo["times"][1]
    left, middle, right = st.columns(3, vertical_alignment="center")
    left.metric(t("images.by_loader"), formats.duration(times.loader / 1000))
    middle.metric(t("images.by_index"), formats.duration(times.indexed / 1000))
    right.button(t("images.again"), key="images.again", on_click=partial(s.memo.pop, "times", None))
    st.caption(t("images.timed", count=formats.count(times.samples)))
    lesson.idea("images/batches")
    lesson.code(programs.batches(images, s["batch_size"], s["seed"], X, y))
    return static()


def weights(s: State, run: ImagesRun) -> Panel:
    side, theme = run.images.side, layout.theme()
    W = run.model.parameters[0]  # (units, side²)
    columns = 5 if run.training.kind == "softmax" else 8
    pixels = 400 // columns

    def compute() -> bytes:
        with torch.no_grad():
            return unit_maps(
                W[:MAX_UNITS], side, columns=columns, theme=theme, factor=factor(run.images, pixels), gap=6
            )

    with gate().turn():
        content = compute()
    place = picture(st, content, t("images.alt_weights"))
    if run.training.kind == "softmax":
        st.caption(t("images.templates"))
        legend(run.images)
        lesson.idea("images/templates")
    else:
        st.caption(t("images.units", shown=min(MAX_UNITS, len(W)), units=len(W)))
        lesson.idea("images/units")
    return compute, lambda content: picture(place, content, t("images.alt_weights"))


def confusion(s: State, run: ImagesRun) -> Panel:
    names = tuple(map(str, range(CLASSES)))
    spec = confusion_spec(t("predictions.predicted"), t("predictions.true"), names, 380)

    def compute() -> Any:
        subset, probabilities = run.predict_test()
        return confusion_frame(subset.y.numpy(), probabilities.argmax(1).numpy(), names)

    with gate().turn():
        content = compute()
    place = st.vega_lite_chart(content, spec, alt=t("alt.confusion"))
    legend(run.images)
    lesson.idea("images/confusion")
    return compute, lambda content: place.vega_lite_chart(content, spec, alt=t("alt.confusion"))


def mistakes(s: State, run: ImagesRun) -> Panel:
    images, theme = run.images, layout.theme()

    def compute() -> tuple[bytes, str]:
        subset, probabilities = run.predict_test()
        wrong = pictures.mistakes(subset, probabilities, MAX_MISTAKES)
        labels = zip(subset.y[wrong.rows].tolist(), wrong.predicted, wrong.probability, strict=True)
        sheet = pictures.sheet(
            pictures.to_pictures(images, subset.X[wrong.rows]),
            [f"{true} > {predicted}  {formats.percent(p)}" for true, predicted, p in labels],
            columns=6,
            rows=MAX_MISTAKES // 6,
            factor=factor(images, 84),
            theme=theme,
        )
        return sheet, t("images.mistakes", count=wrong.count, samples=formats.count(len(subset)))

    with gate().turn():
        content = compute()
    words = st.markdown(content[1])
    place = picture(st, content[0], t("images.alt_mistakes"))
    st.caption(t("images.mistakes_read"))
    legend(images)
    lesson.idea("images/mistakes")

    def show(content: tuple[bytes, str]) -> None:
        words.markdown(content[1])
        picture(place, content[0], t("images.alt_mistakes"))

    return compute, show


PANELS: dict[str, Callable[[State, ImagesRun], Panel]] = {
    "samples": samples,
    "batches": batches,
    "weights": weights,
    "confusion": confusion,
    "mistakes": mistakes,
    "draw": classify,
}
