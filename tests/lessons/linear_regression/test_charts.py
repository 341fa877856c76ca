"""The samples with the true line and the model's, levels of equal prediction, the loss, the parameters' way."""

from types import SimpleNamespace

import pytest
import torch
from specs import BLUE, GREEN, ORANGE, RED, axis, colours, drawn, layers

from dlcore.lessons.linear_regression import charts


def data(features: int, n: int = 5) -> SimpleNamespace:
    X = torch.arange(n * features, dtype=torch.float64).reshape(n, features) / 10
    w = [2.0, -3.0][:features]
    return SimpleNamespace(X=X, y=X @ torch.tensor(w, dtype=torch.float64)[:, None] + 4.2, w=w, b=4.2)


def run(n: int, updates_per_epoch: int = 10) -> SimpleNamespace:
    updates = [SimpleNamespace(loss=10.0 / (i + 1), parameters=[i * 0.01, i * 0.02]) for i in range(n)]
    end = SimpleNamespace(parameters=[99.0, -99.0])
    return SimpleNamespace(data=data(1), updates=updates, updates_per_epoch=updates_per_epoch, epoch=n, scratch=end)


def test_the_samples_and_both_lines() -> None:
    frame = charts.line_frame(data(1), 1.0, -1.0)  # type: ignore[arg-type]
    samples = frame[frame["kind"] == "sample"]
    assert samples["x"].tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert samples["y"].tolist() == pytest.approx([4.2, 4.4, 4.6, 4.8, 5.0])
    for kind, w, b in (("true", 2.0, 4.2), ("model", 1.0, -1.0)):
        line = frame[frame["kind"] == kind]
        assert line["x"].tolist() == [-3.5, 3.5]
        assert line["y"].tolist() == pytest.approx([b - 3.5 * w, b + 3.5 * w])
    assert len(charts.line_frame(data(1, 1000), 1.0, 0.0)) == charts.MAX_POINTS + 4  # type: ignore[arg-type]


def test_the_bound_shows_every_sample() -> None:
    assert charts.line_bound(SimpleNamespace(y=torch.tensor([[1.0], [-9.9]]))) == 11.0  # type: ignore[arg-type]


def test_only_the_true_line_is_dashed() -> None:
    spec = charts.line_spec(9.0, "x", "y", ("samples", "true", "model"), 100)
    assert axis(spec, "x") == ({"x"}, {"x"}, {"linear"}, [-3.5, 3.5])
    assert axis(spec, "y") == ({"y"}, {"y"}, {"linear"}, [-9.0, 9.0])
    assert colours(spec, "strokeDash") == {"true": [6, 4], "model": [1, 0]}
    assert (colours(spec)["samples"], colours(spec)["model"]) == (BLUE, RED)
    assert [mark for mark, _ in drawn(spec)] == ["point", "line"]
    (words,) = [step["calculate"] for step in spec["layer"][1]["transform"] if "calculate" in step]
    assert words == "{'true': 'true', 'model': 'model'}[datum.kind]"
    assert spec["resolve"]["scale"] == {"color": "independent", "strokeDash": "independent"}


def test_level_lines_have_their_prediction() -> None:
    made = data(2)
    frame = charts.plane_frame(made, [1.0, 1.0], 0.5)  # type: ignore[arg-type]
    samples = frame[frame["kind"] == "sample"]
    assert samples[["x", "y"]].to_numpy().tolist() == made.X.tolist()
    assert samples["value"].tolist() == pytest.approx(made.y[:, 0].tolist())
    for kind, (w1, w2), b in (("true", made.w, made.b), ("model", (1.0, 1.0), 0.5)):
        lines = frame[frame["kind"] == kind]
        assert len(lines) > 4
        assert (w1 * lines["x"] + w2 * lines["y"] + b).to_numpy() == pytest.approx(lines["level"].to_numpy())
        assert lines[["x", "y"]].abs().max().max() <= 3.5
        assert (lines.groupby("level").size() == 2).all()
    assert set(frame[frame["kind"] == "model"]["level"]) == {-4, 0, 4}, "the others lie outside the axes"


def test_the_plane_is_coloured_by_the_target() -> None:
    spec = charts.plane_spec("x1", "x2", "y", "true", "model", 100)
    assert axis(spec, "x") == ({"x"}, {"x1"}, {"linear"}, [-3.5, 3.5])
    assert axis(spec, "y") == ({"y"}, {"x2"}, {"linear"}, [-3.5, 3.5])
    samples, lines = layers(spec)
    assert (samples.type, samples.field("color"), samples.encoding["color"]["title"]) == ("point", "value", "y")
    assert (colours(spec)[-12], colours(spec)[12]) == (ORANGE, BLUE)
    assert (lines.type, lines.field("detail")) == ("line", "level")


def test_loss_over_the_epochs() -> None:
    frame = charts.loss_frame(run(20))  # type: ignore[arg-type]
    assert frame["epoch"].tolist() == pytest.approx([i / 10 for i in range(20)])
    assert frame["loss"].tolist() == pytest.approx([10 / (i + 1) for i in range(20)])
    long = charts.loss_frame(run(1000))  # type: ignore[arg-type]
    assert long["epoch"].tolist() == pytest.approx([i / 10 for i in range(0, 1000, 4)])
    odd = run(3)
    odd.updates[0].loss, odd.updates[1].loss = 0.0, float("inf")
    assert charts.loss_frame(odd)["loss"].tolist()[:2] == [charts.FLOOR, 1e12]  # type: ignore[arg-type]
    spec = charts.loss_spec(4, "epochs", "loss", 100)
    assert axis(spec, "x") == ({"epoch"}, {"epochs"}, {"linear"}, [0, 4])
    assert axis(spec, "y") == ({"loss"}, {"loss"}, {"log"}, [])


def test_parameters_frame() -> None:
    frame = charts.parameters_frame(run(20))  # type: ignore[arg-type]
    for name, factor, true, end in (("w₁", 0.01, 2.0, 99.0), ("b", 0.02, 4.2, -99.0)):
        rows = frame[frame["name"] == name]
        assert rows["epoch"].tolist() == pytest.approx([i / 10 for i in range(21)])
        assert rows["value"].tolist() == pytest.approx([*(i * factor for i in range(20)), end])
        assert set(rows["true"]) == {true}
    assert len(frame) == 42
    assert charts.names_of(SimpleNamespace(data=data(2))) == ("w₁", "w₂", "b")  # type: ignore[arg-type]


def test_true_values_are_dashed_in_the_parameters_colours() -> None:
    spec = charts.parameters_spec(("w₁", "w₂", "b"), 4, "epochs", "value", 100)
    assert axis(spec, "x") == ({"epoch"}, {"epochs"}, {"linear"}, [0, 4])
    assert axis(spec, "y") == ({"value", "goal"}, {"value"}, {"linear"}, [-6, 6])
    assert colours(spec) == {"w₁": BLUE, "w₂": ORANGE, "b": GREEN}
    line, rule = layers(spec)
    assert (line.type, rule.type, rule.field("y"), rule.field("color")) == ("line", "rule", "goal", "name")
    assert rule.mark["strokeDash"]
    aggregate = {"aggregate": [{"op": "min", "field": "true", "as": "goal"}], "groupby": ["name"]}
    assert spec["layer"][1]["transform"] == [aggregate]
