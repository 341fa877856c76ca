"""The flow through the layers of a run: gradients, spreads and updates compared with torch and with weights by hand."""

import copy
import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from strategies import configs
from torch import nn

from dlcore.network.model import Dropout, linear_layers
from dlcore.spiral.config import RunConfig
from dlcore.spiral.flow import POINTS, Flow, FlowHistory, Probe
from dlcore.spiral.training import RECORDS, Run


def config(**values: object) -> RunConfig:
    small = {"data.points": 20, "model.hidden": (6, 5), "training.epochs": 40}
    return RunConfig.of({**RunConfig().values(), **small, **{name.replace("__", "."): v for name, v in values.items()}})


def moments(run: Run, epochs: int, every: int = 1) -> list[tuple[int, torch.Tensor]]:
    """Advance a run, and return its epochs and parameters."""
    kept = [(run.epoch, run.engine.network.theta.clone())]
    for _ in range(0, epochs, every):
        run.advance(every)
        kept.append((run.epoch, run.engine.network.theta.clone()))
    return kept


@given(config=configs(cheap=True))
@settings(max_examples=40)
def test_gradients_and_spreads_are_those_of_autograd(config: RunConfig) -> None:
    run = Run(config)
    run.advance(2)
    model = copy.deepcopy(run.prepared.model)
    model.load_state_dict(run.engine.state_dict())
    model = model.double().eval()
    X, y, spreads = run.X_train.double(), run.prepared.train.y, []
    a = X
    for i, module in enumerate(model):
        a = module(a)
        following = model[i + 1] if i + 1 < len(model) else nn.Linear(1, 1)
        if isinstance(module, Dropout):
            continue
        # The output of a layer is that of its activation, if it has one.
        if not isinstance(module, nn.Linear) or isinstance(following, nn.Linear):
            spreads.append(float(a.detach().std(correction=0)))
    (nn.functional.mse_loss(a, y.double()) if config.data.regression else nn.functional.cross_entropy(a, y)).backward()
    norms = [
        math.hypot(float(layer.weight.grad.norm()), float(layer.bias.grad.norm())) for layer in linear_layers(model)
    ]
    probe = Probe(run.engine.network, run.engine.X, run.engine.Y)
    found = probe.measure(run.epoch, run.engine.network.theta)
    assert found.gradient == pytest.approx(norms, rel=1e-3, abs=1e-5 * max(1.0, *norms))
    assert found.spread == pytest.approx(spreads, rel=1e-3, abs=1e-5)
    assert found.gradient == pytest.approx(run.engine.gradient_norms(), rel=1e-6)


def test_measuring_leaves_the_run_as_it_was() -> None:
    run, other = Run(config()), Run(config())
    probe = Probe(run.engine.network, run.engine.X, run.engine.Y)
    for _ in range(3):
        probe.measure(run.epoch, torch.zeros_like(run.engine.network.theta))
        run.advance(2)
        other.advance(2)
    assert torch.equal(run.engine.network.theta, other.engine.network.theta)
    assert run.losses == other.losses


@pytest.mark.parametrize("batch_size", [0, 16])
def test_update_ratios_by_hand(batch_size: int) -> None:
    """Of each epoch, whatever the chunks: ‖W after − W before‖ / ‖W before‖, with the bias."""
    by_epoch = Run(config(training__batch_size=batch_size))
    kept = moments(by_epoch, 40)
    run = Run(config(training__batch_size=batch_size))
    for epochs in (3, 7, 1, 12, 17):
        run.advance(epochs)
    assert run.updates == by_epoch.updates
    assert list(run.updates) == [record.epoch for record in run.history[1:]]
    shapes = [(rows, columns) for rows, columns in ((6, 3), (5, 7), (3, 6))]
    for (_, before), (epoch, after) in pairwise(kept):
        parts = [torch.split(theta, [rows * columns for rows, columns in shapes]) for theta in (before, after)]
        expected = [float((b - a).norm() / a.norm()) for a, b in zip(*parts, strict=True)]
        assert run.updates[epoch] == pytest.approx(expected, rel=1e-4)


