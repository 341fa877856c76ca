"""The app's engine reproduces the numbers that the course's notebooks print."""

import pytest

from dlcore.network import tile
from dlcore.spiral.experiments import EXPERIMENTS, PUBLISHED, STUDENT, TOLERANCE, reproduce
from dlcore.spiral.training import Run

# As printed (COURSE.md S2-S4), written here once more: loss and accuracy after how many updates.
PRINTED = {
    "lecture_linear": (999, 0.861541, 0.504),
    "lecture_relu": (999, 0.178407, 0.949),
    "older_linear": (999, 0.854276, 0.503),
    "older_relu": (999, 0.162179, 0.956),
    "newer_linear": (1999, 0.900009, 0.503),
    "newer_relu": (1999, 0.063875, 0.992),
    "newer_embedding": (1999, 0.034937, 0.995),
}

# One student's run (COURSE.md C2), recomputed with the notebook's loop.
RECOMPUTED = {"student_sgd": (9999, 0.719394, 0.534), "student_adam": (999, 0.144925, 0.962)}


def test_the_published_numbers_are_those_of_the_notebooks():
    assert {id: (p.epoch, p.loss, p.accuracy) for id, p in PUBLISHED.items()} == PRINTED
    assert TOLERANCE == 1e-5


@pytest.mark.parametrize(
    "values",
    [tile.TILE_VALUES, *(pytest.param(v, marks=pytest.mark.long) for v in tile.CANDIDATES if v != tile.TILE_VALUES)],
)
@pytest.mark.parametrize("id", PRINTED)
def test_every_published_experiment_is_reproduced(id, values, monkeypatch):
    monkeypatch.setenv(tile.VARIABLE, str(values))
    published = PUBLISHED[id]
    run = Run(published.config)
    run.advance(published.epoch)
    record = run.measure()
    assert record.epoch == run.epoch == published.epoch
    assert record.train_loss == pytest.approx(published.loss, abs=TOLERANCE)
    assert f"{record.train_accuracy:.3f}" == f"{published.accuracy:.3f}"
    assert run.history[-1] == record  # so the page shows it
    run.advance(1)
    # What the notebook prints as [LOSS] in its last line is the loss of the last epoch's forward pass.
    assert run.losses[-1] == pytest.approx(published.loss, abs=TOLERANCE)
    assert run.finished


@pytest.mark.parametrize("id", [pytest.param("student_sgd", marks=pytest.mark.long), "student_adam"])
def test_the_run_of_one_student_is_the_case_for_adam(id):
    experiment = STUDENT[id]
    assert {**PUBLISHED, **STUDENT} == EXPERIMENTS
    assert (experiment.epoch, experiment.loss, experiment.accuracy) == RECOMPUTED[id]
    assert experiment.config.data.noise == experiment.config.data.test_share == 0
    assert experiment.config.training.epochs == experiment.epoch + 1
    assert reproduce(experiment).agrees
