"""The past of a run: which epochs are kept, how many bytes they take, and going back gives the very same numbers."""

import copy
from dataclasses import replace
from functools import partial
from itertools import pairwise
from operator import neg

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from runs import DIVERGING_RUNS, SMALL, advanced, assert_same
from strategies import configs

from dlcore.network.engine import Engine
from dlcore.network.settings import OPTIMIZERS, SCHEDULES, ModelConfig, TrainingConfig
from dlcore.spiral.config import FEATURES, DataConfig, RunConfig, replace_field
from dlcore.spiral.timeline import Thinned, Timeline, count_bytes
from dlcore.spiral.training import Run, prepare


def past(run: Run) -> list[tuple[int, torch.Tensor]]:
    return [(epoch, run.timeline.theta(epoch)) for epoch in run.timeline.epochs]


def assert_same_past(run: Run, other: Run) -> None:
    """Check that what two runs keep of their past agrees wherever both keep something, and that both know the end."""
    mine, theirs = dict(past(run)), dict(past(other))
    assert {0, run.epoch} <= set(mine) & set(theirs)
    assert all(torch.equal(mine[epoch], theirs[epoch]) for epoch in set(mine) & set(theirs))


# --- what is kept ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["training.dropout", "training.batch_size"])
def test_the_weights_kept_are_those_of_their_epoch(name):
    run = advanced(replace_field(SMALL, name, 0), [7])
    assert run.timeline.epochs == [record.epoch for record in run.history]
    for epoch in (0, 1, 13, 30):
        twin = Run(run.config)
        twin.advance(epoch)
        assert torch.equal(run.timeline.theta(epoch), twin.engine.network.theta)
        assert run.history[epoch].train_loss == twin.measure().train_loss


def test_looking_at_the_past_does_not_change_it():
    run = Run(SMALL)
    kept = run.timeline.theta(0)
    before = kept.clone()
    run.advance(3)
    assert torch.equal(kept, before)
    assert not torch.equal(run.engine.network.theta, before)


def test_an_epoch_that_is_not_kept():
    run = Run(replace_field(SMALL, "training.epochs", 1000))
    run.advance(12)
    assert run.timeline.epochs == [0, 5, 10]
    for act in (run.timeline.theta, run.rewind):
        with pytest.raises(ValueError, match="must be one of the kept ones, got 12"):
            act(12)
    assert run.epoch == 12


@given(st.sampled_from([0, 17]), st.integers(1, 40), st.lists(st.integers(1, 9), max_size=400))
def test_thinned_items_are_few_and_even(start, most, gaps):
    items: Thinned[int] = Thinned(start, most)
    epoch, added = start, []
    for gap in gaps:
        epoch += gap
        added.append(epoch)
        items.add(epoch, partial(neg, epoch))
        kept = list(items.items)
        assert kept == sorted(kept)
        assert items.items == {at: -at for at in kept}
        assert len(kept) <= most
        spaces = [b - a for a, b in pairwise([start, *kept])]
        assert all(space >= items.stride for space in spaces)
        assert epoch - ([start, *kept][-1]) < max(2 * items.stride, items.stride + 9)
    if len(added) <= most:
        assert list(items.items) == added


