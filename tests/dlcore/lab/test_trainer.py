"""The training of a grid: every cell's numbers are those of its single run, whatever trains together."""

from __future__ import annotations

import math

import pytest
import torch

from dlcore.lab.grid import LAB, Grid
from dlcore.lab.parts import Single
from dlcore.lab.together import MAX_VALUES, PART_VALUES, Together, step_values
from dlcore.lab.trainer import GridTrainer
from dlcore.settings.rules import ConfigError
from dlcore.spiral.training import Run

SMALL = "n=20&k=12&vs=0.2"


def grid(query: str) -> Grid:
    found, violations = LAB.parse(query)
    assert violations == []
    return Grid.of(found)


def trained(query: str) -> GridTrainer:
    trainer = GridTrainer(grid(query))
    while not trainer.finished:
        trainer.advance_for(0.01)
    return trainer


@pytest.mark.parametrize(
    "axes",
    [
        "xv=2~4&y=depth&yv=0~1~2&q=1",
        "x=optimizer&xv=sgd~adam&y=lr&yv=0.01~0.1&q=2&h=5",
        "x=noise&xv=0~0.5&y=l2&yv=0~0.1&b=16&q=2&h=5",
        "x=dropout&xv=0~0.2~0.5&y=init&yv=default~zeros&q=1&h=5",
        "x=batch_size&xv=0~16&y=activation&yv=tanh~gelu&h=5&q=1",
        "x=seed&xv=7~8~9&h=5&e=1&u=cosine",
    ],
)
def test_every_cell_has_the_numbers_of_its_single_run(axes: str) -> None:
    trainer = trained(f"{axes}&{SMALL}")
    assert trainer.progress == 1
    assert trainer.seconds_left == 0
    for state in trainer.states:
        run = Run(state.cell.config)
        run.advance(12)
        assert state.epoch == 12
        assert [record.epoch for record in state.history] == [record.epoch for record in run.history]
        for ours, theirs in zip(state.history, run.history, strict=True):
            assert ours.train_loss == pytest.approx(theirs.train_loss, abs=1e-5)
            assert ours.test_loss == pytest.approx(theirs.test_loss, abs=1e-4)
            assert ours.validation_loss == pytest.approx(theirs.validation_loss, abs=1e-4)
        X = run.X_test
        network = trainer.network(state.cell.index)
        torch.testing.assert_close(network.logits(X), run.engine.logits(X), rtol=1e-3, atol=1e-4)
        assert torch.equal(trainer.prepared(state.cell.index).train.X, run.prepared.train.X)


def test_a_diverged_cell_keeps_its_last_finite_state_and_the_others_go_on() -> None:
    query = "x=lr&xv=0.01~10&l2=1&l1=1&o=sgd&h=20&k=300&n=20&q=2"
    trainer = trained(query)
    assert [state.diverged_at is not None for state in trainer.states] == [False, False, True, True]
    for state in trainer.states:
        run = Run(state.cell.config)
        run.advance(300)
        assert (state.diverged_at, state.epoch, state.finished) == (run.diverged_at, run.epoch, True)
        assert state.last is not None
        assert state.last.epoch == run.history[-1].epoch
        assert math.isfinite(state.last.train_loss)
        assert bool(trainer.network(state.cell.index).theta.isfinite().all())
    assert trainer.progress == 1


def test_turns_are_short_and_cells_grow_together() -> None:
    trainer = GridTrainer(grid("xv=2~4~8~16&q=3&n=20&k=400"))
    assert (trainer.progress, trainer.seconds_left) == (0, None)
    assert trainer.states[0].last is None
    for _ in trainer.parts:
        trainer.advance_for(0)  # draws data and networks of one part
    assert all(state.last is not None and state.epoch == 0 for state in trainer.states)
    assert (trainer.progress, trainer.seconds_left) == (0, None)
    progress = 0.0
    while not trainer.finished:
        trainer.advance_for(0)  # one part to its next record
        assert trainer.progress > progress
        progress = trainer.progress
        if progress < 1:
            assert trainer.seconds_left is not None
            assert trainer.seconds_left > 0
        epochs = [state.epoch for state in trainer.states]
        assert max(epochs) - min(epochs) <= 2  # 400 epochs have 200 records
    assert trainer.seconds_left == 0


def test_stop_keeps_what_is_there() -> None:
    trainer = GridTrainer(grid("xv=2~4&q=1&n=20&k=400"))
    for _ in range(3):
        trainer.advance_for(0)
    trainer.stop()
    states = trainer.states
    trainer.advance_for(1)
    assert trainer.finished
    assert trainer.states == states
    assert sum(state.epoch for state in states) > 0
    assert not any(state.finished for state in states)
    for index in range(2):
        assert len(trainer.prepared(index).train.y) == 48
        assert trainer.network(index).sizes[1] == (2, 4)[index]


def test_a_cell_by_itself_keeps_no_past() -> None:
    trainer = trained(f"xv=2~4&q=1&{SMALL}")
    for part in trainer.parts:
        assert isinstance(part, Single)
        assert part.run.timeline.epochs == [12]
        assert len(part.state(0).history) == 13


def test_a_grid_that_breaks_its_rules_is_not_trained() -> None:
    bad = grid("xv=2~4")
    with pytest.raises(ConfigError, match="seeds must be"):
        GridTrainer(Grid(bad.base, bad.x, None, 9))


@pytest.mark.parametrize(
    ("query", "sizes"),
    [
        ("x=lr&q=3&n=100&h=16", [15]),  # 240 samples × 19 units: 15 cells have 68 400 values
        ("x=lr&q=5&n=100&h=16", [13, 12]),
        ("x=seed&xv=1~2&n=100&h=16", [1, 1]),  # too few
        ("x=lr&xv=0.01~0.1&q=2&h=100", [1] * 4),  # too large
        ("x=lr&xv=0.01~0.1&q=2&h=100&b=32", [4]),  # small batches
        ("x=dropout&xv=0~0.2~0.5&q=2&n=20&h=8", [1, 1, 4]),  # without dropout no mask is drawn
        ("x=optimizer&xv=sgd~adam&y=noise&yv=0~0.1&q=2&n=20&h=8", [4, 4]),
        ("x=width&xv=4~8&y=init&yv=zeros~normal&q=2&n=20", [4, 4]),
        ("x=lr&q=3&n=100&h=16&g=cuda", [1] * 15),
    ],
)
def test_cells_train_together_where_that_gains(query: str, sizes: list[int]) -> None:
    trainer = GridTrainer(grid(query))
    assert [len(part.cells) for part in trainer.parts] == sizes
    assert sorted(cell.index for part in trainer.parts for cell in part.cells) == list(range(sum(sizes)))
    for part in trainer.parts:
        values = [step_values(cell.config) for cell in part.cells]
        if isinstance(part, Together):
            assert max(values) <= MAX_VALUES
            assert sum(values) <= PART_VALUES
        else:
            assert isinstance(part, Single)


def test_step_values_count_the_samples_of_a_step() -> None:
    trainer = GridTrainer(grid("xv=3~5&q=1&n=33&vs=0.15&t=0.3"))
    for index, cell in enumerate(trainer.grid.cells):
        assert step_values(cell.config) == len(trainer.prepared(index).train.y) * (cell.x + 3)
