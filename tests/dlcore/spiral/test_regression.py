"""Runs whose target is a number: records, the map of the output, space, units, the command line and the script."""

from __future__ import annotations

import io
import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from dlcore.__main__ import main
from dlcore.drawing.palette import BACKGROUND, BOUNDARY, CLASS_COLOURS, OUTLINE, VALUE_LEVELS, Theme, value_palette
from dlcore.network.passes import with_ones
from dlcore.network.settings import ModelConfig, TrainingConfig
from dlcore.spiral import regions, units
from dlcore.spiral.config import SPIRAL, DataConfig, RunConfig
from dlcore.spiral.data import Dataset
from dlcore.spiral.slice import Slice
from dlcore.spiral.space import Camera, Sheet, predicted
from dlcore.spiral.space_picture import picture
from dlcore.spiral.training import Run, named

HILLS = RunConfig(
    data=DataConfig(kind="hills", points=60, validation_share=0.2),
    model=ModelConfig(hidden=(6,), activation="tanh"),
    training=TrainingConfig(lr=0.05, epochs=60),
)
PLANE = RunConfig(
    data=DataConfig(kind="plane", points=100, test_share=0.0),
    model=ModelConfig(hidden=()),
    training=TrainingConfig(lr=0.1, l2=0.0, epochs=400),
)
NOTHING = Dataset(torch.empty(0, 2), torch.empty(0, 1), 1)


@pytest.fixture(scope="module")
def hills() -> Run:
    run = Run(HILLS)
    run.advance(60)
    return run


def test_the_records_have_the_mean_squared_error_and_r2_of_each_subset(hills: Run) -> None:
    record = asdict(hills.measure())
    for subset in ("train", "validation", "test"):
        X, part = getattr(hills, f"X_{subset}"), getattr(hills.prepared, subset)
        outputs = hills.engine.logits(X)
        assert part.y.shape == outputs.shape == (len(part.X), 1)
        assert record[f"{subset}_loss"] == pytest.approx(float((outputs - part.y).square().mean()), rel=1e-5)
        assert record[f"{subset}_accuracy"] == pytest.approx(r2_score(part.y, outputs), abs=1e-5)
    assert hills.losses[-1] < hills.losses[0]
    assert hills.prepared.held_out.y.shape == (12 + 10, 1)


def test_a_linear_model_finds_the_plane_of_least_squares() -> None:
    run = Run(PLANE)
    run.advance(400)
    X, y = run.prepared.train.X.numpy(), run.prepared.train.y.numpy()
    least = LinearRegression().fit(X, y)
    W = run.engine.network.W[0]
    np.testing.assert_allclose(W[:, :2], least.coef_, atol=1e-3)
    assert float(W[0, 2]) == pytest.approx(least.intercept_[0], abs=1e-3)
    assert run.measure().train_accuracy == pytest.approx(least.score(X, y), abs=1e-4)


def test_names_of_a_record() -> None:
    run = Run(PLANE)
    values = named(run.measure(), regression=True)
    assert not [name for name in values if "accuracy" in name]
    assert values["train_r2"] == run.measure().train_accuracy
    assert named(run.measure(), regression=False) == pytest.approx(asdict(run.measure()), nan_ok=True)


# --- the map ----------------------------------------------------------------------------------------------------------
class Sum:
    """A network whose output is x1 + x2."""

    def logits(self, X: torch.Tensor) -> torch.Tensor:
        return X.sum(1, keepdim=True)


def test_levels_are_even_steps_from_the_first_to_the_last_and_beyond_are_the_ends() -> None:
    middle = VALUE_LEVELS // 2
    values = torch.tensor([-9.0, -1.0, -0.5, 0.0, 0.5, 1.0, 9.0, float("nan")])
    half = round(0.5 * middle)
    expected = [0, 0, middle - half, middle, middle + half, 2 * middle, 2 * middle, middle]
    assert np.abs(regions.value_levels(values).astype(int) - expected).max() <= 1
    assert regions.value_levels(values)[[0, 3, 6, 7]].tolist() == [0, middle, 2 * middle, middle]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_region_is_a_map_of_the_output_with_a_line_where_it_is_0(theme: Theme) -> None:
    png = regions.region(Sum(), half=1.0, names=("x1", "x2"), size=40, factor=1, theme=theme)
    image = Image.open(io.BytesIO(png))
    indices, palette = np.asarray(image), np.frombuffer(value_palette(theme), np.uint8).reshape(-1, 3)
    values = regions.grid(1.0, 40, ("x1", "x2")).sum(1).reshape(40, 40).numpy()
    line = indices == BOUNDARY
    assert not (line & (np.abs(values) > 0.1)).any()
    assert line.any(axis=0).all()
    middle = VALUE_LEVELS // 2
    expected = np.clip(values, -1, 1) * middle + middle
    assert np.abs(indices - expected)[~line].max() <= 0.5 + 1e-4
    assert tuple(palette[0]) == CLASS_COLOURS[1]
    assert tuple(palette[middle]) == BACKGROUND[theme]
    assert tuple(palette[2 * middle]) == CLASS_COLOURS[0]
    assert VALUE_LEVELS <= BOUNDARY
    assert np.asarray(image.convert("RGB"))[~line].tolist() == palette[indices[~line]].tolist()


