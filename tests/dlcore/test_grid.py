"""Tensors as grids: every element that is drawn stands where it belongs, and long dimensions are cut in the middle."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcore import grid

SHAPES = st.lists(st.integers(1, 14), max_size=4).map(tuple)


@given(shape=SHAPES)
def test_every_drawn_cell_is_its_element(shape: tuple[int, ...]) -> None:
    tensor = torch.arange(math.prod(shape)).reshape(shape)
    frame = grid.cells(tensor)
    real = frame[frame["mark"] != "gap"]
    assert len(real) == math.prod(min(size, 2 * grid.EDGE) if size > grid.LONGEST else size for size in shape)
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
    assert frame["text"].tolist() == ["-4", "0", "2", "inf", "nan"]
    assert set(grid.cells(torch.zeros(3, dtype=torch.bool))["text"]) == {"False"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "True"),
        (7, "7"),
        (-12345678, "-1.2e+07"),
        (0.0, "0"),
        (1.5, "1.5"),
        (-0.02609, "-0.0261"),
        (1e-7, "1.0e-07"),
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
