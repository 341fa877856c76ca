"""Search and descent of one weight: the lecture's numbers to the last digit, and programs that print the same."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.gradient_descent import programs as descent_programs
from dlcore.lessons.gradient_descent.charts import epochs_spec
from dlcore.lessons.gradient_descent.model import (
    FULL,
    LIMIT,
    Descent,
    DescentRace,
    critical_lr,
    factor,
    gradient,
    loss,
    minimum,
    samples,
    search,
)
from dlcore.lessons.gradient_descent.settings import LESSON
from dlcore.programs.snippet import Snippet
from dlcore.settings.rules import Number

LECTURE = samples(3, 0.0, seed=0)


def run(**changes: object) -> Descent:
    made = Descent(LECTURE, **{"lr": 0.01, "start": 1.0, "batch_size": FULL, "epochs": 100, **changes})  # type: ignore[arg-type]
    made.advance(made.epochs)
    return made


def test_lecture_search() -> None:
    found = search(LECTURE, 0.0, 4.0, 0.1)
    assert len(found.weights) == 41
    assert (found.best, min(found.losses)) == (2.0, 0.0)
    assert found.losses[0] == pytest.approx(56 / 3)


def test_lecture_descents_to_the_last_digit() -> None:
    assert 4 * run().w == 7.999777758621207
    assert 4 * run(batch_size=1).w == 7.9999999999996945


def test_critical_lr() -> None:
    critical = critical_lr(LECTURE)
    assert critical == pytest.approx(0.2142857, abs=1e-7)
    assert factor(LECTURE, critical) == pytest.approx(-1)
    below, above = run(lr=critical * 0.999, epochs=500), run(lr=critical * 1.001, epochs=500)
    assert abs(below.w - 2) < 1 < abs(above.w - 2)
    assert not below.diverged


def test_divergence_stops_the_run() -> None:
    wild = run(lr=0.5, epochs=500)
    assert wild.diverged
    assert wild.finished
    assert wild.epoch < 500
    assert all(math.isfinite(point.loss) for point in wild.path)


@given(n=st.integers(3, 40), noise=st.floats(0, 3), seed=st.integers(0, 99), w=st.floats(-5, 5))
def test_gradient_is_the_derivative_and_vanishes_at_the_minimum(n: int, noise: float, seed: int, w: float) -> None:
    data = samples(n, noise, seed=seed)
    X, y = torch.tensor(data.x, dtype=torch.float64), torch.tensor(data.y, dtype=torch.float64)
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    mse = ((weight * X - y) ** 2).mean()
    mse.backward()
    assert loss(w, data) == pytest.approx(mse.item())
    assert gradient(w, data) == pytest.approx(weight.grad.item(), abs=1e-9)  # type: ignore[union-attr]
    assert gradient(minimum(data), data) == pytest.approx(0, abs=1e-9)


def allowed(name: str) -> st.SearchStrategy[float]:
    """Return a strategy for every number that the setting allows."""
    rule = LESSON.settings[name].rule
    assert isinstance(rule, Number)
    return st.floats(rule.min, rule.max)


def runs_as_shown(*snippets: Snippet) -> None:
    for snippet in snippets:
        assert printed(snippet.code) == snippet.output
        assert snippet.code.count("import torch\n") <= 1
        imports = [i for i, line in enumerate(snippet.code.splitlines()) if "import " in line]
        assert imports == list(range(len(imports))), "imports stand at the top"


@settings(max_examples=60)
@given(
    n=st.integers(3, 12),
    noise=st.just(0.0) | allowed("noise"),
    batch_size=st.integers(0, 12),
    shuffle=st.booleans(),
    lr=allowed("lr"),
    start=allowed("start"),
    epochs=st.integers(0, 40),
    seed=st.integers(0, 9),
)
def test_programs_print_their_output(n: int, noise: float, seed: int, epochs: int, **rest: Any) -> None:
    made = Descent(samples(n, noise, seed=seed), epochs=40, seed=seed, **rest)
    made.advance(epochs)
    runs_as_shown(descent_programs.scratch(made), descent_programs.concise(made))


def test_programs_of_a_run_that_diverged_within_an_epoch() -> None:
    """The first of an epoch's two updates goes beyond the limit; the shown programs do both."""
    made = run(lr=0.5, batch_size=2)
    assert made.diverged
    assert [abs(point.w) > LIMIT for point in made.path[-3:]] == [False, True, True]
    runs_as_shown(descent_programs.scratch(made), descent_programs.concise(made))


