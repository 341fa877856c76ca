"""Training of a grid in short turns: cells of one shape together where that gains, the others one by one.

>>> from dlcore.lab.grid import LAB, Grid
>>> trainer = GridTrainer(Grid.of(LAB.parse("xv=2~4&q=1&n=20&k=10")[0]))
>>> while not trainer.finished:
...     trainer.advance_for(0.05)
>>> [(state.cell.x, state.epoch, len(state.history)) for state in trainer.states], trainer.progress
([(2, 10, 11), (4, 10, 11)], 1.0)
"""

from __future__ import annotations

import time

from dlcore.lab.grid import Grid, check
from dlcore.lab.parts import CellState, Part
from dlcore.lab.together import parts_of
from dlcore.network.passes import Network
from dlcore.spiral.config import epoch_work
from dlcore.spiral.training import PreparedRun


class GridTrainer:
    """The training of a grid.

    Each turn goes to the part that is behind the others, so that all cells grow together. Nothing is trained before
    the first turn. A trainer holds its grid's networks and data; drop it to free them.

    Raises
    ------
    ConfigError : if the grid breaks its rules.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = check(grid)
        self.stopped = False
        self.parts = parts_of(grid.cells)
        self._places = {cell.index: (part, i) for part in self.parts for i, cell in enumerate(part.cells)}
        self._epochs = grid.base.training.epochs  # no axis changes it
        self._work = [sum(epoch_work(cell.config) for cell in part.cells) for part in self.parts]  # of one epoch
        self._drawn: set[int] = set()  # the numbers of the parts that had a turn
        self._seconds: dict[int, float] = {}  # that the part of this number has trained

    def advance_for(self, seconds: float) -> None:
        """Train for about ``seconds``: parts in turn, each towards its next recorded epoch, and at least one of them.

        The first turn of a part draws its data and networks; all are drawn before the first epoch.
        """
        deadline = time.perf_counter() + seconds
        while not self.finished:
            waiting = (number for number, part in enumerate(self.parts) if not part.finished)
            number = min(waiting, key=lambda number: (self.parts[number].epoch, number in self._drawn))
            part, began = self.parts[number], time.perf_counter()
            before = part.epoch
            part.advance(deadline - began)
            self._drawn.add(number)
            now = time.perf_counter()
            if part.epoch > before:  # not the drawing of data and networks
                self._seconds[number] = self._seconds.get(number, 0.0) + now - began
            if now >= deadline:
                return

    def stop(self) -> None:
        """End the training; the states, records and networks stay as they are."""
        self.stopped = True

    @property
    def finished(self) -> bool:
        """Return whether every cell is finished or the training was stopped."""
        return self.stopped or all(part.finished for part in self.parts)

    @property
    def progress(self) -> float:
        """Return the share of the work that is done, 0…1; a run that diverged has no work left."""
        left = sum(work * self._left(part) for work, part in zip(self._work, self.parts, strict=True))
        return 1 - left / (sum(self._work) * self._epochs)

    @property
    def seconds_left(self) -> float | None:
        """Return an estimate of the remaining seconds of training alone; None before the first epochs.

        Each part goes on as fast as it was; one that has not begun takes as long for its work as the others took.
        """
        if not self._seconds:
            return None
        speeds = {number: seconds / self.parts[number].epoch for number, seconds in self._seconds.items()}
        rate = sum(speeds.values()) / sum(self._work[number] for number in speeds)
        seconds = (speeds.get(number, rate * work) for number, work in enumerate(self._work))
        return sum(each * self._left(part) for each, part in zip(seconds, self.parts, strict=True))

    def _left(self, part: Part) -> int:
        return 0 if part.finished else self._epochs - part.epoch

    # --- cells, by their number in the grid ---------------------------------------------------------------------------
    @property
    def states(self) -> list[CellState]:
        """Return the state of every cell, in the order of ``grid.cells``."""
        return [self.state(index) for index in range(len(self._places))]

    def state(self, index: int) -> CellState:
        """Return the state of a cell."""
        part, i = self._places[index]
        return part.state(i)

    def prepared(self, index: int) -> PreparedRun:
        """Return the data of a cell, for its picture; they are drawn if the cell had no turn yet."""
        part, i = self._places[index]
        return part.prepared(i)

    def network(self, index: int) -> Network:
        """Return the network of a cell at its present weights: the last finite ones if it has diverged."""
        part, i = self._places[index]
        return part.network(i)
