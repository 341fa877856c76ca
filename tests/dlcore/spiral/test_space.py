"""What the network does to the plane: principal planes, mixed pictures, straight boundaries, degenerate networks."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from dlcore.network.passes import Network
from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.data import Dataset
from dlcore.spiral.experiments import PRESETS
from dlcore.spiral.regions import limit
from dlcore.spiral.space import LINES, MAX_POINTS, SAMPLES, Camera, Sheet, Stage
from dlcore.spiral.space_picture import picture
from dlcore.spiral.training import Run

# settings that differ from the defaults
NETWORKS = {
    "wide": {"model.hidden": (12,)},
    "two units": {"model.hidden": (2, 2), "model.activation": "tanh"},
    "bottleneck": {"model.hidden": (9, 2), "model.activation": "leaky_relu", "data.classes": 5},
    "embedding": {"model.hidden": (8, 8), "model.embedding": True, "data.classes": 4},
    "one unit": {"model.hidden": (1,), "model.activation": "elu"},
    "no hidden layer": {"model.hidden": ()},
    "linear": {"model.hidden": (5, 4), "model.activation": "identity"},
    "one feature": {"model.hidden": (3,), "data.features": ("x2",)},
    "five features": {"model.hidden": (6,), "data.features": ("x1", "x2", "x1_squared", "x1x2", "sin_x1")},
    "two classes": {"model.hidden": (7,), "data.classes": 2, "model.activation": "gelu"},
}


def trained(changes, epochs: int = 20) -> tuple[Run, Sheet]:
    config = RunConfig()
    for name, value in {"data.points": 30, "training.lr": 0.05, "data.test_share": 0.0, **changes}.items():
        config = replace_field(config, name, value)
    run = Run(config)
    run.advance(epochs)
    return run, Sheet(run.prepared.train, limit(run.prepared.train), config.data.features)


def states(run: Run, sheet: Sheet) -> Iterator[np.ndarray]:
    """Return the input and what each module of the run's ``nn.Sequential`` makes of it, but identities."""
    model = run.prepared.model
    model.load_state_dict(run.engine.state_dict())
    h = sheet.X[:-1].t()
    yield h.t().numpy()
    for module in model:
        h = module(h)
        if not isinstance(module, torch.nn.Identity):
            yield h.t().detach().numpy()


def shown(camera: Camera, depth: int, h: np.ndarray) -> np.ndarray:
    """Return h (units, n) as the camera must show it at a whole depth."""
    plane, box = camera.planes[camera.stages[depth - 1].layer if depth else 0], camera.boxes[depth]
    return (plane.axes.T @ (h - plane.origin[:, None]) - box.centre[:, None]) / box.half


@pytest.mark.parametrize("id", NETWORKS)
def test_at_whole_depths_the_picture_is_what_the_layers_make_of_the_plane(id: str) -> None:
    run, sheet = trained(NETWORKS[id])
    camera, n = Camera(run.engine.network, sheet), len(sheet.y)
    expected = list(states(run, sheet))
    assert camera.depth == len(expected) - 1
    for depth, h in enumerate(expected):
        frame = camera.frame(run.engine.network, depth)
        picture = np.concatenate([frame.points, frame.lines.reshape(2, -1)], axis=1)
        assert picture == pytest.approx(shown(camera, depth, h), abs=1e-4)
        assert np.abs(frame.points).max() <= 1, "a point lies outside of the picture"
        assert frame.units == len(h)
    assert np.array_equal(frame.classes.ravel(), expected[-1].argmax(0)[n:])


@pytest.mark.parametrize("id", NETWORKS)
def test_between_two_depths_the_picture_is_mixed(id: str) -> None:
    run, sheet = trained(NETWORKS[id])
    camera, n = Camera(run.engine.network, sheet), len(sheet.y)
    expected = list(states(run, sheet))
    for k in range(camera.depth):
        frame, ends = camera.frame(run.engine.network, k + 0.25), []
        for depth in (k, k + 1):
            box = camera.boxes[depth]
            ends.append((shown(camera, depth, expected[depth][:, :n]), box.half, box.centre[:, None]))
        (a, half_a, centre_a), (b, half_b, centre_b) = ends
        raw = 0.75 * (a * half_a + centre_a) + 0.25 * (b * half_b + centre_b)
        box = 0.75 * centre_a + 0.25 * centre_b, 0.75 * half_a + 0.25 * half_b
        assert frame.points == pytest.approx((raw - box[0]) / box[1], abs=1e-4)


