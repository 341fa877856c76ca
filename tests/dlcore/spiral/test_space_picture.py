"""The picture of the sheet, pixel by pixel: lines, their classes and their order, points, smooth edges."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from dlcore.drawing.palette import (
    BACKGROUND,
    CLASS_COLOURS,
    INK,
    POINT,
    SHADES,
    region_palette,
    sheet_palette,
)
from dlcore.spiral.space import Frame, Stage
from dlcore.spiral.space_picture import picture

PIXELS = 100


def frame(points=(), lines=(), classes=(), boundaries=(), axes=None) -> Frame:
    """Return a frame of points (x, y), lines of points (x, y) with a class for each, and boundaries of two points."""
    samples = np.shape(lines)[1] if len(lines) else 0
    return Frame(
        stage=Stage(1, "linear"),
        points=np.array(points, float).reshape(-1, 2).T,
        lines=np.array(lines, float).reshape(len(lines), samples, 2).transpose(2, 0, 1),
        classes=np.array(classes, int).reshape(len(lines), samples),
        boundaries=np.array(boundaries, float).reshape(-1, 2, 2).transpose(0, 2, 1),
        axes=axes,
        units=2,
        share=1.0,
        exact=True,
    )


def drawn(shown: Frame, y=(), **options) -> np.ndarray:
    png = picture(shown, torch.tensor(y, dtype=torch.int64), pixels=PIXELS, **options)
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    assert image.shape == (PIXELS, PIXELS, 3)
    return image


def colour(palette: bytes, index: int) -> list[int]:
    return list(palette[3 * index : 3 * index + 3])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colours_of_lines_axes_and_boundaries(theme: str) -> None:
    level, upright = [[(-1, 0.5), (0, 0.5), (1, 0.5)]], (0.2, -0.6)
    image = drawn(
        frame(lines=level, classes=[[2, 1, 1]], boundaries=[[(-1, 0), (1, 0)]], axes=upright),
        theme=theme,
    )
    palette = region_palette(theme)
    strong = SHADES - 4
    assert colour(palette, 0 * SHADES) != list(BACKGROUND[theme])
    assert image[25, 20].tolist() == colour(palette, 2 * SHADES + strong)
    assert image[25, 80].tolist() == colour(palette, 1 * SHADES + strong)
    assert image[50, 10].tolist() == list(INK[theme])
    grey = colour(palette, (len(CLASS_COLOURS) - 1) * SHADES + strong)
    assert image[10, 60].tolist() == grey
    assert image[80, 10].tolist() == grey
    assert image[40, 30].tolist() == list(BACKGROUND[theme])
    assert image[50, 60].tolist() == list(INK[theme]), "a boundary is above an axis"


@pytest.mark.parametrize("smooth", [False, True])
def test_points_have_the_colour_of_their_class_and_are_on_top(smooth: bool) -> None:
    line = [[(-1, -0.5), (1, -0.5)]]
    image = drawn(frame([(0.5, -0.5), (-0.5, 0.5)], line, [[0, 0]], line), y=(1, 3), smooth=smooth)
    palette = region_palette("light")
    assert image[75, 75].tolist() == colour(palette, POINT + 1)
    assert image[25, 25].tolist() == colour(palette, POINT + 3)


def test_smooth_edges_mix_a_line_with_the_background() -> None:
    slanted = frame(lines=[[(-0.9, -0.5), (0.9, 0.4)]], classes=[[0, 0]])
    hard, smooth = (drawn(slanted, smooth=smooth).reshape(-1, 3) for smooth in (False, True))
    assert len(np.unique(hard, axis=0)) == 2
    assert len(np.unique(smooth, axis=0)) >= 4
    # The line lies in the same place: as much of each row and column is covered.
    for axis in (0, 1):
        ink = [(255.0 - image.reshape(PIXELS, PIXELS, 3)[..., 0]).sum(axis=axis).cumsum() for image in (hard, smooth)]
        assert ink[0] / ink[0][-1] == pytest.approx(ink[1] / ink[1][-1], abs=0.02)
        assert ink[0][-1] == pytest.approx(ink[1][-1], rel=0.3)


def test_what_lies_outside_is_not_drawn_and_takes_no_time() -> None:
    far = [[(-1e30, 3), (1e30, 3)], [(0, 0), (0, 1e9)]]
    image = drawn(frame(lines=far, classes=[[0, 0], [0, 0]], axes=(1e12, -1e12)))
    assert (image[60:] == 255).all()
    assert (image[:45, 50] != 255).any(axis=1).all()


def test_a_picture_is_small() -> None:
    random = np.random.default_rng(1)
    steps = random.standard_normal((42, 61, 2)).cumsum(axis=1) / 20
    points = random.uniform(-1, 1, (400, 2))
    shown = frame(points=points, lines=steps, classes=random.integers(0, 3, (42, 1)).repeat(61, 1))
    assert len(picture(shown, torch.arange(400) % 3, pixels=320)) < 20_000


def test_the_palette_begins_with_that_of_the_regions() -> None:
    for theme in ("light", "dark"):
        assert sheet_palette(theme).startswith(region_palette(theme))
        assert sheet_palette(theme).endswith(bytes(INK[theme]))
