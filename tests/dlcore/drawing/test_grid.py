"""Grids of tensors: positions, marks and shades of the cells; long dimensions are cut in the middle."""

import math

import numpy as np
import pytest
import torch
from contrast import READABLE, contrast
from hypothesis import given
from hypothesis import strategies as st

from dlcore.drawing import grid
from dlcore.drawing.palette import BACKGROUND, BLUE, ORANGE, PALE, WHITE_FROM, Theme, hex_colour
from dlcore.drawing.vega import TEXT

SHAPES = st.lists(st.integers(1, 14), max_size=4).map(tuple)


@given(shape=SHAPES)
def test_every_drawn_cell_is_its_element(shape: tuple[int, ...]) -> None:
    tensor = torch.arange(math.prod(shape)).reshape(shape)
    frame = grid.cells(tensor)
    real = frame[frame["mark"] != "gap"]
    assert len(real) == math.prod(min(size, 2 * grid.EDGE) if size > grid.MAX_SHOWN else size for size in shape)
    for index, text in zip(real["index"], real["text"], strict=True):
        at = tuple(map(int, index.split(", "))) if index else ()
        assert text == grid.number(int(tensor[at]))
    assert not frame.duplicated(["x", "y"]).any()
    width, height = grid.extent(frame)
    assert (frame["x"] + 1 <= width).all()
    assert (frame["y"] + 1 <= height).all()


def test_marks_stand_on_their_elements() -> None:
    marks: list[grid.Mark] = ["", "selected", "faded", "stretched", "failing", ""]
    frame = grid.cells(torch.arange(6).reshape(2, 3), marks=marks)
    assert dict(zip(frame["index"], frame["mark"], strict=True)) == {
        f"{i}, {j}": marks[3 * i + j] for i in range(2) for j in range(3)
    }


def test_the_last_dimension_runs_to_the_right_and_the_third_lies_beside() -> None:
    frame = grid.cells(torch.zeros(2, 3, 4)).set_index("index")
    assert frame.loc["0, 0, 1", "x"] == frame.loc["0, 0, 0", "x"] + 1
    assert frame.loc["0, 1, 0", "y"] == frame.loc["0, 0, 0", "y"] + 1
    assert frame.loc["1, 0, 0", "x"] > frame.loc["0, 0, 3", "x"] + 1


def test_shades_are_the_values_against_the_largest() -> None:
    frame = grid.cells(torch.tensor([-4.0, 0.0, 2.0, math.inf, math.nan]))
    assert frame["shade"].tolist() == [-1, 0, 0.5, 0, 0]
    assert frame["text"].tolist() == ["−4", "0", "2", "inf", "nan"]
    assert set(grid.cells(torch.zeros(3, dtype=torch.bool))["text"]) == {"False"}


def test_one_scale_for_tensors_that_are_compared() -> None:
    whole, part = torch.tensor([[1, -8], [4, 2]]), torch.tensor([4.0, math.inf])
    darkest = grid.largest(whole, part)
    assert darkest == 8
    assert grid.cells(part, darkest=darkest)["shade"].tolist() == [0.5, 0]
    assert grid.largest(torch.zeros(0), torch.tensor(math.nan)) == 0


def test_words_shrink_with_narrow_cells() -> None:
    (words,) = [layer for layer in grid.spec(9.0, 2.0)["layer"] if layer["mark"]["type"] == "text"]
    assert "width / 9.0 / length(datum.text)" in words["mark"]["fontSize"]["expr"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "True"),
        (7, "7"),
        (-12345678, "−1.2·10⁷"),
        (0.0, "0"),
        (1.5, "1.5"),
        (-0.02609, "−0.0261"),
        (1e-7, "10⁻⁷"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert grid.number(value) == text
    assert len(text) <= 8


def test_five_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 4 dimensions can be drawn, got 5"):
        grid.cells(torch.zeros(1, 1, 1, 1, 1))


def test_an_empty_tensor_has_no_cells() -> None:
    frame = grid.cells(torch.zeros(0, 3))
    assert frame.empty
    assert grid.extent(frame) == (1, 1)


def test_one_spec_for_one_extent() -> None:
    assert grid.spec(4.0, 2.0) is grid.spec(4.0, 2.0)
    assert grid.spec(4.0, 2.0)["width"] == 4 * grid.CELL


def lab(colour: str) -> np.ndarray:
    """Return a colour in CIE L*a*b*, in which colours are interpolated."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ linear / WHITE)  # good enough: none of these colours is nearly black
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def luminance(colour: np.ndarray) -> float:
    """Return the relative luminance Y of WCAG 2 of a colour in L*a*b*."""
    return float(((colour[0] + 16) / 116) ** 3)


TO_XYZ = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
WHITE = TO_XYZ.sum(1)


@pytest.mark.parametrize("theme", PALE)
@pytest.mark.parametrize("shade", [i / 100 for i in range(-100, 101)])
def test_words_are_in_the_colour_that_is_easier_to_read(shade: float, theme: Theme) -> None:
    pale, full = lab(PALE[theme]), lab(BLUE if shade > 0 else ORANGE)
    ground = luminance(pale + abs(shade) * (full - pale)) + 0.05
    ratio = {"white": 1.05 / ground, "black": ground / 0.05}
    assert ratio["white" if shade > WHITE_FROM[theme] else "black"] >= READABLE


@pytest.mark.parametrize("theme", PALE)
def test_boxes_are_as_dark_as_the_page_and_words_on_them_readable(theme: Theme) -> None:
    ground = hex_colour(BACKGROUND[theme])
    assert contrast(PALE[theme], ground) < 1.5
    assert contrast(PALE[theme], TEXT[theme]) >= READABLE
