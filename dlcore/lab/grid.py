"""A grid of runs: a base run, one or two axes with their values, and 1 to 5 seeds for each place of the grid.

:data:`LAB` has the settings of a grid, which are the axes, the seeds and every setting of the base run under the key
that it has in a link of the spiral page, so that a link of that page is a link of the lab too.

>>> grid = Grid(RunConfig(), Axis("width", (4, 8)), Axis("lr", (0.01, 0.1)), seeds=3)
>>> LAB.link(grid.values())
'v=1&xv=4~8&y=lr&yv=0.01~0.1'
>>> cell = grid.cells[3]
>>> cell.x, cell.y, cell.seed, cell.config.model.hidden, cell.config.training.lr
(4, 0.1, 12345, (4,), 0.1)
>>> [str(violation) for violation in validate(Grid(RunConfig(), Axis("width", (4, 4, 500)), None, 1))]
['x.values of width must be a whole number between 1 and 256, got 500', 'x.values must differ, got 4 2 times']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from dlcore.lab.axes import AXES, Axis, read_axis, write_axis
from dlcore.settings import codec
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import ConfigError, Number, OneOf, Setting, Text, Violation, broken_rule
from dlcore.spiral.config import (
    MAX_RUN_WORK,
    SETTINGS,
    RunConfig,
    epoch_work,
    over_budget,
    replace_field,
)

MAX_RUNS: Final = 64
MAX_SEEDS: Final = 5
DEFAULT_SEEDS: Final = 3
NO_AXIS: Final = "none"  # the id of a missing second axis


# --- the grid -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a grid: its number in :attr:`Grid.cells`, its place, its seed and its config.

    ``x`` and ``y`` are values of the two axes, ``y`` None without a second one; ``column`` and ``row`` their numbers,
    and ``replicate`` is 0 for the first seed of the place.
    """

    index: int
    column: int
    row: int
    replicate: int
    x: Any
    y: Any
    config: RunConfig

    @property
    def seed(self) -> int:
        """Return the seed of the run."""
        return self.config.data.seed


@dataclass(frozen=True)
class Grid:
    """A base run, one or two axes, and the number of seeds; :func:`validate` says whether it can be trained."""

    base: RunConfig
    x: Axis
    y: Axis | None = None
    seeds: int = DEFAULT_SEEDS

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Grid:
        """Return the grid of the values of the settings of :data:`LAB`, each of which must keep its own rule.

        A grid that has an axis of seeds has one run for each place, whatever number of seeds the values hold.
        """
        base = RunConfig.of({name: values[name] for name in SETTINGS})
        y = None if values["y.axis"] == NO_AXIS else read_axis(values["y.axis"], values["y.values"])
        seeds = 1 if "seed" in (values["x.axis"], values["y.axis"]) else values["seeds"]
        return cls(base, read_axis(values["x.axis"], values["x.values"]), y, seeds)

    def values(self) -> dict[str, Any]:
        """Return the value of each setting of :data:`LAB`; the grid must be valid."""
        y = {"y.axis": NO_AXIS, "y.values": ""} if self.y is None else _axis_values("y", self.y)
        seeds = DEFAULT_SEEDS if self._has_seeds_axis else self.seeds
        return {**_axis_values("x", self.x), **y, "seeds": seeds, **self.base.values()}

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Return the one or two axes."""
        return (self.x,) if self.y is None else (self.x, self.y)

    @property
    def _has_seeds_axis(self) -> bool:
        return any(axis.id == "seed" for axis in self.axes)

    @property
    def n_runs(self) -> int:
        """Return the number of runs: places times seeds."""
        return len(self.x.values) * (1 if self.y is None else len(self.y.values)) * self.seeds

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Return the runs: all seeds of a place, then the next place of the row of one ``x``, then the next ``x``.

        The seeds of a place are the base run's seed and those after it.
        """
        ys = (None,) if self.y is None else self.y.values
        places = (
            (i, x, j, y, k) for i, x in enumerate(self.x.values) for j, y in enumerate(ys) for k in range(self.seeds)
        )
        return tuple(Cell(index, i, j, k, x, y, self._config(x, y, k)) for index, (i, x, j, y, k) in enumerate(places))

    def _config(self, x: Any, y: Any, replicate: int) -> RunConfig:
        at = dict(zip((axis.id for axis in self.axes), (x, y), strict=False))
        config = self.base
        if replicate:
            config = replace_field(config, "data.seed", (config.data.seed + replicate) % 2**31)
        for id, kind in AXES.items():
            if id in at:
                config = kind.change(config, at[id])
        return config


def _axis_values(name: str, axis: Axis) -> dict[str, str]:
    return {f"{name}.axis": axis.id, f"{name}.values": write_axis(axis)}


# --- validation -----------------------------------------------------------------------------------------------------
def broken_rules(grid: Grid) -> list[Violation]:
    """Return the rules on axes and on the whole grid that are broken; the base run's settings must keep their rules.

    The rules on axes are ``number``, ``not_a_number`` and ``one_of`` (of a value), ``repeated`` (a value given twice),
    ``same_axis``, ``seed_twice`` (several seeds of a grid that has an axis of seeds), ``runs`` (more than 64),
    and ``no_samples`` (of a CSV, or no own points). If they hold, those of single runs follow, ``samples`` and
    ``epoch_work``, with the largest value of any cell, and ``run_work``, which the grid as a whole must keep.
    """
    return _broken_axes(grid) or _over_budget(grid)


