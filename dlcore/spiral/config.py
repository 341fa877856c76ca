"""The settings of the spiral playground: their ids, ranges, defaults and units, and their validation.

A run is described by one frozen :class:`RunConfig`. Each field carries the rule for its value
(:mod:`dlcore.settings.rules`) and its short key in links; menus, sliders, links, exported scripts and tests are made
from it. :data:`SPIRAL` has these settings by dotted name and makes the links. :func:`validate` collects every violation
instead of stopping at the first one.

>>> RunConfig().model.hidden
(100,)
>>> [str(v) for v in validate(replace_field(RunConfig(), "data.classes", 0))]
['data.classes must be a whole number between 2 and 8, got 0']
>>> SPIRAL.link(replace_field(RunConfig(), "model.hidden", (32, 32)).values())
'v=1&h=32-32'
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dlcore.network.settings import DEVICES, FULL_BATCH, MAX_SAMPLES, ModelConfig, TrainingConfig
from dlcore.settings.lesson import Lesson
from dlcore.settings.points import Point
from dlcore.settings.rules import ConfigError, Number, OneOf, Points, Setting, Some, Violation, setting_field

if TYPE_CHECKING:  # a table reads its limits here
    from dlcore.spiral.table import Table

# --- ids ------------------------------------------------------------------------------------------------------------
# Links, state and tests use these ids; the words that readers see are in pages/spiral/spiral.

# Data sets, each with the min and max of its number of classes; a regression has one output and no classes.
DATASETS: Final[Mapping[str, tuple[int, int]]] = {
    "spiral": (2, 8),  # the course's: radius 0…1, one linspace of angles per arm
    "ring": (2, 8),  # the newer edition's: radius 0.2…1, so that the arms do not meet in the middle
    "circles": (2, 2),
    "xor": (2, 2),
    "gaussians": (2, 8),
    "moons": (2, 2),
    "sine": (2, 2),  # below or above a function of x1: the boundary is a curve that straight pieces follow
    "cubic": (2, 2),
    "abs": (2, 2),
    "plane": (1, 1),  # a regression: the target is a number, and the network has one output
    "hills": (1, 1),
    "points": (2, 8),  # drawn on the page; all of them are trained on
    "csv": (2, 8),  # an uploaded table, which is kept outside the config and is not in the link
}

MAX_DRAWN: Final = 200  # own points, which all travel in the link

# Input features: functions of a point (x1, x2) that the first layer gets.
FEATURES: Final[tuple[str, ...]] = ("x1", "x2", "x1_squared", "x2_squared", "x1x2", "sin_x1", "sin_x2")

# --- limits on whole runs -------------------------------------------------------------------------------------------
# Work is counted in samples × parameters: an epoch takes about 0.15 ns for each on one core. The calls of an optimizer
# step take at least 30 µs, which is STEP_WORK of these. An epoch cannot be interrupted, so it is limited to some 50 ms;
# a run is limited to some 30 s, so that a link cannot block a class.
STEP_WORK: Final = 200_000
MAX_EPOCH_WORK: Final = 400_000_000
MAX_RUN_WORK: Final = 200_000_000_000


# --- the run --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DataConfig:
    """The data set. The default is the course's spiral, with a fifth of the samples for testing."""

    kind: str = setting_field("spiral", "d", OneOf(tuple(DATASETS)))
    classes: int = setting_field(3, "c", Number(2, 8, 1, integer=True))
    points: int = setting_field(1000, "n", Number(10, 5000, 10, integer=True, log=True, unit="points per class"))
    noise: float = setting_field(0.2, "z", Number(0.0, 1.0, 0.01))
    test_share: float = setting_field(0.2, "t", Number(0.0, 0.9, 0.05))
    validation_share: float = setting_field(
        0.0, "vs", Number(0.0, 0.5, 0.05)
    )  # of the samples that are not for testing
    seed: int = setting_field(12345, "s", Number(0, 2**31 - 1, 1, integer=True))
    features: tuple[str, ...] = setting_field(("x1", "x2"), "f", Some(FEATURES))
    drawn: tuple[Point, ...] = setting_field((), "xy", Points(MAX_DRAWN))  # the own points, in the order of drawing

    @property
    def n_classes(self) -> int:
        """Return the number of classes, which is that of the outputs: ``classes`` within the limits of the data set."""
        min_classes, max_classes = DATASETS.get(self.kind, (2, 8))
        return min(max(self.classes, min_classes), max_classes)

    @property
    def regression(self) -> bool:
        """Return whether the samples have a number as their target, and not a class."""
        return DATASETS.get(self.kind) == (1, 1)

    @property
    def own_points(self) -> list[Point]:
        """Return the drawn points of the classes that the network has."""
        return [point for point in self.drawn if point[2] < self.n_classes]

    @property
    def n_samples(self) -> int:
        """Return the number of samples before the split; it does not hold for a CSV, whose table decides."""
        if self.kind == "points":
            return len(self.own_points)
        return self.points * self.n_classes


