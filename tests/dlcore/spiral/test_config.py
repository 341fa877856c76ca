"""Runs: what one costs, the rules on the whole of it at their very limits, and what its names lead to."""

import dataclasses

import pytest
import torch

from dlcore.network.settings import MAX_SAMPLES
from dlcore.settings.rules import ConfigError
from dlcore.spiral import config as module
from dlcore.spiral.config import (
    DATASETS,
    MAX_EPOCH_WORK,
    MAX_RUN_WORK,
    SETTINGS,
    STEP_WORK,
    DataConfig,
    RunConfig,
    check,
    epoch_work,
    get_field,
    n_test_samples,
    replace_field,
    validate,
)
from dlcore.spiral.data import Dataset
from dlcore.spiral.table import Table


def config(**settings) -> RunConfig:
    """Return the default run with other settings, such as ``data__points=10``."""
    made = RunConfig()
    for name, value in settings.items():
        made = replace_field(made, name.replace("__", "."), value)
    return made


def table(n_samples: int, n_classes: int) -> Table:
    """A person's own points, as far as their number and their classes count."""
    y = torch.arange(n_samples) % n_classes
    names = tuple(map(str, range(n_classes)))
    return Table(Dataset(torch.zeros(n_samples, 2), y, n_classes), ("x1", "x2"), "label", names, (0.0, 0.0), (1.0, 1.0))


# --- the work of an epoch --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("batch", "steps"), [(0, 1), (1, 2400), (7, 343), (799, 4), (800, 3), (801, 3), (2399, 2), (2400, 1), (10_000, 1)]
)
def test_an_epoch_costs_its_samples_times_the_parameters_and_its_steps(batch, steps):
    """Of 3 × 1000 samples 600 are kept back; the last batch may be a smaller one, and is a step too."""
    run = config(training__batch_size=batch)
    assert epoch_work(run) == 2400 * (3 * 100 + 101 * 3) + steps * STEP_WORK


def test_the_work_counts_features_classes_and_a_tables_own_size():
    run = config(data__features=("x1",), data__classes=8, data__points=100, data__test_share=0.0, model__hidden=(5,))
    assert epoch_work(run) == 800 * (2 * 5 + 6 * 8) + STEP_WORK
    own = config(data__kind="csv", model__hidden=(5,), data__test_share=0.5)
    assert epoch_work(own, table(1001, 4)) == (1001 - 500) * (3 * 5 + 6 * 4) + STEP_WORK
    assert epoch_work(config(data__kind="moons", data__classes=8, model__hidden=())) == 1600 * 3 * 2 + STEP_WORK


@pytest.mark.parametrize(
    ("share", "n", "kept_back"),
    [(0.2, 3000, 600), (0.0, 3000, 0), (0.9, 10, 9), (0.05, 10, 0), (0.15, 10, 2), (0.35, 30, 10), (0.2, 33, 7)],
)
def test_samples_kept_back_are_rounded(share, n, kept_back):
    assert n_test_samples(DataConfig(test_share=share), n) == kept_back


@pytest.mark.parametrize("kind", DATASETS)
@pytest.mark.parametrize("classes", [2, 3, 8])
def test_some_data_sets_always_have_two_classes_and_a_regression_one_output(kind, classes):
    data = DataConfig(kind=kind, classes=classes, points=10)
    least, most = DATASETS[kind]
    assert data.n_classes == (least if least == most else classes)
    assert data.regression == (kind in ("plane", "hills"))
    assert data.n_samples == (0 if kind == "points" else 10 * data.n_classes)


# --- the rules on the whole run --------------------------------------------------------------------------------------
def broken(run: RunConfig, own: Table | None = None) -> list[tuple[str, str]]:
    return [(violation.field, violation.rule) for violation in validate(run, own)]


def test_samples_may_be_as_many_as_the_limit():
    most = config(data__classes=2, data__points=5000, model__hidden=())
    assert most.data.n_samples == MAX_SAMPLES
    assert broken(most) == []
    over = config(data__classes=8, data__points=1251, model__hidden=())
    assert broken(over) == [("data.points", "samples")]
    assert str(validate(over)[0]) == "data.points × classes must be at most 10,000, got 10,008"
    assert dict(validate(over)[0].limits) == {"max": MAX_SAMPLES}
    assert broken(config(data__classes=8, data__points=1250, model__hidden=())) == []


