"""The command line: ``python -m dlcore reproduce``, ``train LINK``, ``script LINK`` and ``sweep LINK --out FILE``.

LINK is a link of the spiral page, and of the lab for ``sweep``: a whole URL or its query string. The exit status is 0
for success, 1 if a published number is not reproduced or a sweep did not end, 2 for invalid input.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any, Final

from dlcore.lab.grid import LAB, Grid
from dlcore.lab.parts import CellState
from dlcore.lab.results import ResultsError
from dlcore.lab.sweep import SweepError, sweep
from dlcore.network import device
from dlcore.network.engine import prepare_thread
from dlcore.settings.rules import ConfigError, Violation
from dlcore.spiral import codegen
from dlcore.spiral.config import SPIRAL, RunConfig, check, size
from dlcore.spiral.expectation import expected
from dlcore.spiral.experiments import PUBLISHED, Reproduction, reproduce
from dlcore.spiral.table import Table, read_csv
from dlcore.spiral.training import Record, Run, named
from dlcore.typed.csv_table import TableError

PAGE_KEYS: Final = ("lang", "play")  # keys of a link that do not describe the run
PROGRESS_LINES: Final = 20


class BadInputError(Exception):
    """Invalid input; ``lines`` are the messages."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status."""
    prepare_thread()
    args = _parser().parse_args(arguments)
    try:
        status: int = args.command(args)
    except BadInputError as error:
        _complain(*error.lines)
        return 2
    except ConfigError as error:
        _complain(*map(_problem, error.violations))
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dlcore", description="Train the playground's runs in a terminal.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("reproduce", help="train the published experiments and compare their last lines")
    command.add_argument("--json", action="store_true", help="print a JSON list instead of a table")
    command.set_defaults(command=_reproduce)

    run = argparse.ArgumentParser(add_help=False)
    run.add_argument("link", metavar="LINK", help="a run as the page shares it: a URL, or a query string as v=1&h=8")
    run.add_argument("--csv", type=Path, metavar="FILE", help="train on this table instead of the link's data")
    run.add_argument("--lenient", action="store_true", help="use the default for settings of the link that are invalid")

    command = commands.add_parser("train", parents=[run], help="train the run of a link")
    command.add_argument("--json", action="store_true", help="print the run's history as JSON instead of its progress")
    command.set_defaults(command=_train)

    command = commands.add_parser("script", parents=[run], help="print a PyTorch script of the run of a link")
    command.set_defaults(command=_script)

    command = commands.add_parser("sweep", help="train the runs of a grid that are not in a file yet")
    command.add_argument("link", metavar="LINK", help="a grid as the lab shares it: a URL, or a query string")
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="Parquet file, one row for each run")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=_jobs, default=-1, metavar="N", help="processes (one for each core)")
    where.add_argument(
        "--scheduler", metavar="URL", help="train on the Dask cluster of this scheduler, tcp://host:port"
    )
    command.set_defaults(command=_sweep)
    return parser


