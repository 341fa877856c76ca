"""Tests of dropout against nn.Dropout, of its expectation, and of a network that it keeps from overfitting."""

import math
import re
from collections.abc import Callable
from functools import lru_cache

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from programs import printed
from strategies import values
from torch import nn

from dlcore.images.data import digits
from dlcore.lessons.generalisation.dropout import programs as dropout_programs
from dlcore.lessons.generalisation.dropout.model import (
    BATCH,
    LR,
    N_TEST,
    DropoutFit,
    deviation,
    dropout,
    mean_of_draws,
    standard_error,
)
from dlcore.lessons.generalisation.model import best_record
from dlcore.lessons.generalisation.settings import LESSON
from dlcore.network.from_scratch import Model
from dlcore.programs.snippet import Snippet
from pages.ui.language import LANGUAGES, prose

X = torch.arange(1.0, 33.0, dtype=torch.float64).reshape(4, 8)
SEEDS = st.integers(0, 2**31)
SHAPES = st.lists(st.integers(1, 7), min_size=1, max_size=3).map(tuple)


def random(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(shape=SHAPES, seed=SEEDS, p=st.one_of(st.just(0.0), st.just(1.0), st.floats(0.01, 0.99)))
def test_dropout_and_its_use_of_the_random_stream_equal_torchs(shape: tuple[int, ...], seed: int, p: float) -> None:
    x = random(shape, 1)
    generator = torch.Generator().manual_seed(seed)
    mine = dropout(x, p, generator)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        theirs = nn.Dropout(p)(x)
        following = torch.rand(())
    assert torch.equal(mine, theirs)
    assert torch.equal(torch.rand((), generator=generator), following)


@given(shape=SHAPES, seed=SEEDS, p=st.floats(0, 1))
def test_dropout_of_0_and_1_and_in_evaluation(shape: tuple[int, ...], seed: int, p: float) -> None:
    x, generator = random(shape, 1), torch.Generator().manual_seed(seed)
    assert torch.equal(dropout(x, 0.0, generator), x)
    assert torch.equal(dropout(x, 1.0, generator), torch.zeros_like(x))
    assert torch.equal(dropout(x, p, generator, training=False), x)


@given(seed=SEEDS, p=st.floats(0.05, 0.95))
def test_each_element_is_dropped_or_scaled(seed: int, p: float) -> None:
    out = dropout(X, p, torch.Generator().manual_seed(seed))
    nonzero = out != 0
    torch.testing.assert_close(out[nonzero], X[nonzero] / (1 - p))


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_the_expectation_is_the_input_within_three_standard_errors(p: float) -> None:
    """For a mean over 200 000 elements. One seed in 75 fails for one of these p; seed 0 does not."""
    out = dropout(torch.ones(200_000, dtype=torch.float64), p, torch.Generator().manual_seed(0))
    error = float(standard_error(torch.ones(1, dtype=torch.float64), p, len(out)))
    assert abs(float(out.mean()) - 1) < 3 * error
    assert float(out.std()) == pytest.approx(error * math.sqrt(len(out)), rel=0.02)


@settings(max_examples=20)
@given(seed=SEEDS, p=st.sampled_from([0.2, 0.5, 0.8]))
def test_no_mean_is_six_standard_errors_off(seed: int, p: float) -> None:
    """A correct dropout exceeds six standard errors in about one of a million runs of 32 elements and 20 examples."""
    assert deviation(mean_of_draws(X, p, 1000, seed=seed), X, p, 1000) < 6


def test_default_mean_is_within_three_standard_errors() -> None:
    assert deviation(mean_of_draws(X, 0.5, 100, seed=0), X, 0.5, 100) < 3


def test_the_mean_of_one_draw_is_that_draw() -> None:
    draw = dropout(X, 0.4, torch.Generator().manual_seed(9))
    assert torch.equal(mean_of_draws(X, 0.4, 1, seed=9), draw)


def test_deviation_is_0_without_dropout_and_infinite_if_all_is_dropped() -> None:
    assert deviation(X, X, 0.0, 5) == 0
    assert math.isinf(deviation(torch.zeros_like(X), X, 1.0, 5))


# --- a network --------------------------------------------------------------------------------------------------------
@settings(max_examples=8, deadline=None)
@given(
    p=st.tuples(*[st.sampled_from([0.0, 0.25, 0.6, 1.0])] * 2),
    hidden=st.integers(1, 20),
    n=st.integers(20, 70),
    seed=SEEDS,
)
def test_network_run_equals_torchs(p: tuple[float, float], hidden: int, n: int, seed: int) -> None:
    run = DropoutFit(p=p, n_train=n, hidden=hidden, epochs=4, seed=seed)
    run.advance(4)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        first, second, last = (
            nn.Linear(a, b, dtype=torch.float64) for a, b in ((64, hidden), (hidden, hidden), (hidden, 10))
        )
        net = nn.Sequential(first, nn.ReLU(), nn.Dropout(p[0]), second, nn.ReLU(), nn.Dropout(p[1]), last)
        optimizer = torch.optim.Adam(net.parameters(), lr=LR)
        X, y = run.train
        for _ in range(4):
            for rows in torch.randperm(n).split(BATCH):
                optimizer.zero_grad()
                nn.functional.cross_entropy(net(X[rows]), y[rows]).backward()
                optimizer.step()
    with torch.no_grad():
        loss = nn.functional.cross_entropy(net.eval()(run.test[0]), run.test[1]).item()
    assert run.history[-1].test_loss == pytest.approx(loss, rel=1e-8)


def test_train_and_test_do_not_overlap() -> None:
    data = digits()
    images = data.inputs(torch.cat([data.train.X, data.test.X]))
    small, large = (DropoutFit(p=(0.0, 0.0), n_train=n, hidden=8, epochs=1, seed=0) for n in (50, 1000))
    assert torch.equal(small.train[0], large.train[0][:50])
    assert torch.equal(large.train[0], images[N_TEST : N_TEST + 1000])
    assert len(large.test[1]) == N_TEST
    assert float(images.min()) == 0
    assert float(images.max()) == 1


@lru_cache
def trained(p: tuple[float, float], weight_decay: float = 0.0, seed: int = 0, n_validation: int = 0) -> DropoutFit:
    """Return the finished run of the page's defaults but for these settings."""
    run = DropoutFit(
        p=p, n_train=500, hidden=128, epochs=60, seed=seed, weight_decay=weight_decay, n_validation=n_validation
    )
    run.advance(60)
    return run


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_of_the_task(language: str) -> None:
    """Without dropout the test loss rises again; with it, in either order, it ends far lower; p = 1 learns nothing."""
    task = prose(language)["generalisation/try"]
    plain = trained((0.0, 0.0)).history
    end = {p: trained(p).history[-1].test_loss for p in ((0.2, 0.5), (0.5, 0.2), (1.0, 0.5))}
    best = best_record(plain, "loss")
    assert f"{plain[-1].test_loss:.2f}" == "0.25"
    assert "0.25" in task
    assert str(best.epoch) in task
    assert best.test_loss < 0.85 * plain[-1].test_loss
    assert f"{end[0.2, 0.5]:.2f}" in task
    assert end[0.5, 0.2] == pytest.approx(end[0.2, 0.5], abs=0.02)
    assert end[1.0, 0.5] == pytest.approx(math.log(10), abs=0.05)
    assert f"{end[1.0, 0.5]:.1f}" in task


CHOICES = [((0.0, 0.0), 0.0), ((0.0, 0.0), 0.003), ((0.2, 0.5), 0.0), ((0.2, 0.5), 0.001), ((0.2, 0.5), 0.003)]


@pytest.mark.long
def test_dropout_and_weight_decay_measured_over_five_seeds() -> None:
    """The table of both languages has the means, and the sentences below it hold."""
    losses = {choice: [trained(*choice, seed).history[-1].test_loss for seed in range(5)] for choice in CHOICES}
    norms = {choice: sum(trained(*choice, seed).norm for seed in range(5)) / 5 for choice in CHOICES}
    means = {choice: sum(of_seeds) / 5 for choice, of_seeds in losses.items()}
    for language in LANGUAGES:
        row = r"(?m)^\| ([\d.]+)(?:, |、)([\d.]+) \| ([\d.]+) \| ([\d.]+) \| (\d+) \|$"
        rows = re.findall(row, prose(language)["generalisation/dropout"])
        table = [((float(p1), float(p2)), float(decay)) for p1, p2, decay, *_ in rows]
        assert table == CHOICES
        for choice, (*_, loss, norm) in zip(CHOICES, rows, strict=True):
            assert float(loss) == pytest.approx(means[choice], abs=0.006)
            assert float(norm) == pytest.approx(norms[choice], abs=0.6)
    plain, decayed, dropped, both, strong = (losses[choice] for choice in CHOICES)
    for seed in range(5):
        assert max(dropped[seed], both[seed]) < decayed[seed] < plain[seed]
    assert abs(means[CHOICES[3]] - means[CHOICES[2]]) < 0.02
    assert sum(strong) > sum(both)


def test_validation_chooses_and_test_reports() -> None:
    run = DropoutFit(p=(0.0, 0.0), n_train=100, hidden=16, epochs=8, seed=0, n_validation=100)
    run.advance(8)
    plain = DropoutFit(p=(0.0, 0.0), n_train=100, hidden=16, epochs=8, seed=0)
    plain.advance(8)
    assert [r.test_loss for r in run.history] == [r.test_loss for r in plain.history], "validation changes no training"
    assert all(math.isnan(r.validation_loss) for r in plain.history)
    rows = [set(map(tuple, X.tolist())) for X, _ in (run.train, run.valid, run.test)]
    assert not rows[0] & rows[1]
    assert not rows[1] & rows[2]
    X, y = run.valid
    assert len(y) == 100
    with torch.no_grad():
        loss = nn.functional.cross_entropy(run.model.logits(X), y).item()
    assert run.history[-1].validation_loss == pytest.approx(loss)
    best = best_record(run.history, "loss", "validation")
    assert best.validation_loss == min(r.validation_loss for r in run.history)


@pytest.mark.parametrize("write", [dropout_programs.scratch, dropout_programs.concise])
def test_programs_with_weight_decay_and_validation_print_the_output(write: Callable[[DropoutFit], Snippet]) -> None:
    run = DropoutFit(p=(0.2, 0.5), n_train=100, hidden=16, epochs=6, seed=1, weight_decay=0.003, n_validation=100)
    run.advance(6)
    snippet = write(run)
    assert printed(snippet.code) == snippet.output
    assert f"parameters {64 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10}," in snippet.output


def test_restart_repeats_the_run() -> None:
    run = DropoutFit(p=(0.3, 0.3), n_train=50, hidden=8, epochs=3, seed=5)
    run.advance(3)
    first = run.history
    run.restart()
    assert run.history == first[:1]
    run.advance(3)
    assert run.history == first


def test_one_probability_applies_to_every_hidden_layer() -> None:
    outputs = []
    for probabilities in (0.5, (0.5, 0.5)):
        model = Model(
            (8, 4, 4, 2), dropout=probabilities, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
        )
        outputs.append(model.logits(X, training=True))
    assert torch.equal(*outputs)


# --- programs ---------------------------------------------------------------------------------------------------------
@settings(max_examples=30)
@given(p=values(LESSON.settings["probability"].rule), training=st.booleans())
@example(p=0.0, training=True)
@example(p=1.0, training=True)
@example(p=1.0, training=False)
@example(p=0.123456789, training=True)
def test_mask_programs_print_the_shown_output(p: float, training: bool) -> None:
    probability = p if training else 0.0
    output = dropout(X, probability, torch.Generator().manual_seed(4))
    mean = mean_of_draws(X, probability, 30, seed=4)
    with torch.random.fork_rng():
        for write in (dropout_programs.mask_scratch, dropout_programs.mask_concise):
            snippet = write(X, p, 30, 4, training, output, mean)
            assert printed(snippet.code) == snippet.output


@pytest.mark.parametrize("p", [(0.0, 0.0), (0.212345678, 0.5), (1.0, 0.1)])
def test_network_programs_print_the_shown_output(p: tuple[float, float]) -> None:
    run = DropoutFit(p=p, n_train=100, hidden=16, epochs=20, seed=3)
    run.advance(8)
    with torch.random.fork_rng():
        for write in (dropout_programs.scratch, dropout_programs.concise):
            snippet = write(run)
            assert printed(snippet.code) == snippet.output