@dataclass(frozen=True, slots=True)
class RunConfig:
    """The settings that determine a run's numbers, and the device that computes them."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    device: str = setting_field("cpu", "g", OneOf(DEVICES))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> RunConfig:
        """Return the config of ``values``, one for each setting by its dotted name, without validation."""
        sections: dict[str, dict[str, Any]] = {"data": {}, "model": {}, "training": {}, "": {}}
        for name, value in values.items():
            section, _, field = name.rpartition(".")
            sections[section][field] = value
        data, model, training = sections["data"], sections["model"], sections["training"]
        return cls(DataConfig(**data), ModelConfig(**model), TrainingConfig(**training), **sections[""])

    def values(self) -> dict[str, Any]:
        """Return the value of each setting by its dotted name."""
        return {name: get_field(self, name) for name in SETTINGS}


def _settings() -> Iterator[Setting]:
    for section in dataclasses.fields(RunConfig):
        if "rule" in section.metadata:
            yield Setting(section.name, section.metadata["key"], section.metadata["rule"], section.default)
            continue
        for f in dataclasses.fields(getattr(RunConfig(), section.name)):
            yield Setting(f"{section.name}.{f.name}", f.metadata["key"], f.metadata["rule"], f.default)


SETTINGS: Final[Mapping[str, Setting]] = {setting.name: setting for setting in _settings()}


def get_field(config: RunConfig, name: str) -> Any:
    """Return the value of a setting by its dotted name."""
    return operator.attrgetter(name)(config)


def replace_field(config: RunConfig, name: str, value: Any) -> RunConfig:
    """Return a copy of ``config`` in which the setting ``name`` is ``value``, without validation."""
    head, _, tail = name.partition(".")
    if tail:
        value = dataclasses.replace(getattr(config, head), **{tail: value})
    return dataclasses.replace(config, **{head: value})


# --- validation -----------------------------------------------------------------------------------------------------
def size(data: DataConfig, table: Table | None = None) -> tuple[int, int]:
    """Return the numbers of samples, before the split, and of classes; for a CSV those of ``table``, if given."""
    if data.kind == "csv" and table is not None:
        return len(table.dataset.y), table.dataset.n_classes
    return data.n_samples, data.n_classes


def n_test_samples(data: DataConfig, n_samples: int) -> int:
    """Return how many of ``n_samples`` samples are for testing: none of the own points, which would come and go."""
    return 0 if data.kind == "points" else round(data.test_share * n_samples)


def n_validation_samples(data: DataConfig, n_samples: int) -> int:
    """Return how many of ``n_samples`` samples are for validation: a share of the rest, or no own point."""
    return 0 if data.kind == "points" else round(data.validation_share * (n_samples - n_test_samples(data, n_samples)))


def epoch_work(config: RunConfig, table: Table | None = None) -> int:
    """Return the work of one epoch, in samples × parameters (see ``STEP_WORK``)."""
    total, n_classes = size(config.data, table)
    samples = total - n_test_samples(config.data, total) - n_validation_samples(config.data, total)
    parameters = config.model.parameters(len(config.data.features), n_classes)
    steps = 1 if config.training.batch_size == FULL_BATCH else -(-samples // config.training.batch_size)
    return samples * parameters + steps * STEP_WORK


def over_budget(config: RunConfig, table: Table | None = None) -> list[Violation]:
    """Return the rules on whole runs that ``config`` breaks; each of its settings must keep its own rule."""
    work = epoch_work(config, table)
    broken = []

    def over(fieldname: str, rule: str, value: int, limit: int, text: str) -> None:
        if value > limit:
            broken.append(Violation(fieldname, rule, value, {"max": limit}, f"{text} {limit:,}, got {value:,}"))

    if config.data.kind != "csv":
        rule = "data.points × classes must be at most"
        over("data.points", "samples", config.data.n_samples, MAX_SAMPLES, rule)
    rule = "samples × parameters of an epoch must be at most"
    over("model.hidden", "epoch_work", work, MAX_EPOCH_WORK, rule)
    rule = "samples × parameters × epochs must be at most"
    over("training.epochs", "run_work", work * config.training.epochs, MAX_RUN_WORK, rule)
    return broken


# The settings and their links. A link does not hold the table of a CSV, so its size is not checked here.
SPIRAL: Final = Lesson(
    "spiral",
    *SETTINGS.values(),
    joint_rules=lambda values: over_budget(RunConfig.of(values)),
    resets={
        "no_table": ("data.kind",),
        "samples": ("data.points", "data.classes"),
        "epoch_work": ("model.hidden", "training.batch_size", "data.points", "data.classes"),
        "run_work": ("training.epochs", "model.hidden", "training.batch_size", "data.points", "data.classes"),
    },
)


def validate(config: RunConfig, table: Table | None = None) -> list[Violation]:
    """Return all rules on single settings that ``config`` breaks or, if none, those on the whole run.

    Parameters
    ----------
    table : the data of a ``csv`` run; without it such a run breaks the rule ``no_table``.
    """
    if broken := SPIRAL.broken(config.values()):
        return broken
    if config.data.kind == "csv" and table is None:
        return [Violation("data.kind", "no_table", "csv", {}, "data.kind is csv, which needs a table, got none")]
    return over_budget(config, table)


def check(config: RunConfig, table: Table | None = None) -> RunConfig:
    """Return ``config`` itself if it keeps its rules.

    Raises
    ------
    ConfigError : with every violation, if it breaks any.
    """
    broken = validate(config, table)
    if broken:
        raise ConfigError(broken)
    return config
