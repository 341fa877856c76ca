"""Noise of single samples: at a saddle it helps, in a flat minimum it makes the path wander."""

import pytest
import torch
from programs import printed

from dlcore.lessons.optimisers.race import programs as race_text
from dlcore.lessons.optimisers.race.model import SurfaceRace
from dlcore.lessons.optimisers.race.rule import rule_lines
from dlcore.lessons.optimisers.race.sampling import SAMPLES, Sampling
from dlcore.lessons.optimisers.race.surfaces import SURFACES
from dlcore.network.optimizers import Hyper
from dlcore.network.settings import OPTIMIZERS


def race(name: str, batch_size: int, seed: int = 0, steps: int = 200) -> SurfaceRace:
    """Return the finished race from (0, 0)."""
    surface = SURFACES[name]
    run = SurfaceRace(surface, (0.0, 0.0), surface.lrs, Hyper(), steps=steps, batch_size=batch_size, seed=seed)
    run.advance(steps)
    return run


@pytest.mark.parametrize("name", ["saddle", "flat"])
def test_full_gradient_stays_at_the_origin(name: str) -> None:
    for walker in race(name, SAMPLES).walkers.values():
        assert {place[:2] for place in walker.path} == {(0.0, 0.0)}


@pytest.mark.parametrize("seed", range(10))
def test_single_samples_leave_the_saddle(seed: int) -> None:
    for walker in race("saddle", 1, seed).walkers.values():
        assert abs(walker.place[1]) > 1


@pytest.mark.parametrize("seed", range(10))
def test_single_samples_wander_in_a_flat_minimum_and_most_along_it(seed: int) -> None:
    def spread(batch_size: int) -> tuple[float, float]:
        places = torch.tensor([place[:2] for place in race("flat", batch_size, seed).walkers["sgd"].path])
        x, y = places[50:].std(0).tolist()
        return x, y

    x, y = spread(1)
    assert x > 1.3 * y
    assert x > 1.5 * spread(32)[0]


def test_all_samples_cancel_and_a_batch_is_their_mean() -> None:
    draws = Sampling(SAMPLES, 5).draws(4)
    assert draws.abs().max() < 1e-15
    single = Sampling(1, 5).draws(2000)
    assert single.std(0).tolist() == pytest.approx([1, 1], abs=0.3)
    assert Sampling(16, 5).draws(2000).std(0).tolist() == pytest.approx(
        (single.std(0) * ((1 / 16) * (SAMPLES - 16) / (SAMPLES - 1)) ** 0.5).tolist(), rel=0.1
    )  # without replacement


def test_batches_depend_on_neither_the_steps_nor_the_optimizer() -> None:
    assert torch.equal(Sampling(2, 7).draws(5), Sampling(2, 7).draws(50)[:5])
    run = race("flat", 2, steps=1)
    (x, y), (dx, dy) = run.walkers["sgd"].place, Sampling(2, 0).draws(1)[0].tolist()
    assert (x, y) == pytest.approx((-0.1 * dx, -0.1 * dy))
    assert run.walkers["adam"].move is not None
    assert run.walkers["adam"].move.gradient == pytest.approx((dx, dy))
    assert rule_lines(run.walkers["adam"])[0][1] == r"\nabla f_B(\theta_{t-1})"


@pytest.mark.parametrize("id", OPTIMIZERS)
def test_programs_print_the_shown_output(id: str) -> None:
    walker = race("saddle", 4, seed=3).walkers[id]
    for snippet in (race_text.scratch(walker), race_text.concise(walker)):
        assert printed(snippet.code) == snippet.output != ""
