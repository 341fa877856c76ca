"""Page on softmax and cross-entropy: logits set by sliders, the overflow of exp, and the shapes that the loss takes."""

import pandas as pd
import streamlit as st
import torch
from torch import Tensor

from dlcore.drawing import formats
from dlcore.lessons.softmax import charts, programs
from dlcore.lessons.softmax.model import (
    DTYPES,
    SoftmaxStep,
    exact_loss,
    gradient,
    is_off,
    largest_exponent,
    naive_steps,
    smallest_exponent,
    softmax,
    stable_steps,
)
from dlcore.lessons.softmax.settings import LESSON
from dlcore.lessons.softmax.shapes import answer
from dlcore.network.from_scratch import cross_entropy
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table
from pages.ui.tensor_view import tensor_view

HEIGHT = 230
TEMPERATURE_HEIGHT = 300


def by_class(s: State, letter: str) -> Tensor:
    """Return the logits ("z") or the class weights ("w") of the chosen number of classes."""
    return torch.tensor([s[f"{letter}{i}"] for i in range(s["classes"])], dtype=torch.float64)


def true_class(s: State) -> int:
    """Return the chosen true class, or the last class if there are fewer."""
    return int(min(s["true"], s["classes"] - 1))


def logit_controls(s: State) -> None:
    control(s, "classes")
    for i in range(s["classes"]):
        control(s, f"z{i}")


def true_control(s: State) -> None:
    key, classes = "softmax.true", list(range(s["classes"]))

    def store() -> None:
        choice = st.session_state[key]
        s.set("true", true_class(s) if choice is None else choice)

    st.session_state[key] = true_class(s)
    st.segmented_control(s.label("true"), classes, key=key, on_change=store)


def draw_bars(values: Tensor, title: str, y_min: float, y_max: float, alt: str) -> None:
    spec = charts.bars_spec(len(values), t("softmax.class"), title, y_min, y_max, HEIGHT)
    st.vega_lite_chart(charts.bars_frame(values), spec, alt=alt)


def probabilities(s: State) -> None:
    left, middle, right = layout.stage(0.24, 0.38, 0.38)
    with left:
        control(s, "temperature")
        logit_controls(s)
    z, y, T = by_class(s, "z"), true_class(s), s["temperature"]
    p = softmax(z, T)
    with middle:
        draw_bars(p, t("softmax.p"), 0.0, 1.0, t("softmax.alt_p"))
        spec = charts.temperature_spec(len(z), t("softmax.temperature"), t("softmax.p"), TEMPERATURE_HEIGHT)
        st.vega_lite_chart(charts.temperature_frame(z, T), spec, alt=t("softmax.alt_temperature"))
    with right:
        true_control(s)
        loss = cross_entropy(z[None] / T, torch.tensor([y]))
        st.markdown(t("softmax.loss_is", y=y, p=formats.text(float(p[y])), loss=formats.fixed(float(loss), 4)))
        slopes = gradient(z, y, T)
        reach = max(1.0, float(slopes.abs().max()))
        draw_bars(slopes, t("softmax.gradient"), -reach, reach, t("softmax.alt_gradient"))
        with st.expander(t("softmax.every"), expanded=True, key="softmax.every"):
            loss_table(s, z / T)
    lesson.idea("softmax/probabilities")
    arguments = (z, y, T, by_class(s, "w"))
    lesson.twins(programs.scratch(*arguments), programs.concise(*arguments))
    lesson.end(s)


def loss_table(s: State, z: Tensor) -> None:
    """Show the loss that each class would have as the true one, their mean and their weighted mean."""
    weights = by_class(s, "w")
    classes = torch.arange(len(z))
    losses = [float(cross_entropy(z[None], classes[i : i + 1])) for i in range(len(z))]
    columns = {
        t("softmax.class"): [str(i) for i in classes.tolist()],
        t("softmax.loss"): [formats.fixed(loss, 4) for loss in losses],
        t("softmax.weight"): [formats.text(weight) for weight in weights.tolist()],
    }
    table(pd.DataFrame(columns))
    logits = z[None].expand(len(z), -1)
    plain, weighted = cross_entropy(logits, classes), cross_entropy(logits, classes, weights)
    st.caption(t("softmax.means", plain=formats.fixed(float(plain), 4), weighted=formats.fixed(float(weighted), 4)))
    with st.popover(t("softmax.weights")):
        for i in range(len(z)):
            control(s, f"w{i}")


