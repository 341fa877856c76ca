"""The charts of estimates with their band, of the last estimates, and of the errors."""

import numpy as np
import pytest
import torch
from specs import BLUE, GREEN, ORANGE, RED, axis, colours, layers

from dlcore.lessons.probability import charts
from dlcore.lessons.probability.model import throw

P = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
SHORT = throw(P, groups=40, throws=10, seed=1)


@pytest.mark.parametrize("log", [False, True])
def test_points_are_spread_evenly_over_the_axis_and_the_last_is_there(log: bool) -> None:
    assert charts.plotted_groups(7, log=log).tolist() == list(range(7))
    assert charts.plotted_groups(charts.MAX_POINTS, log=log).tolist() == list(range(charts.MAX_POINTS))
    at = charts.plotted_groups(100_000, log=log)
    assert (int(at[0]), int(at[-1])) == (0, 99_999)
    assert len(at) <= charts.MAX_POINTS
    assert (at.diff() > 0).all()
    middle = int((at < (315 if log else 50_000)).sum())  # 315 is half the way on a logarithmic axis
    assert middle == pytest.approx(len(at) / 2, rel=0.35 if log else 0.05)


def test_the_estimates_and_the_band_of_one_face() -> None:
    frame = charts.estimate_frame(SHORT, 1, log=False)
    assert list(frame.columns) == ["n", "low", "high", "e1", "p1", "e2", "p2", "e3", "p3"]
    assert frame["n"].tolist() == [10.0 * i for i in range(1, 41)]
    for i in range(3):
        shares = SHORT.counts[:, i].cumsum(0).double() / (10 * torch.arange(1, 41))
        assert frame[f"e{i + 1}"].tolist() == pytest.approx(shares.tolist(), rel=1e-6)
        assert set(frame[f"p{i + 1}"]) == {np.float32(P[i])}
    half = 1.96 * np.sqrt(0.3 * 0.7 / frame["n"])
    assert frame["low"].to_numpy() == pytest.approx(np.maximum(0.3 - half, 0), abs=1e-4)
    assert frame["high"].to_numpy() == pytest.approx(0.3 + half, abs=1e-4)


@pytest.mark.parametrize("log", [False, True])
def test_a_line_for_each_face_the_truth_dashed_and_the_band_behind(log: bool) -> None:
    spec = charts.estimate_spec(3, 1, "throws", "share", "face", log=log, height=100)
    assert axis(spec, "x") == ({"n"}, {"throws"}, {"log" if log else "linear"}, [])
    assert axis(spec, "y")[:3] == ({"low", "value"}, {"share"}, {"linear"})
    assert colours(spec) == {"e1": BLUE, "e2": ORANGE, "e3": GREEN}
    area, truth, lines, rule = layers(spec)
    assert (area.type, area.field("y"), area.field("y2"), area.mark["color"]) == ("area", "low", "high", ORANGE)
    assert (truth.type, truth.mark["strokeDash"], truth.field("detail")) == ("line", [6, 4], "face")
    assert (lines.type, lines.field("color")) == ("line", "face")
    assert lines.encoding["strokeWidth"]["condition"] == {"test": "datum.face === 'e2'", "value": 3}
    assert lines.field("strokeWidth") < 3
    folded = [layer["transform"][0]["fold"] for layer in spec["layer"][1:3]]
    assert folded == [["p1", "p2", "p3"], ["e1", "e2", "e3"]]
    assert [tip["field"] for tip in rule.encoding["tooltip"]] == ["n", "e1_written", "e2_written", "e3_written"]


def test_the_last_estimates_have_a_tick_at_the_true_probability() -> None:
    frame = charts.final_frame(SHORT)
    assert frame["face"].tolist() == ["1", "2", "3"]
    assert frame["estimate"].tolist() == pytest.approx((SHORT.counts.sum(0) / 400).tolist())
    assert frame["true"].tolist() == P.tolist()
    spec = charts.final_spec(3, "face", "share", "true share", 100)
    bars, ticks = layers(spec)
    assert (bars.type, bars.field("x"), bars.field("y"), bars.field("color")) == ("bar", "face", "estimate", "face")
    assert (ticks.type, ticks.field("x"), ticks.field("y")) == ("tick", "face", "true")
    assert axis(spec, "x")[1] == {"face"}
    assert axis(spec, "y")[1] == {"share"}
    assert colours(spec) == {"1": BLUE, "2": ORANGE, "3": GREEN}


def test_the_errors_fall_on_two_logarithmic_axes() -> None:
    frame = charts.error_frame(SHORT)
    assert frame["n"].tolist() == [10.0 * i for i in range(1, 41)]
    errors = np.array([(frame_e - P.numpy()) for frame_e in SHORT.estimates.numpy()])
    assert frame["largest"].to_numpy() == pytest.approx(np.abs(errors).max(1), abs=1e-6)
    assert frame["mean"].to_numpy() == pytest.approx(np.abs(errors).mean(1), abs=1e-6)
    ratio = frame["expected"].to_numpy() * np.sqrt(frame["n"].to_numpy())
    assert ratio == pytest.approx(np.sqrt(2 * P.numpy() * (1 - P.numpy()) / np.pi).mean(), rel=1e-5)
    spec = charts.error_spec("throws", "error", ("largest", "mean", "it's expected"), 100)
    assert axis(spec, "x") == ({"n"}, {"throws"}, {"log"}, [])
    assert axis(spec, "y") == ({"value"}, {"error"}, {"log"}, [])
    found = colours(spec)
    assert (found["largest"], found["mean"]) == (RED, BLUE)
    assert colours(spec, "strokeDash") == {"largest": [1, 0], "mean": [1, 0], "it's expected": [6, 4]}
    fold, kept, named = spec["transform"]
    assert fold["fold"] == ["largest", "mean", "expected"]
    assert kept == {"filter": "datum.value > 1e-6"}, "0 has no place on the axis"
    words = "{'largest': 'largest', 'mean': 'mean', 'expected': 'it\\'s expected'}[datum.part]"
    assert named == {"calculate": words, "as": "name"}