def test_the_stages_are_named_by_layer_and_kind() -> None:
    kinds = [(1, "linear"), (1, "activation"), (2, "linear"), (2, "activation"), (3, "linear"), (4, "linear")]
    run, sheet = trained(NETWORKS["embedding"], 0)
    camera = Camera(run.engine.network, sheet)
    assert camera.stages == [Stage(*kind) for kind in kinds]
    at = {0: 0, 0.01: 0, 1: 0, 1.01: 1, 2: 1, 5.5: 5, 6: 5}
    assert {depth: camera.stage_at(depth) for depth in at} == at
    run, sheet = trained(NETWORKS["linear"], 0)
    assert Camera(run.engine.network, sheet).stages == [Stage(layer, "linear") for layer in (1, 2, 3)]


def test_the_sheet_has_grid_lines_and_some_of_the_points() -> None:
    run, sheet = trained({"data.points": 500}, 0)
    assert sheet.y.bincount().tolist() == pytest.approx([MAX_POINTS / 3] * 3, abs=1)
    assert sheet.X.shape == (3, MAX_POINTS + 2 * LINES * SAMPLES)
    assert sheet.X[:2].equal(sheet.plane)
    upright, level = sheet.X[:2, MAX_POINTS:].reshape(2, 2, LINES, SAMPLES).transpose(0, 1).numpy()
    half = limit(run.prepared.train)
    assert np.ptp(upright[0], axis=1).max() == np.ptp(level[1], axis=1).max() == 0
    assert upright[0, :, 0] == pytest.approx(np.linspace(-half, half, LINES), abs=1e-6)
    assert upright[1, 0] == pytest.approx(np.linspace(-half, half, SAMPLES), abs=1e-6)
    assert np.array_equal(level, upright[::-1])


# --- planes ----------------------------------------------------------------------------------------------------------
def test_the_axes_of_two_units_are_where_they_are_zero() -> None:
    run, sheet = trained(NETWORKS["embedding"])
    camera, h = Camera(run.engine.network, sheet), list(states(*trained(NETWORKS["embedding"])))[5]
    for depth in (1, 2, 3, 4, 6):
        assert camera.frame(run.engine.network, depth).axes is None
    frame = camera.frame(run.engine.network, 5)
    assert frame.axes == pytest.approx(shown(camera, 5, np.zeros_like(h))[:, 0])


def test_planes_are_kept_and_boxes_only_grow_while_the_weights_change() -> None:
    run, sheet = trained(NETWORKS["wide"], 0)
    camera = Camera(run.engine.network, sheet)
    planes, box = list(camera.planes), camera.boxes[2]
    halves = [box.half]
    first = camera.frame(run.engine.network, 2)
    for _ in range(5):
        run.advance(10)
        frame = camera.frame(run.engine.network, 2)
        assert np.abs(frame.points).max() <= 1
        halves.append(box.half)
    assert halves == sorted(halves)
    assert halves[-1] > halves[0]
    assert camera.planes == planes
    camera.frame(Run(run.config).engine.network, 2)
    assert box.half == halves[-1]
    assert 0 < frame.share < 1
    assert frame.share != first.share


def test_a_camera_looks_the_same_twice() -> None:
    for id in NETWORKS:
        run, sheet = trained(NETWORKS[id])
        frames = [Camera(run.engine.network, sheet).frame(run.engine.network, 1.5) for _ in range(2)]
        assert np.array_equal(frames[0].lines, frames[1].lines)


