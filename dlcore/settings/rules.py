"""Rules for the values of settings, and the violations that report a broken rule.

A rule defines the allowed values (:class:`Number`, :class:`OneOf`, …); menus, sliders, links and tests derive from it.

>>> lr = Setting("lr", "r", Number(0.0, 1.0, 0.01), 0.1)
>>> lr.rule.allows(0.5), str(broken_rule(lr, 3))
(True, 'lr must be a number between 0 and 1, got 3')
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlcore.settings.points import is_point


@dataclass(frozen=True, slots=True)
class Number:
    """A number in ``[min, max]``; ``step``, ``log`` (a logarithmic slider) and ``unit`` configure its control."""

    min: float
    max: float
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
        return self.min <= value <= self.max  # false for NaN

    def __str__(self) -> str:
        kind = "a whole number" if self.integer else "a number"
        return f"must be {kind} between {self.min:g} and {self.max:g}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One id of a fixed set."""

    options: tuple[str, ...]
    id: str = field(default="one_of", init=False)

    def allows(self, value: object) -> bool:
        return value in self.options

    def __str__(self) -> str:
        return f"must be one of {', '.join(self.options)}"


@dataclass(frozen=True, slots=True)
class Some:
    """A selection of at least ``min_items`` ids of a fixed set, without repeats."""

    options: tuple[str, ...]
    min_items: int = 1
    id: str = field(default="some", init=False)

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, tuple)
            and all(item in self.options for item in value)
            and self.min_items <= len(value) == len(set(value))
        )

    def __str__(self) -> str:
        return f"must be {self.min_items} or more of {', '.join(self.options)}, each once"


@dataclass(frozen=True, slots=True)
class LayerSizes:
    """The hidden units of each layer: at most ``max_layers`` integers in ``[min, max]``."""

    max_layers: int
    min: int
    max: int
    id: str = field(default="widths", init=False)  # as saved links record it

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, tuple)
            and len(value) <= self.max_layers
            and all(type(size) is int and self.min <= size <= self.max for size in value)
        )

    def __str__(self) -> str:
        return f"must be at most {self.max_layers} layers of {self.min} to {self.max} units"


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
    """The shape of a tensor: ``min_dims`` to ``max_dims`` sizes in ``[min, max]``; ``()`` is a scalar."""

    max_dims: int
    min: int
    max: int
    min_dims: int = 0
    id: str = field(default="sizes", init=False)

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, tuple)
            and self.min_dims <= len(value) <= self.max_dims
            and all(type(size) is int and self.min <= size <= self.max for size in value)
        )

    def __str__(self) -> str:
        return f"must be {self.min_dims} to {self.max_dims} sizes of {self.min} to {self.max}"


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix as a tuple of rows of equal length: floats within ±``bound``."""

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


@dataclass(frozen=True, slots=True)
class Points:
    """Labelled points as tuples (x1, x2, class), see :mod:`dlcore.settings.points`: at most ``max_points``."""

    max_points: int
    id: str = field(default="points", init=False)

    def allows(self, value: object) -> bool:
        return isinstance(value, tuple) and len(value) <= self.max_points and all(map(is_point, value))

    def __str__(self) -> str:
        return f"must be at most {self.max_points} points, each of four characters of a link"


def resized(
    numbers: tuple[tuple[float, ...], ...], rows: int | None = None, columns: int | None = None, *, fill: float = 0.0
) -> tuple[tuple[float, ...], ...]:
    """Return the value of a :class:`Grid` cut or filled up to a size; a size that is None stays.

    >>> resized(((1.0, 2.0),), rows=2, columns=1)
    ((1.0,), (0.0,))
    """
    rows, columns = rows or len(numbers), columns or len(numbers[0])
    resized_rows = [(*row[:columns], *[fill] * (columns - len(row))) for row in numbers[:rows]]
    return (*resized_rows, *[(fill,) * columns] * (rows - len(resized_rows)))


@dataclass(frozen=True, slots=True)
class Text:
    """Typed text: at most ``max_chars`` printable characters, line ends included; its meaning is not checked."""

    max_chars: int
    max_lines: int = 1
    id: str = field(default="text", init=False)

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, str)
            and len(value) <= self.max_chars
            and value.count("\n") < self.max_lines
            and all(character.isprintable() for character in value.replace("\n", ""))
        )

    def __str__(self) -> str:
        return f"must be at most {self.max_chars} printable characters in {self.max_lines} lines"


Rule = Number | OneOf | Some | LayerSizes | Flag | Sizes | Grid | Points | Text


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a page: its name, its short key in links, its rule and its default."""

    name: str
    key: str
    rule: Rule
    default: Any


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: the field that breaks it, the rule's id, its limits and the value that was given.

    ``limits`` holds the values that a message needs (``min``, ``max``, ``options``, …), so that a page can show it in
    the reader's language; ``str()`` is the English message.
    """

    field: str
    rule: str
    value: Any
    limits: Mapping[str, Any]
    text: str

    def __str__(self) -> str:
        return self.text


class ConfigError(ValueError):
    """Raised when an invalid config is used; ``violations`` lists all its broken rules."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations


def broken_rule(setting: Setting, value: object) -> Violation:
    """Return the violation that reports ``value`` as invalid for ``setting``."""
    limits = {f.name: getattr(setting.rule, f.name) for f in dataclasses.fields(setting.rule) if f.name != "id"}
    shown = "a number of thousands of digits" if type(value) is int and abs(value) > 10**100 else repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return Violation(setting.name, setting.rule.id, value, limits, f"{setting.name} {setting.rule}, got {shown}")


def setting_field(default: Any, key: str, rule: Rule) -> Any:
    """Return a dataclass field that carries its default, its key in links and its rule."""
    return field(default=default, metadata={"key": key, "rule": rule})
