"""Findings: each rule on grids whose final numbers are given, and the frames of a trained grid."""

from __future__ import annotations

import math

import pytest

from dlcore.lab.axes import Axis
from dlcore.lab.grid import Grid
from dlcore.lab.parts import CellState
from dlcore.lab.summary import Finding, findings, places_frame, runs_frame, usual_quantity
from dlcore.lab.trainer import GridTrainer
from dlcore.spiral.config import RunConfig
from dlcore.spiral.training import Record

NAN = math.nan


def runs(grid: Grid, losses: dict, *, quantity: str = "test_loss", diverged: tuple[int, ...] = ()):
    """Return the frame of runs whose final losses are given by place, a number or one for each seed."""
    states = []
    for cell in grid.cells:
        given = losses[cell.x if grid.y is None else (cell.x, cell.y)]
        loss = given[cell.replicate] if isinstance(given, tuple) else given
        numbers = dict.fromkeys(("train_loss", "train_accuracy", "test_loss", "test_accuracy"), NAN) | {quantity: loss}
        states.append(CellState(cell, 9, [Record(9, **numbers)], 10 if cell.index in diverged else None, True))
    return runs_frame(states)


def found(axis: Axis, losses: dict, seeds: int = 3, **options) -> list[Finding]:
    grid = Grid(RunConfig(), axis, None, seeds)
    return findings(grid, runs(grid, losses, **options), options.get("quantity"))


def around(loss: float, spread: float) -> tuple[float, float, float]:
    """Return the losses of three seeds of this median and spread."""
    return loss + spread / 4, loss, loss - spread * 3 / 4


WIDTHS = Axis("width", (2, 4, 8, 16))


@pytest.mark.parametrize(
    ("losses", "rule", "values", "best"),
    [
        ((0.9, 0.5, 0.21, 0.2), "no_gain_from", (8, 16), 16),
        ((0.9, 0.5, 0.20, 0.21), "no_gain_from", (8, 16), 8),
        ((0.9, 0.5, 0.3, 0.2), "more_is_better", (16,), 16),
        ((0.2, 0.5, 0.6, 0.9), "less_is_better", (2,), 2),
        ((0.2, 0.21, 0.6, 0.9), "no_loss_up_to", (2, 4), 2),
        ((0.9, 0.2, 0.6, 0.9), "best_between", (4,), 4),
        ((0.9, 0.2, 0.21, 0.9), "best_between", (4, 8), 4),
        ((0.21, 0.9, 0.22, 0.2), "no_gain_from", (8, 16), 16),  # 2 is as good, and 4 is between them
        ((0.21, 0.2, 0.22, 0.2), "no_difference", (2, 4, 8, 16), 4),
    ],
)
def test_rules_of_an_axis_of_numbers(losses, rule, values, best) -> None:
    (finding,) = found(WIDTHS, {w: around(loss, 0.04) for w, loss in zip(WIDTHS.values, losses, strict=True)})
    assert (finding.rule, finding.axis, finding.values, finding.best) == (rule, "width", values, best)
    assert finding.spread == pytest.approx(0.04)
    medians = dict(zip(WIDTHS.values, losses, strict=True))
    compared = [medians[v] for v in values] if len(values) > 1 else sorted(losses)[:2]
    assert finding.difference == pytest.approx(max(compared) - min(compared))


def test_the_larger_of_two_spreads_decides_what_is_alike() -> None:
    steady, shaky = around(0.5, 0.01), around(0.3, 0.5)
    (finding,) = found(Axis("width", (2, 4)), {2: steady, 4: shaky})
    assert (finding.rule, finding.best) == ("no_difference", 4)
    assert (finding.difference, finding.spread) == (pytest.approx(0.2), pytest.approx(0.5))


def test_accuracies_are_better_if_they_are_higher() -> None:
    losses = {w: around(a, 0.01) for w, a in zip(WIDTHS.values, (0.5, 0.7, 0.9, 0.91), strict=True)}
    (finding,) = found(WIDTHS, losses, quantity="test_accuracy")
    assert (finding.rule, finding.values, finding.best) == ("more_is_better", (16,), 16)