def steps_table(steps: list[SoftmaxStep], classes: int) -> None:
    """Show a row for each step; a single value stands in the first column."""
    rows = [
        {
            t("softmax.line"): t(f"softmax.step_{step.id}"),
            **{str(i): formats.text(value) for i, value in enumerate(step.values)},
        }
        for step in steps
    ]
    frame = pd.DataFrame(rows, columns=[t("softmax.line"), *map(str, range(classes))]).fillna("")
    table(frame)


def verdict(steps: list[SoftmaxStep], z: Tensor, y: int) -> None:
    """Say which step is the first that is not finite, or else whether the loss is right."""
    broken = next((step for step in steps if step.broken), None)
    loss, exact = steps[-1].values[0], exact_loss(z, y)
    said = formats.text(loss, 6)
    if broken:
        st.error(t("softmax.broken", step=t(f"softmax.step_{broken.id}"), loss=said), icon=":material/error:")
    elif is_off(loss, exact, z.dtype):
        words = {"loss": said, "exact": formats.text(exact, 6), "error": formats.text(abs(loss - exact), 2)}
        st.error(t("softmax.off", **words), icon=":material/error:")
    else:
        st.success(t("softmax.finite", loss=said), icon=":material/check:")


def overflow(s: State) -> None:
    # The app flushes subnormal numbers to 0; the program that is shown, run by itself, does not.
    torch.set_flush_denormal(False)
    side_by_side = s["classes"] <= 3  # half of the width has no room for the numbers of more
    left, *tables = layout.stage(0.24, 0.38, 0.38) if side_by_side else layout.stage(0.24, 0.76)
    with left:
        control(s, "dtype", in_sight=True)
        control(s, "offset")
        logit_controls(s)
        true_control(s)
    dtype, y = DTYPES[s["dtype"]], true_class(s)
    z = (by_class(s, "z") + s["offset"]).to(dtype)
    for column, name, steps in zip(
        (tables[0], tables[-1]), ("naive", "stable"), (naive_steps(z, y), stable_steps(z, y)), strict=True
    ):
        with column:
            st.markdown(f"**{t(f'softmax.{name}')}**")
            steps_table(steps, len(z))
            verdict(steps, z, y)
    with tables[0]:
        limits(s["dtype"])
    lesson.idea("softmax/overflow")
    lesson.twins(programs.overflow_scratch(z, y), programs.overflow_concise(z, y))
    lesson.end(s)


def limits(name: str) -> None:
    """Say for which z the dtype's exp(z) is infinite or 0."""
    dtype = DTYPES[name]
    limit, largest = formats.fixed(largest_exponent(dtype), 2), formats.text(torch.finfo(dtype).max)
    st.caption(t("softmax.limit", dtype=name, limit=limit, largest=largest))
    st.caption(t("softmax.limit_low", dtype=name, limit=formats.fixed(smallest_exponent(dtype), 2)))


def shapes(s: State) -> None:
    """Draw the logits and labels that the loss gets, and torch's answer."""
    left, middle, right = layout.stage(0.24, 0.38, 0.38)
    case = s["given"]
    with left:
        control(s, "given")
    given = answer(case)
    with middle, st.container(horizontal=True, gap="large"):
        for name, tensor in (("logits", given.logits), ("labels", given.labels)):
            with st.container(width="content", gap="small"):
                st.markdown(f"`{name}` {tuple(tensor.shape)}, `{tensor.dtype}`")
                tensor_view(tensor, key=f"softmax.{name}")
    with left:
        if given.loss is None:
            st.error(given.error, icon=":material/error:")
        else:
            words = t("softmax.shapes.loss", loss=formats.fixed(given.loss, 4))
            (st.warning if case == "softmax" else st.success)(words)
        st.markdown(t(f"softmax.shapes.{case}"))
    with right:
        lesson.code(programs.shapes(case))
    lesson.idea("softmax/shapes")
    lesson.end(s)


s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
{"probabilities": probabilities, "overflow": overflow, "shapes": shapes}[s["part"]](s)
