"""Rules that settings keep, and what is said when one is broken.

A rule says what a value may be (:class:`Number`, :class:`OneOf`, …); menus, sliders, links and tests are made from it.

>>> rate = Setting("lr", "r", Number(0.0, 1.0, 0.01), 0.1)
>>> rate.rule.allows(0.5), str(broken_rule(rate, 3))
(True, 'lr must be a number between 0 and 1, got 3')
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A number within ``[low, high]``; ``step``, ``log`` (steps that grow with it) and ``unit`` are for its control."""

    low: float
    high: float
    step: float
    integer: bool = False
    log: bool = False
    unit: str = ""
    id: str = field(default="number", init=False)

    def allows(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.integer and not isinstance(value, int):
            return False
        return self.low <= value <= self.high  # false for NaN

    def __str__(self) -> str:
        kind = "a whole number" if self.integer else "a number"
        return f"must be {kind} between {self.low:g} and {self.high:g}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a fixed set of ids."""

    options: tuple[str, ...]
    id: str = field(default="one_of", init=False)

    def allows(self, value: object) -> bool:
        return value in self.options

    def __str__(self) -> str:
        return f"must be one of {', '.join(self.options)}"


@dataclass(frozen=True, slots=True)
class Some:
    """A selection, without repeats, of a fixed set of ids: of one at least, if nothing else is said."""

    options: tuple[str, ...]
    least: int = 1
    id: str = field(default="some", init=False)

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, tuple)
            and all(item in self.options for item in value)
            and self.least <= len(value) == len(set(value))
        )

    def __str__(self) -> str:
        return f"must be {self.least} or more of {', '.join(self.options)}, each once"


@dataclass(frozen=True, slots=True)
class Widths:
    """Hidden units of each layer: at most ``layers`` whole numbers within ``[low, high]``."""

    layers: int
    low: int
    high: int
    id: str = field(default="widths", init=False)

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, tuple)
            and len(value) <= self.layers
            and all(type(width) is int and self.low <= width <= self.high for width in value)
        )

    def __str__(self) -> str:
        return f"must be at most {self.layers} layers of {self.low} to {self.high} units"


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    id: str = field(default="flag", init=False)

    def allows(self, value: object) -> bool:
        return isinstance(value, bool)

    def __str__(self) -> str:
        return "must be true or false"


@dataclass(frozen=True, slots=True)
class Sizes:
    """A tensor's shape: ``least`` to ``most`` sizes of ``low`` to ``high``; ``()`` is a scalar's."""

    most: int
    low: int
    high: int
    least: int = 0
    id: str = field(default="sizes", init=False)

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, tuple)
            and self.least <= len(value) <= self.most
            and all(type(size) is int and self.low <= size <= self.high for size in value)
        )

    def __str__(self) -> str:
        return f"must be {self.least} to {self.most} sizes of {self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers in rows of equal length: a tuple of tuples of floats, each within ±``bound``."""

    rows: int
    columns: int
    bound: float = 1e6
    id: str = field(default="grid", init=False)

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, tuple)
            and 1 <= len(value) <= self.rows
            and all(isinstance(row, tuple) and 1 <= len(row) == len(value[0]) <= self.columns for row in value)
            and all(type(number) is float and abs(number) <= self.bound for row in value for number in row)
        )

    def __str__(self) -> str:
        return f"must be at most {self.rows} rows of {self.columns} numbers within ±{self.bound:g}, all equally long"


def resized(
    numbers: tuple[tuple[float, ...], ...], rows: int | None = None, columns: int | None = None, *, fill: float = 0.0
) -> tuple[tuple[float, ...], ...]:
    """Cut the value of a :class:`Grid`, or fill it up, to a size; without one it keeps its own.

    >>> resized(((1.0, 2.0),), rows=2, columns=1)
    ((1.0,), (0.0,))
    """
    rows, columns = rows or len(numbers), columns or len(numbers[0])
    kept = [(*row[:columns], *[fill] * (columns - len(row))) for row in numbers[:rows]]
    return (*kept, *[(fill,) * columns] * (rows - len(kept)))


@dataclass(frozen=True, slots=True)
class Text:
    """What a person types: at most ``most`` printable characters, line ends among them. What it means is not asked."""

    most: int
    lines: int = 1
    id: str = field(default="text", init=False)

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, str)
            and len(value) <= self.most
            and value.count("\n") < self.lines
            and all(character.isprintable() for character in value.replace("\n", ""))
        )

    def __str__(self) -> str:
        return f"must be at most {self.most} printable characters in {self.lines} lines"


Rule = Number | OneOf | Some | Widths | Flag | Sizes | Grid | Text


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that a person can set: its name, its short key in links, its rule and its default."""

    name: str
    key: str
    rule: Rule
    default: Any


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: the fields that break it, the rule's id, what it allows and the value that was given.

    ``limits`` holds what a message needs (``low``, ``high``, ``options`` …), so that a page can say it in its
    reader's language; ``str()`` says it in English.
    """

    field: str
    rule: str
    value: Any
    limits: Mapping[str, Any]
    text: str

    def __str__(self) -> str:
        return self.text


class ConfigError(ValueError):
    """Raised where a config that breaks its rules is used; ``violations`` has them all."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations


def broken_rule(setting: Setting, value: object) -> Violation:
    """The violation that says: ``value`` is not what ``setting`` allows."""
    limits = {f.name: getattr(setting.rule, f.name) for f in dataclasses.fields(setting.rule) if f.name != "id"}
    shown = "a number of thousands of digits" if type(value) is int and abs(value) > 10**100 else repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return Violation(setting.name, setting.rule.id, value, limits, f"{setting.name} {setting.rule}, got {shown}")


def setting_field(default: Any, key: str, rule: Rule) -> Any:
    """A dataclass field with its default, its key in links and its rule."""
    return field(default=default, metadata={"key": key, "rule": rule})