def test_a_point_is_a_disc_in_the_colour_of_its_target() -> None:
    train = Dataset(torch.tensor([[-0.5, 0.0], [0.5, 0.0]]), torch.tensor([[-1.0], [0.6]]), 1)
    points = regions.Points(train, NOTHING, half=1.0, pixels=200)
    indices = np.full((200, 200), 255, np.uint8)
    points.paint(indices)
    assert indices[100, 50] == 0
    assert indices[100, 150] == regions.value_levels(torch.tensor([0.6]))[0]
    assert set(np.unique(indices)) == {0, int(indices[100, 150]), OUTLINE, 255}
    assert np.array_equal(indices[:, 25:75] != 255, indices[:, 125:175] != 255), "both are the same shape"


# --- the views of the network -----------------------------------------------------------------------------------------
def test_in_space_the_colours_are_the_signs_and_the_line_is_where_the_output_is_0(hills: Run) -> None:
    network, half = hills.engine.network, 1.2
    sheet = Sheet(hills.prepared.train, half, HILLS.data.features)
    assert torch.equal(sheet.y == 0, hills.prepared.train.y[:, 0] > 0)
    camera = Camera(network, sheet)
    frame = camera.frame(network, camera.depth - 1)
    outputs = network.outputs(sheet.X)[-1].a[0, len(sheet.y) :]
    assert np.array_equal(frame.classes.flatten() == 0, outputs.numpy() > 0)
    assert len(frame.boundaries) == 1
    assert picture(frame, sheet.y, pixels=120)
    logits = torch.tensor([[3.0, 1.0], [2.0, 4.0]])
    assert predicted(logits).tolist() == [0, 1]


def test_the_zero_line_of_space_is_where_the_output_is_0() -> None:
    run = Run(RunConfig(data=HILLS.data, model=ModelConfig(hidden=(2,), activation="tanh"), training=HILLS.training))
    run.advance(20)
    network = run.engine.network
    camera = Camera(network, Sheet(run.prepared.train, 1.2, HILLS.data.features))
    frame = camera.frame(network, camera.depth - 1)
    assert frame.exact
    box = camera.boxes[camera.depth - 1]
    h = frame.boundaries[0] * box.half + box.centre[:, None]  # coordinates x ends, in the plane of the layer
    plane = camera.planes[-2]
    W = network.W[-1].double().numpy()
    hidden = plane.origin[:, None] + plane.axes @ h
    np.testing.assert_allclose(W[:, :-1] @ hidden + W[:, -1:], 0, atol=1e-4)


def test_the_units_of_a_regression_have_no_accuracy_to_lose(hills: Run) -> None:
    frame = units.table(hills.engine.network, with_ones(hills.X_train), hills.prepared.train.y)
    assert len(frame) == 6
    assert frame.accuracy_lost.isna().all()
    assert (frame.changed == 0).all()


def test_the_slice_ends_at_the_loss_of_the_run(hills: Run) -> None:
    run = Run(HILLS)
    run.advance(60)
    past = [(epoch, run.timeline.theta(epoch)) for epoch in run.timeline.epochs if epoch < 60]
    result = Slice(run, [*past, (60, run.engine.network.theta)])
    while result.progress < 1:
        result.advance_for(10)
    assert result.surface.end == pytest.approx(run.train_loss, rel=1e-3)


# --- the command line -------------------------------------------------------------------------------------------------
def test_train_prints_r2(capsys: pytest.CaptureFixture[str], hills: Run) -> None:
    link = SPIRAL.link(HILLS.values())
    assert main(["train", link]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines[1].split()) == "epoch train loss R2 test loss R2 validation loss R2"
    assert lines[-1].split()[1:3] == [f"{hills.measure().train_loss:.6f}", f"{hills.measure().train_accuracy:.3f}"]
    assert main(["train", "--json", link]) == 0
    last = json.loads(capsys.readouterr().out)["last"]
    assert last["train_r2"] == pytest.approx(hills.measure().train_accuracy)
    assert "train_accuracy" not in last


def test_a_test_set_of_one_sample_has_a_loss_and_no_r2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "v=1&d=plane&n=10&t=0.1&k=1&h=2"]) == 0
    cells = capsys.readouterr().out.splitlines()[-1].split()
    assert float(cells[3]) >= 0
    assert cells[4] == "nan"
