"""Training curves, samples and the confusion matrix: their frames and specifications."""

import math
from typing import Any

import numpy as np
import pytest
from specs import BLUE, GREEN, ORANGE, RED, axis, colours, layers

from dlcore.drawing.confusion import confusion_frame, confusion_spec
from dlcore.drawing.curves import LOG_FLOOR, MAX_ROWS, TEST_COLOUR, TRAIN_COLOUR, curve_frame, curve_spec
from dlcore.drawing.vega import DASHED, FIRM, INK
from dlcore.spiral.charts import scatter_spec
from dlcore.spiral.training import Record

HISTORY = [Record(epoch, 1 / (epoch + 1), 0.5, float(abs(epoch - 333)), 0.25) for epoch in range(1000)]


def spec(**changes: Any) -> dict[str, Any]:
    return curve_spec(100, "loss", "epoch", "train", "test", **{"log": False, "share": False, "height": 100, **changes})


def test_a_short_history_is_drawn_completely() -> None:
    frame = curve_frame(HISTORY[:200], "loss")
    assert list(frame.columns) == ["epoch", "train", "test"]
    assert frame["epoch"].tolist() == list(range(200))
    assert frame["train"].tolist() == pytest.approx([record.train_loss for record in HISTORY[:200]])


@pytest.mark.parametrize("n", [1, 2, 205, 206, 207, 999, 1000])
def test_a_long_history_is_thinned_and_keeps_both_ends(n: int) -> None:
    epochs = curve_frame(HISTORY[:n], "loss")["epoch"].tolist()
    assert len(epochs) <= MAX_ROWS + 1
    assert (epochs[0], epochs[-1]) == (0, n - 1)


@pytest.mark.parametrize("mark", [0, 1, 333, 998, 999])
def test_only_the_marked_epoch_is_marked(mark: int) -> None:
    frame = curve_frame(HISTORY, "loss", mark=mark)
    assert frame[frame["mark"]]["epoch"].tolist() == [mark]
    assert not curve_frame(HISTORY, "loss", mark=-1)["mark"].any()


def test_nothing_is_below_the_floor_of_a_logarithmic_axis() -> None:
    frame = curve_frame(HISTORY, "loss", log=True, mark=333)
    assert frame["test"].min() == pytest.approx(LOG_FLOOR)


def test_no_mark_is_drawn_without_one() -> None:
    plain, marked = spec(), spec(mark="early stopping")
    assert [layer.type for layer in layers(plain)] == ["line", "point"]
    assert list(layers(marked))[:2] == list(layers(plain))
    assert {layer.type for layer in list(layers(marked))[2:]} == {"rule", "point", "text"}
    assert "early stopping" in str(marked)


def test_train_and_test_differ_by_dashes_too() -> None:
    line, _ = layers(spec())
    assert colours(spec(), "strokeDash") == {"train": FIRM, "test": DASHED}
    assert line.field("strokeDash") == line.field("color") == "name", "one legend for both"


def test_a_single_value_is_a_point_and_more_are_a_line() -> None:
    """The point under the pointer is also shown if it is the only one of its subset."""
    line, points = layers(spec())
    assert line.type == "line"
    counted = {"joinaggregate": [{"op": "count", "as": "rows"}], "groupby": ["subset"]}
    assert spec()["transform"].index(counted) > spec()["transform"].index({"filter": "isValid(datum.value)"})
    shown = points.encoding["opacity"]
    assert [condition["value"] for condition in shown["condition"]] == [1, 1]
    assert shown["condition"][1]["test"] == "datum.rows === 1"
    assert shown["value"] == 0


def test_the_axis() -> None:
    def scale(**changes: Any) -> Any:
        return spec(**changes)["encoding"]["y"]["scale"]

    assert scale() == {"zero": True}
    assert scale(share=True) == {"domain": [0, 1], "nice": False}
    assert scale(log=True) == {"type": "log"}
    assert scale(log=True, span=(0.1, 10.0)) == {"type": "log", "domain": [0.1, 10.0], "clamp": True, "nice": False}
    assert spec(share=True)["encoding"]["y"]["axis"]["values"] == [0, 0.25, 0.5, 0.75, 1]


# --- curves ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("quantity", ["loss", "accuracy"])
def test_a_frame_has_both_subsets_of_its_quantity(quantity: str) -> None:
    frame = curve_frame([Record(3, 0.1, 0.2, 0.3, 0.4), Record(7, 0.5, 0.6, 0.7, 0.8)], quantity)
    assert frame["epoch"].tolist() == [3, 7]
    at = 0 if quantity == "loss" else 1
    assert frame["train"].tolist() == pytest.approx([(0.1, 0.2)[at], (0.5, 0.6)[at]])
    assert frame["test"].tolist() == pytest.approx([(0.3, 0.4)[at], (0.7, 0.8)[at]])


