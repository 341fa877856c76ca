"""The rows and marks of the chart of shapes and of the grids of numbers."""

from specs import BLUE, GREEN, PINK, axis, layers

from dlcore.drawing import grid
from dlcore.lessons.broadcasting import charts
from dlcore.lessons.broadcasting import model as b


def test_boxes_stand_in_the_columns_of_their_axes() -> None:
    frame = charts.shape_frame(b.align((8, 1, 6, 1), (7, 1, 5)), ("a", "b", "a + b"), ("", "p", "q", "r"), "axis")
    boxes = frame[frame["kind"].isin(["plain", "virtual", "stretched", "result"])]
    at = {row: rows.sort_values("x")["text"].tolist() for row, rows in boxes.groupby("y")}
    assert [at[y] for y in sorted(at)] == [
        ["8", "1 → 7", "6", "1 → 5"],
        ["1 → 8", "7", "1 → 6", "5"],
        ["8", "7", "6", "5"],
    ]
    assert sorted(set(boxes["x"])) == [0, 1, 2, 3]
    heads = frame[frame["kind"] == "heading"].sort_values("x")
    assert heads["text"].tolist() == ["axis −4", "axis −3", "axis −2", "axis −1"]
    names = frame[frame["kind"] == "name"].sort_values("y")
    assert names["text"].tolist() == ["a", "b", "a + b"]
    assert names["y"].tolist() == sorted(at)
    assert charts.column_count(b.align((8, 1, 6, 1), (5,))) == 4
    stretched = boxes[boxes["kind"] == "stretched"]["text"].tolist()
    assert sorted(stretched) == ["1 → 5", "1 → 6", "1 → 7"]
    assert boxes[boxes["kind"] == "virtual"]["text"].tolist() == ["1 → 8"]


def test_a_one_that_stays_a_one_is_not_stretched() -> None:
    frame = charts.shape_frame(b.align((1, 2), (1, 2)), ("a", "b", "c"), ("", ""), "axis")
    assert set(frame["kind"]) == {"plain", "result", "heading", "name", "word"}


def test_each_kind_of_box_has_a_look_of_its_own() -> None:
    spec = charts.shape_spec(4)
    assert axis(spec, "x")[3] == [-0.6, 4]
    high, low = axis(spec, "y")[3]
    assert high > low, "the first row is on top"
    looks = {layer.filters[0]: layer.mark for layer in layers(spec) if layer.type == "rect"}
    kinds = {kind: looks[f"{{'equal': '{kind}', 'field': 'kind'}}"] for kind in ("plain", "virtual", "stretched")}
    assert "strokeDash" not in kinds["plain"]
    assert kinds["virtual"]["strokeDash"]
    assert (kinds["stretched"]["stroke"], bool(kinds["stretched"]["strokeDash"])) == (GREEN, True)
    assert looks["{'equal': 'failing', 'field': 'kind'}"]["stroke"] == PINK
    assert looks["{'equal': 'result', 'field': 'kind'}"]["fill"] == BLUE
    assert len({str(look) for look in looks.values()}) == 5
    texts = [layer for layer in layers(spec) if layer.type == "text"]
    assert [layer.field("text") for layer in texts] == ["text", "text"]
    places = {step["as"]: step["calculate"] for step in spec["transform"] if "calculate" in step}
    assert (places["x1"], places["x2"], places["middle"]) == ("datum.x + 0.06", "datum.x + 0.94", "datum.x + 0.5")


def test_operands_sign_and_result_stand_side_by_side() -> None:
    outcome = b.operate((2, 1), (1, 3), "multiply")
    frame = charts.values_frame(outcome, "multiply")
    signs = frame[frame["text"].isin(["×", "="])].sort_values("x")
    assert signs["text"].tolist() == ["×", "="]
    left, right = signs["x"]
    cells = frame[frame["mark"] != "gap"]
    parts = [cells[cells["x"] < left], cells[(cells["x"] > left) & (cells["x"] < right)], cells[cells["x"] > right]]
    assert [len(part) for part in parts] == [6, 6, 6]
    assert outcome.result is not None
    drawn = [outcome.a.expand(2, 3), outcome.b.expand(2, 3), outcome.result]
    for part, tensor in zip(parts, drawn, strict=True):
        ordered = part.sort_values(["y", "x"])
        assert ordered["text"].tolist() == [grid.number(value) for value in tensor.flatten().tolist()]
        assert ordered["index"].tolist() == [f"{i}, {j}" for i in range(2) for j in range(3)]
    assert [mark == "stretched" for mark in parts[0].sort_values(["y", "x"])["mark"]] == [False, True, True] * 2
    assert [mark == "stretched" for mark in parts[1].sort_values(["y", "x"])["mark"]] == [False] * 3 + [True] * 3
    assert set(parts[2]["mark"]) == {""}
