"""The picture of a surface and the frames on it."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from dlcore.lessons.optimisers.race import charts
from dlcore.lessons.optimisers.race.model import Hyper, Race
from dlcore.lessons.optimisers.race.surfaces import SURFACES, read, typed
from dlcore.network.settings import OPTIMIZERS

NAMES = tuple((id, id.title()) for id in OPTIMIZERS)


def test_bands_rise_from_the_minimum() -> None:
    found = charts.bands(SURFACES["ravine"], 101)
    assert found[50, 50] == 0
    assert found.max() == charts.BANDS - 1 == found[0, 0]
    assert (np.diff(found[50, 50:].astype(int)) >= 0).all()
    assert (found == found[::-1, ::-1]).all()


def test_the_top_row_is_the_largest_y() -> None:
    found = charts.bands(typed(read("x + 10*y"), 2.0), 50)
    assert found[0].min() > found[-1].max()


@pytest.mark.parametrize("text", ["log(x) + y", "1/x", "x - x", "1e12*x**40 + y", "exp(exp(x*y))", "sqrt(-1 - x**2)"])
def test_a_surface_may_have_holes_or_be_flat(text: str) -> None:
    found = charts.bands(typed(read(text), 10.0), 40)
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


def test_the_map_spec_holds_the_picture_and_not_the_paths() -> None:
    surface = SURFACES["saddle"]
    spec = charts.map_spec(surface.program, surface.window, surface.minima, NAMES, "light", 400)
    assert spec is charts.map_spec(surface.program, surface.window, surface.minima, NAMES, "light", 400)
    image, crosses, *rest = spec["layer"]
    assert image["data"]["values"] == [{"x": -2.5, "x2": 2.5, "y": -2.5, "y2": 2.5}]
    assert len(crosses["data"]["values"]) == 2
    assert all("data" not in layer for layer in rest)
    click = charts.click_spec(surface.window, 400)
    assert click["background"] == "transparent"
    for axis in ("x", "y"):
        assert click["encoding"][axis]["title"] == axis == image["encoding"][axis]["title"]
        assert click["encoding"][axis]["scale"] == image["encoding"][axis]["scale"]


def test_clicks_cover_the_window_and_know_f() -> None:
    surface = SURFACES["ravine"]
    frame = charts.click_frame(surface.program, surface.window)
    assert len(frame) == charts.CLICKS**2
    assert (frame["x"].min(), frame["x"].max(), frame["y"].min(), frame["y"].max()) == surface.window
    assert np.allclose(frame["f"], 0.1 * frame["x"] ** 2 + 2 * frame["y"] ** 2)


def test_frames_have_ends_and_few_rows() -> None:
    surface = SURFACES["ravine"]
    race = Race(surface, surface.start, surface.rates, Hyper(), steps=1000)
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
    assert curves.groupby("id")["step"].max().tolist() == [1000] * 7
    assert curves.groupby("id").size().max() <= 252
