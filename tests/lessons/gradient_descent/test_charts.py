"""The line with its errors, the cost over w with the path on it, and both over the epochs."""

from types import SimpleNamespace

import pytest
from specs import BLUE, GREEN, ORANGE, RED, axis, colours, drawn, layers

from dlcore.lessons.gradient_descent import charts
from dlcore.lessons.gradient_descent.model import TRUE_WEIGHT, Point, Samples, cost, gradient

DATA = Samples((1.0, 2.0, 3.0), (2.0, 4.5, 6.0))


def path(n: int) -> list[Point]:
    return [Point(i, float(i), 100.0 / (i + 1)) for i in range(n)]


def test_the_line_and_the_errors_of_the_samples() -> None:
    frame = charts.line_frame(1.5, DATA)
    samples, line = frame[frame["kind"] == "sample"], frame[frame["kind"] == "line"]
    assert samples[["x", "y", "prediction"]].to_numpy().tolist() == [[1, 2, 1.5], [2, 4.5, 3], [3, 6, 4.5]]
    assert line[["x", "y"]].to_numpy().tolist() == [[0, 0], [4, 6]]
    assert len(frame) == 5


def test_an_error_leads_from_a_sample_to_its_prediction() -> None:
    spec = charts.line_spec("x", "y", 100)
    assert axis(spec, "x") == ({"x"}, {"x"}, {"linear"}, [0, 4])
    assert axis(spec, "y") == ({"y"}, {"y"}, {"linear"}, [-5, 20])
    line, rule, point = layers(spec)
    assert [(layer.type, layer.filters) for layer in (line, rule, point)] == [
        ("line", ("datum.kind === 'line'",)),
        ("rule", ("datum.kind === 'sample'",)),
        ("point", ("datum.kind === 'sample'",)),
    ]
    assert (rule.field("y"), rule.field("y2")) == ("y", "prediction")


def test_the_window_has_the_true_weight_in_its_middle() -> None:
    assert charts.window(DATA) == (TRUE_WEIGHT - 2.5, TRUE_WEIGHT + 2.5)
    assert charts.window(DATA, TRUE_WEIGHT + 1) == (TRUE_WEIGHT - 2.5, TRUE_WEIGHT + 2.5)
    assert charts.window(DATA, TRUE_WEIGHT, TRUE_WEIGHT - 4) == pytest.approx((TRUE_WEIGHT - 4.6, TRUE_WEIGHT + 4.6))
    assert charts.window(DATA, 1e9) == (TRUE_WEIGHT - 10, TRUE_WEIGHT + 10)


def test_the_cost_curve_its_tangent_and_where_the_descent_is() -> None:
    steps = path(4)
    frame = charts.cost_frame(DATA, (0.0, 4.0), 1.0, path=steps, tried=None)
    assert set(frame["kind"]) == {"curve", "path", "tangent", "now"}
    curve = frame[frame["kind"] == "curve"]
    assert len(curve) == 121
    assert (curve["w"].iloc[0], curve["w"].iloc[-1]) == (0.0, 4.0)
    assert curve["cost"].tolist() == pytest.approx([cost(w, DATA) for w in curve["w"]])
    tangent = frame[frame["kind"] == "tangent"]
    assert tangent["w"].tolist() == [0.5, 1.5]
    (left, right) = tangent["cost"]
    assert (left + right) / 2 == pytest.approx(cost(1.0, DATA))
    assert right - left == pytest.approx(gradient(1.0, DATA))
    now = frame[frame["kind"] == "now"]
    assert now[["w", "cost"]].to_numpy().tolist() == [[1.0, pytest.approx(cost(1.0, DATA))]]
    shown = frame[frame["kind"] == "path"]
    assert shown["order"].tolist() == [0, 1, 2, 3]
    assert shown["w"].tolist() == [p.w for p in steps]
    assert shown["cost"].tolist() == [p.cost for p in steps]


