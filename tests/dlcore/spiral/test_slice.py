"""The slice: its plane compared with numpy's SVD, its losses with torch at the same weights."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlcore.drawing.curves import LOG_FLOOR
from dlcore.spiral import slice as module
from dlcore.spiral.config import RunConfig
from dlcore.spiral.slice import SIDE, NoPlaneError, Slice, contour_lines, find_plane
from dlcore.spiral.training import Run

Moments = list[tuple[int, torch.Tensor]]


def config(**values: object) -> RunConfig:
    small = {"data.points": 20, "model.hidden": (6,), "training.epochs": 60, "training.lr": 0.02}
    return RunConfig.of({**RunConfig().values(), **small, **{name.replace("__", "."): v for name, v in values.items()}})


def trained(every: int = 5, **values: object) -> tuple[Run, Moments]:
    run = Run(config(**values))
    moments = [(0, run.engine.network.theta.clone())]
    while not run.finished:
        run.advance(every)
        moments.append((run.epoch, run.engine.network.theta.clone()))
    return run, moments


def computed(run: Run, moments: Moments) -> Slice:
    found = Slice(run, moments)
    found.advance_for(600)
    return found


@given(st.integers(3, 12), st.integers(4, 40), st.integers(0, 1000))
def test_the_plane_is_that_of_the_singular_value_decomposition(n: int, parameters: int, seed: int) -> None:
    thetas = torch.randn(n, parameters, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).cumsum(0)
    plane = find_plane(list(enumerate(thetas)))
    moves = (thetas - thetas[-1]).numpy()
    u, s, vt = np.linalg.svd(moves, full_matrices=False)
    assert plane.shares == pytest.approx(tuple(s[:2] ** 2 / (s**2).sum()))
    for axis in (0, 1):
        if s[axis] - s[axis + 1] > 1e-3 * s[0]:  # else the direction itself is loose
            sign = np.sign(u[np.abs(u[:, axis]).argmax(), axis])
            assert plane.axes[axis].numpy() == pytest.approx(sign * vt[axis], abs=1e-6)
            assert plane.path[:, axis] == pytest.approx(sign * u[:, axis] * s[axis], abs=1e-6 * s[0])
    assert (plane.axes @ plane.axes.t()).numpy() == pytest.approx(np.eye(2), abs=1e-9)
    assert plane.path[-1].tolist() == [0, 0]
    for column in plane.path.T:
        assert column[np.abs(column).argmax()] > 0


def test_the_plane_of_a_path_within_a_plane_holds_all_of_it() -> None:
    moments = [(i, torch.tensor([float(i * i), 2.0 * i, 0.0, 1.0])) for i in range(6)]
    plane = find_plane(moments)
    assert sum(plane.shares) == pytest.approx(1)
    assert plane.shares[0] > plane.shares[1]
    back = plane.origin + torch.from_numpy(plane.path) @ plane.axes
    assert back.numpy() == pytest.approx(np.stack([theta.numpy() for _, theta in moments]))


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([[1.0, 2.0, 3.0]], "few"),
        ([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]], "few"),
        ([[1.0, 2.0, 3.0]] * 4, "still"),
        ([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [4.0, 8.0, 12.0], [8.0, 16.0, 24.0]], "line"),
        ([[1.0, 2.0, 3.0], [2.0, float("inf"), 6.0], [4.0, 8.0, 1.0]], "diverged"),
    ],
)
def test_a_path_that_spans_no_plane_says_why(points: list[list[float]], reason: str) -> None:
    with pytest.raises(NoPlaneError) as error:
        find_plane(list(enumerate(map(torch.tensor, points))))
    assert error.value.reason == reason


def test_a_run_that_diverged_has_no_slice() -> None:
    run, moments = trained(training__optimizer="sgd", training__lr=10.0, training__l2=1.0)
    assert run.diverged
    with pytest.raises(NoPlaneError) as error:
        Slice(run, moments)
    assert error.value.reason == "diverged"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"model__activation": "tanh", "model__hidden": (5, 4), "model__embedding": True},
        {"training__batch_size": 16, "training__dropout": 0.3},
        {"model__hidden": ()},
        {"model__hidden": (40, 9)},
    ],
)
def test_the_losses_are_those_of_torch_and_the_end_is_the_runs(values: dict[str, object]) -> None:
    run, moments = trained(**values)
    found = computed(run, moments)
    surface = found.surface
    assert surface.end == pytest.approx(run.measure().train_loss, rel=1e-5)
    assert (surface.samples, surface.of) == (len(run.X_train), len(run.X_train))
    model = copy.deepcopy(run.prepared.model)
    plane = find_plane(moments)
    for row, column in ((0, 0), (40, 3), (17, 40), (22, 20)):
        theta = plane.origin + surface.x[column] * plane.axes[0] + surface.y[row] * plane.axes[1]
        model.load_state_dict(run.engine.network.at(theta.float()).state_dict())
        with torch.no_grad():
            expected = nn.functional.cross_entropy(model.eval()(run.X_train), run.prepared.train.y)
        assert surface.loss[row, column] == pytest.approx(float(expected), rel=1e-4)


def test_the_run_is_left_as_it_was() -> None:
    run, moments = trained(training__epochs=20)
    theta = run.engine.network.theta.clone()
    loss = run.measure().train_loss
    computed(run, moments)
    assert torch.equal(run.engine.network.theta, theta)
    assert run.measure().train_loss == loss


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20))
def test_the_coordinates_cover_the_path_and_meet_its_end(values: list[float]) -> None:
    path = np.array([*values, 0.0])
    if np.ptp(path) < 1e-6:
        return
    found = module._coordinates(path)
    assert len(found) == SIDE
    assert (found == 0).sum() == 1
    margin = 0.1499 * np.ptp(path)
    assert found[0] <= path.min() - margin
    assert found[-1] >= path.max() + margin
    assert found[-1] - found[0] == pytest.approx(1.3 * np.ptp(path) * 40 / 39)


def test_a_slice_is_computed_in_pieces() -> None:
    run, moments = trained(training__epochs=20)
    whole, pieces, progress = computed(run, moments).surface, Slice(run, moments), []
    while pieces.progress < 1:
        pieces.advance_for(0.0)
        progress.append(pieces.progress)
    assert progress == [(i + 1) / SIDE**2 for i in range(SIDE**2)]
    assert np.array_equal(pieces.surface.loss, whole.loss)
    assert whole.epochs == [epoch for epoch, _ in moments]
    pieces.advance_for(1.0)
    assert pieces.progress == 1


def test_much_work_is_done_on_fewer_samples_and_a_thinned_path(monkeypatch: pytest.MonkeyPatch) -> None:
    run, moments = trained(every=1, data__points=100)
    parameters = run.engine.network.theta.numel()
    monkeypatch.setattr(module, "WORK", SIDE**2 * parameters * 120)
    monkeypatch.setattr(module, "_WEIGHTS", 30 * parameters)
    surface = computed(run, moments).surface
    assert (surface.samples, surface.of) == (120, 240)
    assert surface.end == pytest.approx(run.measure().train_loss, rel=0.5)
    assert len(surface.epochs) == len(surface.path) <= 31
    assert surface.epochs[-1] == run.epoch
    monkeypatch.setattr(module, "WORK", 0)
    assert Slice(run, moments).samples == module.MIN_SAMPLES


def test_an_overflow_is_the_largest_finite_loss_and_no_loss_is_0() -> None:
    run, moments = trained(training__epochs=20)
    found = computed(run, moments)
    found._losses[3], found._losses[7], found._losses[9] = float("nan"), float("inf"), 0.0
    loss = found.surface.loss
    assert loss[0, 3] == loss[0, 7] == max(value for value in found._losses if np.isfinite(value))
    assert loss[0, 9] == LOG_FLOOR


@pytest.mark.parametrize("count", [1, 12])
def test_the_lines_are_evenly_spaced_on_the_logarithmic_scale(count: int) -> None:
    run, moments = trained(training__epochs=20)
    surface = computed(run, moments).surface
    lines = contour_lines(surface, count)
    levels = np.unique(lines[:, 0])
    assert levels == pytest.approx(np.geomspace(surface.loss.min(), surface.loss.max(), count + 2)[1:-1])
    for column, coordinates in ((1, surface.x), (2, surface.y), (3, surface.x), (4, surface.y)):
        assert coordinates[0] <= lines[:, column].min() <= lines[:, column].max() <= coordinates[-1] + 1e-9
