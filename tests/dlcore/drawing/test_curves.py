"""Curves: bounded, floored on a logarithmic axis, and marked where they are told to."""

from typing import Any

import pytest

from dlcore.drawing.curves import LOG_FLOOR, MAX_ROWS, curve_frame, curve_spec
from dlcore.spiral.training import Record

HISTORY = [Record(epoch, 1 / (epoch + 1), 0.5, float(abs(epoch - 333)), 0.25) for epoch in range(1000)]


def spec(**changes: Any) -> dict[str, Any]:
    return curve_spec(100, "loss", "epoch", "train", "test", **{"log": False, "share": False, "height": 100, **changes})


def test_a_short_history_is_drawn_whole() -> None:
    frame = curve_frame(HISTORY[:200], "loss")
    assert list(frame.columns) == ["epoch", "train", "test"]
    assert frame["epoch"].tolist() == list(range(200))
    assert frame["train"].tolist() == pytest.approx([record.train_loss for record in HISTORY[:200]])


@pytest.mark.parametrize("n", [1, 2, 205, 206, 207, 999, 1000])
def test_a_long_one_is_thinned_and_keeps_both_ends(n: int) -> None:
    epochs = curve_frame(HISTORY[:n], "loss")["epoch"].tolist()
    assert len(epochs) <= MAX_ROWS + 1
    assert (epochs[0], epochs[-1]) == (0, n - 1)


@pytest.mark.parametrize("mark", [0, 1, 333, 998, 999])
def test_the_marked_epoch_is_there_and_is_the_only_one(mark: int) -> None:
    frame = curve_frame(HISTORY, "loss", mark=mark)
    assert frame[frame["mark"]]["epoch"].tolist() == [mark]
    assert not curve_frame(HISTORY, "loss", mark=-1)["mark"].any()


def test_nothing_is_below_the_floor_of_a_logarithmic_axis() -> None:
    frame = curve_frame(HISTORY, "loss", log=True, mark=333)
    assert frame["test"].min() == pytest.approx(LOG_FLOOR)


def test_a_mark_is_drawn_only_where_there_is_one() -> None:
    plain, marked = spec(), spec(mark="early stopping")
    assert len(plain["layer"]) == 2
    assert marked["layer"][:2] == plain["layer"]
    assert {layer["mark"]["type"] for layer in marked["layer"][2:]} == {"rule", "point", "text"}
    assert "early stopping" in str(marked)


def test_a_single_value_is_a_point_and_more_are_a_line() -> None:
    """The point that stands under the pointer is shown too where it is the only one of its part."""
    line, points = spec()["layer"]
    assert line["mark"]["type"] == "line"
    counted = {"joinaggregate": [{"op": "count", "as": "rows"}], "groupby": ["part"]}
    assert counted in points["transform"], "counted after the values that are none have gone"
    shown = points["encoding"]["opacity"]
    assert [condition["value"] for condition in shown["condition"]] == [1, 1]
    assert shown["condition"][1]["test"] == "datum.rows === 1"
    assert shown["value"] == 0


def test_the_axis() -> None:
    def scale(**changes: Any) -> Any:
        return spec(**changes)["layer"][0]["encoding"]["y"]["scale"]

    assert scale() == {"zero": True}
    assert scale(share=True) == {"domain": [0, 1], "nice": False}
    assert scale(log=True) == {"type": "log"}
    assert scale(log=True, span=(0.1, 10.0)) == {"type": "log", "domain": [0.1, 10.0], "clamp": True, "nice": False}
    assert spec(share=True)["layer"][0]["encoding"]["y"]["axis"]["values"] == [0, 0.25, 0.5, 0.75, 1]