def test_a_table_brings_its_own_number_of_samples():
    run = config(data__kind="csv", data__classes=8, data__points=5000)
    assert broken(run, table(100, 2)) == []
    assert broken(run) == [("data.kind", "no_table")]


@pytest.mark.parametrize(
    ("rule", "field", "name"),
    [("epoch_work", "model.hidden", "MAX_EPOCH_WORK"), ("run_work", "training.epochs", "MAX_RUN_WORK")],
)
def test_the_work_may_be_the_limit_and_no_more(monkeypatch, rule, field, name):
    run = config(training__epochs=7)
    work = epoch_work(run) * (7 if rule == "run_work" else 1)
    monkeypatch.setattr(module, name, work)
    assert broken(run) == []
    monkeypatch.setattr(module, name, work - 1)
    assert broken(run) == [(field, rule)]
    (violation,) = validate(run)
    assert (violation.value, dict(violation.limits)) == (work, {"max": work - 1})
    assert str(violation).endswith(f"must be at most {work - 1:,}, got {work:,}")


def test_the_largest_runs_of_each_kind():
    """Limits as published: what a link may ask of a classroom's machine."""
    assert (STEP_WORK, MAX_EPOCH_WORK, MAX_RUN_WORK) == (200_000, 400_000_000, 200_000_000_000)
    assert broken(config(training__epochs=10_000)) == []
    assert broken(config(training__batch_size=1)) == [("model.hidden", "epoch_work"), ("training.epochs", "run_work")]
    assert broken(config(training__batch_size=2, training__epochs=500)) == []
    assert broken(config(training__batch_size=2, training__epochs=1000)) == [("training.epochs", "run_work")]
    assert broken(config(model__hidden=(256, 256, 256), training__epochs=1)) == []
    assert broken(config(model__hidden=(256,) * 6, training__epochs=1)) == [("model.hidden", "epoch_work")]


def test_a_tables_size_counts_for_the_work():
    run = config(data__kind="csv", model__hidden=(256, 256), training__epochs=1)
    assert broken(run, table(1000, 8)) == []
    assert broken(run, table(10_000, 8)) == [("model.hidden", "epoch_work")]
    wide = config(data__kind="csv", model__hidden=(256,), training__epochs=10_000, data__test_share=0.0)
    two, eight = (epoch_work(wide, table(5000, n)) * 10_000 for n in (2, 8))
    assert two < eight
    assert broken(wide, table(5000, 2)) == []


def test_single_fields_come_first_and_alone():
    run = config(data__points=9, training__epochs=10_001, training__batch_size=1)
    assert broken(run) == [("data.points", "number"), ("training.epochs", "number")]
    assert broken(config(model__hidden=(4000, 4000))) == [("model.hidden", "widths")]
    run = config(device="tpu", data__features=())
    assert broken(run) == [("data.features", "some"), ("device", "one_of")]


def test_check_gives_the_run_back_or_says_all_that_is_wrong():
    run = RunConfig()
    assert check(run) is run
    with pytest.raises(ConfigError) as raised:
        check(config(data__noise=-0.1, training__lr=11.0))
    assert [violation.field for violation in raised.value.violations] == ["data.noise", "training.lr"]
    own = config(data__kind="csv", training__batch_size=1)
    assert check(own, table(100, 2)) is own
    with pytest.raises(ConfigError):
        check(own, table(10_000, 2))


# --- names -----------------------------------------------------------------------------------------------------------
def test_the_settings_are_the_fields_by_their_dotted_names():
    run = RunConfig()
    names = [
        f"{part}.{f.name}" for part in ("data", "model", "training") for f in dataclasses.fields(getattr(run, part))
    ]
    assert list(SETTINGS) == [*names, "device"]
    for name, setting in SETTINGS.items():
        assert setting.name == name
        assert get_field(run, name) == setting.default
        assert setting.rule.allows(setting.default)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_replaced_field_is_the_only_one_that_changes(name):
    run, mark = RunConfig(), object()
    other = replace_field(run, name, mark)
    assert get_field(other, name) is mark
    assert [n for n in SETTINGS if get_field(other, n) != get_field(run, n)] == [name]
    assert run == RunConfig()
