"""Charts of the optimizers: the picture of a surface, the paths on it, and the curves."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from specs import axis, colours, layers

from dlcore.drawing.palette import BACKGROUND, INK
from dlcore.lessons.optimisers.race import charts
from dlcore.lessons.optimisers.race.model import SurfaceRace
from dlcore.lessons.optimisers.race.surfaces import SURFACES, parse_function, typed_surface
from dlcore.network.optimizers import Hyper
from dlcore.network.settings import OPTIMIZERS

NAMES = tuple((id, id.title()) for id in OPTIMIZERS)


def test_bands_rise_from_the_minimum() -> None:
    found = charts.bands(SURFACES["ravine"], 101)
    assert found[50, 50] == 0
    assert found.max() == charts.BANDS - 1 == found[0, 0]
    assert (np.diff(found[50, 50:].astype(int)) >= 0).all()
    assert (found == found[::-1, ::-1]).all()


def test_row_0_is_the_largest_y() -> None:
    found = charts.bands(typed_surface(parse_function("x + 10*y"), 2.0), 50)
    assert found[0].min() > found[-1].max()


@pytest.mark.parametrize("text", ["log(x) + y", "1/x", "x - x", "1e12*x**40 + y", "exp(exp(x*y))", "sqrt(-1 - x**2)"])
def test_surfaces_with_holes_or_constant_values(text: str) -> None:
    found = charts.bands(typed_surface(parse_function(text), 10.0), 40)
    assert found.max() <= charts.BANDS
    if text == "log(x) + y":
        assert (found[:, :20] == charts.BANDS).all()
    if text.startswith("sqrt"):
        assert (found == charts.BANDS).all()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_is_a_small_png(theme: str) -> None:
    surface = SURFACES["rosenbrock"]
    url = charts.picture(surface.program, surface.window, theme)  # type: ignore[arg-type]
    head, _, code = url.partition(",")
    assert head == "data:image/png;base64"
    data = base64.b64decode(code, validate=True)
    assert Image.open(io.BytesIO(data)).size == (charts.PIXELS, charts.PIXELS)
    assert len(data) < 25_000


def test_map_spec_holds_the_picture_without_the_paths() -> None:
    surface = SURFACES["saddle"]
    spec = charts.map_spec(surface.program, surface.window, surface.minima, NAMES, "light", 400)
    assert spec is charts.map_spec(surface.program, surface.window, surface.minima, NAMES, "light", 400)
    image, crosses, *rest = spec["layer"]
    assert image["data"]["values"] == [{"x": -2.5, "x2": 2.5, "y": -2.5, "y2": 2.5}]
    assert len(crosses["data"]["values"]) == 2
    assert all("data" not in layer for layer in rest)
    click = charts.click_spec(surface.window, 400)
    assert click["background"] == "transparent"
    axes = next(layers(spec)).encoding
    for channel in ("x", "y"):
        assert click["encoding"][channel]["title"] == channel == axes[channel]["title"]
        assert click["encoding"][channel]["scale"] == axes[channel]["scale"]


def test_clickable_points_cover_the_window() -> None:
    surface = SURFACES["ravine"]
    frame = charts.click_frame(surface.program, surface.window)
    assert len(frame) == charts.CLICKS**2
    assert (frame["x"].min(), frame["x"].max(), frame["y"].min(), frame["y"].max()) == surface.window
    assert np.allclose(frame["f"], 0.1 * frame["x"] ** 2 + 2 * frame["y"] ** 2)


def test_frames_keep_both_ends_and_few_rows() -> None:
    surface = SURFACES["ravine"]
    race = SurfaceRace(surface, surface.start, surface.lrs, Hyper(), steps=1000)
    race.advance(1000)
    frame = charts.map_frame(race.walkers, surface.window)
    now = frame[frame["now"]].set_index("id")
    for id, walker in race.walkers.items():
        assert tuple(now.loc[id, ["x", "y"]]) == walker.place
        first = frame[frame["id"] == id].iloc[0]
        assert (first["x"], first["y"]) == surface.start
    assert len(frame) < 1500
    series = {id: [f for *_, f in walker.path] for id, walker in race.walkers.items()}
    curves = charts.curves_frame(series, log=True)
    assert curves["value"].min() == charts.FLOOR
    assert curves.groupby("id")["step"].max().tolist() == [1000] * len(series)
    assert curves.groupby("id").size().max() <= 252


class Placed:
    """A stand-in for a walker at the end of a given path."""

    def __init__(self, *places: tuple[float, float]) -> None:
        self.path = [(x, y, 0.0) for x, y in places]
        self.steps, self.place = len(places) - 1, places[-1]


@pytest.mark.parametrize(
    ("dx", "dy", "rows"),
    [(0.021, 0.0, 5), (0.0, 0.0105, 5), (-0.021, 0.0, 5), (0.0, -0.0105, 5), (0.011, 0.0, 3), (0.0, 0.0055, 3)],
)
def test_short_steps_are_joined(dx: float, dy: float, rows: int) -> None:
    """A step is short below 1/500 of the window, here 10 wide and 5 high; short steps add up."""
    walker = Placed(*((1 + i * dx, 2 + i * dy) for i in range(5)))
    frame = charts.map_frame({"sgd": walker}, (-5.0, 5.0, 0.0, 5.0))  # type: ignore[dict-item]
    line, now = frame[~frame["now"]], frame[frame["now"]]
    assert line["order"].tolist() == (list(range(5)) if rows == 5 else [0, 2, 4])
    assert line["x"].tolist() == [walker.path[i][0] for i in line["order"]]
    assert line["y"].tolist() == [walker.path[i][1] for i in line["order"]]
    assert now[["id", "order", "x", "y"]].to_numpy().tolist() == [["sgd", 4, *walker.place]]


def test_long_curve_is_thinned_evenly_and_keeps_its_end() -> None:
    frame = charts.curves_frame({"sgd": [float(i) for i in range(600)], "adam": [5.0, -1.0]}, log=False)
    sgd = frame[frame["id"] == "sgd"]
    assert sgd["step"].tolist() == [*range(0, 600, 3), 599]
    assert sgd["value"].tolist() == sgd["step"].tolist()
    assert frame[frame["id"] == "adam"][["step", "value"]].to_numpy().tolist() == [[0, 5.0], [1, -1.0]]


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("legend", [False, True])
def test_colour_and_dash_of_an_optimizer_are_fixed(log: bool, legend: bool) -> None:
    spec = charts.curves_spec(NAMES[1:3], 50, "step", "f", 100, log=log, legend=legend)
    assert axis(spec, "x") == ({"step"}, {"step"}, {"linear"}, [0, 50])
    assert axis(spec, "y") == ({"value"}, {"f"}, {"log" if log else "linear"}, [])
    assert colours(spec) == {id: charts.COLOURS[id] for id, _ in NAMES[1:3]}
    line, start = layers(spec)
    assert (line.type, line.field("color"), line.field("strokeDash")) == ("line", "id", "id")
    assert (start.type, start.filters) == ("point", ("datum.step === 0",))
    assert (line.encoding["color"]["legend"] is not None) is legend
    every = charts.curves_spec(NAMES, 50, "step", "f", 100, log=log, legend=legend)
    looks = {(colours(every)[id], str(colours(every, "strokeDash")[id])) for id, _ in NAMES}
    assert len(looks) == len(NAMES)
    assert len(set(colours(every).values())) == len(NAMES)


def test_map_draws_paths_and_current_points() -> None:
    surface = SURFACES["ravine"]
    spec = charts.map_spec(surface.program, surface.window, ((1.0, 0.5), (-2.0, 0.0)), NAMES, "dark", 400)
    left, right, bottom, top = surface.window
    assert axis(spec, "x") == ({"x"}, {"x"}, {"linear"}, [left, right])
    assert axis(spec, "y") == ({"y"}, {"y"}, {"linear"}, [bottom, top])
    image, crosses, line, now = layers(spec)
    assert (image.type, image.field("x2"), image.field("y2")) == ("image", "x2", "y2")
    assert image.field("url") == charts.picture(surface.program, surface.window, "dark")
    assert (crosses.type, crosses.mark["shape"]) == ("point", "cross")
    assert spec["layer"][1]["data"]["values"] == [{"x": 1.0, "y": 0.5}, {"x": -2.0, "y": 0.0}]
    assert (line.type, line.field("order"), line.field("color")) == ("line", "order", "id")
    assert (now.type, now.filters, now.field("color")) == ("point", ("datum.now",), "id")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_low_bands_are_pale_and_separated_by_lines(theme: str) -> None:
    surface = SURFACES["ravine"]
    code = charts.picture(surface.program, surface.window, theme).partition(",")[2]  # type: ignore[arg-type]
    shown = np.array(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB")).astype(int)
    ground = np.array(BACKGROUND[theme])  # type: ignore[index]
    strength = np.abs(shown - ground).sum(-1)
    middle, corner = strength[charts.PIXELS // 2, charts.PIXELS // 2], strength[2, 2]
    assert 0 < middle < corner < 0.35 * np.abs(np.array(INK[theme]) - ground).sum()  # type: ignore[index]
    found = charts.bands(surface)
    line = np.zeros(found.shape, bool)
    line[:, 1:] |= found[:, 1:] != found[:, :-1]
    line[1:] |= found[1:] != found[:-1]
    assert len({tuple(colour) for colour in shown[line]}) == 1
    assert tuple(shown[line][0]) not in {tuple(colour) for colour in shown[~line]}