def test_a_thinned_curve_has_every_nth_record() -> None:
    frame = curve_frame(HISTORY, "loss")
    assert frame["epoch"].tolist() == [*range(0, 1000, 5), 999]
    assert frame["train"].tolist() == pytest.approx([1 / (epoch + 1) for epoch in frame["epoch"]])


def test_missing_values_stay_missing_on_a_logarithmic_axis() -> None:
    frame = curve_frame([Record(0, 0.0, 0.0, math.nan, math.nan)], "loss", log=True)
    assert frame["train"].tolist() == pytest.approx([LOG_FLOOR])
    assert frame["test"].isna().all()


def test_the_chart_of_train_and_test_over_the_epochs() -> None:
    made = spec()
    assert axis(made, "x") == ({"epoch"}, {"epoch"}, {"linear"}, [0, 100])
    assert axis(made, "y") == ({"value"}, {"loss"}, {"linear"}, [])
    assert colours(made) == {"train": TRAIN_COLOUR, "test": TEST_COLOUR}
    assert (TRAIN_COLOUR, TEST_COLOUR) == (BLUE, RED)
    fold, valid, name = made["transform"][:3]
    assert fold == {"fold": ["train", "test"], "as": ["subset", "value"]}
    assert valid == {"filter": "isValid(datum.value)"}
    assert name == {"calculate": "{'train': 'train', 'test': 'test'}[datum.subset]", "as": "name"}
    points = list(layers(made))[1]
    assert [tip["field"] for tip in points.encoding["tooltip"]] == ["epoch", "name", "value_written"]


def test_the_word_at_a_mark_stays_inside_the_chart() -> None:
    texts = [layer for layer in layers(spec(mark="best")) if layer.type == "text"]
    assert [(text.filters, text.mark["align"]) for text in texts] == [
        (("datum.mark", "datum.epoch <= 50.0"), "left"),
        (("datum.mark", "datum.epoch > 50.0"), "right"),
    ]


# --- samples ---------------------------------------------------------------------------------------------------------
def test_samples_have_the_colour_and_shape_of_their_class() -> None:
    words = ("x", "y", "class", "subset", "train", "test", "row", "predicted")
    titles = tuple((word, word.upper()) for word in words)
    made = scatter_spec(1.5, ("cat", "dog", "emu"), titles, height=100)
    assert axis(made, "x") == ({"x"}, {"X"}, {"linear"}, [-1.5, 1.5])
    assert axis(made, "y") == ({"y"}, {"Y"}, {"linear"}, [-1.5, 1.5])
    assert colours(made) == {"cat": BLUE, "dog": ORANGE, "emu": GREEN}
    assert colours(made, "shape") == {"cat": "circle", "dog": "square", "emu": "triangle-up"}
    assert colours(made, "stroke") == {"TRAIN": "transparent", "TEST": INK}
    (points,) = layers(made)
    assert [points.field(channel) for channel in ("color", "shape", "stroke")] == ["class", "class", "subset"]
    assert [tip["field"] for tip in points.encoding["tooltip"]] == ["row", "class", "predicted"]
    size = points.encoding["size"]
    assert size["condition"]["param"] == "row"
    assert size["condition"]["value"] > size["value"]
    (picked,) = made["params"]
    assert (picked["name"], picked["select"]["fields"], picked["select"]["on"]) == ("row", ["row"], "click")


# --- confusion -------------------------------------------------------------------------------------------------------
def test_pairs_of_classes_are_counted_by_the_true_class() -> None:
    true, predicted = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 2, 1])
    frame = confusion_frame(true, predicted, ["a", "b", "c"])
    pairs = zip(frame["true"], frame["predicted"], strict=True)
    counted = zip(frame["count"], frame["share"], strict=True)
    assert len(frame) == 9
    assert dict(zip(pairs, counted, strict=True)) == {
        ("a", "a"): (3, 0.75),
        ("a", "b"): (1, 0.25),
        ("a", "c"): (0, 0.0),
        ("b", "a"): (0, 0.0),
        ("b", "b"): (1, 0.5),
        ("b", "c"): (1, 0.5),
        ("c", "a"): (0, 0.0),
        ("c", "b"): (0, 0.0),
        ("c", "c"): (0, 0.0),
    }


def test_the_true_class_is_down_and_the_predicted_one_across() -> None:
    made = confusion_spec("predicted", "true", ("b", "a"), 100)
    assert axis(made, "x")[:2] == ({"predicted"}, {"predicted"})
    assert axis(made, "y")[:2] == ({"true"}, {"true"})
    cells, text = layers(made)
    for channel in "xy":
        assert cells.encoding[channel]["sort"] == ["b", "a"]
    assert (cells.type, cells.field("color")) == ("rect", "share")
    assert cells.encoding["color"]["scale"]["domain"] == [0, 1]
    assert cells.encoding["color"]["scale"]["range"][1] == TRAIN_COLOUR
    assert (text.type, text.field("text")) == ("text", "count")
    assert text.encoding["color"]["condition"] == {"test": "datum.share > white_from", "value": "white"}
