"""Results of benchmarks: their measurement and their output as a table or JSON."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit of a result: a minimum if ``at_least``, else a maximum; of the ratio if the unit is "×"."""

    value: float
    unit: str
    at_least: bool = True

    def met(self, result: float) -> bool:
        return result >= self.value if self.at_least else result <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g} {self.unit}".replace(" ×", "×")


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a benchmark.

    Attributes
    ----------
    value : the measured value, in ``unit``.
    reference : the same quantity of the thing it is compared with; ``ratio`` is value / reference.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.reference else self.value / self.reference

    @property
    def met(self) -> bool | None:
        """Return whether the goal is reached; None without a goal."""
        if self.goal is None:
            return None
        judged = self.ratio if self.goal.unit == "×" else self.value
        return judged is not None and self.goal.met(judged)

    def plain(self) -> dict[str, Any]:
        """Return the result as a dictionary for JSON."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "reference": self.reference,
            "ratio": self.ratio,
            "goal": None if self.goal is None else str(self.goal),
            "met": self.met,
        }


class NotHereError(Exception):
    """The benchmark cannot run on this machine; the message gives the reason."""


Clock = Callable[[], float]


def seconds(function: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Return the duration of one call in seconds."""
    began = clock()
    function()
    return clock() - began


def medians(functions: Sequence[Callable[[], object]], rounds: int, clock: Clock = time.perf_counter) -> list[float]:
    """Return the median seconds per call of each function, after a warm-up round.

    The functions take turns, so that other work on the machine affects all of them alike.
    """
    times = [[seconds(function, clock) for function in functions] for _ in range(rounds + 1)]
    return [statistics.median(column) for column in zip(*times[1:], strict=True)]


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of the values do not exceed; NaN if there are no values."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def number(value: float) -> str:
    """Return a number with three significant digits, or as a whole number from 100 on: 0.0123, 4.57, 1234."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(results: Sequence[Result]) -> str:
    """Return a table in aligned plain text, with a line per result."""
    head = ("", "value", "unit", "reference", "ratio", "goal", "met")
    rows = [
        (
            r.name,
            number(r.value),
            r.unit,
            "" if r.reference is None else number(r.reference),
            "" if r.ratio is None else f"{r.ratio:.1f}×",
            "" if r.goal is None else str(r.goal),
            {None: "", True: "yes", False: "NO"}[r.met],
        )
        for r in results
    ]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    right = (False, True, False, True, True, True, False)
    return "\n".join(
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in [head, *rows]
    )


def as_json(results: Sequence[Result]) -> str:
    """Return the results as a JSON list, with null for NaN."""
    rows = [{k: None if v != v else v for k, v in result.plain().items()} for result in results]
    return json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False)
