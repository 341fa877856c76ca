"""The parts of a grid's training: a cell by itself, or several cells of one shape together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dlcore.lab.grid import Cell
from dlcore.network.passes import Network
from dlcore.spiral.timeline import Timeline
from dlcore.spiral.training import PreparedRun, Record, Run


@dataclass(frozen=True, slots=True)
class CellState:
    """What is known of a cell at this moment.

    Attributes
    ----------
    cell : its place in the grid and its config.
    epoch : number of epochs done.
    history : loss and accuracy at evenly spaced epochs, from epoch 0 to the last state that was measured; empty before
        the cell's first turn. The epochs are those that :class:`Run` records.
    diverged_at : the first epoch whose loss is not finite, or None; the history ends in the epoch before it.
    finished : whether all epochs are done or the run has diverged.
    """

    cell: Cell
    epoch: int
    history: Sequence[Record]
    diverged_at: int | None
    finished: bool

    @property
    def last(self) -> Record | None:
        """Return the last record, or None before the cell's first turn."""
        return self.history[-1] if self.history else None


class Part(Protocol):
    """Cells of a grid that are trained together; one cell, or several of one shape."""

    @property
    def cells(self) -> Sequence[Cell]: ...
    @property
    def epoch(self) -> int: ...
    @property
    def finished(self) -> bool: ...
    def advance(self, seconds: float) -> None:
        """Train to the next epoch that is recorded; the first call draws data and networks and records epoch 0.

        A part of large epochs may stop before that epoch when ``seconds`` are over.
        """

    def state(self, index: int) -> CellState:
        """Return the state of ``cells[index]``."""

    def prepared(self, index: int) -> PreparedRun:
        """Return the data of ``cells[index]``, drawing them if it had no turn yet."""

    def network(self, index: int) -> Network:
        """Return the network of ``cells[index]`` at its present weights."""


class Single:
    """A cell that is trained by itself."""

    def __init__(self, cell: Cell) -> None:
        self.cells = (cell,)
        self._run: Run | None = None

    @property
    def run(self) -> Run:
        """Return the run, made at the first call."""
        if self._run is None:
            self._run = Run(self.cells[0].config)
        return self._run

    @property
    def epoch(self) -> int:
        return 0 if self._run is None else self._run.epoch

    @property
    def finished(self) -> bool:
        return self._run is not None and self._run.finished

    def advance(self, seconds: float) -> None:
        if self._run is None:
            self._run = Run(self.cells[0].config)
        else:
            self._run.advance_for(seconds, self._run.next_record() - self.epoch)
            # The lab shows no past of its cells; 64 timelines of large networks would take 1 GB.
            self._run.timeline = Timeline(self._run.engine)

    def state(self, index: int) -> CellState:
        run = self._run
        if run is None:
            return CellState(self.cells[index], 0, (), None, False)
        return CellState(self.cells[index], run.epoch, tuple(run.history), run.diverged_at, run.finished)

    def prepared(self, index: int) -> PreparedRun:
        return self.run.prepared

    def network(self, index: int) -> Network:
        return self.run.engine.network
