"""A sweep has the numbers of the lab, writes each run at once, and trains none twice."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from distributed import LocalCluster

from dlcore import __main__ as cli
from dlcore.lab import sweep as sweeping
from dlcore.lab.grid import LAB, Grid
from dlcore.lab.parts import CellState
from dlcore.lab.results import ResultsError, read_results, read_rows, results_frame, write_results
from dlcore.lab.summary import runs_frame
from dlcore.lab.sweep import sweep, train_cell
from dlcore.lab.trainer import GridTrainer

LINK = "xv=2~3&q=2&n=20&k=6&vs=0.2"  # each subset has samples: NaN would equal nothing
ROOT = Path(cli.__file__).parents[1]
NUMBERS = ["train_loss", "train_accuracy", "test_loss", "test_accuracy"]


def grid(query: str = LINK) -> Grid:
    values, violations = LAB.parse(query)
    assert violations == []
    return Grid.of(values)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], list[str]]:
    """Return the exit status and the lines of standard output and error."""
    status = cli.main(list(arguments))
    out, err = capsys.readouterr()
    return status, out.splitlines(), err.splitlines()


# --- the file ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("query", [LINK, "x=lr&xv=0.01~10&l2=1&l1=1&o=sgd&h=20&k=300&n=20&q=2", LINK + "&t=0"])
def test_a_file_holds_the_grid_and_the_numbers_of_its_runs(query: str, tmp_path: Path) -> None:
    path = tmp_path / "results.parquet"
    states = sweep(grid(query), path, jobs=1)
    read, again = read_results(path.read_bytes())
    assert read == grid(query)
    assert again == states or runs_frame(again).equals(runs_frame(states))
    trainer = GridTrainer(read)
    while not trainer.finished:
        trainer.advance_for(1)
    ours, theirs = runs_frame(states), runs_frame(trainer.states)
    pd.testing.assert_frame_equal(ours[NUMBERS], theirs[NUMBERS], atol=1e-4, rtol=1e-4)
    pd.testing.assert_frame_equal(ours.drop(columns=NUMBERS), theirs.drop(columns=NUMBERS))
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_some_runs_leaves_the_others_without_a_record(tmp_path: Path) -> None:
    path, asked = tmp_path / "results.parquet", grid()
    write_results(path, asked, [train_cell(asked.cells[2])])
    _, states = read_results(path.read_bytes())
    assert [state.finished for state in states] == [False, False, True, False]
    assert [state.cell for state in read_rows(path.read_bytes(), asked)] == [asked.cells[2]]


def parquet(frame: pd.DataFrame, path: Path) -> bytes:
    frame.to_parquet(path, index=False)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda frame: frame.drop(columns="test_loss"), "columns"),
        (lambda frame: frame.iloc[:0], "rows"),
        (lambda frame: pd.concat([frame] * 65), "rows"),
        (lambda frame: frame.assign(grid="xv=many"), "grid"),
        (lambda frame: frame.assign(grid=None), "grid"),
        (lambda frame: frame.assign(grid=[LINK, "xv=4"]), "grid"),
        (lambda frame: frame.assign(train_loss="low"), "numbers"),
        (lambda frame: frame.assign(epoch=True), "numbers"),
        (lambda frame: frame.assign(run="v=1&h=77"), "other_grid"),
        (lambda frame: frame.assign(run=None), "other_grid"),
    ],
)
def test_files_of_something_else_are_refused(spoil, rule: str, tmp_path: Path) -> None:
    asked = grid()
    frame = results_frame(asked, [CellState(cell, 6, (), None, True) for cell in asked.cells[:2]])
    with pytest.raises(ResultsError) as error:
        read_results(parquet(spoil(frame), tmp_path / "file"))
    assert error.value.rule == rule


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"a,b\n1,2\n"])
def test_files_that_are_not_parquet_are_refused(data: bytes) -> None:
    with pytest.raises(ResultsError, match="must be a Parquet file"):
        read_results(data)
    with pytest.raises(ResultsError, match="bytes"):
        read_results(b"0" * 2_000_000)


# --- resuming ---------------------------------------------------------------------------------------------------------
def test_runs_in_the_file_are_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, trained = tmp_path / "results.parquet", []

    def stops_after(count: int):
        def train(cell):
            if len(trained) == count:
                raise KeyboardInterrupt
            trained.append(cell.index)
            return train_cell(cell)

        return train

    monkeypatch.setattr(sweeping, "train_cell", stops_after(3))
    with pytest.raises(KeyboardInterrupt):
        sweep(grid(), path, jobs=1)
    monkeypatch.setattr(sweeping, "train_cell", stops_after(99))
    reports = []
    states = sweep(grid(), path, jobs=1, report=lambda *numbers: reports.append(numbers[:2]))
    assert trained == [0, 1, 2, 3]
    assert reports == [(3, 4), (4, 4)]
    monkeypatch.setattr(sweeping, "train_cell", None)
    assert sweep(grid(), path, jobs=1) == states == [train_cell(cell) for cell in grid().cells]


def test_a_larger_grid_keeps_the_runs_of_a_smaller_one(tmp_path: Path) -> None:
    path = tmp_path / "results.parquet"
    sweep(grid(), path, jobs=1)
    larger = grid(LINK.replace("2~3", "4~2~3"))
    reports = []
    sweep(larger, path, jobs=1, report=lambda *numbers: reports.append(numbers[:2]))
    assert reports[0] == (4, 6)
    assert read_results(path.read_bytes())[0] == larger
    with pytest.raises(ResultsError, match="name another file"):
        sweep(grid("xv=5&q=1&n=20&k=6"), path, jobs=1)
    assert read_results(path.read_bytes())[0] == larger


# --- processes and the command ----------------------------------------------------------------------------------------
def test_the_command_trains_on_processes_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "results.parquet"
    command = [sys.executable, "-m", "dlcore", "sweep", f"https://host/lab?{LINK}&lang=zh", "--out", str(path)]
    done = subprocess.run([*command, "--jobs", "2"], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == "0 of 4 runs are in the file"
    assert sorted(line.split()[1] for line in lines) == ["2", "2", "3", "3"]
    _, states = read_results(path.read_bytes())
    expected = [train_cell(cell) for cell in grid().cells]
    pd.testing.assert_frame_equal(runs_frame(states), runs_frame(expected), atol=1e-5, rtol=0)


def test_problems_are_reported_one_per_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "results.parquet"
    status, _, err = said(capsys, "sweep", "xv=many&q=9", "--out", str(path))
    assert (status, len(err)) == (2, 2)
    status, _, err = said(capsys, "sweep", LINK, "--out", str(tmp_path / "nowhere" / "results.parquet"))
    assert (status, len(err)) == (2, 1)
    path.write_bytes(b"something else")
    status, _, err = said(capsys, "sweep", LINK, "--out", str(path))
    assert (status, err) == (
        2,
        [f"{path}: not_parquet: the file must be a Parquet file, got one that cannot be read as such"],
    )
    assert path.read_bytes() == b"something else"
    with pytest.raises(SystemExit):
        cli.main(["sweep", LINK, "--out", str(path), "--jobs", "0"])
    assert "Traceback" not in capsys.readouterr().err


# --- a cluster --------------------------------------------------------------------------------------------------------
def test_a_cluster_gives_the_same_numbers(tmp_path: Path) -> None:
    """Train on two worker processes over loopback; a run that is in the file is not trained again."""
    path, asked = tmp_path / "results.parquet", grid(LINK)
    write_results(path, asked, [train_cell(asked.cells[3])])
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=logging.CRITICAL
    ) as cluster:
        states = sweep(asked, path, scheduler=cluster.scheduler_address)
    expected = [train_cell(cell) for cell in asked.cells]
    pd.testing.assert_frame_equal(runs_frame(states), runs_frame(expected), atol=1e-5, rtol=0)
    assert read_results(path.read_bytes()) == (asked, states)


def test_a_scheduler_that_is_not_there_gets_a_clear_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "CONNECT_SECONDS", 0.5)
    path = str(tmp_path / "results.parquet")
    for address in ("tcp://127.0.0.1:9", "nonsense://here", "tcp://"):
        status, out, err = said(capsys, "sweep", LINK, "--out", path, "--scheduler", address)
        assert (status, out, len(err)) == (1, ["0 of 4 runs are in the file"], 1)
        assert err[0].startswith(f"no Dask scheduler answers at {address}: ")
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, _, err = said(capsys, "sweep", LINK, "--out", path, "--scheduler", "tcp://127.0.0.1:9")
    assert (status, err) == (1, ["--scheduler needs Dask: python -m pip install -r requirements-cluster.txt"])