@settings(max_examples=40)
@given(
    n=st.integers(3, 12),
    noise=st.just(0.0) | allowed("noise"),
    low=allowed("low"),
    high=allowed("high"),
    step=allowed("step"),
)
def test_search_tries_both_ends_and_its_programs_print_their_output(
    n: int, noise: float, low: float, high: float, step: float
) -> None:
    data = samples(n, noise, seed=n)
    found = search(data, low, high, step)
    assert found.weights[0] == round(low, 10)
    assert high - step < found.weights[-1] + 1e-9 <= high + 2e-9
    runs_as_shown(
        descent_programs.search_scratch(data, low, step, found), descent_programs.search_concise(data, low, step, found)
    )


@pytest.mark.parametrize("n", range(3, 12))
@pytest.mark.parametrize("step", [0.15, 0.3, 0.8])
def test_both_searches_break_ties_alike(n: int, step: float) -> None:
    """2 lies in the middle of two tried weights: only rounding decides between them."""
    data, low = samples(n, 0.0, seed=0), 2 - 2.5 * step
    found = search(data, low, 4.0, step)
    first, second = sorted(found.losses)[:2]
    assert first == pytest.approx(second)
    runs_as_shown(
        descent_programs.search_scratch(data, low, step, found), descent_programs.search_concise(data, low, step, found)
    )


@settings(max_examples=60)
@given(
    n=st.integers(3, 12),
    batch_size=st.integers(0, 12),
    shuffle=st.booleans(),
    lr=allowed("lr"),
    noise=st.just(0.0) | allowed("noise"),
)
def test_stretch_is_the_growth_of_the_distance_of_two_weights(n: int, noise: float, **rest: Any) -> None:
    data = samples(n, noise, seed=1)
    a, b = (Descent(data, start=start, epochs=3, **rest) for start in (1.0, 5.0))
    for made in (a, b):
        made.advance(3)
    assert abs(a.w - b.w) == pytest.approx(4 * a.stretch, rel=1e-6, abs=1e-9 * max(1, abs(a.w), abs(b.w)))
    assert a.stretch == b.stretch


def test_single_value_is_drawn_as_a_point() -> None:
    names = ("one", "all")
    specs = [epochs_spec("w", names, 100, "epoch", "w", 200, log=False, target=aim) for aim in (None, 2.5)]
    plain, aimed = (spec["layer"] for spec in specs)
    assert [layer["mark"]["type"] for layer in plain] == ["line", "point"]
    assert plain[1]["transform"] == [
        {"joinaggregate": [{"op": "count", "as": "rows"}], "groupby": ["name"]},
        {"filter": "datum.rows === 1"},
    ]
    assert [layer["mark"]["type"] for layer in aimed] == ["rule", "line", "point"]
    assert aimed[0]["encoding"]["y"]["datum"] == 2.5


def test_receding() -> None:
    """At lr 0.205 single samples recede and the full batch does not; jumps due to noise do not count."""
    assert [run(lr=0.205, batch_size=b, epochs=200).receding for b in (1, 2, FULL)] == [True, False, False]
    assert [run(lr=0.22, batch_size=b).receding for b in (1, FULL)] == [True, True]
    assert not run(lr=0.22, start=2.0).receding, "at the minimum itself nothing moves"
    noisy = Descent(samples(40, 3.0, seed=2), lr=0.05, start=2.0, batch_size=1, epochs=60)
    farther = False
    for _ in range(60):
        noisy.advance(1)
        farther |= abs(noisy.w - minimum(noisy.data)) > abs(noisy.start - minimum(noisy.data))
        assert not noisy.receding
    assert farther


def test_one_update_for_each_batch() -> None:
    data = samples(10, 1.0, seed=1)
    made = Descent(data, lr=0.01, start=1.0, batch_size=4, epochs=2)
    made.advance(2)
    assert [point.epoch for point in made.path] == [0, 0.4, 0.8, 1.0, 1.4, 1.8, 2.0]
    assert Descent(data, lr=0.01, start=1.0, batch_size=99, epochs=1).batch_size == 10


def test_shuffling_is_repeatable_and_changes_the_path() -> None:
    data = samples(10, 1.0, seed=1)
    runs = [
        Descent(data, lr=0.05, start=1.0, batch_size=2, epochs=5, shuffle=shuffle, seed=3) for shuffle in (True, False)
    ]
    for made in runs:
        made.advance(5)
    assert runs[0].path != runs[1].path
    first = list(runs[0].path)
    runs[0].restart()
    runs[0].advance(5)
    assert runs[0].path == first


def test_smaller_batches_are_noisier_at_the_end() -> None:
    data = samples(40, 2.0, seed=2)
    race = DescentRace(
        {b: Descent(data, lr=0.05, start=1.0, batch_size=b, epochs=60, shuffle=True) for b in (1, 8, FULL)}
    )
    race.advance(60)
    assert race.finished
    spread = {}
    for batch, made in race.runs.items():
        late = [point.w for point in made.path if point.epoch > 40]
        spread[batch] = max(late) - min(late)
    assert spread[1] > 2 * spread[8] > 100 * spread[FULL]
