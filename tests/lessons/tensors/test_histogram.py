"""The histogram of many normal draws: its counts, its density, and its errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed
from specs import BLUE, RED, axis, colours, layers

from dlcore.lessons.tensors.create.charts import line_frame, line_spec
from dlcore.lessons.tensors.histogram.charts import histogram_frame, histogram_spec
from dlcore.lessons.tensors.histogram.model import count_draws, density
from dlcore.lessons.tensors.histogram.programs import snippet


@settings(max_examples=30, deadline=None)
@given(st.integers(1000, 20_000), st.floats(-10, 10), st.floats(0.1, 5), st.integers(5, 200), st.integers(0, 99_999))
def test_every_draw_is_counted_once_and_the_code_agrees(n: int, mean: float, sd: float, bins: int, seed: int) -> None:
    counted = count_draws(n, mean=mean, sd=sd, bins=bins, seed=seed)
    assert int(counted.counts.sum()) + counted.outside == n
    area = float((counted.density * (counted.edges[1] - counted.edges[0])).sum())
    assert area == pytest.approx(1 - counted.outside / n)
    assert printed(snippet(counted).code) == snippet(counted).output


@pytest.mark.parametrize("n", [1000, 10_000, 100_000, 1_000_000])
def test_the_bars_are_near_the_density(n: int) -> None:
    counted = count_draws(n, mean=1.0, sd=2.0, bins=40, seed=3)
    width = float(counted.edges[1] - counted.edges[0])
    middle = (counted.edges[1:] + counted.edges[:-1]) / 2
    expected = n * width * density(middle, mean=1.0, sd=2.0)  # draws in a bin
    off = (counted.counts - expected) / expected.sqrt().clamp(min=1)
    assert float(off.abs().max()) < 5
    assert abs(float(counted.sample_mean) - 1) < 4 * counted.mean_error
    assert abs(float(counted.sample_sd) - 2) < 4 * counted.sd_error


def test_the_counts_equal_numpys() -> None:
    counted = count_draws(50_000, mean=0.0, sd=1.0, bins=32, seed=5)
    x = torch.randn(50_000, generator=torch.Generator().manual_seed(5))
    expected, _ = np.histogram(x.numpy(), bins=32, range=(-4, 4))
    assert counted.counts.tolist() == expected.tolist()


def test_the_density_equals_torchs() -> None:
    at = torch.linspace(-4, 6, 21, dtype=torch.float64)
    expected = torch.distributions.Normal(1.0, 0.5).log_prob(at).exp()
    assert torch.allclose(density(at, mean=1.0, sd=0.5), expected)


def test_the_standard_errors_equal_the_spread_of_repeats() -> None:
    repeats = [count_draws(1000, mean=0.0, sd=3.0, bins=5, seed=seed) for seed in range(300)]
    means = torch.stack([counted.sample_mean for counted in repeats])
    sds = torch.stack([counted.sample_sd for counted in repeats])
    assert repeats[0].mean_error == pytest.approx(3 / math.sqrt(1000))
    assert float(means.std()) == pytest.approx(repeats[0].mean_error, rel=0.15)
    assert float(sds.std()) == pytest.approx(repeats[0].sd_error, rel=0.15)


def test_a_million_draws_send_only_their_bars() -> None:
    counted = count_draws(1_000_000, mean=0.0, sd=1.0, bins=200, seed=0)
    at = torch.linspace(-4, 4, 161, dtype=torch.float64)
    frame = histogram_frame(counted.edges, counted.density, counted.counts, at, density(at, mean=0.0, sd=1.0))
    assert len(frame) == 200 + 161
    assert int(counted.counts.sum()) + counted.outside == 1_000_000


def test_frames_hold_what_the_charts_draw() -> None:
    counted = count_draws(1000, mean=0.0, sd=1.0, bins=8, seed=0)
    at = torch.linspace(-4, 4, 11, dtype=torch.float64)
    frame = histogram_frame(counted.edges, counted.density, counted.counts, at, density(at, mean=0.0, sd=1.0))
    bars, line = frame[frame["part"] == "bar"], frame[frame["part"] == "curve"]
    assert bars["count"].tolist() == counted.counts.tolist()
    assert bars["x2"].tolist()[:-1] == bars["x"].tolist()[1:]
    assert len(line) == 11
    assert line_frame(torch.linspace(3, 8, 20))["value"].iloc[[0, -1]].tolist() == [3, 8]


def test_specifications_are_made_once() -> None:
    titles = ("x", "y", "b", "c", "n")
    assert histogram_spec(*titles, height=300) is histogram_spec(*titles, height=300)
    assert line_spec("x", "i", height=90) is line_spec("x", "i", height=90)


def test_bars_and_curve_share_their_axes() -> None:
    spec = histogram_spec("x", "density", "bars", "curve", "count", height=100)
    assert axis(spec, "x") == ({"x"}, {"x"}, {"linear"}, {"unionWith": [-5, 5]})
    assert axis(spec, "y") == ({"y"}, {"density"}, {"linear"}, [])
    assert colours(spec) == {"bars": BLUE, "curve": RED}
    bars, line = layers(spec)
    assert (bars.type, bars.filters) == ("rect", ("datum.part === 'bar'",))
    assert (bars.field("x2"), bars.field("y2")) == ("x2", 0)
    assert [tip["field"] for tip in bars.encoding["tooltip"]] == ["count", "x_written", "y_written"]
    assert (line.type, line.filters) == ("line", ("datum.part === 'curve'",))
    names = [step["calculate"] for layer in spec["layer"] for step in layer["transform"] if step.get("as") == "name"]
    assert names == ["'bars'", "'curve'"]


def test_the_frame_of_bars_and_curve() -> None:
    edges, at = torch.tensor([0.0, 1.0, 3.0]), torch.tensor([0.5, 2.0, 2.5])
    heights, counts, curve = torch.tensor([0.25, 0.375]), torch.tensor([1, 3]), torch.tensor([0.1, 0.2, 0.3])
    frame = histogram_frame(edges, heights, counts, at, curve)
    bars, line = frame[frame["part"] == "bar"], frame[frame["part"] == "curve"]
    assert bars[["x", "x2", "y", "count"]].to_numpy().tolist() == [[0, 1, 0.25, 1], [1, 3, 0.375, 3]]
    assert line["x"].tolist() == at.tolist()
    assert line["y"].tolist() == pytest.approx(curve.tolist())


def test_a_vector_lies_on_a_number_line() -> None:
    frame = line_frame(torch.tensor([3.0, -1.5, 3.0]))
    assert frame.to_dict("list") == {"index": [0, 1, 2], "value": [3.0, -1.5, 3.0]}
    spec = line_spec("value", "index", height=90)
    assert axis(spec, "x") == ({"value"}, {"value"}, {"linear"}, [])
    (points,) = layers(spec)
    assert points.type == "point"
    assert [(tip["field"], tip["title"]) for tip in points.encoding["tooltip"]] == [
        ("index", "index"),
        ("value_written", "value"),
    ]
