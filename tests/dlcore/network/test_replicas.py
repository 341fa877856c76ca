"""Replicas compared with their single runs: losses, weights and random streams."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pairwise import covering
from strategies import configs

from dlcore.network.engine import Engine
from dlcore.network.replicas import Replicas
from dlcore.network.settings import ACTIVATIONS, OPTIMIZERS, SCHEDULES, TrainingConfig
from dlcore.spiral.config import DataConfig, ModelConfig, RunConfig, replace_field
from dlcore.spiral.training import prepare

# Learning rates at which no run overshoots; after that, rounding grows as large as the loss itself.
RATES = {"sgd": 0.1, "momentum": 0.03, "nesterov": 0.03, "adagrad": 0.01, "rmsprop": 0.002, "adam": 0.01, "adamw": 0.01}
CHOICES = (
    ACTIVATIONS,
    OPTIMIZERS,
    SCHEDULES,
    ("full", "ragged"),
    (0.0, 0.3),
    ("default", "kaiming_normal"),
    ((), (8,), (5, 12, 3)),
)


def engines(config: RunConfig, dtype: torch.dtype = torch.float64) -> list[Engine]:
    """Return engines of three replicas of a run that differ in everything in which replicas may differ."""
    training = config.training
    different = (
        config,
        replace(
            config,
            data=replace(config.data, seed=config.data.seed // 2 + 1, noise=0.05),
            training=replace(training, lr=training.lr / 3, l2=0.01, dropout=training.dropout and 0.5),
        ),
        replace(
            config,
            data=replace(config.data, seed=config.data.seed // 2 + 2),
            model=replace(config.model, init="xavier_normal", draw=2),
            training=replace(training, lr=training.lr / 2, l1=1e-4, l2=0.0),
        ),
    )
    return [prepare(each).engine(dtype=dtype) for each in different]


def assert_trains_like_single_runs(config: RunConfig, dtype: torch.dtype, tolerance: float, epochs: int) -> None:
    singles, replicas = engines(config, dtype), Replicas(engines(config, dtype))
    first, second = epochs // 2, epochs - epochs // 2
    ours = torch.cat([replicas.run(first), replicas.run(second)])
    theirs = torch.stack([torch.cat([single.run(first), single.run(second)]) for single in singles], 1)
    assert ours.shape == (epochs, 3)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=tolerance)
    assert replicas.epoch == epochs
    X = torch.stack([single.X[:-1].t() for single in singles])
    logits = torch.stack([single.logits(x) for single, x in zip(singles, X, strict=True)])
    torch.testing.assert_close(replicas.logits(X), logits, rtol=1e-3, atol=1e3 * tolerance)
    for generator, single in zip(replicas.generators, singles, strict=True):
        assert torch.equal(generator.get_state(), single.generator.get_state())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(
    ("activation", "optimizer", "schedule", "batch", "dropout", "init", "hidden"), covering(CHOICES)
)
def test_losses_equal_those_of_single_runs_for_every_pair_of_choices(
    activation, optimizer, schedule, batch, dropout, init, hidden, dtype
):
    config = RunConfig(
        DataConfig(points=20, test_share=0.0, features=("x1", "x2", "sin_x1") if len(hidden) == 1 else ("x1", "x2")),
        ModelConfig(hidden, activation, embedding=dropout > 0, init=init),
        TrainingConfig(
            optimizer,
            RATES[optimizer],
            0.8,
            schedule,
            0 if batch == "full" else 16,
            12,
            l1=0.0,
            l2=1e-3,
            dropout=dropout,
        ),
    )
    assert_trains_like_single_runs(config, dtype, 1e-10 if dtype == torch.float64 else 1e-5, 12)


@settings(max_examples=60, deadline=None)
@given(
    configs(
        cheap=True,
        only={
            "training.optimizer": st.sampled_from(["sgd", "momentum", "nesterov"]),
            "training.lr": st.floats(1e-4, 0.1),
            "training.batch_size": st.sampled_from([0, 7, 1000]),
            "training.l1": st.sampled_from([0.0, 1e-3]),
            "training.l2": st.sampled_from([0.0, 1e-3, 0.1]),
            "training.momentum": st.sampled_from([0.0, 0.5, 0.9]),
        },
    )
)
def test_losses_equal_those_of_single_runs_for_random_configs(config):
    assert_trains_like_single_runs(config, torch.float64, 1e-9, config.training.epochs + 1)


def test_a_saved_state_is_restored_for_every_replica():
    config = RunConfig(DataConfig(points=20), ModelConfig((4,)), TrainingConfig(batch_size=16, dropout=0.2))
    replicas = Replicas(engines(config))
    replicas.run(3)
    saved = replicas.save()
    after = replicas.run(4)
    replicas.restore(saved)
    assert replicas.epoch == 3
    assert torch.equal(replicas.run(4), after)


def test_a_replica_that_diverges_leaves_the_others_as_they_are():
    config = RunConfig(DataConfig(points=20), ModelConfig((8,)), TrainingConfig("sgd", lr=0.1, epochs=60))
    wild = [prepare(replace_field(config, "training.lr", lr)).engine() for lr in (0.1, 10.0, 0.05)]
    wild[1].network.theta.mul_(1e30)
    losses = Replicas(wild).run(60)
    assert not math.isfinite(float(losses[-1, 1]))
    for r, lr in ((0, 0.1), (2, 0.05)):
        single = prepare(replace_field(config, "training.lr", lr)).engine()
        torch.testing.assert_close(losses[:, r], single.run(60), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model.hidden", (5,)),
        ("model.activation", "tanh"),
        ("model.embedding", True),
        ("data.points", 30),
        ("training.optimizer", "sgd"),
        ("training.batch_size", 8),
        ("training.schedule", "cosine"),
        ("training.epochs", 7),
        ("training.momentum", 0.5),
        ("training.dropout", 0.5),
    ],
)
def test_replicas_of_different_shapes_are_refused(name, value):
    config = RunConfig(DataConfig(points=20), ModelConfig((4,)))
    other = replace_field(config, name, value)
    with pytest.raises(ValueError, match="must have the same layers"):
        Replicas([prepare(config).engine(), prepare(other).engine()])
