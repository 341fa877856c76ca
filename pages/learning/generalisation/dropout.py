"""Parts on dropout: the mask on one tensor, and a network on few images with a probability for each hidden layer."""

import math
from typing import Any

import streamlit as st
import torch
from torch import Tensor

from dlcore.drawing import formats
from dlcore.drawing.grid import Mark
from dlcore.lessons.generalisation.dropout import programs
from dlcore.lessons.generalisation.dropout.model import DropoutFit, deviation, dropout, mean_of_draws
from dlcore.lessons.generalisation.model import best_record
from pages.learning.generalisation.parts import curve, stopping
from pages.ui import layout, lesson, player
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.tensor_view import tensor_view

X = torch.arange(1.0, 33.0, dtype=torch.float64).reshape(4, 8)  # no element is 0, so a 0 in the output was dropped
CELL, HEIGHT = 46, 340
DECAYS = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)


# --- one tensor -------------------------------------------------------------------------------------------------------
def view(name: str, caption: str, tensor: Tensor, *, frame_zeros: bool = False) -> None:
    st.caption(caption)
    marks: list[Mark] = ["selected" if value == 0 else "" for value in tensor.flatten().tolist()]
    tensor_view(tensor, key=f"generalisation.view_{name}", marks=marks if frame_zeros else None, cell=CELL)


def verdict(mean: Tensor, p: float, draws: int) -> str:
    """Return the text that compares the mean of the draws with the input."""
    off = deviation(mean, X, p, draws)
    if not off:
        return t("generalisation.nothing_dropped")
    if math.isinf(off):
        return t("generalisation.all_dropped")
    return t("generalisation.deviation", off=formats.fixed(off, 2), far=formats.text(float((mean - X).abs().max()), 3))


def mask_part(s: State) -> None:
    def redraw() -> None:
        s.set("mask_seed", (s["mask_seed"] + 1) % 10000)

    left, middle, right = layout.stage(0.24, 0.38, 0.38)
    with left:
        control(s, "probability")
        control(s, "draws")
        control(s, "evaluating")
        st.button(
            t("generalisation.new_mask"), key="generalisation.new_mask", icon=":material/casino:", on_click=redraw
        )
    training, probability, draws = not s["evaluating"], s["probability"], s["draws"]
    p = probability if training else 0.0  # in evaluation nothing is dropped
    ones = torch.ones_like(X)
    factors = dropout(ones, p, torch.Generator().manual_seed(s["mask_seed"]))
    output, mean = X * factors, mean_of_draws(X, p, draws, seed=s["mask_seed"])
    with middle:
        view("input", t("generalisation.view_input"), X)
        view("output", t("generalisation.view_output"), output, frame_zeros=True)
    with right:
        factor = formats.text(1 / (1 - p), 3) if p < 1 else "—"
        caption = t("generalisation.view_factors", factor=factor) if training else t("generalisation.no_mask")
        view("factors", caption, factors, frame_zeros=True)
        view("mean", t("generalisation.view_mean", draws=formats.count(draws)), mean)
    with left:
        st.markdown(t("generalisation.dropped", count=int((factors == 0).sum()), of=X.numel()))
        st.markdown(verdict(mean, p, draws))
    lesson.idea("generalisation/mask")
    arguments = (X, probability, draws, s["mask_seed"], training, output, mean)
    lesson.twins(programs.mask_scratch(*arguments), programs.mask_concise(*arguments))
    lesson.end(s)


def chosen(run: DropoutFit) -> str:
    """Return the text with the epoch that the validation loss chooses, and the test values there."""
    best = best_record(run.history, "loss", "validation")
    return t(
        "numbers.chosen",
        epoch=formats.count(best.epoch),
        valid=formats.fixed(best.validation_loss, 4),
        loss=formats.fixed(best.test_loss, 4),
        accuracy=formats.fixed(best.test_accuracy, 3),
    )


# --- a network --------------------------------------------------------------------------------------------------------
def network_part(s: State) -> None:
    def swap() -> None:
        s.apply({"p1": s["p2"], "p2": s["p1"]})

    p = player.lesson_player("generalisation_dropout", speed=1)
    bar = st.container()
    left, middle, right = layout.stage(0.24, 0.38, 0.38)
    with left:
        control(s, "p1")
        control(s, "p2")
        st.button(
            t("generalisation.swap"),
            key="generalisation.swap",
            icon=":material/swap_vert:",
            on_click=swap,
            disabled=s["p1"] == s["p2"],
        )
        control(s, "net_decay", stops=DECAYS)
        for name in ("n_images", "n_validation", "hidden", "net_epochs"):
            control(s, name)
        control(s, "seed", exact=True)
    settings = {"n_train": s["n_images"], "hidden": s["hidden"], "epochs": s["net_epochs"], "seed": s["seed"]}
    settings |= {"weight_decay": s["net_decay"], "n_validation": s["n_validation"]}
    probabilities = s["p1"], s["p2"]
    p.follow((probabilities, *settings.values()), lambda: DropoutFit(p=probabilities, **settings))
    run: DropoutFit = p.run

    def compose(_: int = 0) -> tuple[Any, Any]:
        return curve(run, "loss", stop="loss", log=True, height=HEIGHT), curve(run, "accuracy", height=HEIGHT)

    def draw(frame: tuple[Any, Any], places: tuple[Any, ...]) -> tuple[Any, ...]:
        last = run.history[-1]
        accuracy = t(
            "generalisation.accuracies",
            train=formats.fixed(last.train_accuracy, 3),
            test=formats.fixed(last.test_accuracy, 3),
            norm=formats.fixed(run.norm, 2),
        )
        return (
            places[0].vega_lite_chart(*frame[0], alt=t("generalisation.alt_loss")),
            places[1].vega_lite_chart(*frame[1], alt=t("generalisation.alt_accuracy")),
            places[2].markdown(chosen(run) if run.n_validation else stopping(run, "loss")),
            places[3].markdown(accuracy),
            places[4].markdown(player.status(run)),
        )

    with bar:
        epoch = player.toolbar(p)
    with middle:
        picture, words = st.container(), layout.still("words")
    places = draw(compose(), (picture, right, words, right, epoch))
    with right:
        products = sum(W.numel() for W in run.model.parameters[::2])
        st.markdown(
            t("numbers.size", parameters=formats.count(run.model.size), products=formats.count(products)),
            help=t("numbers.size_help"),
        )
    lesson.idea("generalisation/dropout")
    lesson.twins(programs.scratch(run), programs.concise(run))
    lesson.end(s, lambda: player.loop(p, compose, lambda frame: draw(frame, places)))
