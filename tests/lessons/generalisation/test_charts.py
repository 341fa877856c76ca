"""Tests of the charts of samples and polynomials and of the norms of the weights."""

from types import SimpleNamespace

import pytest
import torch
from specs import BLUE, GREEN, PINK, RED, axis, colours, drawn, layers

from dlcore.lessons.generalisation import charts
from dlcore.lessons.generalisation.model import COEFFICIENTS

TRUE, MODEL, EXACT = list(COEFFICIENTS), [1.0, 2.0, -0.5], [0.0, 1000.0]


def frame():
    x = torch.tensor([-1.0, 5.0, 0.5, 2.0, 0.123], dtype=torch.float64)
    y = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0], dtype=torch.float64)
    problem = SimpleNamespace(x=x, y_train=y[:2], y_test=y[2:])
    model, exact = (torch.tensor(w, dtype=torch.float64) for w in (MODEL, EXACT))
    return charts.polynomial_frame(problem, model, exact)  # type: ignore[arg-type]


def test_polynomial_frame_has_the_samples_and_the_curves() -> None:
    found = {kind: rows[["x", "y"]].to_numpy() for kind, rows in frame().groupby("kind")}
    assert set(found) == {"train", "test", "true", "model", "exact"}
    assert found["train"].tolist() == [[-1, 1], [5, 2]]
    assert found["test"].tolist() == [[0.5, 3], [2, 4], [0.123, 5]]
    for kind, w in (("true", TRUE), ("model", MODEL)):
        x, y = found[kind].T
        assert (x[0], x[-1], len(x)) == (-charts.X_MAX, charts.X_MAX, charts.POINTS)
        powers = [1.0, x, x**2 / 2, x**3 / 6]  # the book's features: x^i / i!
        assert y == pytest.approx(sum(c * power for c, power in zip(w, powers, strict=False)))
    x, y = found["exact"].T
    assert -1.0 in x
    assert x.max() <= charts.X_MAX, "a sample beyond the axis adds no point"
    assert y == pytest.approx((1000 * x).clip(-1e4, 1e4))


def test_polynomial_chart_draws_train_filled_test_hollow_and_true_dashed() -> None:
    words = ("train", "test", "true", "model", "exact")
    spec = charts.polynomial_spec(words, "x", "y", 100)
    assert axis(spec, "x") == ({"x"}, {"x"}, {"linear"}, [-3.2, 3.2])
    assert axis(spec, "y") == ({"y"}, {"y"}, {"linear"}, [-45, 25])
    marks = [("point", "test"), ("point", "train"), ("line", "true"), ("line", "model"), ("line", "exact")]
    assert drawn(spec) == [(mark, f"datum.kind === '{kind}'") for mark, kind in marks]
    test, train, true, model, exact = layers(spec)
    assert (test.mark.get("filled", False), train.mark["filled"]) == (False, True)
    assert true.mark["strokeDash"]
    assert "strokeDash" not in model.mark
    assert model.mark["strokeWidth"] > exact.mark["strokeWidth"]
    found = colours(spec)
    assert [found[word] for word in ("train", "test", "model", "exact")] == [BLUE, RED, GREEN, PINK]
    names = spec["transform"][0]["calculate"]
    assert names == "{" + ", ".join(f"'{word}': '{word}'" for word in words) + "}[datum.kind]"


def test_norm_frame_thins_long_histories_and_keeps_both_ends() -> None:
    long = [SimpleNamespace(epoch=i, norm=i / 10) for i in range(1000)]
    found = charts.norm_frame({"a": long, "b": long[:3]})  # type: ignore[dict-item]
    a = found[found["name"] == "a"]
    assert a["epoch"].tolist() == [*range(0, 999, 5), 999]
    assert a["norm"].tolist() == [epoch / 10 for epoch in a["epoch"]]
    assert found[found["name"] == "b"]["epoch"].tolist() == [0, 1, 2]


def test_norm_chart_is_logarithmic_with_the_true_norm_dashed() -> None:
    spec = charts.norm_spec(("a", "b"), 5.0, 100, "epoch", "norm", 100)
    assert axis(spec, "x") == ({"epoch"}, {"epoch"}, {"linear"}, [0, 100])
    assert axis(spec, "y") == ({"norm", 5.0}, {"norm"}, {"log"}, [])
    line, goal = layers(spec)
    assert (line.type, line.field("color"), colours(spec)["a"]) == ("line", "name", GREEN)
    assert (goal.type, bool(goal.mark["strokeDash"]), goal.field("y")) == ("rule", True, 5.0)
    assert list(colours(charts.norm_spec(("a",), 5.0, 100, "epoch", "norm", 100))) == ["a"]
