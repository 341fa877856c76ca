"""Pictures classified: softmax regression, a multilayer perceptron, and one with dropout, watched while they learn."""

from typing import Any

import streamlit as st

from dlcore.drawing import formats
from dlcore.drawing.curves import curve_frame, curve_spec
from dlcore.images.data import MEASURED, Images
from dlcore.lessons.images import programs as images_text
from dlcore.lessons.images.model import ImagesRun, Training
from dlcore.lessons.images.settings import LESSON
from pages.learning.images import fetch
from pages.learning.images.panels import PANELS
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State

HEIGHT = 190
LONGEST = 12  # elements of any panel
PRESETS: dict[str, dict[str, Any]] = {
    "softmax": {"model": "softmax", "optimizer": "sgd", "lr": 0.1},
    "mlp": {"model": "mlp", "hidden": 128, "optimizer": "adam", "lr": 0.003},
    "dropout": {"model": "dropout", "hidden": 256, "dropout": 0.3, "optimizer": "adam", "lr": 0.003},
}
COMMON = {name: LESSON.settings[name].default for name in ("batch", "epochs", "decay", "seed")}


def presets(s: State) -> None:
    """One of the three models with settings that suit it; what was moved since is the person's own."""
    key = "images.preset"
    now = (id for id, values in PRESETS.items() if all(s[name] == v for name, v in {**COMMON, **values}.items()))

    def chosen() -> None:
        s.apply({**COMMON, **PRESETS.get(st.session_state[key], {})})

    st.session_state[key] = found = next(now, "own")
    options = [*PRESETS, *(["own"] if found == "own" else [])]
    st.selectbox(
        t("control.preset"), options, format_func=lambda id: t(f"images.preset_{id}"), key=key, on_change=chosen
    )


def controls(s: State, images: Images) -> None:
    presets(s)
    control(s, "data", in_sight=True)
    control(s, "model")
    if s["model"] != "softmax":
        control(s, "hidden")
    if s["model"] == "dropout":
        control(s, "dropout")
    control(s, "lr")
    control(s, "epochs")
    if images.name == "fashion":
        control(s, "train")
    control(s, "batch", stops=(8, 16, 32, 64, 128, 256, 512))
    control(s, "optimizer")
    with layout.group(t("images.more"), "images.more"):
        control(s, "decay")
        control(s, "seed", exact=True)


def training(s: State) -> Training:
    # What changes nothing in this model is left at its default: moving it elsewhere must not begin a new run.
    own: dict[str, Any] = {} if s["model"] == "softmax" else {"hidden": s["hidden"]}
    if s["model"] == "dropout":
        own["dropout"] = s["dropout"]
    same = {name: s[name] for name in ("optimizer", "lr", "batch", "decay", "epochs", "seed")}
    return Training(kind=s["model"], **own, **same)


def status(run: ImagesRun) -> str:
    text = player.status(run)
    within = run.batch and not run.diverged
    return (
        text + t("images.batch_of", batch=formats.count(run.batch), batches=formats.count(run.batches))
        if within
        else text
    )


def numbers(run: ImagesRun) -> str:
    last = run.history[-1]
    lines = [
        t("numbers.train", loss=formats.fixed(last.train_loss, 4), accuracy=formats.fixed(last.train_accuracy, 3)),
        t("numbers.test", loss=formats.fixed(last.test_loss, 4), accuracy=formats.fixed(last.test_accuracy, 3)),
    ]
    return "\n\n".join(lines if run.epoch or run.batch else [*lines, t("numbers.untrained")])


def curves(run: ImagesRun) -> dict[str, tuple[Any, Any]]:
    """A frame and a specification for each quantity."""
    words = (t("subset.train"), t("subset.test"))
    return {
        quantity: (
            curve_frame(run.history, quantity),
            curve_spec(
                run.epochs,
                t(f"axis.{quantity}"),
                t("axis.epoch"),
                *words,
                log=False,
                share=quantity == "accuracy",
                height=HEIGHT,
            ),
        )
        for quantity in ("loss", "accuracy")
    }


def draw_curve(place: Any, made: dict[str, tuple[Any, Any]], quantity: str) -> Any:
    return place.vega_lite_chart(*made[quantity], alt=t("images.alt_curve"))


s = lesson.begin(LESSON)
images, fetching = fetch.choose(s)
if images.name == "fashion":
    images = images.limited(s["train"])
p = player.lesson_player("images")
bar = st.container()
left, middle, right = layout.stage(0.22, 0.30, 0.48, first=2)
with left:
    controls(s, images)
made_of = (images.name, len(images.train), training(s))
with gate().turn():
    p.follow(made_of, lambda: ImagesRun(images, training(s)))
run: ImagesRun = p.run
with bar, player.toolbar(p):
    epoch = st.markdown(status(run))
with middle:
    first = curves(run)
    places = {quantity: draw_curve(st, first, quantity) for quantity in first}
    with st.container(key="numbers"):
        figures = st.markdown(numbers(run))
    if max(len(images.train), len(images.test)) > MEASURED:
        st.caption(t("images.measured", count=formats.count(MEASURED)))
with right:
    control(s, "panel", in_sight=True)
    look, show = PANELS[s["panel"]](s, run)
    for _ in range(LONGEST):  # what is left of a longer panel would stay in sight until the loop of the run ends
        st.empty()


def compose(number: int) -> tuple[Any, Any]:
    return curves(run), look()


def draw(made: tuple[Any, Any]) -> None:
    for quantity, place in places.items():
        draw_curve(place, made[0], quantity)
    figures.markdown(numbers(run))
    epoch.markdown(status(run))
    show(made[1])


st.subheader(t("images.models"), anchor=False)
lesson.idea("images/models")
lesson.twins(images_text.scratch(run), images_text.concise(run))
lesson.end(s, fetching or (lambda: player.loop(p, compose, draw)))
