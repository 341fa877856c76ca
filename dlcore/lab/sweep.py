"""A grid on many processes: on all cores of this machine through joblib, or on the workers of a Dask cluster.

Each run is trained by itself from its config, wherever it runs, so that its numbers do not depend on where or after
what. The rows of a results file are not trained again, and each run that ends is written at once.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dlcore.lab.grid import Cell, Grid, check
from dlcore.lab.parts import CellState
from dlcore.lab.results import read_rows, write_results
from dlcore.network.engine import prepare_thread
from dlcore.spiral.training import Run

CONNECT_SECONDS = 10  # to wait for a scheduler
RETRIES = 3  # of a run whose Dask worker ended


class SweepError(Exception):
    """A sweep that cannot begin or go on; the message says why and what to do. Finished rows are on disk."""


def train_cell(cell: Cell) -> CellState:
    """Return the last state of a cell, trained by itself on one thread of this process."""
    prepare_thread()
    run = Run(cell.config)
    run.advance(cell.config.training.epochs)
    return CellState(cell, run.epoch, (run.measure(),), run.diverged_at, True)


def sweep(
    grid: Grid,
    path: Path,
    *,
    jobs: int = -1,
    scheduler: str | None = None,
    report: Callable[[int, int, CellState | None], object] = lambda done, total, state: None,
) -> list[CellState]:
    """Train the runs of ``grid`` that ``path`` does not hold yet, and return the states of all.

    Parameters
    ----------
    path : the Parquet file of results, read first if it exists, and written after each run.
    jobs : number of processes on this machine; -1 for one for each core, 1 for this process alone.
    scheduler : address of a Dask scheduler, ``tcp://host:port``, which is used instead of processes.
    report : called with the numbers of finished and of all runs, and the state that was added: once before the
        training, without a state, and after each run.

    Raises
    ------
    ConfigError : if the grid breaks its rules.
    ResultsError : if ``path`` holds something else, or runs that are not in the grid.
    SweepError : without a scheduler at that address, without Dask, or if worker processes end.
    OSError : if ``path`` cannot be read or written.
    """
    check(grid)
    states = read_rows(path.read_bytes(), grid) if path.exists() else []
    known = {state.cell.index for state in states}
    left = [cell for cell in grid.cells if cell.index not in known]
    report(len(states), grid.n_runs, None)
    if not left:
        return states
    if not states and not path.parent.is_dir():
        raise FileNotFoundError(2, "No such folder", str(path.parent))
    for state in _on_processes(left, jobs) if scheduler is None else _on_cluster(left, scheduler):
        states = sorted([*states, state], key=lambda each: each.cell.index)
        write_results(path, grid, states)
        report(len(states), grid.n_runs, state)
    return states


def _on_processes(cells: list[Cell], jobs: int) -> Iterator[CellState]:
    """Yield the last state of each cell as it ends."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        yield from Parallel(n_jobs=jobs, return_as="generator_unordered")(delayed(train_cell)(cell) for cell in cells)
    except TerminatedWorkerError as error:
        raise SweepError("a worker process ended; run the command again to train what is left") from error


def _on_cluster(cells: list[Cell], scheduler: str) -> Iterator[CellState]:
    """Yield the last state of each cell as it ends; the scheduler trains those of a lost worker again."""
    try:
        dask: Any = importlib.import_module("distributed")  # optional, so that its types are not known everywhere
    except ImportError as error:
        text = "--scheduler needs Dask: python -m pip install -r requirements-cluster.txt"
        raise SweepError(text) from error
    try:
        client = dask.Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise SweepError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    with client:
        futures = client.map(train_cell, cells, pure=False, retries=RETRIES)
        for future in dask.as_completed(futures):
            try:
                yield future.result()
            except Exception as error:
                raise SweepError(f"a run failed on the cluster: {type(error).__name__}: {error}") from error
