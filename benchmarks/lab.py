"""The lab's replicas against notebook loops one after the other, in one process and one thread, taking turns.

Processor time is measured, as in ``engine``. The grid's frames are the pictures that the lab's page draws of its cells.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.common import Goal, Result, medians
from dlcore.lab.axes import Axis
from dlcore.lab.grid import Grid
from dlcore.lab.trainer import GridTrainer
from dlcore.network.engine import Engine, prepare_thread
from dlcore.network.plain import PlainLoop
from dlcore.network.replicas import Replicas
from dlcore.network.settings import ModelConfig, TrainingConfig
from dlcore.spiral import regions
from dlcore.spiral.config import DataConfig, RunConfig
from dlcore.spiral.training import prepare

CPU = time.process_time
CELL = 48  # cells along the side of a small region, as in the lab's grid of pictures


@dataclass(frozen=True, slots=True)
class Size:
    """Runs of one shape to be timed."""

    name: str
    config: RunConfig
    runs: int
    epochs: int  # of one timed call
    goal: Goal | None = None


def _size(name: str, points: int, units: int, runs: int, epochs: int, goal: Goal | None = None) -> Size:
    config = RunConfig(DataConfig(points=points, test_share=0.0), ModelConfig(hidden=(units,)), TrainingConfig())
    return Size(name, config, runs, epochs, goal)


SIZES = (
    _size("64 runs of 300 samples, 16 units", 100, 16, 64, 4, Goal(15, "×")),
    _size("16 runs of 3000 samples, 100 units", 1000, 100, 16, 4),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="timed pieces of each kind (%(default)s)")


def measure(args: argparse.Namespace) -> list[Result]:
    """Return all results, in the order of the table."""
    prepare_thread()
    results = [result for size in SIZES for result in against_loops(size, args.rounds)]
    return [*results, frames(args.rounds)]


def seeds_of(size: Size) -> list[RunConfig]:
    """Return the runs of a size, which differ in their seed."""
    config = size.config
    return [replace(config, data=replace(config.data, seed=seed)) for seed in range(size.runs)]


def plain_loop(config: RunConfig) -> PlainLoop:
    """Return a notebook's loop at epoch 0."""
    prepared = prepare(config)
    X, y = prepared.inputs(prepared.train), prepared.train.y
    return PlainLoop(prepared.model, config.training, X, y, generator=prepared.generator)


def against_loops(size: Size, rounds: int) -> list[Result]:
    """Compare the lab, all runs as one stack of replicas, and single engines in turn with notebook loops in turn.

    The lab trains as its rule says: replicas at the first size, engines in turn at the second.
    """
    configs = seeds_of(size)
    plain = [plain_loop(config) for config in configs]
    engines = [prepare(config).engine() for config in configs]
    together = Replicas([prepare(config).engine() for config in configs])
    parts = [len(part.cells) for part in lab_of(size).parts]
    stacks: list[Engine] = []
    start = 0
    for cells in parts:
        ready = [prepare(config).engine() for config in configs[start : start + cells]]
        stacks.append(ready[0] if cells == 1 else Replicas(ready))
        start += cells

    def all_of(trainers: Sequence[PlainLoop | Engine]) -> Callable[[], None]:
        def run() -> None:
            for trainer in trainers:
                trainer.run(size.epochs)

        return run

    loops, *others = medians([all_of(plain), all_of(stacks), all_of([together]), all_of(engines)], rounds, CPU)
    names = (f"the lab's parts of {max(parts)}", f"one stack of {size.runs} replicas", "engines in turn")
    epochs = size.runs * size.epochs
    return [
        Result(f"{size.name}: {name} / loops in turn", epochs / each, "epochs/s", epochs / loops, goal)
        for name, each, goal in zip(names, others, (size.goal, None, None), strict=True)
    ]


def lab_of(size: Size) -> GridTrainer:
    """Return the lab's trainer of the runs of a size."""
    return GridTrainer(Grid(size.config, Axis("seed", tuple(range(size.runs))), None, 1))


def frames(rounds: int) -> Result:
    """Measure the regions of all cells of a grid of 64 a second, computed and encoded, without the browser."""
    trainer = lab_of(SIZES[0])
    for _ in range(2 * len(trainer.parts)):
        trainer.advance_for(0)
    halves = [regions.limit(trainer.prepared(index).train) for index in range(len(trainer.states))]

    def draw() -> None:
        for index, half in enumerate(halves):
            regions.region(trainer.network(index), half=half, names=("x1", "x2"), size=CELL, factor=1)

    (duration,) = medians([draw], rounds, CPU)
    name = f"pictures of a grid of 64 cells, {CELL} × {CELL} each"
    return Result(name, 1 / duration, "frames/s", goal=Goal(4, "frames/s"))