# --- boundaries ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("id", ["two units", "bottleneck", "embedding", "one unit", "no hidden layer"])
def test_in_a_space_of_two_units_the_boundaries_are_the_networks(id: str) -> None:
    run, sheet = trained(NETWORKS[id], 60)
    network = run.engine.network
    camera = Camera(network, sheet)
    last = camera.depth - 1
    assert len(camera.frame(network, last - 0.01).boundaries) == 0
    frame, box = camera.frame(network, last), camera.boxes[last]
    assert frame.exact
    assert len(frame.boundaries)
    W = network.W[-1].double().numpy()
    for segment in frame.boundaries:
        u = segment * box.half + box.centre[:, None]
        h = np.vstack([u[: W.shape[1] - 1], np.ones(2)])
        logits = np.sort(W @ h, axis=0)
        assert logits[-1] == pytest.approx(logits[-2], abs=1e-6 * np.abs(W).max() * np.abs(h).max())
    # In the logits' picture they are where these points have gone.
    final = camera.frame(network, camera.depth)
    plane, box = camera.planes[-1], camera.boxes[-1]
    expected = (plane.axes.T @ (W @ h - plane.origin[:, None]) - box.centre[:, None]) / box.half
    assert final.boundaries[-1] == pytest.approx(expected, abs=1e-5)


def test_of_a_wide_space_the_boundaries_are_a_slice_through_the_mean() -> None:
    run, sheet = trained(NETWORKS["wide"], 60)
    network, n = run.engine.network, len(sheet.y)
    camera = Camera(network, sheet)
    run.advance(20)
    frame = camera.frame(network, 2)
    assert not frame.exact
    assert len(frame.boundaries)
    plane, box = camera.planes[1], camera.boxes[2]
    mean = list(states(run, sheet))[2][:, :n].mean(axis=1)
    for segment in frame.boundaries:
        u = segment * box.half + box.centre[:, None]
        h = mean[:, None] + plane.axes @ (u - (plane.axes.T @ (mean - plane.origin))[:, None])
        logits = np.sort(network.W[-1].double().numpy() @ np.vstack([h, np.ones(2)]), axis=0)
        assert logits[-1] == pytest.approx(logits[-2], abs=1e-3)


@pytest.mark.parametrize("id", ["folds_then_line", "arms_unrolled"])
def test_the_presets_fold_the_plane_until_lines_are_enough(id: str) -> None:
    run = Run(PRESETS[id])
    run.advance(run.config.training.epochs)
    assert run.measure().train_accuracy > 0.97
    network = run.engine.network
    sheet = Sheet(run.prepared.train, limit(run.prepared.train), run.config.data.features)
    camera = Camera(network, sheet)
    frame = camera.frame(network, camera.depth - 1)
    assert frame.exact
    assert len(frame.boundaries) >= sheet.y.max()


# --- degenerate networks ---------------------------------------------------------------------------------------------
def every_frame(network: Network, camera: Camera) -> None:
    for depth in np.linspace(0, camera.depth, 4 * camera.depth + 1):
        frame = camera.frame(network, float(depth))
        assert np.isfinite(frame.points).all()
        assert np.isfinite(frame.lines).all()
        assert np.isfinite(frame.boundaries).all()
        assert 0 <= frame.share <= 1


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf"), 1e30])
@pytest.mark.parametrize("id", NETWORKS)
def test_all_weights_zero_infinite_or_not_a_number(id: str, value: float) -> None:
    run, sheet = trained(NETWORKS[id], 0)
    network = run.engine.network
    broken = network.at(torch.full_like(network.theta, value))
    every_frame(broken, Camera(broken, sheet))
    every_frame(broken, Camera(network, sheet))
    every_frame(network, Camera(broken, sheet))


@pytest.mark.parametrize("points", [0, 1, 2])
@pytest.mark.parametrize("id", NETWORKS)
def test_a_sheet_with_hardly_any_points_is_seen_whole(id: str, points: int) -> None:
    run, _ = trained(NETWORKS[id])
    train = run.prepared.train
    few = Dataset(train.X[:points], train.y[:points], train.n_classes)
    sheet = Sheet(few, limit(few), run.config.data.features)
    camera = Camera(run.engine.network, sheet)
    every_frame(run.engine.network, camera)
    for depth in range(camera.depth + 1):
        frame = camera.frame(run.engine.network, depth)
        assert frame.points.shape == (2, points)
        assert np.abs(frame.lines).max() <= 1
        assert picture(frame, sheet.y, pixels=40)
