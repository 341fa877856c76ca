"""Every id, range, default and unit of the playground, and the one place that validates them.

A run is described by one frozen :class:`RunConfig`. Each field carries the rule that its value must keep
(:mod:`dlcore.settings.rules`) and the short key under which links write it, so that menus, sliders, links,
generated scripts and tests all read the same fact. :data:`SPIRAL` has these settings by dotted name, and the link that
says them. :func:`validate` collects every violation instead of stopping at the first one.

>>> RunConfig().model.hidden
(100,)
>>> [str(v) for v in validate(replace_field(RunConfig(), "data.classes", 0))]
['data.classes must be a whole number between 2 and 8, got 0']
>>> SPIRAL.link(replace_field(RunConfig(), "model.hidden", (32, 32)).values())
'v=1&h=32-32'
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dlcore.network.settings import DEVICES, FULL_BATCH, MAX_SAMPLES, ModelConfig, TrainingConfig
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import ConfigError, Number, OneOf, Setting, Some, Violation, setting_field

if TYPE_CHECKING:  # a table reads its limits here
    from dlcore.spiral.table import Table

# --- ids ------------------------------------------------------------------------------------------------------------
# The keys are what links, state and tests speak; the words people read are in pages/spiral/spiral.

# Data sets, and the numbers of classes each can have.
DATASETS: Final[Mapping[str, tuple[int, int]]] = {
    "spiral": (2, 8),  # the course's: radius 0…1, one linspace of angles per arm
    "ring": (2, 8),  # its newer edition: radius 0.2…1, so that the arms do not meet in the middle
    "circles": (2, 2),
    "xor": (2, 2),
    "gaussians": (2, 8),
    "moons": (2, 2),
    "csv": (2, 8),  # the person's own table; it travels beside the config, never in a link
}

# Input features: what the first layer sees of a point (x1, x2).
FEATURES: Final[tuple[str, ...]] = ("x1", "x2", "x1_squared", "x2_squared", "x1x2", "sin_x1", "sin_x2")

# --- limits on whole runs -------------------------------------------------------------------------------------------
# Compute is counted in samples × parameters: about 0.15 ns each on one core for one epoch. One optimizer step costs
# some 30 µs of calls however small it is, which is STEP_WORK of these. An epoch is the smallest thing that can be
# interrupted, so it is bounded (some 50 ms); the run is bounded so that a link cannot hold a class up (some 30 s).
STEP_WORK: Final = 200_000
MAX_EPOCH_WORK: Final = 400_000_000
MAX_RUN_WORK: Final = 200_000_000_000


# --- the run --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class DataConfig:
    """What is learned from. Defaults are the course's spiral, with a fifth of it kept back to test on."""

    kind: str = setting_field("spiral", "d", OneOf(tuple(DATASETS)))
    classes: int = setting_field(3, "c", Number(2, 8, 1, integer=True))
    points: int = setting_field(1000, "n", Number(10, 5000, 10, integer=True, log=True, unit="points per class"))
    noise: float = setting_field(0.2, "z", Number(0.0, 1.0, 0.01))
    test_share: float = setting_field(0.2, "t", Number(0.0, 0.9, 0.05))
    seed: int = setting_field(12345, "s", Number(0, 2**31 - 1, 1, integer=True))
    features: tuple[str, ...] = setting_field(("x1", "x2"), "f", Some(FEATURES))

    @property
    def n_classes(self) -> int:
        """Classes the data really has: some data sets have two, whatever ``classes`` says."""
        low, high = DATASETS.get(self.kind, (2, 8))
        return min(max(self.classes, low), high)

    @property
    def n_samples(self) -> int:
        """Samples before the split; a CSV's own number is known to its table alone."""
        return self.points * self.n_classes


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything that determines a run's numbers, and the device that computes them."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    device: str = setting_field("cpu", "g", OneOf(DEVICES))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> RunConfig:
        """Return the run of these values, one for each setting by its dotted name; nothing is validated here."""
        parts: dict[str, dict[str, Any]] = {"data": {}, "model": {}, "training": {}, "": {}}
        for name, value in values.items():
            part, _, field = name.rpartition(".")
            parts[part][field] = value
        data, model, training = DataConfig(**parts["data"]), ModelConfig(**parts["model"]), parts["training"]
        return cls(data, model, TrainingConfig(**training), **parts[""])

    def values(self) -> dict[str, Any]:
        """Return the value of each setting by its dotted name."""
        return {name: get_field(self, name) for name in SETTINGS}


