"""Page on image classification: softmax regression, a multilayer perceptron and one with dropout, while they train."""

from typing import Any

import streamlit as st

from dlcore.drawing import formats
from dlcore.drawing.curves import curve_frame, curve_spec
from dlcore.images.data import MEASURED, Images
from dlcore.lessons.images import programs
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
MAX_ELEMENTS = 12  # of any panel
PRESETS: dict[str, dict[str, Any]] = {
    "softmax": {"model": "softmax", "optimizer": "sgd", "lr": 0.1},
    "mlp": {"model": "mlp", "hidden": 128, "optimizer": "adam", "lr": 0.003},
    "dropout": {"model": "dropout", "hidden": 256, "dropout": 0.3, "optimizer": "adam", "lr": 0.003},
}
COMMON = {
    name: LESSON.settings[name].default for name in ("batch_size", "epochs", "weight_decay", "seed", "n_validation")
}


def presets(s: State) -> None:
    """Show the choice of a model with settings that suit it; other settings count as the reader's own."""
    key = "images.preset"
    current = (id for id, values in PRESETS.items() if all(s[name] == v for name, v in {**COMMON, **values}.items()))

    def apply() -> None:
        s.apply({**COMMON, **PRESETS.get(st.session_state[key], {})})

    st.session_state[key] = preset = next(current, "own")
    options = [*PRESETS, *(["own"] if preset == "own" else [])]
    st.selectbox(
        t("control.preset"), options, format_func=lambda id: t(f"images.preset_{id}"), key=key, on_change=apply
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
        control(s, "n_train")
    control(s, "batch_size", stops=(8, 16, 32, 64, 128, 256, 512))
    control(s, "optimizer")
    with layout.group(t("images.more"), "images.more"):
        control(s, "weight_decay")
        control(s, "n_validation")
        control(s, "seed", exact=True)


def training(s: State) -> Training:
    """Return the training settings. Those that the model lacks keep their defaults: moving them begins no new run."""
    own: dict[str, Any] = {} if s["model"] == "softmax" else {"hidden": s["hidden"]}
    if s["model"] == "dropout":
        own["dropout"] = s["dropout"]
    common = {
        name: s[name] for name in ("optimizer", "lr", "batch_size", "weight_decay", "epochs", "seed", "n_validation")
    }
    return Training(kind=s["model"], **own, **common)


def status(run: ImagesRun) -> str:
    text = player.status(run)
    if run.updates and not run.diverged:
        text += t("images.batch_of", batch=formats.count(run.updates), batches=formats.count(run.batches))
    return text


def numbers(run: ImagesRun) -> str:
    last = run.history[-1]
    lines = [
        t("numbers.train", loss=formats.fixed(last.train_loss, 4), accuracy=formats.fixed(last.train_accuracy, 3)),
        t("numbers.test", loss=formats.fixed(last.test_loss, 4), accuracy=formats.fixed(last.test_accuracy, 3)),
    ]
    if run.training.n_validation:
        loss, accuracy, best = last.validation_loss, last.validation_accuracy, run.chosen
        lines.append(t("numbers.valid", loss=formats.fixed(loss, 4), accuracy=formats.fixed(accuracy, 3)))
        lines.append(
            t(
                "numbers.chosen",
                epoch=formats.count(best.epoch),
                valid=formats.fixed(best.validation_loss, 4),
                loss=formats.fixed(best.test_loss, 4),
                accuracy=formats.fixed(best.test_accuracy, 3),
            )
        )
    return "\n\n".join(lines)


def untrained(run: ImagesRun) -> str:
    """Return the words on the random weights, or an empty line once the run has begun."""
    return "&nbsp;" if run.epoch or run.updates else t("numbers.untrained")


def curves(run: ImagesRun) -> dict[str, tuple[Any, Any]]:
    """Return a frame and a specification for each quantity."""
    words = (t("subset.train"), t("subset.test"))
    return {
        quantity: (
            curve_frame(run.history, quantity, validation=run.training.n_validation > 0),
            curve_spec(
                run.epochs,
                t(f"axis.{quantity}"),
                t("axis.epoch"),
                *words,
                log=False,
                share=quantity == "accuracy",
                height=HEIGHT,
                validation=t("subset.validation") if run.training.n_validation else "",
            ),
        )
        for quantity in ("loss", "accuracy")
    }


def draw_curve(place: Any, charts: dict[str, tuple[Any, Any]], quantity: str) -> Any:
    return place.vega_lite_chart(*charts[quantity], alt=t("images.alt_curve"))


s = lesson.begin(LESSON)
images, follow_download = fetch.choose(s)
if images.name == "fashion":
    images = images.limited(s["n_train"])
p = player.lesson_player("images")
bar = st.container()
left, middle, right = layout.stage(0.22, 0.30, 0.48, first=2)
with left:
    controls(s, images)
with gate().turn():
    p.follow((images.name, len(images.train), training(s)), lambda: ImagesRun(images, training(s)))
run: ImagesRun = p.run
with bar, player.toolbar(p):
    epoch = st.markdown(status(run))
with middle:
    first = curves(run)
    places = {quantity: draw_curve(st, first, quantity) for quantity in first}
    with st.container(key="numbers"):
        figures = st.markdown(numbers(run))
        note = layout.still("untrained").markdown(untrained(run))
        products = sum(W.numel() for W in run.model.parameters[::2])
        st.markdown(
            t("numbers.size", parameters=formats.count(run.model.size), products=formats.count(products)),
            help=t("numbers.size_help"),
        )
    if max(len(images.train), len(images.test)) > MEASURED:
        st.caption(t("images.measured", count=formats.count(MEASURED)))
with right:
    control(s, "panel", in_sight=True)
    compute, show = PANELS[s["panel"]](s, run)
    for _ in range(MAX_ELEMENTS):  # else the rest of a longer panel stays in sight until the run has been played
        st.empty()


def compose(number: int) -> tuple[Any, Any]:
    return curves(run), compute()


def draw_frame(frame: tuple[Any, Any]) -> None:
    for quantity, place in places.items():
        draw_curve(place, frame[0], quantity)
    figures.markdown(numbers(run))
    note.markdown(untrained(run))
    epoch.markdown(status(run))
    show(frame[1])


st.header(t("images.models"), anchor=False)
lesson.idea("images/models")
lesson.twins(programs.scratch(run), programs.concise(run))
lesson.end(s, follow_download or (lambda: player.loop(p, compose, draw_frame)))
