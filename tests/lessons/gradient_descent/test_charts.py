"""Charts of gradient descent: the line with its errors, the loss over w with the path, and curves over epochs."""

from types import SimpleNamespace

import pytest
from specs import BLUE, GREEN, ORANGE, RED, axis, colours, drawn, layers

from dlcore.lessons.gradient_descent import charts
from dlcore.lessons.gradient_descent.model import TRUE_WEIGHT, Point, Samples, gradient, loss

DATA = Samples((1.0, 2.0, 3.0), (2.0, 4.5, 6.0))


def path(n: int) -> list[Point]:
    return [Point(i, float(i), 100.0 / (i + 1)) for i in range(n)]


def test_the_line_and_the_errors_of_the_samples() -> None:
    frame = charts.line_frame(1.5, DATA)
    samples, line = frame[frame["kind"] == "sample"], frame[frame["kind"] == "line"]
    assert samples[["x", "y", "prediction"]].to_numpy().tolist() == [[1, 2, 1.5], [2, 4.5, 3], [3, 6, 4.5]]
    assert line[["x", "y"]].to_numpy().tolist() == [[0, 0], [4, 6]]
    assert len(frame) == 5


def test_error_rules_join_sample_and_prediction() -> None:
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


def test_window_is_centred_on_the_true_weight() -> None:
    assert charts.window(DATA) == (TRUE_WEIGHT - 2.5, TRUE_WEIGHT + 2.5)
    assert charts.window(DATA, TRUE_WEIGHT + 1) == (TRUE_WEIGHT - 2.5, TRUE_WEIGHT + 2.5)
    assert charts.window(DATA, TRUE_WEIGHT, TRUE_WEIGHT - 4) == pytest.approx((TRUE_WEIGHT - 4.6, TRUE_WEIGHT + 4.6))
    assert charts.window(DATA, 1e9) == (TRUE_WEIGHT - 10, TRUE_WEIGHT + 10)


def test_loss_curve_tangent_path_and_current_point() -> None:
    steps = path(4)
    frame = charts.loss_frame(DATA, (0.0, 4.0), 1.0, path=steps, tried=None)
    assert set(frame["kind"]) == {"curve", "path", "tangent", "now"}
    curve = frame[frame["kind"] == "curve"]
    assert len(curve) == 121
    assert (curve["w"].iloc[0], curve["w"].iloc[-1]) == (0.0, 4.0)
    assert curve["loss"].tolist() == pytest.approx([loss(w, DATA) for w in curve["w"]])
    tangent = frame[frame["kind"] == "tangent"]
    assert tangent["w"].tolist() == [0.5, 1.5]
    (left, right) = tangent["loss"]
    assert (left + right) / 2 == pytest.approx(loss(1.0, DATA))
    assert right - left == pytest.approx(gradient(1.0, DATA))
    now = frame[frame["kind"] == "now"]
    assert now[["w", "loss"]].to_numpy().tolist() == [[1.0, pytest.approx(loss(1.0, DATA))]]
    shown = frame[frame["kind"] == "path"]
    assert shown["order"].tolist() == [0, 1, 2, 3]
    assert shown["w"].tolist() == [p.w for p in steps]
    assert shown["loss"].tolist() == [p.loss for p in steps]


def test_path_is_cut_far_outside_and_after_max_steps() -> None:
    far = [Point(i, w, 1.0) for i, w in enumerate((TRUE_WEIGHT, TRUE_WEIGHT + 11.9, TRUE_WEIGHT - 12.1, 1e12))]
    frame = charts.loss_frame(DATA, (0.0, 4.0), 1.0, path=far)
    assert frame[frame["kind"] == "path"]["order"].tolist() == [0, 1]
    long = [Point(i, 2.0, 1.0) for i in range(charts.MAX_STEPS + 5)]
    frame = charts.loss_frame(DATA, (0.0, 4.0), 1.0, path=long)
    assert (frame["kind"] == "path").sum() == charts.MAX_STEPS


def test_tried_weights_are_points() -> None:
    tried = SimpleNamespace(weights=[1.0, 2.0], losses=[5.0, 6.0])
    frame = charts.loss_frame(DATA, (0.0, 4.0), 1.0, tried=tried)  # type: ignore[arg-type]
    assert frame[frame["kind"] == "tried"][["w", "loss"]].to_numpy().tolist() == [[1, 5], [2, 6]]
    assert not (frame["kind"] == "tangent").any()


def test_loss_spec() -> None:
    spec = charts.loss_spec((0.0, 4.0), 10.0, "w", "J", 100)
    assert axis(spec, "x") == ({"w"}, {"w"}, {"linear"}, [0.0, 4.0])
    assert axis(spec, "y") == ({"loss"}, {"J"}, {"linear"}, [-0.4, 10.0])
    kinds = [("line", "curve"), ("point", "tried"), ("line", "tangent"), ("line", "path"), ("point", "path")]
    assert drawn(spec) == [(mark, f"datum.kind === '{kind}'") for mark, kind in [*kinds, ("point", "now")]]
    assert {layer.field("order") for layer in layers(spec)} == {"order"}
    assert charts.loss_top(DATA, (0.0, 4.0)) == max(loss(0.0, DATA), loss(4.0, DATA))
    assert charts.loss_top(DATA, (1.9, 9.0)) == loss(9.0, DATA)


def test_epochs_frame_is_thinned_and_keeps_both_ends() -> None:
    runs = {"a": SimpleNamespace(path=path(1001)), "b": SimpleNamespace(path=[Point(0, 1.0, 0.0)])}
    frame = charts.epochs_frame(runs)  # type: ignore[arg-type]
    a, b = frame[frame["name"] == "a"], frame[frame["name"] == "b"]
    assert len(a) <= charts.MAX_STEPS
    assert (a["epoch"].iloc[0], a["epoch"].iloc[-1]) == (0, 1000)
    assert a["w"].tolist() == a["epoch"].tolist()
    assert a["loss"].tolist() == pytest.approx([100 / (epoch + 1) for epoch in a["epoch"]])
    assert b[["epoch", "w", "loss"]].to_numpy().tolist() == [[0, 1, charts.FLOOR]]


@pytest.mark.parametrize("quantity", ["w", "loss"])
@pytest.mark.parametrize("log", [False, True])
def test_epochs_spec_lines_and_target(quantity: str, log: bool) -> None:
    spec = charts.epochs_spec(quantity, ("a", "b", "c"), 50, "epoch", "value", 100, log=log, target=3.0)
    assert axis(spec, "x") == ({"epoch"}, {"epoch"}, {"linear"}, [0, 50])
    assert axis(spec, "y") == ({quantity, 3.0}, {"value"}, {"log" if log else "linear"}, [])
    assert colours(spec) == {"a": BLUE, "b": ORANGE, "c": GREEN}
    assert len(set(map(str, colours(spec, "strokeDash").values()))) == 3
    assert drawn(spec) == [("rule", "datum.epoch === 0"), ("line", ""), ("point", "datum.rows === 1")]
    assert RED not in colours(spec).values()
    plain = charts.epochs_spec(quantity, ("a",), 50, "epoch", "value", 100, log=log)
    assert [mark for mark, _ in drawn(plain)] == ["line", "point"]