def _walk() -> Iterator[Setting]:
    for part in dataclasses.fields(RunConfig):
        if "rule" in part.metadata:
            yield Setting(part.name, part.metadata["key"], part.metadata["rule"], part.default)
            continue
        for f in dataclasses.fields(getattr(RunConfig(), part.name)):
            yield Setting(f"{part.name}.{f.name}", f.metadata["key"], f.metadata["rule"], f.default)


SETTINGS: Final[Mapping[str, Setting]] = {setting.name: setting for setting in _walk()}


def get_field(config: RunConfig, name: str) -> Any:
    """The value of a setting by its dotted name."""
    value: Any = config
    for part in name.split("."):
        value = getattr(value, part)
    return value


def replace_field(config: RunConfig, name: str, value: Any) -> RunConfig:
    """A copy of ``config`` in which the setting ``name`` is ``value``; nothing is validated here."""
    head, _, tail = name.partition(".")
    if tail:
        value = dataclasses.replace(getattr(config, head), **{tail: value})
    return dataclasses.replace(config, **{head: value})


# --- validation -----------------------------------------------------------------------------------------------------
def size(data: DataConfig, table: Table | None = None) -> tuple[int, int]:
    """Return the number of samples, before the split, and of classes; those of a CSV are its table's, if it is here."""
    if data.kind == "csv" and table is not None:
        return len(table.dataset.y), table.dataset.n_classes
    return data.n_samples, data.n_classes


def n_test_samples(data: DataConfig, n_samples: int) -> int:
    """Samples kept back for testing, of ``n_samples``."""
    return round(data.test_share * n_samples)


def epoch_work(config: RunConfig, table: Table | None = None) -> int:
    """Compute of one epoch, in samples × parameters (see ``STEP_WORK``)."""
    total, n_classes = size(config.data, table)
    samples = total - n_test_samples(config.data, total)
    parameters = config.model.parameters(len(config.data.features), n_classes)
    steps = 1 if config.training.batch_size == FULL_BATCH else -(-samples // config.training.batch_size)
    return samples * parameters + steps * STEP_WORK


def over_budget(config: RunConfig, table: Table | None = None) -> list[Violation]:
    """Return the rules on the whole run that ``config`` breaks, whose settings must each keep their own."""
    work = epoch_work(config, table)
    broken = []

    def over(fieldname: str, rule: str, value: int, limit: int, text: str) -> None:
        if value > limit:
            broken.append(Violation(fieldname, rule, value, {"max": limit}, f"{text} {limit:,}, got {value:,}"))

    if config.data.kind != "csv":
        most = "data.points × classes must be at most"
        over("data.points", "samples", config.data.n_samples, MAX_SAMPLES, most)
    most = "samples × parameters of an epoch must be at most"
    over("model.hidden", "epoch_work", work, MAX_EPOCH_WORK, most)
    most = "samples × parameters × epochs must be at most"
    over("training.epochs", "run_work", work * config.training.epochs, MAX_RUN_WORK, most)
    return broken


# The settings and their link. A link says "csv" without the table, so that its size is not asked about here.
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
    """Return all rules that ``config`` breaks: those on single settings or, where none, those on the whole run.

    Parameters
    ----------
    table : what a ``csv`` run learns from; without it such a run breaks the rule ``no_table``.
    """
    if broken := SPIRAL.broken(config.values()):
        return broken
    if config.data.kind == "csv" and table is None:
        return [Violation("data.kind", "no_table", "csv", {}, "data.kind is csv, which needs a table, got none")]
    return over_budget(config, table)


def check(config: RunConfig, table: Table | None = None) -> RunConfig:
    """Return ``config`` itself, if it keeps its rules.

    Raises
    ------
    ConfigError : with every violation, if it does not.
    """
    broken = validate(config, table)
    if broken:
        raise ConfigError(broken)
    return config