@pytest.mark.parametrize("most", [1, 7, 8, 254])
@pytest.mark.parametrize("every", [1, 5, 50])
@pytest.mark.parametrize("start", [0, 3])
def test_evenly_spaced_records_are_kept_evenly(start, most, every):
    items: Thinned[None] = Thinned(start, most)
    for n in range(1, 3 * most + 1000):
        items.add(start + n * every, lambda: None)
    spaces = {b - a for a, b in pairwise([start, *items.items])}
    assert len(items.items) >= max(1, (most - 1) // 2)
    assert most == 1 or len(spaces) == 1


# --- memory ---------------------------------------------------------------------------------------------------------
LARGEST = RunConfig(
    data=DataConfig(points=10, classes=8, features=FEATURES, test_share=0.0), model=ModelConfig(hidden=(256,) * 6)
)


def kept_after(config: RunConfig, epochs: int, every: int) -> Timeline:
    """Return the timeline of an engine that only counts epochs."""
    engine: Engine = prepare(config).engine()
    timeline = Timeline(engine)
    for engine.epoch in range(every, epochs + 1, every):
        timeline.record(engine)
    return timeline


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_largest_network_takes_less_than_16_mb(optimizer):
    config = replace_field(LARGEST, "training.optimizer", optimizer)
    timeline = kept_after(config, 100_000, 500)
    assert len(prepare(config).engine().network.theta) == 333_064
    assert 5_000_000 < timeline.n_bytes < 16_000_000
    assert {0, 100_000} <= set(timeline.epochs)
    assert len(timeline.epochs) >= 3
    assert max(timeline._states.items) >= 50_000


@given(st.lists(st.integers(1, 256), max_size=6), st.sampled_from(OPTIMIZERS))
@settings(max_examples=25)
def test_no_network_takes_16_mb(hidden, optimizer):
    config = replace_field(replace_field(LARGEST, "model.hidden", tuple(hidden)), "training.optimizer", optimizer)
    engine: Engine = prepare(config).engine()
    timeline = Timeline(engine)
    thetas, states = timeline._thetas.most + 1, timeline._states.most + 1
    assert 5 <= thetas <= 256
    assert 2 <= states <= 9
    assert thetas * count_bytes(engine.network.theta) + states * count_bytes(engine.save()) < 16_000_000


def test_many_epochs_of_a_small_network():
    timeline = kept_after(SMALL, 100_000, 1)
    assert 127 <= len(timeline.epochs) <= 256
    assert 4 <= len(timeline._states.items) <= 8
    spaces = {b - a for a, b in pairwise(timeline.epochs[:-1])}
    assert len(spaces) == 1
    assert timeline.n_bytes < 300_000


def test_the_default_run_takes_less_than_2_mb():
    timeline = kept_after(RunConfig(), 1000, 5)
    assert len(timeline.epochs) == 201
    assert timeline.n_bytes < 700_000
    assert timeline.n_bytes == 200 * 2412 + count_bytes([timeline._first, *timeline._states.items.values()])


def test_a_past_that_begins_later():
    """Of a run whose weights were set by hand: from there on it can be rewound, over the same numbers."""
    run = Run(replace_field(SMALL, "training.epochs", 400))
    run.advance(7)
    run.replace_weights(0.5 * run.engine.network.theta)
    run.advance(400)
    losses, end = list(run.losses), run.engine.save()
    assert run.timeline.epochs[0] == run.timeline.start == 7
    with pytest.raises(ValueError, match="got 4"):
        run.rewind(4)
    for epoch in (7, 10, run.timeline.epochs[-2]):
        rewound(run, epoch)
        assert run.changes == [(7, "weights")]
        run.advance(400)
        assert run.losses == losses
        assert torch.equal(run.engine.network.theta, end["theta"])


def test_bytes_are_counted():
    state = {"theta": torch.zeros(3), "buffers": [torch.zeros(2), torch.zeros(5, dtype=torch.uint8)], "steps": 7}
    assert count_bytes(state) == 12 + 8 + 5


# --- going back -----------------------------------------------------------------------------------------------------
def rewound(run: Run, epoch: int) -> Run:
    run.rewind(epoch)
    assert run.epoch == len(run.losses) == epoch
    assert run.history[-1].epoch == run.timeline.epochs[-1] == epoch
    assert torch.equal(run.timeline.theta(epoch), run.engine.network.theta)
    assert not run.diverged
    return run


@settings(max_examples=100)
@given(
    configs(
        cheap=True,
        only={
            "training.epochs": st.integers(1, 60),
            "training.optimizer": st.sampled_from(OPTIMIZERS),
            "training.schedule": st.sampled_from(SCHEDULES),
            "training.batch_size": st.sampled_from([0, 7, 20]),
            "training.dropout": st.sampled_from([0.0, 0.4]),
        },
    ),
    st.lists(st.integers(1, 40), max_size=4),
    st.data(),
)
def test_training_on_from_the_past_gives_the_same_numbers(config, sizes, data):
    whole = advanced(config)
    run = advanced(config, sizes)
    for _ in range(2):
        epoch = data.draw(st.sampled_from(run.timeline.epochs))
        rewound(run, epoch)
        assert_same(run, advanced_to(config, epoch))
        for size in data.draw(st.lists(st.integers(1, 40), max_size=3)):
            run.advance(size)
        run.advance(config.training.epochs)
        assert_same(run, whole)
        assert_same_past(run, whole)
        assert run.changes == []


def advanced_to(config: RunConfig, epoch: int) -> Run:
    run = Run(config)
    run.advance(epoch)
    if run.history[-1].epoch != run.epoch:
        run.history.append(run.measure())
    return run


@pytest.mark.parametrize("name", DIVERGING_RUNS)
def test_a_diverged_run_can_be_rewound(name):
    config = DIVERGING_RUNS[name]
    run, whole = advanced(config), advanced(config)
    assert run.diverged
    for epoch in {0, run.timeline.epochs[len(run.timeline.epochs) // 2], run.epoch}:
        rewound(run, epoch)
        assert not run.finished
        run.advance(config.training.epochs)
        assert_same(run, whole)


def test_the_repeat_begins_at_a_full_state():
    """Wherever one goes back to, it is repeated from a state not far before."""
    run = Run(replace_field(SMALL, "training.epochs", 1000))
    run.advance(1000)
    for epoch in run.timeline.epochs:
        engine = prepare(run.config).engine()
        pieces = list(run.timeline.replay(engine, epoch, 1))
        assert engine.epoch == epoch
        assert len(pieces) <= 2 * run.timeline._states.stride
        assert len(pieces) <= 1000 / 4


MOVED = (("training.lr", 0.1), ("training.l2", 0.01), ("training.schedule", "cosine"), ("training.epochs", 45))


@given(st.data())
@settings(max_examples=40)
def test_the_repeat_uses_the_settings_that_were_in_force(data):
    """The settings changed on the way: what was before the rewound epoch is repeated as it was, under the old ones."""
    optimizer = data.draw(st.sampled_from(OPTIMIZERS))
    run = Run(replace_field(SMALL, "training.optimizer", optimizer))
    steps = []
    for name, value in data.draw(st.permutations(MOVED)):
        run.advance(data.draw(st.integers(1, 12)))
        steps.append((run.epoch, copy.copy(run.config)))
        assert run.change(replace_field(run.config, name, value))
    run.advance(45)
    run.timeline._states.items.clear()  # all the way from epoch 0
    epoch = data.draw(st.sampled_from(run.timeline.epochs))
    losses, changes, theta = list(run.losses), list(run.changes), run.timeline.theta(epoch).clone()
    rewound(run, epoch)
    assert torch.equal(run.engine.network.theta, theta)
    assert run.losses == losses[:epoch]
    assert [change for change in run.changes if change[0] < epoch] == [c for c in changes if c[0] < epoch]
    if epoch > steps[-1][0]:  # no setting has changed since
        assert run.changes == changes
        run.advance(45)
        assert run.losses == losses


def test_after_the_rewound_epoch_the_present_settings_hold():
    slow = Run(SMALL)
    slow.advance(20)
    fast = replace_field(SMALL, "training.lr", 0.2)
    assert slow.change(fast)
    rewound(slow, 10)
    assert slow.config == fast
    assert slow.changes == [(10, "training.lr")]
    twin = Run(SMALL)
    twin.advance(10)
    assert twin.change(fast)
    for run in (slow, twin):
        run.advance(30)
    assert slow.losses == twin.losses
    assert slow.changes == twin.changes

    rewound(slow, 20)  # between the change, at 10, and the end: nothing else has changed
    assert slow.changes == [(10, "training.lr")]
    slow.advance(30)
    assert slow.losses == twin.losses

    rewound(slow, 10)  # the epoch of the change itself
    assert slow.changes == [(10, "training.lr")]
    slow.advance(30)
    assert slow.losses == twin.losses

    rewound(slow, 0)  # a run from the start, under the settings of now
    assert slow.changes == []
    slow.advance(30)
    assert_same(slow, advanced(fast))


def test_the_past_that_was_left_is_forgotten():
    """What is kept of later epochs is of the new branch alone, once the run trained on otherwise."""
    run, twin = Run(SMALL), Run(SMALL)
    run.advance(30)
    rewound(run, 4)
    twin.advance(4)
    for branch in (run, twin):
        assert branch.change(replace_field(SMALL, "training.lr", 0.2))
        branch.advance(30)
    assert_same_past(run, twin)
    rewound(run, 17)
    run.advance(30)
    assert_same(run, twin)


def test_a_change_that_was_taken_back_is_none():
    run = Run(SMALL)
    run.advance(10)
    assert run.change(replace_field(SMALL, "training.lr", 0.2))
    run.advance(5)
    assert run.change(SMALL)
    run.advance(30)
    rewound(run, 8)
    assert run.changes == []
    run.advance(30)
    assert_same(run, advanced(SMALL))


@pytest.mark.parametrize("meanwhile", ["advance", "restart"])
def test_a_run_that_goes_on_meanwhile_is_left_alone(meanwhile):
    run = Run(SMALL)
    run.advance(20)
    run.timeline._states.items.clear()
    pieces = run.rewinding(15)
    next(pieces)
    run.advance(3) if meanwhile == "advance" else run.restart()
    epoch, losses = run.epoch, list(run.losses)
    list(pieces)
    assert (run.epoch, run.losses) == (epoch, losses)
    run.advance(30)
    assert_same(run, advanced(SMALL))


def test_a_rewind_in_pieces_changes_nothing_until_its_end():
    run = Run(replace(SMALL, training=TrainingConfig(epochs=200)))
    run.advance(200)
    run.timeline._states.items.clear()
    run._epoch_seconds = 0.004  # seven epochs a piece
    before = run.engine.save()
    pieces = 0
    for _ in run.rewinding(100):
        pieces += 1
        assert torch.equal(run.engine.network.theta, before["theta"])
        assert run.epoch == 200
    assert pieces == 15
    assert run.epoch == 100


def test_a_restart_begins_a_new_past():
    run = advanced(SMALL)
    run.restart()
    assert run.timeline.epochs == [0]
    run.advance(2)
    assert run.timeline.epochs == [0, 1, 2]


def test_points_that_were_drawn_meanwhile_begin_a_new_past():
    """What was before was trained on other points: it cannot be repeated, so it is not kept."""
    points = ((0.5, 0.5, 0), (-0.5, 0.5, 1), (0.1, -0.4, 0))
    config = replace_field(replace_field(SMALL, "data.kind", "points"), "data.drawn", points)
    run = Run(config)
    run.advance(7)
    assert run.change(replace_field(config, "data.drawn", (*points, (0.9, 0.9, 1))))
    run.advance(30)
    losses, changes = list(run.losses), list(run.changes)
    assert run.timeline.epochs[0] == 7
    for epoch in (7, 15):
        rewound(run, epoch)
        assert run.changes == changes
        run.advance(30)
        assert run.losses == losses
