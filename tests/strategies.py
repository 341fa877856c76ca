"""Hypothesis strategies of valid settings and runs, derived from the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from dlcore.network.settings import MAX_SAMPLES
from dlcore.settings.rules import Flag, Grid, LayerSizes, Number, OneOf, Points, Rule, Sizes, Some, Text
from dlcore.spiral.config import SETTINGS, SPIRAL, RunConfig, get_field, replace_field

_COORDINATES = st.integers(-100, 100).map(lambda steps: steps / 100)
POINTS = st.tuples(_COORDINATES, _COORDINATES, st.integers(0, 7))

# Runs that a test can train many times: milliseconds each, on the CPU, without a table.
CHEAP: Mapping[str, st.SearchStrategy[Any]] = {
    "data.kind": st.sampled_from([kind for kind in SETTINGS["data.kind"].rule.options if kind != "csv"]),
    "data.points": st.integers(10, 40),
    "data.drawn": st.lists(st.tuples(_COORDINATES, _COORDINATES, st.integers(0, 1)), min_size=1, max_size=9).map(tuple),
    "model.hidden": st.lists(st.integers(1, 16), max_size=3).map(tuple),
    "training.epochs": st.integers(1, 5),
    "device": st.just("cpu"),
}


def values(rule: Rule) -> st.SearchStrategy[Any]:
    """Return a strategy of the values that ``rule`` allows."""
    match rule:
        case Number(integer=True):
            return st.integers(int(rule.min), int(rule.max))
        case Number():
            return st.floats(rule.min, rule.max)
        case OneOf():
            return st.sampled_from(rule.options)
        case Some():
            return st.lists(st.sampled_from(rule.options), min_size=rule.min_items, unique=True).map(tuple)
        case LayerSizes():
            return st.lists(st.integers(rule.min, rule.max), max_size=rule.max_layers).map(tuple)
        case Flag():
            return st.booleans()
        case Sizes():
            sizes = st.integers(rule.min, rule.max)
            return st.lists(sizes, min_size=rule.min_dims, max_size=rule.max_dims).map(tuple)
        case Grid():
            number = st.floats(-rule.bound, rule.bound)
            columns = st.integers(1, rule.columns)
            rows = columns.flatmap(lambda n: st.lists(st.tuples(*[number] * n), min_size=1, max_size=rule.rows))
            return rows.map(tuple)
        case Points():
            return st.lists(POINTS, max_size=rule.max_points).map(tuple)
        case Text():
            printable = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
            return st.text(printable, max_size=rule.max_chars)


@st.composite
def configs(
    draw: st.DrawFn, *, cheap: bool = False, only: Mapping[str, st.SearchStrategy[Any]] | None = None
) -> RunConfig:
    """Draw valid runs. About half of their settings are at the defaults.

    Parameters
    ----------
    cheap : at most 40 points per class, 3 layers of 16 and 5 epochs, on the CPU, never a CSV.
    only : strategies for settings by dotted name: ``{"training.optimizer": st.just("sgd")}``. Points and epochs are
        still reduced if the run would break the rules on its size.
    """
    wanted = {**(CHEAP if cheap else {}), **(only or {})}
    config = RunConfig()
    for name, setting in SETTINGS.items():
        if name in wanted or draw(st.booleans()):
            config = replace_field(config, name, draw(wanted.get(name, values(setting.rule))))
    return _within_limits(config)


def _within_limits(config: RunConfig) -> RunConfig:
    while broken := SPIRAL.validate(config.values()):
        match broken[0].rule:
            case "samples":
                config = replace_field(config, "data.points", MAX_SAMPLES // config.data.n_classes)
            case "epoch_work":
                config = replace_field(config, "data.points", max(10, config.data.points // 2))
            case "run_work":
                config = replace_field(config, "training.epochs", max(1, config.training.epochs // 2))
            case rule:
                raise AssertionError(f"configs() drew {get_field(config, broken[0].field)!r}, which breaks {rule}")
    return config
