"""Runs: their numbers do not depend on chunks and pauses; divergence; changed settings; the course's predictions."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from runs import DATA, DIVERGING, DIVERGING_RUNS, SMALL, advanced, assert_same
from strategies import configs
from torch import nn

from dlcore.network.passes import with_ones
from dlcore.network.schedules import learning_rate
from dlcore.network.settings import ACTIVATIONS, OPTIMIZERS, SCHEDULES, TrainingConfig
from dlcore.settings.rules import ConfigError
from dlcore.spiral.config import SETTINGS, DataConfig, RunConfig, get_field, replace_field
from dlcore.spiral.table import Table
from dlcore.spiral.training import CHANGEABLE, RECORDS, Run, loss_and_accuracy, prepare

chunks = st.lists(st.integers(1, 40), max_size=12)


# --- pausing --------------------------------------------------------------------------------------------------------
@settings(max_examples=60)
@given(configs(cheap=True, only={"training.epochs": st.integers(1, 60)}), chunks)
def test_any_chunks_give_the_same_run(config, sizes):
    assert_same(advanced(config, sizes), advanced(config))


@settings(max_examples=25)
@given(chunks, st.sampled_from(OPTIMIZERS), st.sampled_from(list(ACTIVATIONS)))
def test_pause_and_resume_with_shuffles_and_dropout(sizes, optimizer, activation):
    config = replace_field(replace_field(SMALL, "training.optimizer", optimizer), "model.activation", activation)
    whole, paused = advanced(config), Run(config)
    for size in sizes:
        paused.advance(size)
        paused.measure()  # looking changes nothing
        paused.engine.gradient_norms()
        paused.engine.logits(paused.X_test)
    paused.advance(30)
    assert_same(paused, whole)


def test_advance_stops_at_the_end():
    run = Run(SMALL)
    run.advance(29)
    assert (run.epoch, run.finished, len(run.losses)) == (29, False, 29)
    run.advance(10_000)
    assert (run.epoch, run.finished, len(run.losses)) == (30, True, 30)
    before = run.engine.save()["theta"]
    run.advance(5)
    run.advance_for(0.01)
    assert run.epoch == len(run.losses) == 30
    assert torch.equal(run.engine.save()["theta"], before)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1e-9, 0.01])
def test_advance_for_takes_at_least_an_epoch(seconds):
    run = Run(SMALL)
    run.advance_for(seconds)
    assert 1 <= run.epoch <= 30
    assert len(run.losses) == run.epoch
    epoch = run.epoch
    run.advance_for(seconds)
    assert run.epoch > epoch or run.finished


def test_advance_for_reaches_the_end_with_the_same_numbers():
    run = Run(SMALL)
    while not run.finished:
        run.advance_for(0.002)
    assert_same(run, advanced(SMALL))


def test_advance_for_takes_no_more_epochs_than_it_may():
    run = Run(SMALL)
    for end in (1, 4, 11):
        run.advance_for(10.0, end - run.epoch)
        assert run.epoch == end
    run.advance_for(10.0, 1000)
    assert_same(run, advanced(SMALL))


def test_restart_gives_the_same_numbers():
    run, fresh = advanced(SMALL, [7]), Run(SMALL)
    first = copy.copy(run.losses), repr(run.history), run.engine.save()["theta"]
    run.restart()
    assert (run.epoch, run.losses, run.finished) == (0, [], False)
    assert_same(run, fresh)
    run.advance(30)
    assert (run.losses, repr(run.history)) == first[:2]
    assert torch.equal(run.engine.save()["theta"], first[2])


def test_restart_keeps_changed_settings():
    run = Run(SMALL)
    run.advance(5)
    moved = replace_field(SMALL, "training.lr", 0.1)
    assert run.change(moved)
    run.restart()
    run.advance(30)
    assert run.changes == []
    assert_same(run, advanced(moved))


def test_restart_of_a_diverged_run():
    run = advanced(DIVERGING)
    losses, at = run.losses, run.diverged_at
    run.restart()
    assert (run.diverged_at, run.finished) == (None, False)
    run.advance(300)
    assert (run.losses, run.diverged_at) == (losses, at)


# --- records --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("epochs", [1, 2, 30, 200, 201, 999])
def test_epochs_that_are_recorded(epochs):
    config = replace_field(replace_field(SMALL, "training.epochs", epochs), "training.batch_size", 0)
    recorded = [record.epoch for record in advanced(config).history]
    assert recorded[0] == 0
    assert recorded[-1] == epochs
    assert {epochs - 1, epochs} <= set(recorded)  # the notebook's last printed line, and the end
    assert recorded == sorted(set(recorded))
    assert len(recorded) <= RECORDS + 3
    every = recorded[1] - recorded[0] if epochs > 1 else 1
    assert set(recorded) == {*range(0, epochs, every), epochs - 1, epochs}


def test_records_equal_the_losses_of_full_batches():
    run = advanced(RunConfig(data=DATA, training=TrainingConfig(epochs=50)))
    for record, loss in zip(run.history, run.losses, strict=False):  # the end has no loss of an epoch
        assert record.train_loss == pytest.approx(loss, abs=1e-6)
        assert 0 <= record.train_accuracy <= 1
        assert math.isfinite(record.test_loss)
    nothing_kept = Run(RunConfig(data=replace(DATA, test_share=0.0)))
    assert math.isnan(nothing_kept.history[0].test_loss)
    assert math.isnan(nothing_kept.history[0].test_accuracy)


def test_loss_and_accuracy_equal_those_of_torch():
    stream = torch.Generator().manual_seed(0)
    logits, y = 5 * torch.randn(50, 4, generator=stream), torch.randint(4, (50,), generator=stream)
    loss, accuracy = loss_and_accuracy(logits, y)
    assert loss == pytest.approx(float(nn.functional.cross_entropy(logits, y)), rel=1e-6)
    assert accuracy == pytest.approx(float((logits.argmax(1) == y).double().mean()))


# --- changes --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SETTINGS)
def test_a_changeable_setting_continues_the_run_and_others_do_not(name):
    other = {
        "data.kind": "moons",
        "data.features": ("x1",),
        "data.drawn": ((0.5, 0.5, 1),),
        "model.hidden": (9,),
        "model.activation": "tanh",
        "model.embedding": True,
        "model.init": "zeros",
        "training.optimizer": "sgd",
        "training.schedule": "cosine",
        "training.epochs": 40,
        "device": "cuda",
    }
    value = get_field(SMALL, name)
    new = other[name] if name in other else value + 1 if isinstance(value, int) else value / 2 + 0.03
    run = Run(SMALL)
    run.advance(5)
    before = run.engine.save()["theta"]
    assert run.change(replace_field(SMALL, name, new)) == (name in CHANGEABLE)
    assert get_field(run.config, name) == (new if name in CHANGEABLE else value)
    assert run.changes == ([(5, name)] if name in CHANGEABLE and name != "training.epochs" else [])
    assert torch.equal(run.engine.save()["theta"], before)
    assert len(run.losses) == run.epoch == 5


def test_changeable_settings():
    """They are the settings that every update reads anew, and not those that are drawn or have a state."""
    assert set(CHANGEABLE) == {f"training.{name}" for name in ("lr", "momentum", "schedule", "epochs", "l1", "l2")}


OWN = replace_field(replace_field(SMALL, "data.kind", "points"), "data.drawn", ((0.5, 0.5, 0), (-0.5, 0.5, 1)))
MORE = replace_field(OWN, "data.drawn", (*OWN.data.drawn, (0.0, -0.5, 2)))
EMPTY = replace_field(OWN, "data.drawn", ())


def test_a_new_point_keeps_all_but_the_data():
    run, other = Run(OWN), Run(OWN)
    for each in (run, other):
        each.advance(5)
    before = run.engine.save()
    assert run.change(MORE)
    after = run.engine.save()
    assert torch.equal(after["theta"], before["theta"])
    assert torch.equal(after["generator"], before["generator"])
    assert all(map(torch.equal, after["buffers"], before["buffers"]))
    assert (after["epoch"], after["steps"]) == (5, before["steps"])
    assert run.changes == [(5, "data.drawn")]
    assert run.history[-1].epoch == 5
    assert run.train_loss == pytest.approx(loss_and_accuracy(other.engine.logits(run.X_train), run.prepared.train.y)[0])
    run.advance(5)
    assert run.epoch == len(run.losses) == 10
    run.restart()
    run.advance(20)
    fresh = Run(MORE)
    fresh.advance(20)
    assert (run.losses, run.changes) == (fresh.losses, [])


def test_points_drawn_before_the_first_epoch_are_no_change():
    run = Run(OWN)
    assert run.change(MORE)
    run.advance(5)
    fresh = Run(MORE)
    fresh.advance(5)
    assert (run.losses, run.history, run.changes) == (fresh.losses, fresh.history, [])


def test_a_run_that_was_over_goes_on_from_its_weights_with_a_new_point():
    run = Run(OWN)
    run.advance(SMALL.training.epochs)
    assert run.finished
    weights = run.engine.save()["theta"]
    assert run.change(MORE)
    assert not run.finished
    assert (run.epoch, run.losses, len(run.history), run.changes) == (0, [], 1, [(0, "data.drawn")])
    assert torch.equal(run.engine.save()["theta"], weights)
    run.advance(SMALL.training.epochs)
    assert run.train_loss < run.history[0].train_loss


def test_an_empty_plane_is_a_run_that_has_nothing_to_train():
    run = Run(EMPTY)
    for act in (run.restart, lambda: run.advance(3), lambda: run.advance_for(0.01)):
        act()
        assert (run.empty, run.finished, run.epoch, run.diverged) == (True, True, 0, False)
    assert math.isnan(run.train_loss)
    assert run.engine.gradient_norms() == [0.0] * 2
    assert run.engine.logits(torch.zeros(4, 2)).isfinite().all()
    assert not run.change(OWN), "the first point begins a new run"
    assert not Run(OWN).change(EMPTY)


def test_points_are_all_trained_on_but_those_of_classes_the_network_has_not():
    config = replace_field(replace_field(MORE, "data.test_share", 0.9), "data.validation_share", 0.5)
    run = Run(config)
    assert [len(part.y) for part in (run.prepared.train, run.prepared.validation, run.prepared.test)] == [3, 0, 0]
    torch.testing.assert_close(run.prepared.train.X, torch.tensor([[0.5, 0.5], [-0.5, 0.5], [0.0, -0.5]]))
    two = Run(replace_field(config, "data.classes", 2)).prepared.train
    assert (two.y.tolist(), two.n_classes) == ([0, 1], 2)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_more_epochs_are_a_change_only_if_the_learning_rate_depends_on_them(schedule):
    config = replace_field(SMALL, "training.schedule", schedule)
    run = Run(config)
    run.advance(5)
    assert run.change(replace_field(config, "training.epochs", 40))
    assert run.changes == ([] if schedule == "constant" else [(5, "training.epochs")])
    assert run.change(replace_field(run.config, "training.l1", 0.1))
    assert run.changes[-1] == (5, "training.l1")


def test_a_changed_schedule_applies_to_the_next_epochs():
    run = Run(SMALL)
    run.advance(10)
    assert run.change(replace_field(SMALL, "training.schedule", "cosine"))
    assert run.changes == [(10, "training.schedule")]
    assert run.learning_rate == learning_rate(run.config.training, 10) < SMALL.training.lr
    run.advance(20)
    assert run.losses[11:] != advanced(SMALL).losses[11:]


def test_a_changed_lr_applies_to_the_next_epochs():
    run, unchanged = Run(SMALL), Run(SMALL)
    run.advance(10)
    assert run.change(replace_field(SMALL, "training.lr", 0.1))
    assert run.learning_rate == 0.1
    run.advance(20)
    unchanged.advance(30)
    assert run.losses[:10] == unchanged.losses[:10]
    assert run.losses[11:] != unchanged.losses[11:]
    assert run.finished


def test_a_change_that_includes_the_hidden_units_is_refused():
    run = Run(SMALL)
    run.advance(3)
    wanted = replace_field(replace_field(SMALL, "training.lr", 0.1), "model.hidden", (8, 8))
    assert not run.change(wanted)
    assert run.config == SMALL
    assert run.learning_rate == SMALL.training.lr
    run.advance(30)
    assert_same(run, advanced(SMALL))


def test_more_epochs_extend_the_run_and_fewer_end_it():
    run = advanced(SMALL)
    assert run.change(replace_field(SMALL, "training.epochs", 40))
    assert not run.finished
    run.advance(100)
    assert run.epoch == len(run.losses) == 40
    assert run.losses == advanced(replace_field(SMALL, "training.epochs", 40)).losses
    assert run.change(replace_field(SMALL, "training.epochs", 10))
    assert run.finished
    run.advance(1)
    assert run.epoch == 40


def test_changes_before_the_first_epoch_are_not_recorded():
    run = Run(SMALL)
    moved = replace_field(SMALL, "training.lr", 0.1)
    assert run.change(moved)
    assert run.changes == []
    run.advance(30)
    assert_same(run, advanced(moved))


@pytest.mark.parametrize("schedule", ["step", "cosine", "exponential"])
def test_learning_rate_is_that_of_the_next_epoch(schedule):
    config = replace_field(SMALL, "training.schedule", schedule)
    run = Run(config)
    for epoch in range(30):
        assert run.learning_rate == learning_rate(config.training, epoch)
        run.advance(1)


# --- divergence -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("config", DIVERGING_RUNS.values(), ids=DIVERGING_RUNS)
def test_divergence_ends_the_run_before_it(config):
    run = advanced(config)
    assert run.finished
    assert run.diverged_at is not None
    assert 1 <= run.diverged_at < config.training.epochs
    assert run.epoch == run.diverged_at - 1 == len(run.losses)
    assert all(map(math.isfinite, run.losses))
    assert all(value.isfinite().all() for value in run.engine.state_dict().values())
    assert math.isfinite(run.measure().train_loss)
    assert run.history[-1].epoch == run.epoch
    epochs = [record.epoch for record in run.history]
    assert epochs == sorted(set(epochs)), "an epoch is recorded once"
    run.advance(10)
    assert run.epoch == run.diverged_at - 1
    assert run.engine.epoch == run.epoch


@pytest.mark.parametrize("config", DIVERGING_RUNS.values(), ids=DIVERGING_RUNS)
def test_a_run_stopped_before_its_divergence_is_in_the_same_state(config):
    diverged, stopped = advanced(config), Run(config)
    stopped.advance(diverged.epoch)
    assert stopped.epoch == diverged.epoch
    assert stopped.losses == diverged.losses
    assert stopped.diverged_at is None
    state, theirs = stopped.engine.save(), diverged.engine.save()
    assert torch.equal(state["theta"], theirs["theta"])
    assert torch.equal(state["generator"], theirs["generator"])
    assert state["steps"] == theirs["steps"]
    stopped.advance(1)
    assert stopped.diverged_at == diverged.diverged_at
    assert_same(stopped, diverged)


@settings(max_examples=30)
@given(st.sampled_from(list(DIVERGING_RUNS.values())), chunks)
def test_divergence_is_independent_of_chunks(config, sizes):
    assert_same(advanced(config, sizes), advanced(config))


@settings(max_examples=60)
@given(
    configs(
        cheap=True,
        only={
            "training.epochs": st.integers(20, 60),
            "training.lr": st.floats(1, 10),
            "training.l2": st.floats(0.3, 1),
            "training.optimizer": st.sampled_from(["sgd", "momentum", "nesterov"]),
        },
    ),
    chunks,
)
def test_steep_runs_are_independent_of_chunks(config, sizes):
    run = advanced(config, sizes)
    assert_same(run, advanced(config))
    assert len(run.losses) == run.epoch
    assert all(map(math.isfinite, run.losses))
    assert all(value.isfinite().all() for value in run.engine.state_dict().values())


# --- prepared runs --------------------------------------------------------------------------------------------------
def test_prepare_refuses_an_invalid_config():
    with pytest.raises(ConfigError, match=r"data\.classes"):
        prepare(replace_field(SMALL, "data.classes", 9))
    with pytest.raises(ValueError, match="needs a table"):
        prepare(replace_field(SMALL, "data.kind", "csv"))


def test_a_table_is_trained_on():
    source = prepare(replace_field(SMALL, "data.test_share", 0.0)).train
    table = Table(source, ("x", "y"), "label", ("a", "b", "c"), (0.0, 0.0), (1.0, 1.0))
    run = Run(replace_field(SMALL, "data.kind", "csv"), table)
    run.advance(30)
    assert run.finished
    assert len(run.prepared.train.y) + len(run.prepared.test.y) == len(source.y)
    assert run.engine.logits(run.X_train).shape[1] == 3


def table_of(points: int) -> Table:
    """Return a table of two classes, whatever the settings of the data say."""
    source = prepare(RunConfig(data=DataConfig(kind="moons", points=points, test_share=0.0))).train
    return Table(source, ("x", "y"), "label", ("a", "b"), (0.0, 0.0), (1.0, 1.0))


def test_the_classes_and_the_size_are_those_of_the_table():
    config = replace_field(replace_field(SMALL, "data.kind", "csv"), "training.batch_size", 1)
    small, large = table_of(20), table_of(2500)
    many = replace_field(config, "data.points", 5000)
    assert Run(many, small).engine.logits(Run(many, small).X_train).shape == (32, 2)
    with pytest.raises(ConfigError, match="of an epoch"):
        prepare(replace_field(config, "data.points", 10), large)


# --- S5: look at predictions ----------------------------------------------------------------------------------------
def test_the_predictions_of_row_10_are_those_of_the_course():
    run = Run(RunConfig(data=DataConfig(test_share=0.0)))
    run.advance(20)
    logits = run.engine.logits(run.X_train)
    assert logits.shape == (3000, 3)
    score, predicted = logits[10].max(0)
    assert float(score) == max(logits[10].tolist())
    assert int(predicted) == logits[10].tolist().index(float(score)) == int(logits.argmax(1)[10])
    prepared = prepare(run.config)
    prepared.model.load_state_dict(run.engine.state_dict())
    with torch.no_grad():
        by_module = prepared.model(run.X_train)
    torch.testing.assert_close(logits, by_module, rtol=1e-5, atol=1e-5)
    assert int(by_module[10].argmax()) == int(predicted)


@settings(max_examples=20)
@given(configs(cheap=True), st.integers(0, 2**31))
def test_outputs_equal_those_of_the_modules_at_any_weights(config, seed):
    """Z of each linear layer and f(Z) of what follows it, up to the next one."""
    prepared = prepare(config)
    X = prepared.inputs(prepared.train)
    network = prepared.engine().network
    before = network.theta.clone()
    theta = torch.randn(before.shape, generator=torch.Generator().manual_seed(seed)) / 2
    other = network.at(theta)
    model = prepared.model.eval()
    model.load_state_dict(other.state_dict())
    expected = []
    with torch.no_grad():
        x = X
        for module in model:
            x = module(x)
            expected = [*expected, [x, x]] if isinstance(module, nn.Linear) else [*expected[:-1], [expected[-1][0], x]]
    for output, (z, a) in zip(other.outputs(with_ones(X)), expected, strict=True):
        torch.testing.assert_close(output.z.t(), z, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(output.a.t(), a, rtol=1e-3, atol=1e-4)
    other.theta.zero_()
    assert torch.equal(network.theta, before)
    assert float(theta.abs().max()) > 0
