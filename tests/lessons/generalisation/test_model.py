"""Tests of polynomials and weight decay against the course's numbers and torch, and of the programs shown."""

from dataclasses import astuple
from itertools import pairwise

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from programs import printed
from strategies import values

from dlcore.lessons.generalisation import charts as generalisation_charts
from dlcore.lessons.generalisation import programs as generalisation_programs
from dlcore.lessons.generalisation.model import (
    COEFFICIENTS,
    FitRecord,
    LinearFit,
    RegressionProblem,
    best_record,
    exact_fits,
    exact_weights,
    many_inputs,
    measure,
    polynomial,
    powers,
)
from dlcore.lessons.generalisation.settings import LESSON, MAX_DEGREE
from pages.ui.language import LANGUAGES, prose


def polynomial_run(degree: int, *, n: int = 100, epochs: int = 400, lr: float = 0.01, seed: int = 0) -> LinearFit:
    problem = polynomial(degree, n_train=n, n_test=100, noise=0.1, seed=seed)
    run = LinearFit(problem, lr=lr, batch_size=10, weight_decay=0.0, epochs=epochs, seed=seed)
    run.advance(epochs)
    return run


def decay_run(decay: float, *, seed: int = 0, lr: float = 0.003, baseline: LinearFit | None = None) -> LinearFit:
    problem = many_inputs(n_inputs=200, n_train=20, n_test=100, seed=seed)
    run = LinearFit(problem, lr=lr, batch_size=5, weight_decay=decay, epochs=100, seed=seed, baseline=baseline)
    run.advance(100)
    return run


def rule(name: str) -> st.SearchStrategy[float]:
    """Draw any value that the rule of a setting allows."""
    return values(LESSON.settings[name].rule)


# --- the course's polynomial ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(4))
def test_degree_one_underfits_and_three_fits(seed: int) -> None:
    epochs = 1000 if seed else 400  # the page's default is the seed 0
    line, cubic = (polynomial_run(degree, epochs=epochs, seed=seed).history[-1] for degree in (1, 3))
    assert min(line.train_error, line.test_error) > 1
    assert 0.006 < cubic.train_error < 0.014
    assert 0.006 < cubic.test_error < 0.02


@pytest.mark.parametrize("seed", range(4))
def test_degree_nineteen_overfits_with_few_points(seed: int) -> None:
    last = polynomial_run(19, n=10, epochs=2000, lr=0.05, seed=seed).history[-1]
    assert last.train_error < 0.1 * last.test_error
    fit = exact_fits(n_train=10, n_test=100, noise=0.1, seed=seed)[19]
    assert fit.train_error < 1e-12 < 1 < fit.test_error


def test_weights_of_the_cubic_are_the_coefficients() -> None:
    run = polynomial_run(3)
    assert run.w.tolist() == pytest.approx(COEFFICIENTS, abs=0.05)
    assert exact_weights(run.problem).tolist() == pytest.approx(COEFFICIENTS, abs=0.05)


def test_test_error_of_exact_fits_is_u_shaped_and_training_error_never_rises() -> None:
    fits = exact_fits(n_train=20, n_test=100, noise=0.1, seed=0)
    assert [fit.epoch for fit in fits] == list(range(MAX_DEGREE + 1))
    assert best_record(fits).epoch == 3
    assert fits[0].test_error > 10 < fits[-1].test_error
    for lower, higher in pairwise(fits[:15]):  # beyond, rounding has its say
        assert higher.train_error <= lower.train_error + 1e-9


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_of_the_task(language: str) -> None:
    task = prose(language)["generalisation/try"]
    fits = exact_fits(n_train=10, n_test=100, noise=0.1, seed=0)
    assert f"{fits[3].test_error:.2f}" == "0.02"
    assert "0.02" in task
    assert fits[9].test_error > 1e6
    assert fits[9].train_error < 1e-12
    for degree in (3, 9):
        assert f" {polynomial_run(degree, n=10).history[-1].test_error:.0f}" in task


@pytest.mark.parametrize("seed", range(3))
def test_with_more_samples_than_inputs_decay_only_harms(seed: int) -> None:
    problem = many_inputs(n_inputs=50, n_train=200, n_test=100, seed=seed)
    ends = []
    for weight_decay in (0.0, 3.0):
        run = LinearFit(problem, lr=0.003, batch_size=5, weight_decay=weight_decay, epochs=100, seed=seed)
        run.advance(100)
        ends.append(run.history[-1])
    plain, decayed = ends
    assert 0 < plain.train_error < plain.test_error < 1e-3 < decayed.test_error


def test_test_samples_do_not_depend_on_the_number_of_training_samples() -> None:
    few, many = (polynomial(4, n_train=n, n_test=30, noise=0.1, seed=3) for n in (5, 90))
    assert torch.equal(few.X_test, many.X_test)
    assert torch.equal(few.y_test, many.y_test)


