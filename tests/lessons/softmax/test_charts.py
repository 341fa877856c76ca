"""Tests of the bars of the classes and of the probabilities over the temperature."""

import pytest
import torch
from specs import BLUE, GREEN, ORANGE, axis, colours, drawn, layers

from dlcore.lessons.softmax import charts


def test_bars_frame_has_the_values_in_order() -> None:
    frame = charts.bars_frame(torch.tensor([1.5, -2.0, 0.00004]))
    assert frame.to_dict("list") == {
        "class": ["0", "1", "2"],
        "value": pytest.approx([1.5, -2.0, 0.00004]),
        "text": ["1.5000", "−2.0000", "0.0000"],
    }


def test_bars_have_a_fixed_axis_and_their_numbers_beyond_their_ends() -> None:
    spec = charts.bars_spec(3, "class", "logit", -5.0, 2.0, 100)
    assert axis(spec, "x") == ({"class"}, {"class"}, {"linear"}, [])
    assert axis(spec, "y") == ({"value"}, {"logit"}, {"linear"}, [-5.0, 2.0])
    assert colours(spec) == {"0": BLUE, "1": ORANGE, "2": GREEN}
    assert drawn(spec) == [("bar", ""), ("text", "datum.value >= 0"), ("text", "datum.value < 0")]
    _, above, below = layers(spec)
    assert above.mark["dy"] < 0 < below.mark["dy"]
    assert above.field("text") == below.field("text") == "text"


def test_temperature_frame_has_torchs_softmax_at_every_temperature() -> None:
    logits = torch.tensor([2.0, 1.0, -1.0])
    frame = charts.temperature_frame(logits, 3.0)
    assert list(frame.columns) == ["T", "class", "p", "now"]
    T = frame["T"].unique()
    assert (T[0], T[-1]) == pytest.approx((0.1, 10.0))
    assert len(frame) == 3 * len(T) < 300
    assert T[1:] / T[:-1] == pytest.approx(T[1] / T[0]), "even on a logarithmic axis"
    for at, rows in frame.groupby("T"):
        assert rows["class"].tolist() == ["0", "1", "2"]
        assert rows["p"].tolist() == pytest.approx(torch.softmax(logits.double() / at, 0).tolist())
    assert set(frame["now"]) == {3.0}


def test_temperature_axis_is_logarithmic_and_the_current_one_marked() -> None:
    spec = charts.temperature_spec(2, "T", "p", 100)
    assert axis(spec, "x") == ({"T", "at"}, {"T"}, {"log"}, [0.1, 10.0])
    assert axis(spec, "y") == ({"p"}, {"p"}, {"linear"}, [0, 1])
    assert colours(spec) == {"0": BLUE, "1": ORANGE}
    line, rule = layers(spec)
    assert (line.type, line.field("color")) == ("line", "class")
    assert (rule.type, rule.field("x")) == ("rule", "at")
    assert spec["layer"][1]["transform"] == [{"aggregate": [{"op": "min", "field": "now", "as": "at"}]}]