def test_updates_are_kept_at_the_records_only_and_go_with_a_restart() -> None:
    run = Run(config(training__epochs=1000))
    run.advance(1000)
    assert list(run.updates) == [record.epoch for record in run.history[1:]]
    assert len(run.updates) <= RECORDS + 2
    run.restart()
    assert run.updates == {}


def test_weights_set_by_hand_are_no_update() -> None:
    run = Run(config())
    run.advance(10)
    updates = dict(run.updates)
    run.replace_weights(run.engine.network.theta * 2)
    assert run.updates == updates
    run.advance(1)
    assert run.updates[11] == pytest.approx(run.engine.update_ratios())


def test_a_run_that_diverges_keeps_no_update_of_its_last_epoch() -> None:
    run = Run(config(training__optimizer="sgd", training__lr=10.0, training__l2=1.0))
    run.advance(40)
    assert run.diverged
    assert max(run.updates) < run.diverged_at
    assert all(ratio > 0 for ratios in run.updates.values() for ratio in ratios)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "stable"),
        ({"model__hidden": (12,) * 6, "model__activation": "sigmoid"}, "vanishes"),
        ({"model__hidden": (), "training__epochs": 3}, "stable"),
        ({"model__init": "zeros"}, "nothing"),
    ],
)
def test_verdicts_of_networks(values: dict[str, object], expected: str) -> None:
    run = Run(config(**values))
    probe = Probe(run.engine.network, run.engine.X, run.engine.Y)
    assert probe.measure(0, run.engine.network.theta).verdict == expected


@pytest.mark.parametrize(
    ("gradient", "expected"), [((20.0, 1.0, 1.9), "explodes"), ((1.0, 0.0), "explodes"), ((1.0, 9.0, 11.0), "vanishes")]
)
def test_the_verdict_compares_the_first_layer_with_the_last(gradient: tuple[float, ...], expected: str) -> None:
    assert Flow(0, gradient, (), (1.0, 1.0, 100.0)).verdict == expected


def test_a_history_is_computed_in_turns_the_latest_first() -> None:
    run = Run(config())
    kept = moments(run, 5)
    history, seen = FlowHistory(run), []
    for _ in range(6):
        seen.append([flow.epoch for flow in history.follow(kept, seconds=0.0)])
    assert seen == [list(range(5 - i, 6)) for i in range(6)]
    probe = Probe(run.engine.network, run.engine.X, run.engine.Y)
    expected = [probe.measure(epoch, theta, run.updates.get(epoch, ())) for epoch, theta in kept]
    assert history.follow(kept, seconds=0.0) == expected
    assert expected[0].update == ()
    assert FlowHistory(run).follow(kept, seconds=60.0) == expected


def test_a_history_is_thinned_and_computes_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(config())
    kept = [(epoch, run.engine.network.theta.clone()) for epoch in range(3 * POINTS)]
    history = FlowHistory(run)
    measured: list[int] = []
    measure = Probe.measure
    monkeypatch.setattr(
        Probe, "measure", lambda self, epoch, *rest: measured.append(epoch) or measure(self, epoch, *rest)
    )
    for n in range(1, len(kept) + 1, 7):
        flows = history.follow(kept[:n], seconds=60.0)
        assert len(flows) <= POINTS + 1
        assert flows[-1].epoch == n - 1
        gaps = {b.epoch - a.epoch for a, b in pairwise(flows[:-1])}
        assert len(gaps) <= 1, "unevenly spaced"
    assert len(measured) == len(set(measured))
    assert len(measured) < len(kept)


def test_a_history_ends_with_a_restart_and_with_a_changed_setting() -> None:
    run = Run(config())
    history = FlowHistory(run)
    run.advance(10)
    assert history.is_of(run)
    assert not history.is_of(Run(config()))
    run.restart()
    assert not history.is_of(run)
    run.advance(10)
    history = FlowHistory(run)
    run.change(config(training__lr=0.1))
    assert not history.is_of(run)