@given(x=st.lists(st.floats(-3, 3), min_size=1, max_size=5), degree=st.integers(0, MAX_DEGREE))
def test_powers_are_the_terms_of_the_exponential(x: list[float], degree: int) -> None:
    X = powers(torch.tensor(x, dtype=torch.float64), degree)
    assert X.shape == (len(x), degree + 1)
    if degree == MAX_DEGREE:
        torch.testing.assert_close(X.sum(1), torch.tensor(x, dtype=torch.float64).exp(), rtol=1e-6, atol=1e-8)


# --- weight decay -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(4))
def test_without_decay_only_the_training_error_falls(seed: int) -> None:
    run = decay_run(0.0, seed=seed)
    assert run.history[-1].train_error < 1e-9 * run.history[0].train_error
    assert run.history[-1].test_error > 0.7 * run.history[0].test_error


@pytest.mark.parametrize("seed", range(4))
def test_decay_of_three_makes_the_norm_ten_times_smaller(seed: int) -> None:
    plain, run = decay_run(0.0, seed=seed), decay_run(3.0, seed=seed)
    assert run.history[-1].norm * 10 < plain.history[-1].norm
    assert run.history[-1].test_error < 1 < 100 < plain.history[-1].test_error
    if seed == 0:
        assert plain.history[-1].norm / run.history[-1].norm == pytest.approx(36, abs=0.5)


def test_baseline_is_never_behind_and_computed_once() -> None:
    problem = many_inputs(n_inputs=20, n_train=10, n_test=10, seed=0)
    plain = LinearFit(problem, lr=0.01, batch_size=5, weight_decay=0.0, epochs=12, seed=0)
    run = LinearFit(problem, lr=0.01, batch_size=5, weight_decay=1.0, epochs=12, seed=0, baseline=plain)
    run.advance(5)
    assert (run.epoch, plain.epoch) == (5, 5)
    run.restart()
    run.advance(2)
    assert (run.epoch, plain.epoch) == (2, 5)
    run.advance(100)
    assert (run.epoch, plain.epoch) == (12, 12)
    alone = LinearFit(problem, lr=0.01, batch_size=5, weight_decay=0.0, epochs=12, seed=0)
    alone.advance(12)
    assert torch.equal(plain.w, alone.w)


def test_a_run_continues_after_its_baseline_has_diverged() -> None:
    problem = many_inputs(n_inputs=200, n_train=20, n_test=100, seed=0)
    plain = LinearFit(problem, lr=0.03, batch_size=5, weight_decay=0.0, epochs=100, seed=0)
    run = decay_run(10.0, lr=0.03, baseline=plain)
    assert plain.diverged
    assert plain.epoch == len(plain.history) < run.epoch == 100


# --- from scratch against torch ---------------------------------------------------------------------------------------
@settings(max_examples=40)
@given(
    inputs=st.integers(1, 12),
    n=st.integers(1, 30),
    batch=st.integers(1, 12),
    lr=st.floats(0.001, 0.05),
    decay=st.floats(0, 5),
    bias=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_descent_equals_torchs(
    inputs: int, n: int, batch: int, lr: float, decay: float, bias: bool, seed: int
) -> None:
    made = many_inputs(n_inputs=inputs, n_train=n, n_test=7, seed=seed)
    problem = RegressionProblem(made.X_train, made.y_train, made.X_test, made.y_test, made.start, bias=bias)
    run = LinearFit(problem, lr=lr, batch_size=batch, weight_decay=decay, epochs=4, seed=seed)
    run.advance(4)

    model = torch.nn.Linear(inputs, 1, bias=bias, dtype=torch.float64)
    with torch.no_grad():
        model.weight.copy_(problem.start)
        if bias:
            model.bias.zero_()
    groups = [{"params": [model.weight], "weight_decay": decay}, {"params": [model.bias] if bias else []}]
    optimizer = torch.optim.SGD([group for group in groups if group["params"]], lr=lr)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(4):
        for rows in torch.randperm(n, generator=generator).split(batch):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(problem.X_train[rows])[:, 0], problem.y_train[rows]).backward()
            optimizer.step()
    torch.testing.assert_close(run.w, model.weight[0].detach(), rtol=1e-9, atol=1e-12)
    assert run.b == pytest.approx(model.bias.item() if bias else 0.0, abs=1e-10)
    test = torch.nn.functional.mse_loss(model(problem.X_test)[:, 0], problem.y_test).item()
    assert run.history[-1].test_error == pytest.approx(test)


def test_exact_weights_have_the_smallest_training_error() -> None:
    problem = polynomial(5, n_train=40, n_test=10, noise=0.5, seed=1)
    w = exact_weights(problem)
    least = measure(problem, w, 0.0, 0).train_error
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        other = w + 0.01 * torch.randn(w.shape, generator=generator, dtype=torch.float64)
        assert measure(problem, other, 0.0, 0).train_error > least


