"""The decision regions of a grid as one picture, of which a frame of the training redraws only some cells.

The rows are the values of the second axis, each cell with its first seed; without a second axis they are the seeds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import numpy as np

from dlcore.drawing.image import Indices, png
from dlcore.drawing.palette import OUTLINE, Theme, region_palette
from dlcore.lab.grid import Cell, Grid
from dlcore.lab.trainer import GridTrainer
from dlcore.spiral import regions

WIDTH: Final = 900  # pixels of a sheet, about: twice those of a laptop's column
FACTOR: Final = 3  # pixels along the side of a cell of a region
MIN_SIZE, MAX_SIZE = 20, 60  # cells along the side of a region
GAP: Final = 4  # pixels between regions


def shape(grid: Grid) -> tuple[int, int]:
    """Return the numbers of rows and columns of the sheet of a grid."""
    return (grid.seeds if grid.y is None else len(grid.y.values)), len(grid.x.values)


def shown(grid: Grid) -> list[Cell]:
    """Return the cells that are in the sheet."""
    return [cell for cell in grid.cells if grid.y is None or cell.replicate == 0]


def place(grid: Grid, cell: Cell) -> tuple[int, int]:
    """Return the row and the column of a cell of :func:`shown`."""
    return (cell.replicate if grid.y is None else cell.row), cell.column


class Sheet:
    """The picture of a grid's training. A cell stays blank before its first turn."""

    def __init__(self, trainer: GridTrainer) -> None:
        self._trainer = trainer
        self._cells = shown(trainer.grid)
        rows, columns = shape(trainer.grid)
        self._size = min(MAX_SIZE, max(MIN_SIZE, WIDTH // columns // FACTOR))
        self._step = self._size * FACTOR + GAP
        self._indices = np.full((rows * self._step - GAP, columns * self._step - GAP), OUTLINE, dtype=np.uint8)
        self._epochs = dict.fromkeys(range(len(self._cells)), -1)  # at which each was drawn

    @property
    def stale(self) -> Sequence[int]:
        """Return the numbers, in :func:`shown`, of the cells that were trained since they were drawn, oldest first."""
        states = [self._trainer.state(cell.index) for cell in self._cells]
        waiting = [i for i, state in enumerate(states) if state.history and state.epoch != self._epochs[i]]
        return sorted(waiting, key=self._epochs.__getitem__)

    def refresh(self, seconds: float) -> None:
        """Redraw stale cells for about ``seconds``, and at least one of them."""
        deadline = time.perf_counter() + seconds
        for i in self.stale:
            self._redraw(i)
            if time.perf_counter() >= deadline:
                return

    def _redraw(self, i: int) -> None:
        cell = self._cells[i]
        row, column = place(self._trainer.grid, cell)
        top, left, side = row * self._step, column * self._step, self._step - GAP
        self._indices[top : top + side, left : left + side] = self._region(cell)
        self._epochs[i] = self._trainer.state(cell.index).epoch

    def _region(self, cell: Cell) -> Indices:
        prepared = self._trainer.prepared(cell.index)
        half = max(regions.limit(subset) for subset in (prepared.train, prepared.test))
        inputs = regions.grid(half, self._size, cell.config.data.features)
        logits = regions.pixel_logits(self._trainer.network(cell.index), inputs, self._size, FACTOR)
        indices = regions.shade(logits)
        regions.draw_boundary(indices)
        return indices

    def png(self, theme: Theme) -> bytes:
        """Return the sheet as a PNG."""
        return png(self._indices, region_palette(theme))
