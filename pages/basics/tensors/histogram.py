"""The part that counts draws from a normal distribution against its density."""

from __future__ import annotations

import pandas as pd
import streamlit as st
import torch

from dlcore.drawing import formats
from dlcore.lessons.tensors.histogram import model as histogram
from dlcore.lessons.tensors.histogram import programs
from dlcore.lessons.tensors.histogram.charts import histogram_frame, histogram_spec
from pages.ui import layout, lesson
from pages.ui.controls import control
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.table import table


def draw_histogram(s: State) -> None:
    """Draw the controls at the left, the chart and the sample's numbers at the right."""
    left, right = layout.stage(0.32, 0.68)
    with left:
        control(s, "hist_draws")
        for name in ("hist_mean", "hist_sd", "hist_bins"):
            control(s, name)
        control(s, "hist_seed", exact=True)
        lesson.idea("tensors/histogram")
    mean, sd = float(s["hist_mean"]), float(s["hist_sd"])
    with gate().turn():
        counted = histogram.count_draws(s["hist_draws"], mean=mean, sd=sd, bins=s["hist_bins"], seed=s["hist_seed"])
    at = torch.linspace(float(counted.edges[0]), float(counted.edges[-1]), 161, dtype=torch.float64)
    curve = histogram.density(at, mean=mean, sd=sd)
    titles = [t(f"tensors.histogram.{id}") for id in ("x", "y", "bars", "curve", "count")]
    with right:
        st.vega_lite_chart(
            histogram_frame(counted.edges, counted.density, counted.counts, at, curve),
            histogram_spec(*titles, height=320),
            key="tensors.histogram.chart",
            alt=t("tensors.histogram.alt", n=counted.n),
        )
        _sample(counted)
        lesson.code(programs.snippet(counted))


def _sample(counted: histogram.Histogram) -> None:
    """Draw the sample's mean and standard deviation, the true ones, and their standard errors."""
    rows = (
        ("mean", counted.mean, float(counted.sample_mean), counted.mean_error),
        ("sd", counted.sd, float(counted.sample_sd), counted.sd_error),
    )
    columns = {
        t("tensors.histogram.quantity"): [t(f"tensors.histogram.{id}") for id, *_ in rows],
        t("tensors.histogram.true"): [formats.text(true) for _, true, _, _ in rows],
        t("tensors.histogram.sample"): [formats.fixed(sample, 5) for _, _, sample, _ in rows],
        t("tensors.histogram.error"): [formats.fixed(error, 5) for *_, error in rows],
        t("tensors.histogram.off"): [formats.fixed((sample - true) / error, 2) for _, true, sample, error in rows],
    }
    table(pd.DataFrame(columns))
    st.caption(t("tensors.histogram.outside", count=counted.outside))