# --- a run ------------------------------------------------------------------------------------------------------------
def test_restart_repeats_the_run() -> None:
    run = polynomial_run(4, epochs=20)
    first, w = run.history, run.w
    run.restart()
    assert (run.epoch, len(run.history)) == (0, 1)
    run.advance(20)
    assert [astuple(fit) for fit in run.history] == [astuple(fit) for fit in first]
    assert torch.equal(run.w, w)


def test_a_diverged_run_keeps_only_finite_errors() -> None:
    problem = many_inputs(n_inputs=400, n_train=20, n_test=10, seed=0)
    run = LinearFit(problem, lr=0.03, batch_size=5, weight_decay=0.0, epochs=500, seed=0)
    run.advance(500)
    assert run.diverged
    assert run.epoch < 500
    assert all(fit.train_error + fit.test_error < 1e12 for fit in run.history)
    assert generalisation_programs.decay_scratch(run).output == ""


def test_best_record_is_the_first_of_the_smallest() -> None:
    history = [FitRecord(0, 9, 3, 1), FitRecord(1, 5, 2, 1), FitRecord(2, 1, 2, 1), FitRecord(3, 0, 4, 1)]
    assert best_record(history).epoch == 1


# --- programs ---------------------------------------------------------------------------------------------------------
@settings(max_examples=25, deadline=None)
@given(degree=rule("degree"), noise=rule("noise"), lr=rule("lr"), epochs=st.integers(0, 30))
@example(degree=3, noise=0.25, lr=0.0123456789, epochs=12)
@example(degree=20, noise=0.1, lr=0.1, epochs=30)
def test_polynomial_programs_print_the_shown_output(degree: int, noise: float, lr: float, epochs: int) -> None:
    problem = polynomial(degree, n_train=23, n_test=100, noise=noise, seed=7)
    run = LinearFit(problem, lr=lr, batch_size=10, weight_decay=0.0, epochs=30, seed=7)
    run.advance(epochs)
    for write in (generalisation_programs.polynomial_scratch, generalisation_programs.polynomial_concise):
        snippet = write(run, noise)
        assert snippet.output == ("" if run.diverged else printed(snippet.code))


@settings(max_examples=25, deadline=None)
@given(decay=rule("weight_decay"), lr=rule("decay_lr"), epochs=st.integers(0, 30))
@example(decay=0.0, lr=0.0123456789, epochs=21)
@example(decay=2.3456789, lr=0.004, epochs=21)
def test_weight_decay_programs_print_the_shown_output(decay: float, lr: float, epochs: int) -> None:
    problem = many_inputs(n_inputs=30, n_train=12, n_test=100, seed=3)
    run = LinearFit(problem, lr=lr, batch_size=5, weight_decay=decay, epochs=30, seed=3)
    run.advance(epochs)
    for write in (generalisation_programs.decay_scratch, generalisation_programs.decay_concise):
        snippet = write(run)
        assert snippet.output == ("" if run.diverged else printed(snippet.code))


def test_polynomial_frame_has_all_samples_and_curves() -> None:
    run = polynomial_run(8, n=9, epochs=3)
    frame = generalisation_charts.polynomial_frame(run.problem, run.w, exact_weights(run.problem))
    points = generalisation_charts.POINTS
    lines = {"true": points, "model": points, "exact": points + 9}
    assert frame["kind"].value_counts().to_dict() == {"train": 9, "test": 100, **lines}
    train = frame[frame["kind"] == "train"]
    assert train["y"].tolist() == run.problem.y_train.tolist()
    middle = frame[(frame["kind"] == "model") & (frame["x"].abs() < 1e-9)]
    assert middle["y"].tolist() == pytest.approx([run.w[0].item()])
    overfit = frame[frame["kind"] == "exact"]  # through every training sample, and far away between them
    assert overfit["x"].is_monotonic_increasing
    assert overfit.set_index("x")["y"][train["x"]].tolist() == pytest.approx(train["y"].tolist(), abs=1e-6)
    assert overfit["y"].abs().max() > 10 * generalisation_charts.Y_MAX
    with pytest.raises(ValueError, match="must be a polynomial's"):
        generalisation_charts.polynomial_frame(many_inputs(n_inputs=2, n_train=2, n_test=2, seed=0), run.w, run.w)


def test_norm_frame_is_bounded_and_ends_with_the_last_record() -> None:
    run = polynomial_run(3)
    frame = generalisation_charts.norm_frame({"a": run.history, "b": run.history[:1]})
    assert len(frame) <= generalisation_charts.MAX_ROWS + 2
    assert frame[frame["name"] == "a"]["norm"].iloc[-1] == run.history[-1].norm
    assert frame[frame["name"] == "b"]["epoch"].tolist() == [0]