def _broken_axes(grid: Grid) -> list[Violation]:
    broken = []
    for name, axis in zip(("x.values", "y.values"), grid.axes, strict=False):
        broken += _broken_values(name, axis)
    if grid.y is not None and grid.y.id == grid.x.id:
        broken.append(Violation("y.axis", "same_axis", grid.y.id, {}, f"the axes must be two, got {grid.y.id} twice"))
    if grid.seeds > 1 and grid._has_seeds_axis:
        text = f"seeds must be 1 beside an axis of seeds, got {grid.seeds}"
        broken.append(Violation("seeds", "seed_twice", grid.seeds, {"max": 1}, text))
    if grid.n_runs > MAX_RUNS:
        text = f"a grid must have at most {MAX_RUNS} runs, got {grid.n_runs}"
        broken.append(Violation("x.values", "runs", grid.n_runs, {"max": MAX_RUNS}, text))
    data = grid.base.data
    if data.kind == "csv" or data.n_samples == 0:
        text = f"data.kind must be one whose samples a link describes, got {data.kind}"
        broken.append(Violation("data.kind", "no_samples", data.kind, {}, text))
    return broken


def _broken_values(name: str, axis: Axis) -> list[Violation]:
    """Return the violations of the values of an axis, which is named ``name`` in them."""
    rule = axis.kind.rule
    setting = Setting(f"{name} of {axis.id}", "", rule, None)
    broken = []
    for value in axis.values:
        if not rule.allows(value):
            wrong = broken_rule(setting, value)
            unread = isinstance(rule, Number) and isinstance(value, str)
            limits = {**wrong.limits, "axis": axis.id}
            broken.append(
                Violation(name, "not_a_number" if unread else wrong.rule, codec.shown(str(value)), limits, str(wrong))
            )
    for value, count in Counter(axis.values).items():
        if count > 1:
            text = f"{name} must differ, got {codec.shown(str(value))} {count} times"
            limits = {"axis": axis.id, "count": count}
            broken.append(Violation(name, "repeated", codec.shown(str(value)), limits, text))
    return broken


def _over_budget(grid: Grid) -> list[Violation]:
    worst: dict[str, Violation] = {}
    for cell in grid.cells:
        for violation in over_budget(cell.config):
            known = worst.get(violation.rule)
            if violation.rule != "run_work" and (known is None or violation.value > known.value):
                worst[violation.rule] = violation
    total = work(grid)
    broken = list(worst.values())
    if total > MAX_RUN_WORK:
        text = f"samples × parameters × epochs of all runs must be at most {MAX_RUN_WORK:,}, got {total:,}"
        broken.append(Violation("training.epochs", "run_work", total, {"max": MAX_RUN_WORK}, text))
    return broken


def work(grid: Grid) -> int:
    """Return the work of all runs, in samples × parameters × epochs."""
    return sum(epoch_work(cell.config) * cell.config.training.epochs for cell in grid.cells)


# The settings of a grid and their links.
_VALUES: Final = Text(1600)  # 64 numbers of 24 characters and their separators
LAB: Final = Lesson(
    "lab",
    Setting("x.axis", "x", OneOf(tuple(AXES)), "width"),
    Setting("x.values", "xv", _VALUES, ""),
    Setting("y.axis", "y", OneOf((NO_AXIS, *AXES)), NO_AXIS),
    Setting("y.values", "yv", _VALUES, ""),
    Setting("seeds", "q", Number(1, MAX_SEEDS, 1, integer=True), DEFAULT_SEEDS),
    *SETTINGS.values(),
    joint_rules=lambda values: broken_rules(Grid.of(values)),
    resets={
        **dict.fromkeys(("number", "not_a_number", "one_of", "repeated"), ("x.values", "y.values")),
        "same_axis": ("y.axis",),
        "runs": ("seeds", "y.axis", "y.values", "x.values"),
        "no_samples": ("data.kind",),
        "samples": ("data.points", "data.classes"),
        "epoch_work": ("model.hidden", "training.batch_size", "data.points", "x.values", "y.axis", "y.values"),
        "run_work": ("training.epochs", "seeds", "y.axis", "model.hidden", "training.batch_size", "data.points"),
    },
)


def validate(grid: Grid) -> list[Violation]:
    """Return all rules on single settings that a grid breaks or, if none, those of :func:`broken_rules`.

    The base run need not keep the budget of a run itself: its values on the axes are replaced.
    """
    settings = {"seeds": grid.seeds, **grid.base.values()}
    return LAB.broken(settings) or broken_rules(grid)


def check(grid: Grid) -> Grid:
    """Return ``grid`` itself if it keeps its rules.

    Raises
    ------
    ConfigError : with every violation, if it breaks any.
    """
    broken = validate(grid)
    if broken:
        raise ConfigError(broken)
    return grid
