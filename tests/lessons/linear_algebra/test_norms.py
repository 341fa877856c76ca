"""Norms: the examples of the course, torch as oracle, the unit balls."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.linear_algebra.norms import charts, programs
from dlcore.lessons.linear_algebra.norms import model as norms
from dlcore.programs.snippet import Snippet

component = st.integers(-50, 50).map(lambda tenths: tenths / 10)
vectors = st.tuples(component, component)
orders = st.integers(5, 100).map(lambda tenths: tenths / 10)
choices = st.lists(st.sampled_from(list(norms.WORDS)), min_size=1, unique=True)


def check_output(shown: Snippet) -> None:
    assert printed(shown.code) == shown.output


def test_the_examples_of_the_course() -> None:
    v = torch.tensor([3.0, -4.0])
    assert [norms.norm(v, order) for order in norms.ORDERS.values()] == [7, 5, 4]
    assert norms.frobenius(torch.ones(4, 9)) == 6


@given(vectors, orders)
def test_a_norm_is_its_formula(v: tuple[float, float], p: float) -> None:
    x, y = map(abs, v)
    assert norms.norm(torch.tensor(v), p) == pytest.approx((x**p + y**p) ** (1 / p), rel=1e-4)
    assert norms.norm(torch.tensor(v), math.inf) == pytest.approx(max(x, y))


@given(vectors, vectors, st.floats(1, 10))
def test_the_triangle_inequality_from_1_on(v: tuple[float, float], w: tuple[float, float], p: float) -> None:
    a, b = torch.tensor(v, dtype=torch.float64), torch.tensor(w, dtype=torch.float64)
    assert norms.norm(a + b, p) <= norms.norm(a, p) + norms.norm(b, p) + 1e-9


def test_the_triangle_inequality_fails_below_1() -> None:
    assert norms.norm(torch.ones(2), 0.5) == pytest.approx(4)


@given(st.one_of(orders, st.just(math.inf)))
def test_the_edge_of_a_ball_has_norm_1(order: float) -> None:
    points = torch.tensor(norms.edge(order), dtype=torch.float64)
    lengths = torch.linalg.vector_norm(points, ord=order, dim=1)
    assert torch.allclose(lengths, torch.ones_like(lengths))
    assert torch.allclose(points[0], points[-1])
    rounded = {(round(x, 9) + 0.0, round(y, 9) + 0.0) for x, y in points.tolist()}
    assert {(1, 0), (0, 1), (-1, 0), (0, -1)} <= rounded
    assert ((1, 1) in rounded) is math.isinf(order)


@given(vectors, choices, orders)
def test_the_frame_of_the_unit_balls(v: tuple[float, float], balls: list[str], p: float) -> None:
    frame = charts.frame(v, balls, p)
    assert {*frame[frame["kind"] == "edge"]["norm"]} == {norms.WORDS[id] for id in balls}
    tips = frame[frame["kind"] == "tip"]
    assert len(tips) == (len(balls) if any(v) else 0)
    for id, (_, tip) in zip(balls, tips.iterrows(), strict=bool(any(v))):
        length = norms.norm(torch.tensor(v), norms.order_of(id, p))
        assert (tip["x"] * length, tip["y"] * length) == pytest.approx(v, rel=1e-4, abs=1e-6)
    assert len(frame[frame["kind"] == "ray"]) == (2 if any(v) else 0)


def test_written_out() -> None:
    assert norms.written_out((3, -4), "L1", 3) == "|3| + |−4|"
    assert norms.written_out((3, -4), "L2", 3) == "√(3² + (−4)²)"
    assert norms.written_out((3, -4), "Linf", 3) == "max(|3|, |−4|)"
    assert norms.written_out((3, -4), "Lp", 2.5) == "(|3|^2.5 + |−4|^2.5)^(1/2.5)"


@given(vectors, choices, orders)
def test_the_code_prints_its_output(v: tuple[float, float], balls: list[str], p: float) -> None:
    check_output(programs.snippet(v, balls, p))


@pytest.mark.parametrize("m", [torch.ones(4, 9), torch.tensor([[3.0, -4.0]]), torch.arange(6.0).reshape(2, 3)])
def test_the_matrix_code_prints_its_output(m: torch.Tensor) -> None:
    check_output(programs.matrix_snippet(m))
    assert "torch.tensor([[0.1]])" in programs.matrix_snippet(torch.tensor([[0.1]])).code
