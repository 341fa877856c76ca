"""Softmax and cross-entropy: logits by slider, what becomes of them, and the overflow that really happens."""

import pandas as pd
import streamlit as st
import torch
from torch import Tensor

from dlcore.drawing import formats
from dlcore.lessons.softmax import charts
from dlcore.lessons.softmax import programs as softmax_text
from dlcore.lessons.softmax.model import (
    DTYPES,
    Step,
    gradient,
    largest_exponent,
    naive_steps,
    smallest_exponent,
    softmax,
    stable_steps,
)
from dlcore.lessons.softmax.settings import LESSON
from dlcore.network.from_scratch import cross_entropy
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State

HEIGHT = 230
TEMPERATURE_HEIGHT = 300
NUMBER_WIDTH = 88  # pixels: nine signs and the margins


def logits_of(s: State) -> Tensor:
    return torch.tensor([s[f"z{i}"] for i in range(s["classes"])], dtype=torch.float64)


def true_class(s: State) -> int:
    """The chosen class; of fewer classes than that the last."""
    return int(min(s["true"], s["classes"] - 1))


def logit_controls(s: State) -> None:
    control(s, "classes")
    for i in range(s["classes"]):
        control(s, f"z{i}")


def true_control(s: State) -> None:
    key, classes = "softmax.true", list(range(s["classes"]))

    def chosen() -> None:
        picked = st.session_state[key]
        s.set("true", true_class(s) if picked is None else picked)

    st.session_state[key] = true_class(s)
    st.segmented_control(s.label("true"), classes, key=key, on_change=chosen)


def bars(values: Tensor, title: str, low: float, high: float, alt: str) -> None:
    spec = charts.bars_spec(len(values), t("softmax.class"), title, low, high, HEIGHT)
    st.vega_lite_chart(charts.bars_frame(values), spec, alt=alt)


def probabilities(s: State) -> None:
    left, middle, right = layout.stage(0.24, 0.38, 0.38)
    with left:
        control(s, "temperature")
        logit_controls(s)
    z, y, T = logits_of(s), true_class(s), s["temperature"]
    p = softmax(z, T)
    with middle:
        bars(p, t("softmax.p"), 0.0, 1.0, t("softmax.alt_p"))
        spec = charts.temperature_spec(len(z), t("softmax.temperature"), t("softmax.p"), TEMPERATURE_HEIGHT)
        st.vega_lite_chart(charts.temperature_frame(z, T), spec, alt=t("softmax.alt_temperature"))
    with right:
        true_control(s)
        loss = cross_entropy(z[None] / T, torch.tensor([y]))
        st.markdown(t("softmax.loss_is", y=y, p=formats.text(float(p[y])), loss=formats.fixed(float(loss), 4)))
        slope = gradient(z, y, T)
        reach = max(1.0, float(slope.abs().max()))
        bars(slope, t("softmax.gradient"), -reach, reach, t("softmax.alt_gradient"))
        with st.expander(t("softmax.every"), expanded=True, key="softmax.every"):
            table(s, z / T)
    lesson.idea("softmax/probabilities")
    asked = (z, y, T, weights(s))
    lesson.twins(softmax_text.scratch(*asked), softmax_text.concise(*asked))
    lesson.end(s)


def weights(s: State) -> Tensor:
    return torch.tensor([s[f"w{i}"] for i in range(s["classes"])], dtype=torch.float64)


def table(s: State, z: Tensor) -> None:
    """The loss of each class, were it the true one, and their weighted mean."""
    classes = torch.arange(len(z))
    losses = [float(cross_entropy(z[None], classes[i : i + 1])) for i in range(len(z))]
    columns = {
        t("softmax.class"): classes.tolist(),
        t("softmax.loss"): [formats.fixed(loss, 4) for loss in losses],
        t("softmax.weight"): weights(s).tolist(),
    }
    st.dataframe(pd.DataFrame(columns), hide_index=True)
    every = z[None].expand(len(z), -1)
    plain, weighted = cross_entropy(every, classes), cross_entropy(every, classes, weights(s))
    st.caption(t("softmax.means", plain=formats.fixed(float(plain), 4), weighted=formats.fixed(float(weighted), 4)))
    with st.popover(t("softmax.weights")):
        for i in range(len(z)):
            control(s, f"w{i}")


def steps_table(steps: list[Step], classes: int) -> None:
    """A line for each step; what is one number for all classes stands in the first column."""
    rows = [
        {
            t("softmax.line"): t(f"softmax.step_{step.id}"),
            **{str(i): formats.text(value) for i, value in enumerate(step.values)},
        }
        for step in steps
    ]
    frame = pd.DataFrame(rows, columns=[t("softmax.line"), *map(str, range(classes))]).fillna("")
    # Left to itself a column takes the one long number among empty cells for an outlier, and cuts it.
    widths = {str(i): st.column_config.TextColumn(width=NUMBER_WIDTH) for i in range(classes)}
    st.dataframe(frame, hide_index=True, column_config=widths)


def verdict(steps: list[Step]) -> None:
    broken = next((step for step in steps if step.broken), None)
    loss = formats.text(steps[-1].values[0], 6)
    if broken is None:
        st.success(t("softmax.finite", loss=loss), icon=":material/check:")
    else:
        st.error(t("softmax.broken", step=t(f"softmax.step_{broken.id}"), loss=loss), icon=":material/error:")


def overflow(s: State) -> None:
    # The app takes numbers below the normal range for 0; the program that is shown, run by itself, does not.
    torch.set_flush_denormal(False)
    side_by_side = s["classes"] <= 3  # the numbers of more have no room in half of the width
    left, *tables = layout.stage(0.24, 0.38, 0.38) if side_by_side else layout.stage(0.24, 0.76)
    with left:
        control(s, "dtype", in_sight=True)
        control(s, "offset")
        logit_controls(s)
        true_control(s)
    dtype, y = DTYPES[s["dtype"]], true_class(s)
    z = (logits_of(s) + s["offset"]).to(dtype)
    for column, name, steps in zip(
        (tables[0], tables[-1]), ("naive", "stable"), (naive_steps(z, y), stable_steps(z, y)), strict=True
    ):
        with column:
            st.markdown(f"**{t(f'softmax.{name}')}**")
            steps_table(steps, len(z))
            verdict(steps)
    with tables[0]:
        limits(s["dtype"])
    lesson.idea("softmax/overflow")
    lesson.twins(softmax_text.overflow_scratch(z, y), softmax_text.overflow_concise(z, y))
    lesson.end(s)


def limits(name: str) -> None:
    """Between which z a dtype has an exp(z) that is neither infinite nor 0."""
    dtype = DTYPES[name]
    high, largest = formats.fixed(largest_exponent(dtype), 2), formats.text(torch.finfo(dtype).max)
    st.caption(t("softmax.limit", dtype=name, limit=high, largest=largest))
    st.caption(t("softmax.limit_low", dtype=name, limit=formats.fixed(smallest_exponent(dtype), 2)))


s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
{"probabilities": probabilities, "overflow": overflow}[s["part"]](s)
