"""One weight: the lecture's numbers to the last digit, and every descent equal to torch's."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed

from dlcore.learning import descent_text
from dlcore.learning.descent import (
    FULL,
    Descent,
    Race,
    cost,
    critical_rate,
    factor,
    gradient,
    minimum,
    samples,
    search,
)

LECTURE = samples(3, 0.0, seed=0)


def run(**changes: object) -> Descent:
    made = Descent(LECTURE, **{"lr": 0.01, "start": 1.0, "batch": FULL, "epochs": 100, **changes})  # type: ignore[arg-type]
    made.advance(made.epochs)
    return made


def test_the_lectures_search() -> None:
    found = search(LECTURE, 0.0, 4.0, 0.1)
    assert len(found.weights) == 41
    assert (found.best, min(found.costs)) == (2.0, 0.0)
    assert found.costs[0] == pytest.approx(56 / 3)


def test_the_lectures_descents_to_the_last_digit() -> None:
    assert 4 * run().w == 7.999777758621207
    assert 4 * run(batch=1).w == 7.9999999999996945


def test_the_critical_rate() -> None:
    critical = critical_rate(LECTURE)
    assert critical == pytest.approx(0.2142857, abs=1e-7)
    assert factor(LECTURE, critical) == pytest.approx(-1)
    below, above = run(lr=critical * 0.999, epochs=500), run(lr=critical * 1.001, epochs=500)
    assert abs(below.w - 2) < 1 < abs(above.w - 2)
    assert not below.diverged


def test_far_above_it_diverges_and_stops() -> None:
    wild = run(lr=0.5, epochs=500)
    assert wild.diverged
    assert wild.finished
    assert wild.epoch < 500
    assert all(math.isfinite(point.cost) for point in wild.path)


@given(n=st.integers(3, 40), noise=st.floats(0, 3), seed=st.integers(0, 99), w=st.floats(-5, 5))
def test_gradient_is_the_derivative_and_vanishes_at_the_minimum(n: int, noise: float, seed: int, w: float) -> None:
    data = samples(n, noise, seed=seed)
    X, y = torch.tensor(data.x, dtype=torch.float64), torch.tensor(data.y, dtype=torch.float64)
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    loss = ((weight * X - y) ** 2).mean()
    loss.backward()
    assert cost(w, data) == pytest.approx(loss.item())
    assert gradient(w, data) == pytest.approx(weight.grad.item(), abs=1e-9)  # type: ignore[union-attr]
    assert gradient(minimum(data), data) == pytest.approx(0, abs=1e-9)


@settings(max_examples=30)
@given(
    n=st.integers(3, 12),
    noise=st.floats(0, 1),
    batch=st.integers(0, 12),
    shuffle=st.booleans(),
    lr=st.floats(0.001, 0.1),
    seed=st.integers(0, 9),
)
def test_both_twins_run_as_shown(n: int, noise: float, batch: int, shuffle: bool, lr: float, seed: int) -> None:
    made = Descent(
        samples(n, noise, seed=seed),
        lr=float(f"{lr:.3g}"),
        start=-1.5,
        batch=batch,
        epochs=7,
        shuffle=shuffle,
        seed=seed,
    )
    made.advance(7)
    for snippet in (descent_text.scratch(made), descent_text.concise(made)):
        assert printed(snippet.code) == snippet.output


@given(low=st.sampled_from([-4.0, -1.5, 0.0, 2.0]), high=st.sampled_from([2.5, 4.0, 8.0]), step=st.integers(1, 20))
@settings(max_examples=20)
def test_the_search_tries_both_ends_and_runs_as_shown(low: float, high: float, step: int) -> None:
    width = step * 0.05
    found = search(LECTURE, low, high, width)
    assert found.weights[0] == low
    assert high - width < found.weights[-1] <= high + 1e-9
    snippet = descent_text.search_code(LECTURE, low, width, found)
    assert printed(snippet.code) == snippet.output


def test_an_epoch_has_an_update_for_every_batch() -> None:
    data = samples(10, 1.0, seed=1)
    made = Descent(data, lr=0.01, start=1.0, batch=4, epochs=2)
    made.advance(2)
    assert [point.epoch for point in made.path] == [0, 0.4, 0.8, 1.0, 1.4, 1.8, 2.0]
    assert Descent(data, lr=0.01, start=1.0, batch=99, epochs=1).batch == 10


def test_shuffling_is_repeatable_and_changes_the_path() -> None:
    data = samples(10, 1.0, seed=1)
    runs = [Descent(data, lr=0.05, start=1.0, batch=2, epochs=5, shuffle=shuffle, seed=3) for shuffle in (True, False)]
    for made in runs:
        made.advance(5)
    assert runs[0].path != runs[1].path
    first = list(runs[0].path)
    runs[0].restart()
    runs[0].advance(5)
    assert runs[0].path == first


def test_smaller_batches_are_noisier_at_the_end() -> None:
    data = samples(40, 2.0, seed=2)
    race = Race({b: Descent(data, lr=0.05, start=1.0, batch=b, epochs=60, shuffle=True) for b in (1, 8, FULL)})
    race.advance(60)
    assert race.finished
    spread = {}
    for batch, made in race.runs.items():
        late = [point.w for point in made.path if point.epoch > 40]
        spread[batch] = max(late) - min(late)
    assert spread[1] > 2 * spread[8] > 100 * spread[FULL]
