"""The size of a tile is measured once per process and does not change the numbers."""

import threading
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
import torch
from torch import nn

from dlcore.network import tile
from dlcore.network.engine import Engine
from dlcore.network.plain import PlainLoop
from dlcore.network.settings import ModelConfig, TrainingConfig
from dlcore.spiral.config import DataConfig, RunConfig
from dlcore.spiral.training import prepare


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tile.VARIABLE)
    monkeypatch.setattr(tile, "_chosen", {})


class Clock:
    """A clock that only trials advance. The first call of a trial takes ten times as long, as a cold one does."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls = 0

    def __call__(self) -> float:
        return self.now

    def trial(self, seconds: float) -> Callable[[], None]:
        takes = iter([10 * seconds])

        def run() -> None:
            self.calls += 1
            self.now += next(takes, seconds)

        return run


@pytest.mark.parametrize(
    ("milliseconds", "index"),
    [
        ((0.4, 0.2, 0.3), 1),
        ((0.4, 0.5, 0.3), 2),
        ((0.3, 0.4, 0.5), 0),
        ((0.4, 0.39, 0.38), 0),  # not clearly faster
        ((0.4, 0.4 * tile.CLEARLY * 0.99, 0.4), 1),
        ((1000 * tile.SECONDS / 3, 1.0, 1.0), 0),  # too slow to tell in time
    ],
)
def test_the_fastest_is_chosen_if_it_is_clearly_faster(milliseconds: tuple[float, ...], index: int) -> None:
    clock = Clock()
    assert tile.fastest([clock.trial(ms / 1000) for ms in milliseconds], clock) == index
    assert clock.now <= tile.SECONDS + 10 * max(milliseconds) / 1000


def test_one_slow_call_does_not_change_the_choice() -> None:
    clock = Clock()
    steady, jumpy = clock.trial(0.0004), clock.trial(0.0003)
    turns = iter(range(100))

    def interrupted() -> None:
        jumpy()
        clock.now += 0.004 * (next(turns) == 3)

    assert tile.fastest([steady, interrupted], clock) == 1
    assert clock.calls == 2 * (1 + tile.ROUNDS)


def model(*hidden: int) -> nn.Sequential:
    widths = (2, *hidden, 3)
    return nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(widths)))


def test_the_tile_is_measured_once_for_one_layer_and_once_for_several(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []

    def fastest(trials: Sequence[Callable[[], object]]) -> int:
        for trial in trials:
            trial()
        measured.append(len(trials))
        return len(measured)

    monkeypatch.setattr(tile, "fastest", fastest)
    assert tile.tile_values(model(12), 3000) is None  # no candidate would cut 36,000 values
    assert measured == []
    found: list[int | None] = []
    threads = [threading.Thread(target=lambda: found.append(tile.tile_values(model(100), 3000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert measured == [len(tile.CANDIDATES)]
    assert found == [tile.CANDIDATES[1]] * 8
    assert tile.tile_values(model(13, 13), 3000) == tile.CANDIDATES[2]
    assert tile.tile_values(model(50), 3000) == tile.CANDIDATES[1]
    assert len(measured) == 2


def test_the_environment_variable_replaces_the_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tile.VARIABLE, "12345")
    assert tile.tile_values(model(100), 3000) == 12345
    assert tile._chosen == {}


def test_a_measurement_leaves_the_global_stream_alone() -> None:
    network, before = model(100), torch.get_rng_state()
    assert tile.tile_values(network, 3000) in tile.CANDIDATES
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("hidden", [(100,), (32, 32, 32)])
@pytest.mark.parametrize("values", tile.CANDIDATES)
def test_every_tile_size_gives_the_same_losses(
    monkeypatch: pytest.MonkeyPatch, values: int, hidden: tuple[int, ...]
) -> None:
    monkeypatch.setenv(tile.VARIABLE, str(values))
    config = RunConfig(DataConfig(points=1000, test_share=0.0), ModelConfig(hidden=hidden), TrainingConfig(epochs=30))
    ours, theirs = prepare(config), prepare(config)
    X, y = ours.inputs(ours.train), ours.train.y
    engine = Engine(ours.model, config.model.activation, config.training, X, y, generator=ours.generator)
    plain = PlainLoop(theirs.model, config.training, X, y, generator=theirs.generator)
    assert engine.network.tile == max(256, values // sum(hidden))
    torch.testing.assert_close(engine.run(30), plain.run(30), rtol=0, atol=1e-5)
