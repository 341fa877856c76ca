"""Results of a grid as a Parquet file: a row for each run that has ended, with the links of the grid and of the run.

Only links and numbers are read from a file: the places and the configs of its runs come from the grid of its link.
"""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import pandas as pd

from dlcore.lab.grid import LAB, MAX_RUNS, Cell, Grid
from dlcore.lab.parts import CellState
from dlcore.lab.summary import QUANTITIES, run_row
from dlcore.settings.errors import InputError
from dlcore.spiral.config import SPIRAL
from dlcore.spiral.training import Record

MAX_BYTES: Final = 1_000_000  # of a file; 64 rows take some 20 kB
_NUMBERS: Final = ("epoch", *QUANTITIES, "diverged_at")


class ResultsError(InputError):
    """A file that does not hold the results of a grid, or holds those of another one."""

    WORDS: ClassVar = "results"
    RULES: ClassVar = {
        "not_parquet": "the file must be a Parquet file, got one that cannot be read as such",
        "size": "the file must have at most {max} bytes, got {got}",
        "columns": "the file must have the columns {names}, got a file without {missing}",
        "rows": "the file must have 1 to {max} rows, got {got}",
        "grid": "each row must hold the link of one valid grid, got {got}",
        "numbers": "epochs, losses and accuracies must be numbers, got {got} in the column {name}",
        "other_grid": "the file holds runs that are not in this grid, such as {got}; name another file",
    }


def run_link(cell: Cell) -> str:
    """Return the link of a cell's run on the spiral page, which identifies the run in a file."""
    return SPIRAL.link(cell.config.values())


def results_frame(grid: Grid, states: Iterable[CellState]) -> pd.DataFrame:
    """Return a row for each state: links, place and numbers, as :func:`dlcore.lab.summary.run_row` has them."""
    link = LAB.link(grid.values())
    return pd.DataFrame([{"grid": link, "run": run_link(state.cell), **run_row(state)} for state in states])


def write_results(path: Path, grid: Grid, states: Sequence[CellState]) -> None:
    """Write the states to ``path``, whole or not at all: a reader never finds half a file.

    Raises
    ------
    OSError : if the folder cannot be written to.
    """
    part = path.with_name(path.name + ".part")
    try:
        results_frame(grid, states).to_parquet(part, index=False)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_results(data: bytes) -> tuple[Grid, list[CellState]]:
    """Return the grid of a file and the state of every cell: finished, or without a record if the file lacks its row.

    Raises
    ------
    ResultsError : if the file is no such file.
    """
    frame = _frame(data)
    link = str(frame["grid"].iloc[0])
    values, violations = LAB.parse(link)
    if violations or frame["grid"].nunique() != 1:
        raise ResultsError("grid", got=link[:80])
    grid = Grid.of(values)
    return grid, states_of(grid, frame)


def states_of(grid: Grid, frame: pd.DataFrame) -> list[CellState]:
    """Return the state of every cell of ``grid`` from the rows of a file, whose own grid may be a smaller one.

    Raises
    ------
    ResultsError : ``other_grid`` if a row is of a run that is not in the grid.
    """
    rows = {str(row["run"]): row for row in frame.to_dict("records")}
    links = {run_link(cell): cell for cell in grid.cells}
    for link in rows:
        if link not in links:
            raise ResultsError("other_grid", got=link[:80])
    return [_state(cell, rows.get(link)) for link, cell in links.items()]


def read_rows(data: bytes, grid: Grid) -> list[CellState]:
    """Return the states of the runs of ``grid`` that a file holds.

    Raises
    ------
    ResultsError : if it is no file of results, or holds runs that are not in the grid.
    """
    return [state for state in states_of(grid, _frame(data)) if state.finished]


def _frame(data: bytes) -> pd.DataFrame:
    if len(data) > MAX_BYTES:
        raise ResultsError("size", max=MAX_BYTES, got=len(data))
    names = ("grid", "run", *_NUMBERS)
    try:
        import pyarrow.parquet as parquet

        table = parquet.ParquetFile(io.BytesIO(data))
        present = set(table.schema_arrow.names)
        missing = [name for name in names if name not in present]
        if missing:
            raise ResultsError("columns", names=", ".join(names), missing=", ".join(missing))
        rows = table.metadata.num_rows
        if not 1 <= rows <= MAX_RUNS:
            raise ResultsError("rows", max=MAX_RUNS, got=rows)
        frame: pd.DataFrame = table.read(list(names)).to_pandas()
    except (OSError, ValueError) as error:  # pyarrow's errors are subclasses of these
        raise error if isinstance(error, ResultsError) else ResultsError("not_parquet") from error
    for name in _NUMBERS:
        if not pd.api.types.is_numeric_dtype(frame[name]) or pd.api.types.is_bool_dtype(frame[name]):
            raise ResultsError("numbers", name=name, got=str(frame[name].dtype))
    return frame


def _state(cell: Cell, row: dict[Any, Any] | None) -> CellState:
    if row is None:
        return CellState(cell, 0, (), None, False)
    epoch = int(row["epoch"]) if math.isfinite(row["epoch"]) else 0
    record = Record(epoch, **{name: float(row[name]) for name in QUANTITIES})
    diverged_at = int(row["diverged_at"]) if math.isfinite(row["diverged_at"]) else None
    return CellState(cell, epoch, (record,), diverged_at, True)


assert {field.name for field in dataclasses.fields(Record)} == {"epoch", *QUANTITIES}
