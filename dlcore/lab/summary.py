"""What a grid showed: its final numbers as frames, and findings as data for sentences.

A finding compares the medians over seeds of the values of one axis. Two values are *alike* if their medians differ by
no more than the larger of their spreads over seeds, max − min. With a second axis, the median and the spread of a value
are the medians of those of its places. Runs that diverged are left out of medians and spreads, and counted.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from dlcore.lab.axes import Axis
from dlcore.lab.grid import Grid
from dlcore.lab.parts import CellState
from dlcore.spiral.training import Record

QUANTITIES: Final = tuple(field.name for field in dataclasses.fields(Record) if field.name != "epoch")


@dataclass(frozen=True, slots=True)
class Finding:
    """What the values of one axis showed.

    Attributes
    ----------
    rule : "no_difference" if all values are alike.
        For an axis of numbers, in increasing order, and the best value with those beside it that are like it:
        "more_is_better" and "less_is_better" if that is the last or the first alone; "no_gain_from" if it is all from
        ``values[0]`` on, "no_loss_up_to" if it is all up to ``values[-1]``, "best_between" if it reaches neither end.
        For an axis of choices "best" if one is better than all others, "tie" if ``values`` are alike and best.
        "one_seed" if there is no spread to judge by, "seed_spread" for an axis of seeds: the difference is what the
        seed alone makes. "diverged" lists the values of which ``runs`` runs diverged.
    axis : the id of the axis.
    quantity : what was compared, one of ``QUANTITIES``.
    values : the values that the rule is about, in the order of the axis.
    best : the value of the best median; None for "diverged".
    difference : of medians: between best and worst of ``values`` if there are several, else between ``best`` and the
        next best value. For "no_difference", "one_seed" and "seed_spread" between the best and the worst value.
    spread : the largest spread over seeds of the compared values; NaN if there is one seed.
    runs : number of runs that diverged; 0 for the other rules.
    """

    rule: str
    axis: str
    quantity: str
    values: tuple[Any, ...]
    best: Any = None
    difference: float = math.nan
    spread: float = math.nan
    runs: int = 0


# --- frames -----------------------------------------------------------------------------------------------------------
def runs_frame(states: Iterable[CellState]) -> pd.DataFrame:
    """Return a row for each run: its place (index, column, row, replicate, x, y, seed), its last record, its end.

    ``epoch`` is that of the record; losses and accuracies are NaN for a run without records. ``diverged_at`` is NaN
    for a run that did not diverge, otherwise the first epoch whose loss is not finite.
    """
    return pd.DataFrame([run_row(state) for state in states])


def run_row(state: CellState) -> dict[str, Any]:
    """Return the row of one run in :func:`runs_frame`."""
    cell, last = state.cell, state.last
    numbers = dataclasses.asdict(last) if last else {"epoch": 0, **dict.fromkeys(QUANTITIES, math.nan)}
    place = {name: getattr(cell, name) for name in ("index", "column", "row", "replicate", "x", "y", "seed")}
    diverged_at = math.nan if state.diverged_at is None else float(state.diverged_at)
    return {**place, **numbers, "diverged_at": diverged_at, "finished": state.finished}


def places_frame(runs: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Return a row for each place of the grid: column, row, x, y, and of ``quantity`` over its seeds the median,
    ``low``, ``high`` and ``spread`` (high − low); ``runs`` counts all runs, ``diverged`` those that are left out.
    """
    kept = runs.assign(kept=runs[quantity].where(runs["diverged_at"].isna()), diverged=runs["diverged_at"].notna())
    places = kept.groupby(["column", "row"], as_index=False).agg(
        x=("x", "first"),
        y=("y", "first"),
        median=("kept", "median"),
        low=("kept", "min"),
        high=("kept", "max"),
        runs=("index", "size"),
        diverged=("diverged", "sum"),
    )
    return places.assign(spread=places["high"] - places["low"])


def usual_quantity(runs: pd.DataFrame) -> str:
    """Return what to compare runs by: the test loss, or the training loss of runs without test samples."""
    return "train_loss" if bool(runs["test_loss"].isna().all()) else "test_loss"


# --- findings ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Value:
    """The median and the spread of one value of an axis."""

    value: Any
    median: float
    spread: float


def findings(grid: Grid, runs: pd.DataFrame, quantity: str | None = None) -> list[Finding]:
    """Return the findings of each axis, in order: what its values showed, then which of them diverged.

    An axis of fewer than two values with finite medians shows nothing.

    Parameters
    ----------
    runs : as :func:`runs_frame` returns it.
    quantity : one of ``QUANTITIES``; :func:`usual_quantity` if None.
    """
    quantity = quantity or usual_quantity(runs)
    places = places_frame(runs, quantity)
    found = []
    for axis, number in zip(grid.axes, ("column", "row"), strict=False):
        groups = places.groupby(number)
        medians, spreads = groups["median"].median(), groups["spread"].median()
        values = [_Value(value, float(medians[i]), float(spreads[i])) for i, value in enumerate(axis.values)]
        values = [value for value in values if math.isfinite(value.median)]
        if len(values) > 1:
            found.append(_finding(axis, quantity, values, one_seed=grid.seeds == 1))
        diverged = groups["diverged"].sum()
        if diverged.any():
            bad = tuple(value for i, value in enumerate(axis.values) if diverged[i])
            found.append(Finding("diverged", axis.id, quantity, bad, runs=int(diverged.sum())))
    return found


def _finding(axis: Axis, quantity: str, values: Sequence[_Value], *, one_seed: bool) -> Finding:
    sign = 1 if quantity.endswith("loss") else -1  # a loss is better if it is lower
    ranked = sorted(values, key=lambda value: sign * value.median)
    best = ranked[0]

    def finding(rule: str, compared: Sequence[_Value], shown: Sequence[_Value]) -> Finding:
        medians = [value.median for value in compared]
        spread = math.nan if one_seed else max(value.spread for value in compared)
        difference = max(medians) - min(medians)
        return Finding(rule, axis.id, quantity, tuple(value.value for value in shown), best.value, difference, spread)

    if one_seed:
        return finding("seed_spread" if axis.id == "seed" else "one_seed", values, values)
    alike = [value for value in values if abs(value.median - best.median) <= max(value.spread, best.spread)]
    if len(alike) == len(values):
        return finding("no_difference", values, values)
    rule = "best" if len(alike) == 1 else "tie"
    if axis.kind.ordered:
        in_order = sorted(values, key=lambda value: _order(axis, value.value))
        first = last = in_order.index(best)
        while first > 0 and in_order[first - 1] in alike:
            first -= 1
        while last < len(values) - 1 and in_order[last + 1] in alike:
            last += 1
        alike = in_order[first : last + 1]
        rule = _ordered_rule(first, last, len(values) - 1)
    return finding(rule, alike if len(alike) > 1 else ranked[:2], alike)


def _ordered_rule(first: int, last: int, end: int) -> str:
    """Return the rule of the best values ``first`` to ``last`` of an axis of numbers 0 to ``end``."""
    if last == end and first > 0:
        return "more_is_better" if first == last else "no_gain_from"
    if first == 0 and last < end:
        return "less_is_better" if first == last else "no_loss_up_to"
    return "best_between"


def _order(axis: Axis, value: Any) -> float:
    """Return the place of a value among the numbers of an axis: a batch size of 0 means all samples."""
    return math.inf if axis.id == "batch_size" and value == 0 else float(value)
