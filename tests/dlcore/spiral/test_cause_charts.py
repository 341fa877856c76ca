"""The charts of the flow and of the slice: their colours, frames and layers."""

import json

import numpy as np
import pytest
from contrast import contrast
from specs import axis, layers

from dlcore.drawing.palette import ramp
from dlcore.spiral.flow import Flow
from dlcore.spiral.flow_charts import flow_frame, flow_spec
from dlcore.spiral.slice import SIDE, Surface
from dlcore.spiral.slice_charts import slice_frame, slice_spec

FLOWS = [
    Flow(0, (1.0, 2.0), (), (0.5, 0.25)),
    Flow(5, (0.0, 1e-30), (float("inf"), 0.125), (float("nan"), 0.75)),
]


def test_a_quantity_has_a_column_for_each_layer() -> None:
    frame = flow_frame(FLOWS, "gradient")
    assert frame.columns.tolist() == ["epoch", "1", "2"]
    assert frame["epoch"].tolist() == [0, 5]
    assert frame["1"].tolist() == [1, 0]
    assert frame["2"].tolist() == pytest.approx([2, 1e-30])
    assert np.isnan(flow_frame(FLOWS, "update")[["1", "2"]].to_numpy()).tolist() == [[True, True], [True, False]]
    assert np.isnan(flow_frame(FLOWS, "spread")["1"]).tolist() == [False, True]


def test_the_lines_are_numbered_on_a_logarithmic_axis() -> None:
    spec = flow_spec(3, 100, "epoch", "norm", "layer", 90, x_axis=True)
    line, points, discs, numbers = layers(spec)
    assert [layer.type for layer in (line, points, discs, numbers)] == ["line", "point", "point", "text"]
    assert line.encoding["y"]["scale"]["type"] == "log"
    assert line.encoding["color"]["scale"] == {"domain": ["1", "2", "3"], "range": ramp(3)}
    assert numbers.field("text") == "layer"
    assert "datum.value > 0" in json.dumps(spec)
    assert discs.filters == numbers.filters != line.filters
    assert line.encoding["x"]["scale"]["domain"] == [0, 100]
    bare = next(layers(flow_spec(3, 100, "epoch", "norm", "layer", 90, x_axis=False)))
    assert bare.encoding["x"]["axis"] is None
    assert line.encoding["x"]["axis"] is not None


def test_a_moment_is_marked_below_the_lines() -> None:
    spec = flow_spec(3, 100, "epoch", "norm", "layer", 90, x_axis=True, mark=True)
    assert [layer.type for layer in layers(spec)] == ["rule", "line", "point", "point", "text"]
    (step,) = spec["layer"][0]["transform"]
    assert step == {"aggregate": [{"op": "min", "field": "mark", "as": "epoch"}]}
    assert axis(spec, "x") == ({"epoch"}, {"epoch"}, {"linear"}, [0, 100])
    assert flow_frame(FLOWS, "gradient", 3)["mark"].tolist() == [3, 3]


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_the_colours_of_layers_grow_lighter_and_show_on_white_on_black_and_under_black(count: int) -> None:
    colours = ramp(count)
    assert len(set(colours)) == count
    on_black = [contrast(colour, "#000000") for colour in colours]
    assert on_black == sorted(on_black)
    assert on_black[0] > 3.5
    assert min(contrast(colour, "#ffffff") for colour in colours) > 2


def test_a_slice_has_cells_lines_and_the_path() -> None:
    x, y = np.arange(SIDE) - 10.0, (np.arange(SIDE) - 30.0) / 2
    loss = np.hypot(x[None], y[:, None]) + 1
    path = np.array([[20.0, 3.0], [4.0, -2.0], [0.0, 0.0]])
    frame = slice_frame(Surface([0, 5, 9], x, y, loss, path, (0.75, 0.25), 10, 10))
    cells, lines, points = (frame[frame["kind"] == kind] for kind in ("cell", "line", "path"))
    assert len(cells) == SIDE**2
    assert ((cells["x"] + cells["x2"]) / 2).to_numpy() == pytest.approx(np.tile(x, SIDE))
    assert ((cells["y"] + cells["y2"]) / 2).to_numpy() == pytest.approx(np.repeat(y, SIDE))
    assert (cells["x2"] - cells["x"]).min() > 1
    assert (cells["y2"] - cells["y"]).min() > 0.5
    assert cells["loss"].to_numpy() == pytest.approx(loss.ravel())
    assert len(lines) > 50
    for x_end, y_end in (("x", "y"), ("x2", "y2")):  # circles around the end
        radii = np.hypot(lines[x_end], lines[y_end]) + 1
        levels = np.geomspace(loss.min(), loss.max(), 14)[1:-1]
        assert np.abs(radii.to_numpy()[:, None] - levels).min(1) == pytest.approx(0, abs=0.2)
    assert points[["x", "y"]].to_numpy() == pytest.approx(path)
    assert points["epoch"].tolist() == [0, 5, 9]
    assert len(lines) + len(cells) + 3 == len(frame)


def test_the_path_is_above_the_lines_and_these_above_the_cells() -> None:
    spec = slice_spec("first (98%)", "second (2%)", "loss", "epoch", 300)
    kinds = [layer.filters[0].split("'")[1] for layer in layers(spec)]
    assert kinds == ["cell", "line", "path", "path", "path", "path"]
    cells, *_, end = layers(spec)
    assert cells.encoding["color"]["scale"]["type"] == "log"
    assert "datum.epoch === datum.last" in end.filters
