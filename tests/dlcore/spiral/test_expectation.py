"""The losses that a script must print: those that do not depend on rounding."""

from __future__ import annotations

from typing import Any

import pytest

from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.expectation import calm_epochs, expected
from dlcore.spiral.training import Run

SGD = {"training.optimizer": "sgd"}


def run_with(losses: list[float], *, epochs: int | None = None, **fields: Any) -> Run:
    """Return a run of 40 training samples whose losses are set to ``losses``."""
    config = RunConfig()
    settings = {"data.points": 25, "data.classes": 2, "training.epochs": len(losses) if epochs is None else epochs}
    for name, value in {**settings, **fields}.items():
        config = replace_field(config, name, value)
    run = Run(replace_field(config, "training.epochs", config.training.epochs or 1))
    run.losses = losses
    run.engine.epoch = len(losses)
    return run


DRAWN = {"data.kind": "points", "data.drawn": ((0.5, 0.5, 0), (-0.5, 0.5, 1))}
FALLING = [1 / (1 + epoch) for epoch in range(80)]


def test_a_calm_run_expects_its_first_fifty_epochs_and_its_last() -> None:
    wanted = expected(run_with(FALLING))
    assert wanted.losses == {epoch: FALLING[epoch] for epoch in (*range(50), 79)}
    assert wanted.calm


def test_a_short_run_expects_all_its_epochs() -> None:
    assert list(expected(run_with(FALLING[:50])).losses) == list(range(50))
    assert list(expected(run_with(FALLING[:51])).losses) == list(range(51))


def test_an_unfinished_run_expects_its_first_epochs_only() -> None:
    wanted = expected(run_with(FALLING, epochs=100))
    assert (list(wanted.losses), wanted.calm) == (list(range(50)), True)


def test_a_diverged_run_does_not_expect_its_last_epoch() -> None:
    run = run_with(FALLING, epochs=100)
    run.diverged_at = 80
    wanted = expected(run)
    assert (list(wanted.losses), wanted.calm) == (list(range(50)), False)


@pytest.mark.parametrize(("factor", "calm"), [(1.0, True), (1.04, True), (1.06, False), (float("nan"), False)])
@pytest.mark.parametrize("at", [1, 20, 60, 79])
def test_no_loss_is_expected_after_a_jump(factor: float, calm: bool, at: int) -> None:
    losses = [*FALLING[:at], FALLING[at - 1] * factor, *FALLING[at + 1 :]]
    wanted = expected(run_with(losses))
    assert list(wanted.losses) == ([*range(50), 79] if calm else [*range(min(at, 50))])
    assert wanted.calm is calm


@pytest.mark.parametrize(
    ("fields", "epochs"),
    [
        ({}, 80),
        ({"model.init": "zeros"}, 0),
        ({"model.init": "normal"}, 0),
        ({"model.init": "kaiming_normal"}, 80),
        ({"training.lr": 0.03}, 80),
        ({"training.lr": 0.031}, 50),
        ({"training.l1": 1e-5}, 50),
        ({"training.l1": 0.1, "training.batch_size": 8}, 10),
        ({"training.l1": 0.1, "training.batch_size": 9}, 10),
        ({"training.l1": 0.1, "training.batch_size": 7}, 8),
        ({"training.l1": 0.1, "training.batch_size": 8, "data.points": 1000}, 1),
        (DRAWN, 50),
        ({**DRAWN, "training.optimizer": "sgd"}, 80),
        *(({"training.optimizer": id, "training.lr": 0.1}, 50) for id in ("adagrad", "rmsprop", "adamw")),
        *(({"training.optimizer": id, "training.l1": 1.0}, 80) for id in ("sgd", "momentum", "nesterov")),
        *(({"training.optimizer": id, "model.init": "zeros"}, 80) for id in ("sgd", "momentum", "nesterov")),
    ],
)
def test_few_losses_are_expected_where_steps_depend_on_rounding(fields: dict[str, Any], epochs: int) -> None:
    run = run_with(FALLING, **fields)
    assert calm_epochs(run) == epochs
    assert expected(run).calm is (epochs == 80)


def test_a_run_with_changed_settings_is_refused() -> None:
    run = run_with(FALLING)
    run.changes = [(5, "training.lr")]
    with pytest.raises(ValueError, match=r"got one that was changed$"):
        expected(run)