def test_a_path_is_cut_where_it_leaves_the_picture_and_where_it_is_long() -> None:
    far = [Point(i, w, 1.0) for i, w in enumerate((TRUE_WEIGHT, TRUE_WEIGHT + 11.9, TRUE_WEIGHT - 12.1, 1e12))]
    frame = charts.cost_frame(DATA, (0.0, 4.0), 1.0, path=far)
    assert frame[frame["kind"] == "path"]["order"].tolist() == [0, 1]
    long = [Point(i, 2.0, 1.0) for i in range(charts.MAX_STEPS + 5)]
    frame = charts.cost_frame(DATA, (0.0, 4.0), 1.0, path=long)
    assert (frame["kind"] == "path").sum() == charts.MAX_STEPS


def test_weights_that_were_tried_are_points() -> None:
    tried = SimpleNamespace(weights=[1.0, 2.0], costs=[5.0, 6.0])
    frame = charts.cost_frame(DATA, (0.0, 4.0), 1.0, tried=tried)  # type: ignore[arg-type]
    assert frame[frame["kind"] == "tried"][["w", "cost"]].to_numpy().tolist() == [[1, 5], [2, 6]]
    assert not (frame["kind"] == "tangent").any()


def test_the_cost_over_the_window() -> None:
    spec = charts.cost_spec((0.0, 4.0), 10.0, "w", "J", 100)
    assert axis(spec, "x") == ({"w"}, {"w"}, {"linear"}, [0.0, 4.0])
    assert axis(spec, "y") == ({"cost"}, {"J"}, {"linear"}, [-0.4, 10.0])
    kinds = [("line", "curve"), ("point", "tried"), ("line", "tangent"), ("line", "path"), ("point", "path")]
    assert drawn(spec) == [(mark, f"datum.kind === '{kind}'") for mark, kind in [*kinds, ("point", "now")]]
    assert {layer.field("order") for layer in layers(spec)} == {"order"}
    assert charts.cost_top(DATA, (0.0, 4.0)) == max(cost(0.0, DATA), cost(4.0, DATA))
    assert charts.cost_top(DATA, (1.9, 9.0)) == cost(9.0, DATA)


def test_descents_over_the_epochs_are_thinned_and_keep_their_ends() -> None:
    runs = {"a": SimpleNamespace(path=path(1001)), "b": SimpleNamespace(path=[Point(0, 1.0, 0.0)])}
    frame = charts.epochs_frame(runs)  # type: ignore[arg-type]
    a, b = frame[frame["name"] == "a"], frame[frame["name"] == "b"]
    assert len(a) <= charts.MAX_STEPS
    assert (a["epoch"].iloc[0], a["epoch"].iloc[-1]) == (0, 1000)
    assert a["w"].tolist() == a["epoch"].tolist()
    assert a["cost"].tolist() == pytest.approx([100 / (epoch + 1) for epoch in a["epoch"]])
    assert b[["epoch", "w", "cost"]].to_numpy().tolist() == [[0, 1, charts.FLOOR]]


@pytest.mark.parametrize("quantity", ["w", "cost"])
@pytest.mark.parametrize("log", [False, True])
def test_each_descent_has_a_line_and_the_aim_is_dashed(quantity: str, log: bool) -> None:
    spec = charts.epochs_spec(quantity, ("a", "b", "c"), 50, "epoch", "value", 100, log=log, aim=3.0)
    assert axis(spec, "x") == ({"epoch"}, {"epoch"}, {"linear"}, [0, 50])
    assert axis(spec, "y") == ({quantity, 3.0}, {"value"}, {"log" if log else "linear"}, [])
    assert colours(spec) == {"a": BLUE, "b": ORANGE, "c": GREEN}
    assert len(set(map(str, colours(spec, "strokeDash").values()))) == 3
    assert drawn(spec) == [("rule", "datum.epoch === 0"), ("line", ""), ("point", "datum.rows === 1")]
    assert RED not in colours(spec).values()
    plain = charts.epochs_spec(quantity, ("a",), 50, "epoch", "value", 100, log=log)
    assert [mark for mark, _ in drawn(plain)] == ["line", "point"]
