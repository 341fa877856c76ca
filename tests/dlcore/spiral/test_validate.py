"""Rules on a run: those on single settings, then those on the whole run, with the size of its table if it has one."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from strategies import configs

from dlcore.settings.rules import ConfigError
from dlcore.spiral.config import RunConfig, check, epoch_work, replace_field, size, validate
from dlcore.spiral.data import Dataset
from dlcore.spiral.table import Table

CSV = replace_field(RunConfig(), "data.kind", "csv")


def table(rows: int, classes: int = 2) -> Table:
    dataset = Dataset(torch.zeros(rows, 2), torch.arange(rows) % classes, classes)
    return Table(dataset, ("a", "b"), "c", tuple("abcdefgh"[:classes]), (0.0, 0.0), (1.0, 1.0))


@given(config=configs())
def test_a_config_equals_that_of_its_values(config: RunConfig) -> None:
    assert RunConfig.of(config.values()) == config


def test_an_unknown_setting_is_an_error() -> None:
    for name in ("device.name", "data.knd", "seed"):
        with pytest.raises((TypeError, KeyError)):
            RunConfig.of({**RunConfig().values(), name: 1})


def test_a_csv_needs_its_table() -> None:
    (violation,) = validate(CSV)
    assert (violation.field, violation.rule, violation.value) == ("data.kind", "no_table", "csv")
    with pytest.raises(ConfigError, match=r"needs a table, got none$"):
        check(CSV)
    assert check(CSV, table(10)) is CSV


def test_a_csv_is_as_large_as_its_table() -> None:
    assert size(CSV.data, table(500, 4)) == (500, 4)
    large = replace_field(CSV, "model.hidden", (256, 256))
    assert validate(large, table(100)) == []
    assert [violation.rule for violation in validate(large, table(10_000))] == ["epoch_work", "run_work"]
    assert epoch_work(large, table(10_000)) == 8_000 * (3 * 256 + 257 * 256 + 257 * 2) + 200_000
    # What the sliders of a made data set say counts for nothing.
    assert validate(replace_field(replace_field(CSV, "data.points", 5000), "data.classes", 8), table(100)) == []


def test_a_table_is_ignored_for_other_data() -> None:
    assert size(RunConfig().data, table(10)) == (3000, 3)
    many = replace_field(RunConfig(), "data.points", 5000)
    assert [violation.rule for violation in validate(many, table(10))] == ["samples"]


def test_rules_on_the_whole_run_are_checked_only_if_all_settings_are_valid() -> None:
    wrong = replace_field(replace_field(CSV, "data.noise", 2.0), "model.hidden", (0,))
    assert [violation.rule for violation in validate(wrong)] == ["number", "widths"]