def _jobs(text: str) -> int:
    """Return a number of processes; raise ValueError if it is not a whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


# --- commands -------------------------------------------------------------------------------------------------------
def _reproduce(args: argparse.Namespace) -> int:
    done: list[Reproduction] = []
    if not args.json:
        print(f"{'experiment':<16} {'published':>10} {'ours':>10} {'difference':>11}   {'accuracy, ours':>14}")
    for published in PUBLISHED.values():
        ours = reproduce(published)
        done.append(ours)
        if not args.json:
            accuracies = f"{published.accuracy:.3f}   {ours.accuracy:.3f}"
            verdict = "" if ours.agrees else "  differs"
            line = f"{published.id:<16} {published.loss:>10.6f} {ours.loss:>10.6f} {ours.difference:>+11.1e}"
            print(f"{line}   {accuracies:>14}{verdict}", flush=True)
    if args.json:
        _print_json([_reproduction(ours) for ours in done])
    return 0 if all(ours.agrees for ours in done) else 1


def _reproduction(ours: Reproduction) -> dict[str, Any]:
    return {
        "id": ours.published.id,
        "link": SPIRAL.link(ours.published.config.values()),
        "epoch": ours.published.epoch,
        "published_loss": ours.published.loss,
        "loss": ours.loss,
        "difference": ours.difference,
        "published_accuracy": ours.published.accuracy,
        "accuracy": ours.accuracy,
        "agrees": ours.agrees,
    }


def _train(args: argparse.Namespace) -> int:
    config, table = _asked(args)
    run = Run(config, table)
    if args.json:
        run.advance(config.training.epochs)
        _print_json(
            {
                "link": SPIRAL.link(config.values()),
                "history": [_plain(record, config) for record in run.history],
                "last": _plain(run.measure(), config),
                "diverged_at": run.diverged_at,
            }
        )
        return 0
    print(SPIRAL.link(config.values()))
    subsets = ("train", "test", "validation") if len(run.X_validation) else ("train", "test")
    score = "R2" if config.data.regression else "accuracy"
    print(f"{'epoch':>6}", *(f"{f'{subset} loss':>15} {score:>9}" for subset in subsets))
    print(_line(run.measure(), subsets), flush=True)
    while not run.finished:
        run.advance(math.ceil(config.training.epochs / PROGRESS_LINES))
        print(_line(run.measure(), subsets), flush=True)
    if run.diverged_at is not None:
        print(f"diverged: the loss of epoch {run.diverged_at} is not finite")
    return 0


def _script(args: argparse.Namespace) -> int:
    config, table = _asked(args)
    run = Run(config, table)
    run.advance(config.training.epochs)
    print(codegen.script(config, table, expected=expected(run)), end="")
    return 0


def _sweep(args: argparse.Namespace) -> int:
    values, problems = LAB.parse(args.link, ignore=PAGE_KEYS)
    if problems:
        raise BadInputError(*map(_problem, problems))
    try:
        sweep(Grid.of(values), args.out, jobs=args.jobs, scheduler=args.scheduler, report=_report)
    except ResultsError as error:
        raise BadInputError(f"{args.out}: {error.rule}: {error}") from error
    except OSError as error:
        raise BadInputError(f"{args.out}: {error.strerror or error}") from error
    except SweepError as error:
        _complain(str(error))
        return 1
    return 0


def _report(done: int, total: int, state: CellState | None) -> None:
    """Print how many runs of a sweep have ended, and the place and the numbers of the last one."""
    if state is None or state.last is None:
        print(f"{done} of {total} runs are in the file", flush=True)
        return
    cell, last = state.cell, state.last
    place = " ".join(str(value) for value in (cell.x, cell.y) if value is not None)
    end = f"  diverged in epoch {state.diverged_at}" if state.diverged_at is not None else ""
    print(f"{done}/{total}  {place}  seed {cell.seed} {_cells(last, 'train')} {_cells(last, 'test')}{end}", flush=True)


# --- input ----------------------------------------------------------------------------------------------------------
def _asked(args: argparse.Namespace) -> tuple[RunConfig, Table | None]:
    """Return the run and the table that the arguments describe, on an available device."""
    table = None if args.csv is None else _table(args.csv)
    values, problems = SPIRAL.parse(args.link, ignore=PAGE_KEYS)
    if table is not None:
        values["data.kind"] = "csv"
    elif values["data.kind"] == "csv":
        raise BadInputError("data.kind is csv, and a link holds no table: name its file with --csv")
    values["device"], missing = device.resolve(values["device"])
    problems += missing
    if problems and not args.lenient:
        raise BadInputError(*map(_problem, problems))
    _complain(*map(_problem, problems))
    config = check(RunConfig.of(values), table)
    if not size(config.data, table)[0]:
        raise BadInputError("data.kind is points, and the link holds none of the classes that it asks for")
    return config, table


def _table(path: Path) -> Table:
    try:
        return read_csv(path.read_bytes())
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or error}") from error
    except TableError as error:
        raise BadInputError(f"{path}: {error.rule}: {error}") from error


# --- output ---------------------------------------------------------------------------------------------------------
def _problem(violation: Violation) -> str:
    return f"{violation.rule}: {violation}"


def _complain(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _line(record: Record, subsets: tuple[str, ...]) -> str:
    return " ".join([f"{record.epoch:>6}", *(_cells(record, subset) for subset in subsets)])


def _cells(record: Record, subset: str) -> str:
    """Return loss and accuracy, or R², on a subset, or dashes if it has no samples."""
    loss, accuracy = (getattr(record, f"{subset}_{quantity}") for quantity in ("loss", "accuracy"))
    return f"{'-':>15} {'-':>9}" if math.isnan(loss) and math.isnan(accuracy) else f"{loss:>15.6f} {accuracy:>9.3f}"


def _plain(record: Record, config: RunConfig) -> dict[str, float | None]:
    """Return a record for JSON, which has no NaN."""
    values = named(record, regression=config.data.regression)
    return {key: value if math.isfinite(value) else None for key, value in values.items()}


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, allow_nan=False))


if __name__ == "__main__":
    sys.exit(main())