def test_a_batch_of_all_samples_is_the_largest() -> None:
    batches = Axis("batch_size", (0, 128, 32))
    (finding,) = found(batches, {0: around(0.2, 0.04), 128: around(0.21, 0.04), 32: around(0.9, 0.04)})
    assert (finding.rule, finding.values) == ("no_gain_from", (128, 0))


def test_rules_of_an_axis_of_choices() -> None:
    optimizers = Axis("optimizer", ("sgd", "adam", "rmsprop"))
    (finding,) = found(optimizers, {"sgd": 0.9, "adam": 0.2, "rmsprop": 0.3})
    assert (finding.rule, finding.values, finding.spread) == ("best", ("adam",), 0)
    assert finding.difference == pytest.approx(0.1)
    (finding,) = found(optimizers, {"sgd": 0.9, "adam": around(0.2, 0.2), "rmsprop": 0.3})
    assert (finding.rule, finding.values, finding.best) == ("tie", ("adam", "rmsprop"), "adam")


def test_one_seed_gives_nothing_to_judge_by() -> None:
    (finding,) = found(WIDTHS, {2: 0.9, 4: 0.5, 8: 0.3, 16: 0.4}, seeds=1)
    assert (finding.rule, finding.best, finding.difference) == ("one_seed", 8, pytest.approx(0.6))
    assert math.isnan(finding.spread)
    (finding,) = found(Axis("seed", (7, 8)), {7: 0.9, 8: 0.5}, seeds=1)
    assert (finding.rule, finding.best, finding.difference) == ("seed_spread", 8, pytest.approx(0.4))


def test_diverged_runs_are_counted_and_left_out() -> None:
    rates = Axis("lr", (0.1, 1.0, 10.0))
    losses = {0.1: (0.3, 0.31, 0.32), 1.0: (0.2, 0.21, 9e9), 10.0: 1e30}
    first, second = found(rates, losses, diverged=(5, 6, 7, 8))
    assert (first.rule, first.best) == ("more_is_better", 1.0)  # 0.205 against 0.31; 10 has no median
    assert (second.rule, second.values, second.runs) == ("diverged", (1.0, 10.0), 4)
    assert [finding.rule for finding in found(rates, losses, diverged=tuple(range(9)))] == ["diverged"]
    places = places_frame(runs(Grid(RunConfig(), rates, None, 3), losses, diverged=(5, 6, 7, 8)), "test_loss")
    assert places["diverged"].tolist() == [0, 1, 3]
    assert places["runs"].tolist() == [3, 3, 3]
    assert places["median"][1] == pytest.approx(0.205)
    assert math.isnan(places["median"][2])


def test_an_axis_is_judged_by_the_medians_of_its_places() -> None:
    grid = Grid(RunConfig(), Axis("width", (2, 4)), Axis("lr", (0.1, 0.2, 0.3)), 3)
    base = {2: 0.8, 4: 0.4}
    losses = {(w, lr): around(base[w] + (9 if lr == 0.3 else 0), 0.02) for w in base for lr in (0.1, 0.2, 0.3)}
    width, lr = findings(grid, runs(grid, losses))
    assert (width.rule, width.axis, width.best, width.difference) == ("more_is_better", "width", 4, pytest.approx(0.4))
    assert (lr.rule, lr.axis, lr.values) == ("no_loss_up_to", "lr", (0.1, 0.2))


def test_a_trained_grid() -> None:
    trainer = GridTrainer(Grid(RunConfig(), Axis("width", (2, 4)), None, 2))
    frame = runs_frame(trainer.states)
    assert frame["epoch"].tolist() == [0] * 4
    assert findings(trainer.grid, frame) == []
    for _ in range(8):
        trainer.advance_for(0)
    frame = runs_frame(trainer.states)
    assert frame["x"].tolist() == [2, 2, 4, 4]
    assert frame["seed"].tolist() == [12345, 12346] * 2
    assert frame["test_loss"].tolist() == [state.last.test_loss for state in trainer.states if state.last]
    assert not frame["finished"].any()
    assert [finding.axis for finding in findings(trainer.grid, frame)] == ["width"]
    assert usual_quantity(frame) == "test_loss"
    assert usual_quantity(frame.assign(test_loss=NAN)) == "train_loss"
