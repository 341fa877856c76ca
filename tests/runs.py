"""Small runs that the tests train, and what it means that two runs are equal."""

import torch

from dlcore.network.settings import ModelConfig, TrainingConfig
from dlcore.spiral.config import DataConfig, RunConfig, replace_field
from dlcore.spiral.training import Run

DATA = DataConfig(points=30, seed=5)
SMALL = RunConfig(
    data=DATA, model=ModelConfig(hidden=(8,)), training=TrainingConfig(lr=0.02, epochs=30, batch_size=20, dropout=0.3)
)
# θ ← θ − 10 θ: the weights grow ninefold at every step, whatever the loss says, until float32 ends.
DIVERGING = RunConfig(
    data=DATA, model=ModelConfig(hidden=(8, 8)), training=TrainingConfig(optimizer="sgd", lr=10.0, l2=1.0, epochs=300)
)
DIVERGING_RUNS = {
    "full batch": DIVERGING,
    "mini-batches": replace_field(DIVERGING, "training.batch_size", 20),
    "dropout": replace_field(DIVERGING, "training.dropout", 0.5),
    "linear": replace_field(DIVERGING, "model.hidden", ()),
    "records every 5 epochs": replace_field(DIVERGING, "training.epochs", 1000),
    "within the first epoch": replace_field(DIVERGING, "training.batch_size", 1),
}


def advanced(config: RunConfig, sizes=()) -> Run:
    """Return a finished run that was advanced in chunks of the given sizes, then to the end."""
    run = Run(config)
    for size in sizes:
        run.advance(size)
    run.advance(config.training.epochs)
    return run


def assert_same(run: Run, other: Run) -> None:
    """Check that two runs are equal bit for bit; NaN equals NaN."""
    assert run.losses == other.losses
    assert repr(run.history) == repr(other.history)
    assert (run.epoch, run.diverged_at) == (other.epoch, other.diverged_at)
    state, theirs = run.engine.save(), other.engine.save()
    assert torch.equal(state["theta"], theirs["theta"])
    assert all(map(torch.equal, state["buffers"], theirs["buffers"]))
    assert torch.equal(state["generator"], theirs["generator"])
    assert state["steps"] == theirs["steps"]
