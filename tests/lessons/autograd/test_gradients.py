"""Accumulation, backward of a vector, cut graphs and control flow, each against torch used in another way."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.autograd.control_flow import charts as control_flow_charts
from dlcore.lessons.autograd.control_flow import model as control_flow
from dlcore.lessons.autograd.control_flow import programs as control_flow_programs
from dlcore.lessons.autograd.detach import charts as detach_charts
from dlcore.lessons.autograd.detach import model as detach
from dlcore.lessons.autograd.detach import programs as detach_programs
from dlcore.lessons.autograd.gradients import model as gradients
from dlcore.lessons.autograd.gradients import programs as gradients_programs
from dlcore.programs.snippet import Snippet

NUMBER = st.floats(-50, 50, allow_nan=False, width=32).map(lambda value: round(value, 2))
LOGS = st.text("bfrzn", max_size=gradients.MAX_STEPS)
X = ((0.0, 1.0, 2.0, 3.0),)
ONES = ((1.0, 1.0), (1.0, 1.0))


def check(snippet: Snippet) -> None:
    """Run the program of a snippet and compare what it prints with its output."""
    assert printed(snippet.code) == snippet.output
    assert snippet.output


def last(function: str, log: str) -> gradients.ReplayStep:
    return gradients.replay(function, ONES if function == "mean" else X, log).steps[-1]


# --- adding up ---


def test_the_course_numbers() -> None:
    assert last("mean", "b").grad.tolist() == [[4.5, 4.5], [4.5, 4.5]]
    assert last("dot", "b").grad.tolist() == [0.0, 4.0, 8.0, 12.0]


def test_program_shows_numbers_as_entered() -> None:
    shown = gradients_programs.replay_snippet("dot", ((0.1, 2.0),), "bb")
    assert "x = torch.tensor([0.1, 2.], requires_grad=True)" in shown.code
    check(shown)


def test_gradients_accumulate_until_cleared() -> None:
    assert last("dot", "bfb").grad.tolist() == [0.0, 8.0, 16.0, 24.0]
    assert last("dot", "bfb").added.tolist() == [0.0, 4.0, 8.0, 12.0]
    assert last("dot", "bz").grad.tolist() == [0.0] * 4
    assert last("dot", "bn").grad is None
    assert last("dot", "bfzb").grad.tolist() == [0.0, 4.0, 8.0, 12.0]


def test_second_backward_needs_saved_tensors() -> None:
    failed = last("dot", "bb")
    assert "second time" in failed.error
    assert failed.kind == "RuntimeError"
    assert failed.grad.tolist() == [0.0, 4.0, 8.0, 12.0]  # as it was
    assert failed.added is None
    assert last("dot", "rb").grad.tolist() == [0.0, 8.0, 16.0, 24.0]
    assert last("dot", "rbb").error
    assert not last("plus", "bb").error  # a sum of x + 2 saves nothing
    assert last("plus", "bb").grad.tolist() == [2.0] * 4


def test_zeroing_without_a_gradient_fails() -> None:
    assert last("dot", "z").kind == "AttributeError"
    assert last("dot", "").grad is None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(gradients.FUNCTIONS)), LOGS, st.lists(NUMBER, min_size=4, max_size=4))
def test_any_log_accumulates_gradients(function: str, log: str, numbers: list[float]) -> None:
    """The gradient after a step is the one before it, plus the derivative if backward could run."""
    values = (tuple(numbers[:2]), tuple(numbers[2:])) if function == "mean" else (tuple(numbers),)
    run = gradients.replay(function, values, log)
    x = run.x.clone().requires_grad_()
    (once,) = torch.autograd.grad(gradients.FUNCTIONS[function][1](x), x)
    grad, fresh = None, True
    for step in run.steps[1:]:
        allowed = fresh or function == "plus"
        if step.id == "f":
            fresh = True
        elif step.id in "br":
            assert bool(step.error) is not allowed
            if allowed:
                grad = once if grad is None else grad + once
                fresh = fresh and step.id == "r"
        elif step.id == "n":
            grad = None
        elif grad is not None:
            grad = torch.zeros_like(grad)
        assert (step.grad is None) is (grad is None)
        if grad is not None:
            torch.testing.assert_close(step.grad, grad)
    check(gradients_programs.replay_snippet(function, values, log))


@pytest.mark.parametrize(("log", "rule"), [("bx", "unknown_step"), ("b" * 13, "too_many_steps")])
def test_invalid_logs(log: str, rule: str) -> None:
    with pytest.raises(gradients.GradientsError) as error:
        gradients.steps(log)
    assert error.value.rule == rule


# --- a vector ---


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(["elementwise", "weights"]), st.integers(1, 3), st.integers(1, 3))
def test_backward_of_a_vector_is_a_vector_jacobian_product(data: st.DataObject, kind: str, n: int, m: int) -> None:
    m = n if kind == "elementwise" else m
    row = lambda size: tuple(data.draw(st.lists(NUMBER, min_size=size, max_size=size)))  # noqa: E731
    x, v, W = (row(n),), (row(m),), tuple(row(n) for _ in range(m))
    found = gradients.backward_of_vector(kind, x, v, W)
    torch.testing.assert_close(found.grad, found.v @ found.jacobian)
    torch.testing.assert_close(found.summed, found.jacobian.sum(0))
    expected = torch.diag(2 * torch.tensor(x[0])) if kind == "elementwise" else torch.tensor(W)
    torch.testing.assert_close(found.jacobian, expected)
    assert bool(found.error) is (m > 1)
    check(gradients_programs.vector_snippet(kind, x, v, W))


def test_v_of_ones_is_the_gradient_of_the_sum() -> None:
    found = gradients.backward_of_vector("elementwise", ((1.0, 2.0, 3.0),), ((1.0, 1.0, 1.0),), ((0.0,),))
    assert found.grad.tolist() == found.summed.tolist() == [2.0, 4.0, 6.0]
    assert "scalar outputs" in found.error


def test_v_of_four_elements() -> None:
    found = gradients.backward_of_vector("elementwise", ((0.0, 1.0, 2.0, 3.0),), ((1.0, 0.1, 0.01, 0.001),), ())
    assert found.grad.tolist() == pytest.approx([0.0, 0.2, 0.04, 0.006])
    assert found.jacobian.shape == (4, 4)


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(gradients.GradientsError, match="2 elements of x"):
        gradients.backward_of_vector("weights", ((1.0, 2.0),), ((1.0,),), ((1.0, 2.0, 3.0),))


# --- cutting ---


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(list(detach.CUTS)), st.floats(-3, 3))
def test_a_cut_holds_one_factor_fixed(where: str, x: float) -> None:
    share = {"none": 3, "u": 1, "x": 2}  # of x², by the product rule
    found = detach.cut(where, x)
    if where == "no_grad":
        assert found.grad is None
        assert "does not require grad" in found.error
        assert [(v.requires_grad, v.grad_fn) for v in found.variables[1:]] == [(False, "None")] * 2
    else:
        assert found.grad == pytest.approx(share[where] * x * x, rel=1e-5, abs=1e-30)
        assert found.variables[2].requires_grad
    assert found.variables[2].value == pytest.approx(x**3, rel=1e-5, abs=1e-30)  # a cut changes no value
    check(detach_programs.snippet(where, x))


def test_curves_and_edges_of_a_cut() -> None:
    frame = detach_charts.curve_frame("u", 2.0)
    assert frame.iloc[-1][["x", "whole", "cut", "mark"]].tolist() == [2.0, 12.0, 4.0, 1.0]
    torch.testing.assert_close(torch.tensor(frame["cut"].values), torch.tensor(frame["x"].values) ** 2)
    assert detach_charts.curve_frame("no_grad", 2.0)["cut"].isna().all()
    for where, count in (("none", 0), ("u", 1), ("x", 1), ("no_grad", 3)):
        edges = detach_charts.graph_frame(where, 2.0, "cut").query("kind == 'edge'")
        assert (edges["state"] == "cut").sum() == count
        # The local derivatives of the edges that are left, multiplied along paths and summed, are the gradient.
        slopes = [0.0 if row.state == "cut" else float(row.text.split("= ")[-1]) for row in edges.itertuples()]
        assert slopes[0] * slopes[1] + slopes[2] == (detach.cut(where, 2.0).grad or 0.0)


# --- control flow ---


def test_the_doubled_vector() -> None:
    found = control_flow.run_norm(((2.0, 3.0, 4.0),))
    assert found.grads == (256.0, 256.0, 256.0)
    assert found.results == (512.0, 768.0, 1024.0)
    assert found.doublings == len(found.lines) == 8
    check(control_flow_programs.norm_snippet(((2.0, 3.0, 4.0),)))


@settings(max_examples=100, deadline=None)
@given(st.floats(-10, 10).filter(lambda a: abs(a) > 1e-8))
def test_the_gradient_is_the_ratio(a: float) -> None:
    found = control_flow.run_f(a)
    exact = torch.tensor(a).item()
    assert found.grad == pytest.approx(found.result / exact, rel=1e-6)
    doublings = max(1, math.ceil(math.log2(1000 / abs(exact))))
    assert found.doublings == doublings
    assert found.grad == 2.0**doublings * (1 if a > 0 else 100)
    assert found.branch == ("then" if a > 0 else "else")
    check(control_flow_programs.f_snippet(a))


@pytest.mark.parametrize("a", [0.0, -0.0, 1e-12, 1e-40])
def test_a_loop_without_end_is_not_run(a: float) -> None:
    with pytest.raises(control_flow.FlowError):
        control_flow.run_f(a)
    with pytest.raises(control_flow.FlowError):
        control_flow.run_norm(((a, a, 0.0),))


@given(a=st.lists(st.floats(-9, 9, width=16).filter(lambda x: abs(x) > 0.01), min_size=1, max_size=3))
def test_f_of_a_vector_multiplies_every_element_by_the_same_factor(a: list[float]) -> None:
    found = control_flow.run_f_of_vector((a,))
    assert len(set(found.grads)) == 1
    assert found.results == pytest.approx([found.grad * x for x in a])
    assert found.grad == 2**found.doublings * (1 if found.branch == "then" else 100)
    assert found.branch == ("then" if sum(a) > 0 else "else")
    snippet = control_flow_programs.f_of_vector_snippet((a,))
    check(snippet)
    assert ("scalar outputs" in snippet.output) is (len(a) > 1)


def test_the_nearest_that_runs() -> None:
    assert control_flow.run_f(1000 / 2**40 * 1.001).doublings == control_flow.MAX_DOUBLINGS


def test_curves_of_f() -> None:
    frame = control_flow_charts.curve_frame(-2.5, log=False)
    assert frame["a"].max() < 0
    assert frame.iloc[-1]["slope"] == 51200
    assert (frame["f"] / frame["a"] / frame["slope"] - 1).abs().max() < 1e-6
    logs = control_flow_charts.curve_frame(-2.5, log=True)
    assert logs[["a", "f", "slope"]].min().min() > 0
    assert control_flow_charts.curve_frame(0.1, log=False)["mark"].sum() == 0  # beyond the curves' end
    assert control_flow_charts.curve_frame(0.1, log=True)["mark"].sum() == 1
    many = control_flow_charts.steps_frame(control_flow.run_f(1e-8), (1e-8,))
    assert (many["text"] != "").sum() < 15 < len(many)
    steps = control_flow_charts.steps_frame(control_flow.run_f(2.5), (2.5,))
    # Beside a point the text must not lie under the line of the threshold; c = b repeats no number.
    assert steps["side"].tolist() == ["below"] * 9 + ["above"] * 2
    assert steps["text"].tolist()[-3:] == ["640", "", "1280"]
    assert control_flow_charts.steps_frame(control_flow.run_f(-2.5), (-2.5,))["text"].tolist()[-2:] == [
        "1280",
        "128000",
    ]
    assert steps["norm"].tolist() == [2.5 * 2**i for i in range(10)] + [1280.0]
