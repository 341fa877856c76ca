"""Tests of softmax and cross-entropy against the course's numbers and torch, and of overflow in each dtype."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.softmax import programs as softmax_programs
from dlcore.lessons.softmax.model import (
    DTYPES,
    exact_loss,
    gradient,
    is_off,
    largest_exponent,
    naive_steps,
    smallest_exponent,
    softmax,
    stable_steps,
)
from dlcore.network.from_scratch import cross_entropy

COURSE = torch.tensor([4.0, 8.0, 3.0], dtype=torch.float64)
LOGITS = st.lists(st.floats(-30, 30), min_size=2, max_size=6).map(lambda z: torch.tensor(z, dtype=torch.float64))
TEMPERATURES = st.floats(0.1, 10)


@pytest.mark.parametrize(("y", "loss"), [(0, 4.0247), (1, 0.0247), (2, 5.0247)])
def test_losses_are_the_courses(y: int, loss: float) -> None:
    assert float(cross_entropy(COURSE[None], torch.tensor([y]))) == pytest.approx(loss, abs=5e-5)


@given(z=LOGITS, T=TEMPERATURES)
def test_softmax_equals_torchs_and_sums_to_one(z: torch.Tensor, T: float) -> None:
    p = softmax(z, T)
    torch.testing.assert_close(p, F.softmax(z / T, 0))
    assert float(p.sum()) == pytest.approx(1)
    torch.testing.assert_close(softmax(z + 1000, T), p, rtol=1e-6, atol=1e-9)


@given(data=st.data(), classes=st.integers(2, 6), n=st.integers(1, 8))
def test_cross_entropy_equals_torchs(data: st.DataObject, classes: int, n: int) -> None:
    seed = data.draw(st.integers(0, 1000))
    generator = torch.Generator().manual_seed(seed)
    z = 20 * torch.randn(n, classes, generator=generator, dtype=torch.float64)
    y = torch.randint(classes, (n,), generator=generator)
    weight = 0.1 + torch.rand(classes, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(cross_entropy(z, y), F.cross_entropy(z, y))
    torch.testing.assert_close(cross_entropy(z, y, weight), F.cross_entropy(z, y, weight=weight))


@given(z=LOGITS, T=TEMPERATURES, data=st.data())
def test_gradient_equals_autograds(z: torch.Tensor, T: float, data: st.DataObject) -> None:
    y = data.draw(st.integers(0, len(z) - 1))
    leaf = z.clone().requires_grad_()
    F.cross_entropy((leaf / T)[None], torch.tensor([y])).backward()
    torch.testing.assert_close(gradient(z, y, T), leaf.grad)


@pytest.mark.parametrize("name", DTYPES)
def test_overflow_happens_just_above_the_limit(name: str) -> None:
    dtype = DTYPES[name]
    limit = largest_exponent(dtype)
    below, above = (torch.tensor([at, 0.0], dtype=dtype) for at in (limit * 0.99, limit * 1.01))
    assert not naive_steps(below, 0)[1].broken
    steps = naive_steps(above, 0)
    assert next(step.id for step in steps if step.broken) == "exp"
    assert math.isnan(steps[-1].values[0])
    assert not any(step.broken for step in stable_steps(above, 0))


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("offset", [0.0, 64.0, 1000.0])
def test_stable_loss_is_right_in_every_dtype(name: str, offset: float) -> None:
    z = (COURSE + offset).to(DTYPES[name])
    for y, loss in enumerate((4.0247, 0.0247, 5.0247)):
        assert stable_steps(z, y)[-1].values[0] == pytest.approx(loss, abs=4e-3 if name == "float16" else 5e-5)
    reference = F.cross_entropy(z.to(torch.float64)[None], torch.tensor([1]))
    assert stable_steps(z.to(torch.float64), 1)[-1].values[0] == pytest.approx(float(reference))


def test_naive_and_stable_loss_agree_where_nothing_overflows() -> None:
    for y in range(3):
        naive, stable = naive_steps(COURSE, y), stable_steps(COURSE, y)
        assert naive[-1].values == pytest.approx(stable[-1].values)
        assert not any(step.broken for step in (*naive, *stable))


@given(
    z=st.lists(st.floats(-10, 10), min_size=2, max_size=6),
    T=TEMPERATURES,
    data=st.data(),
)
def test_both_programs_print_the_shown_output(z: list[float], T: float, data: st.DataObject) -> None:
    y = data.draw(st.integers(0, len(z) - 1))
    weights = data.draw(st.lists(st.floats(0.1, 5), min_size=len(z), max_size=len(z)))
    weight = torch.tensor(weights, dtype=torch.float64)
    logits = torch.tensor(z, dtype=torch.float64)
    for write in (softmax_programs.scratch, softmax_programs.concise):
        snippet = write(logits, y, T, weight)
        assert printed(snippet.code) == snippet.output


@pytest.mark.parametrize("name", DTYPES)
@given(
    z=st.lists(st.floats(-10, 10), min_size=2, max_size=6),
    offset=st.sampled_from([0.0, -100.0, 1000.0]) | st.floats(-1200, 1200),
    data=st.data(),
)
def test_both_overflow_programs_print_the_shown_output(
    name: str, z: list[float], offset: float, data: st.DataObject
) -> None:
    y = data.draw(st.integers(0, len(z) - 1))
    logits = (torch.tensor(z, dtype=torch.float64) + offset).to(DTYPES[name])
    for write in (softmax_programs.overflow_scratch, softmax_programs.overflow_concise):
        snippet = write(logits, y)
        assert printed(snippet.code) == snippet.output
    by_hand, torchs = stable_steps(logits, y)[-1].values[0], F.cross_entropy(logits, torch.tensor(y))
    coarse = name == "float16"
    assert by_hand == pytest.approx(float(torchs), rel=5e-3 if coarse else 1e-5, abs=5e-3 if coarse else 1e-6)


@pytest.mark.parametrize("name", DTYPES)
def test_exp_is_zero_just_below_the_limit(name: str) -> None:
    limit = smallest_exponent(DTYPES[name])
    above, below = (torch.tensor([at, at], dtype=DTYPES[name]) for at in (limit * 0.999, limit * 1.001))
    assert all(value > 0 for value in naive_steps(above, 0)[1].values)
    steps = naive_steps(below, 0)
    assert steps[1].values == (0.0, 0.0)
    assert next(step.id for step in steps if step.broken) == "p"
    assert not any(step.broken for step in stable_steps(below, 0))


@given(
    name=st.sampled_from(list(DTYPES)),
    z=st.lists(st.floats(-10, 10), min_size=2, max_size=6),
    offset=st.floats(-4, 0),
    data=st.data(),
)
def test_rounding_alone_is_not_off(name: str, z: list[float], offset: float, data: st.DataObject) -> None:
    dtype, y = DTYPES[name], data.draw(st.integers(0, len(z) - 1))
    logits = (torch.tensor(z, dtype=torch.float64) + offset).to(dtype)
    steps, exact = naive_steps(logits, y), exact_loss(logits, y)
    assert not is_off(stable_steps(logits, y)[-1].values[0], exact, dtype)
    small = torch.finfo(dtype).tiny / torch.finfo(dtype).eps
    if not any(step.broken for step in steps) and min(*steps[1].values, *steps[3].values) > small:
        assert not is_off(steps[-1].values[0], exact, dtype)


@pytest.mark.parametrize(
    ("name", "offset"), [("float16", -22), ("float32", -111), ("float32", -105), ("float64", -751)]
)
def test_finite_losses_that_are_wrong_are_off(name: str, offset: float) -> None:
    logits = (COURSE + offset).to(DTYPES[name])
    steps = naive_steps(logits, 1)
    assert not any(step.broken for step in steps)
    assert is_off(steps[-1].values[0], exact_loss(logits, 1), logits.dtype)


def test_no_number_is_off() -> None:
    assert is_off(math.nan, 0.5, torch.float32)
    assert is_off(math.inf, 0.5, torch.float32)
