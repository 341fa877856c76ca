"""The sheet of regions and the charts of a grid: places, blank and stale cells, and the numbers that are drawn."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dlcore.drawing.palette import BACKGROUND
from dlcore.lab.charts import curves_frame, heat_frame
from dlcore.lab.grid import LAB, Grid
from dlcore.lab.sheet import FACTOR, GAP, Sheet, place, shape, shown
from dlcore.lab.summary import places_frame, runs_frame
from dlcore.lab.trainer import GridTrainer
from dlcore.spiral import regions

TWO = "xv=2~4~8&y=lr&yv=0.01~0.1&q=2&n=30&k=5&h=4"
ONE = "xv=2~4~8&q=2&n=30&k=5&h=4"


def trained(link: str) -> GridTrainer:
    trainer = GridTrainer(Grid.of(LAB.parse(link)[0]))
    while not trainer.finished:
        trainer.advance_for(1.0)
    return trainer


def pixels(sheet: Sheet) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(sheet.png("light"))).convert("RGB"))


@pytest.mark.parametrize(("link", "rows"), [(TWO, 2), (ONE, 2), (ONE.replace("q=2", "q=1"), 1)])
def test_each_place_of_the_sheet_has_one_cell(link: str, rows: int) -> None:
    grid = Grid.of(LAB.parse(link)[0])
    assert shape(grid) == (rows, 3)
    assert sorted(place(grid, cell) for cell in shown(grid)) == [(i, j) for i in range(rows) for j in range(3)]


def test_a_sheet_is_blank_at_first_and_then_shows_each_network_at_its_place() -> None:
    trainer = GridTrainer(Grid.of(LAB.parse(TWO)[0]))
    sheet = Sheet(trainer)
    assert list(sheet.stale) == []
    assert (pixels(sheet) == BACKGROUND["light"]).all()
    trainer = trained(TWO)
    sheet = Sheet(trainer)
    assert len(sheet.stale) == 6
    sheet.refresh(0.0)
    assert len(sheet.stale) == 5, "one cell at least is drawn, and no more than there is time for"
    sheet.refresh(10.0)
    assert list(sheet.stale) == []
    image, side = pixels(sheet), (len(pixels(sheet)) + GAP) // 2 - GAP
    for cell in shown(trainer.grid):
        row, column = place(trainer.grid, cell)
        top, left = row * (side + GAP), column * (side + GAP)
        prepared = trainer.prepared(cell.index)
        alone = regions.region(
            trainer.network(cell.index),
            half=max(map(regions.limit, (prepared.train, prepared.test))),
            names=cell.config.data.features,
            size=side // FACTOR,
            factor=FACTOR,
        )
        expected = np.asarray(Image.open(io.BytesIO(alone)).convert("RGB"))
        assert (image[top : top + side, left : left + side] == expected).all(), (row, column)


def test_heat_map_has_the_medians_and_leaves_out_what_diverged() -> None:
    places = pd.DataFrame({"column": [0, 1, 0, 1], "row": [0, 0, 1, 1], "median": [0.5, 1.5, np.nan, 1.0]})
    frame = heat_frame(places, ["a", "b"], ["c", "d"])
    assert frame.to_numpy().tolist() == [["a", "c", "0.5", 0.0], ["b", "c", "1.5", 1.0], ["b", "d", "1", 0.5]]
    assert heat_frame(places[:1], ["a", "b"], ["c", "d"])["share"].tolist() == [0.0]
    assert heat_frame(places[2:3], ["a", "b"], ["c", "d"]).empty


def test_a_curve_is_the_median_over_the_seeds() -> None:
    trainer = trained(ONE)
    states = [state for state in trainer.states if state.cell.column == 1]
    frame = curves_frame([("4", states)], "test_loss")
    assert set(frame["name"]) == {"4"}
    for epoch, value in zip(frame["epoch"], frame["value"], strict=True):
        seeds = [record.test_loss for state in states for record in state.history if record.epoch == epoch]
        assert value == pytest.approx(np.median(seeds))
    assert frame["epoch"].tolist() == [record.epoch for record in states[0].history]
    places = places_frame(runs_frame(trainer.states), "test_loss")
    assert frame["value"].iloc[-1] == pytest.approx(places["median"][1])


def test_curves_of_a_grid_without_a_turn_are_empty() -> None:
    trainer = GridTrainer(Grid.of(LAB.parse(ONE)[0]))
    assert curves_frame([("4", trainer.states)], "test_loss").empty
