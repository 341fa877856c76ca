"""Grids: their cells, their rules, and their links, which never raise and give grids that keep the rules."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import configs, values

from dlcore.lab.axes import AXES, Axis, read_axis, write_axis
from dlcore.lab.grid import LAB, MAX_RUNS, Grid, check, validate, work
from dlcore.settings.rules import ConfigError
from dlcore.spiral.config import MAX_RUN_WORK, SETTINGS, SPIRAL, RunConfig, get_field, replace_field
from dlcore.spiral.config import validate as validate_run

KEYS = [setting.key for setting in LAB.settings.values()]


@st.composite
def axes(draw: st.DrawFn, *, without: str = "") -> Axis:
    id = draw(st.sampled_from([id for id in AXES if id != without]))
    return Axis(id, tuple(draw(st.lists(values(AXES[id].rule), min_size=1, max_size=5, unique=True))))


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    x = draw(axes())
    y = draw(st.none() | axes(without=x.id))
    seeds = 1 if "seed" in (x.id, y and y.id) else draw(st.integers(1, 2))
    grid = Grid(draw(configs(cheap=True)), x, y, seeds)
    return grid if validate(grid) == [] else Grid(grid.base, Axis("width", (2, 3)), None, seeds)


def read(text: str) -> tuple[Grid, list[Any]]:
    found, violations = LAB.parse(text)
    return Grid.of(found), violations


# --- cells ------------------------------------------------------------------------------------------------------------
@settings(max_examples=150, deadline=None)
@given(grids())
def test_cells_are_valid_runs_at_their_places(grid: Grid) -> None:
    assert [cell.index for cell in grid.cells] == list(range(grid.n_runs))
    assert len({(cell.column, cell.row, cell.replicate) for cell in grid.cells}) == grid.n_runs
    for cell in grid.cells:
        assert validate_run(cell.config) == []
        assert cell.x == grid.x.values[cell.column]
        assert cell.y == (None if grid.y is None else grid.y.values[cell.row])
        expected = {kind.setting for axis in grid.axes for kind in [AXES[axis.id]]} | {"data.seed"}
        for name in set(SETTINGS) - expected:
            assert get_field(cell.config, name) == get_field(grid.base, name)


def test_width_and_depth_shape_the_hidden_layers() -> None:
    base = replace_field(RunConfig(), "model.hidden", (32, 16))
    for x, y in ((Axis("width", (4, 8)), Axis("depth", (0, 3))), (Axis("depth", (0, 3)), Axis("width", (4, 8)))):
        hidden = {cell.config.model.hidden for cell in Grid(base, x, y, 1).cells}
        assert hidden == {(), (4, 4, 4), (8, 8, 8)}
    assert [cell.config.model.hidden for cell in Grid(base, Axis("width", (5,)), None, 1).cells] == [(5, 5)]
    assert [cell.config.model.hidden for cell in Grid(base, Axis("depth", (3,)), None, 1).cells] == [(32, 32, 32)]
    linear = replace_field(base, "model.hidden", ())
    assert [cell.config.model.hidden for cell in Grid(linear, Axis("width", (5,)), None, 1).cells] == [(5,)]
    assert [cell.config.model.hidden for cell in Grid(linear, Axis("depth", (2,)), None, 1).cells] == [(100, 100)]


def test_seeds_follow_the_base_runs_seed() -> None:
    base = replace_field(RunConfig(), "data.seed", 2**31 - 1)
    assert [cell.seed for cell in Grid(base, Axis("width", (4,)), None, 3).cells] == [2**31 - 1, 0, 1]


@pytest.mark.parametrize("id", AXES)
def test_every_axis_has_valid_values_of_its_own(id: str) -> None:
    grid = Grid(RunConfig(), read_axis(id, ""), None, 1)
    assert check(grid) is grid
    assert grid.x.values == AXES[id].values
    assert len({cell.config for cell in grid.cells}) == len(grid.cells)


# --- rules ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "rules", "kept"),
    [
        ("x=lr&xv=0.1~fast", ["not_a_number"], {"x.axis": "lr"}),
        ("x=activation&xv=relu~relo", ["one_of"], {"x.axis": "activation", "x.values": ""}),
        ("xv=4~500&h=8", ["number"], {"model.hidden": (8,)}),
        ("xv=4~4", ["repeated"], {}),
        ("x=lr&y=lr", ["same_axis"], {"x.axis": "lr"}),
        ("x=activation&y=optimizer&q=5", ["runs"], {"x.axis": "activation", "seeds": 5}),
        ("d=csv&h=8", ["no_samples"], {"model.hidden": (8,)}),
        ("d=points&h=8", ["no_samples"], {"model.hidden": (8,)}),
        ("n=5000&c=8", ["samples"], {"data.classes": 8}),
        ("x=batch_size&xv=1~2&h=8", ["epoch_work"], {"x.axis": "batch_size", "model.hidden": (8,)}),
        ("xv=256&h=1-1&n=100&k=4000&q=5", ["run_work"], {"x.values": "256", "model.hidden": (1, 1), "seeds": 5}),
        ("x=sin&q=9&c=99", ["one_of", "number", "number"], {}),
    ],
)
def test_what_breaks_a_rule_is_reported_and_the_rest_is_kept(
    query: str, rules: list[str], kept: dict[str, Any]
) -> None:
    found, violations = LAB.parse(query)
    assert [violation.rule for violation in violations][: len(rules)] == rules
    assert LAB.validate(found) == []
    assert {name: found[name] for name in kept} == kept


def test_the_budget_of_a_link_holds_for_the_grid_as_a_whole() -> None:
    """No run of 64 is over the budget, and all together are."""
    base = replace_field(RunConfig(), "training.epochs", 3000)
    grid = Grid(base, Axis("width", (100,)), Axis("lr", tuple(k / 100 for k in range(1, 65))), 1)
    assert all(validate_run(cell.config) == [] for cell in grid.cells)
    (violation,) = validate(grid)
    assert (violation.rule, violation.value) == ("run_work", work(grid))
    assert violation.value > violation.limits["max"] == MAX_RUN_WORK
    with pytest.raises(ConfigError, match="of all runs must be at most"):
        check(grid)
    assert validate(Grid(base, grid.x, Axis("lr", grid.y.values[:20]), 1)) == []


def test_an_axis_of_seeds_has_one_run_for_each_place() -> None:
    grid, violations = read("x=seed&xv=1~2&q=5")
    assert (violations, [cell.seed for cell in grid.cells]) == ([], [1, 2])
    assert [violation.rule for violation in validate(Grid(grid.base, grid.x, None, 2))] == ["seed_twice"]


def test_every_broken_rule_is_collected() -> None:
    grid = Grid(RunConfig(), Axis("lr", (0.0, "x")), Axis("lr", tuple(range(1, 40))), 2)
    assert {violation.rule for violation in validate(grid)} == {"number", "not_a_number", "same_axis", "runs"}
    assert [v.field for v in validate(Grid(replace_field(RunConfig(), "data.classes", 0), grid.x, None, 9))] == [
        "seeds",
        "data.classes",
    ]


# --- links ------------------------------------------------------------------------------------------------------------
def test_keys_of_the_base_run_are_those_of_the_spiral_page() -> None:
    assert {name: LAB.settings[name] for name in SETTINGS} == dict(SPIRAL.settings)
    assert len({*KEYS, "v", "lang", "play", "page"}) == len(KEYS) + 4
    assert read("h=8&k=20")[0].base == RunConfig.of(SPIRAL.parse("h=8&k=20")[0])


def test_keys_of_a_grid_never_change() -> None:
    names = ("x.axis", "x.values", "y.axis", "y.values", "seeds")
    assert [LAB.settings[name].key for name in names] == ["x", "xv", "y", "yv", "q"]
    assert [LAB.settings[name].default for name in names] == ["width", "", "none", "", 3]


@settings(max_examples=200, deadline=None)
@given(grids())
def test_every_grid_survives_a_link(grid: Grid) -> None:
    query = LAB.link(grid.values())
    assert read(query) == (grid, [])
    assert read(f"https://host/lab?{query}") == (grid, [])
    assert LAB.link(read(query)[0].values()) == query
    assert set(query) <= set(string.ascii_letters + string.digits + "-_.~=&")


@given(axes())
def test_values_may_be_typed_with_commas_and_spaces(axis: Axis) -> None:
    text = write_axis(axis)
    for separator in (",", ", ", " ", " , "):
        assert read_axis(axis.id, text.replace("~", separator)) == axis


hostile = st.one_of(
    st.text(max_size=60),
    st.text("0123456789~-., eE_x", max_size=60),
    st.sampled_from([*AXES, "none", "~", "1" * 1600, "1~" * 799, "1e999", "nan", "9" * 5000, "-1", "relu~relu"]),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*KEYS, "v", "zz"]), hostile | st.lists(hostile, max_size=2), max_size=8))
@example({"x": "lr", "xv": "1~" * 799, "y": "activation", "q": "5", "k": "10000", "h": "256-256-256", "b": "1"})
@example({"x": "lr", "xv": "1" * 1600})
def test_hostile_links_give_violations_and_never_exceptions(params: dict[str, Any]) -> None:
    found, violations = LAB.decode(params)
    grid = Grid.of(found)
    assert validate(grid) == []
    assert grid.n_runs <= MAX_RUNS
    for violation in violations:
        assert isinstance(violation.value, str)
        assert len(violation.value) <= 41
        assert str(violation).isprintable()
    assert LAB.decode(LAB.encode(grid.values())) == (grid.values(), [])
