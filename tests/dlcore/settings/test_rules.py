"""The limits of every rule, and its messages."""

import math

import pytest

from dlcore.settings.rules import (
    ConfigError,
    Flag,
    Grid,
    LayerSizes,
    Number,
    OneOf,
    Points,
    Rule,
    Setting,
    Sizes,
    Some,
    Text,
    broken_rule,
    resized,
)

NAN, INF = math.nan, math.inf

# rule, valid values, invalid values, message
RULES: dict[str, tuple[Rule, list[object], list[object], str]] = {
    "whole number": (
        Number(2, 8, 1, integer=True),
        [2, 5, 8],
        [1, 9, 2.0, 2.5, True, "3", None, NAN, INF, (3,)],
        "must be a whole number between 2 and 8",
    ),
    "number": (
        Number(0.0, 0.9, 0.05),
        [0.0, 0, 0.9, 0.123456789],
        [-1e-12, 0.9 + 1e-9, 1, NAN, INF, -INF, "0.5", None, True, False],
        "must be a number between 0 and 0.9",
    ),
    "one of": (OneOf(("adam", "sgd")), ["adam", "sgd"], ["", "Adam", "ada", None, 0], "must be one of adam, sgd"),
    "some": (
        Some(("a", "b", "c")),
        [("a",), ("c", "a"), ("a", "b", "c")],
        [(), ("a", "a"), ("a", "d"), ["a"], "a", None],
        "must be 1 or more of a, b, c, each once",
    ),
    "some or none": (Some(("a", "b"), min_items=0), [(), ("b",)], [("c",)], "must be 0 or more of a, b, each once"),
    "some, two": (Some(("a", "b"), min_items=2), [("b", "a")], [("b",)], "must be 2 or more of a, b, each once"),
    "widths": (
        LayerSizes(3, 2, 16),
        [(), (2,), (16, 2, 9)],
        [(1,), (17,), (4, 4, 4, 4), (4.0,), (True,), [4], 4, ("4",)],
        "must be at most 3 layers of 2 to 16 units",
    ),
    "widths from one": (
        LayerSizes(1, 1, 2),
        [(1,), (2,)],
        [(True,), (0,), (1, 1)],
        "must be at most 1 layers of 1 to 2 units",
    ),
    "flag": (Flag(), [True, False], [0, 1, "true", None], "must be true or false"),
    "sizes": (
        Sizes(3, 0, 9),
        [(), (0,), (9, 1, 0)],
        [(-1,), (10,), (1, 1, 1, 1), (1.0,), (True,), [1], 1],
        "must be 0 to 3 sizes of 0 to 9",
    ),
    "sizes, two at least": (
        Sizes(3, 1, 9, min_dims=2),
        [(1, 9), (1, 1, 1)],
        [(), (5,), (1, 0), (1, 1, 1, 1)],
        "must be 2 to 3 sizes of 1 to 9",
    ),
    "grid": (
        Grid(2, 3, 10.0),
        [((0.0,),), ((10.0, -10.0, 1.0), (1.0, 2.0, 3.0))],
        [
            (),
            ((),),
            ((1.0,),) * 3,
            ((1.0,) * 4,),
            ((1.0, 2.0), (1.0,)),
            ((1.0,), (1.0, 2.0)),
            ((10.5,),),
            ((-10.5,),),
            ((NAN,),),
            ((INF,),),
            ((1,),),
            ([1.0],),
            [(1.0,)],
            1.0,
        ],
        "must be at most 2 rows of 3 numbers within ±10, all equally long",
    ),
    "grid, as large as they come": (
        Grid(1, 1),
        [((1e6,),), ((-1e6,),)],
        [((1.000001e6,),)],
        "must be at most 1 rows of 1 numbers within ±1e+06, all equally long",
    ),
    "points": (
        Points(2),
        [(), ((0.25, -1.0, 7), (0.25, -1.0, 7))],
        [((0.0, 0.0, 0),) * 3, ((0.0, 0.0, 8),), ((0.001, 0.0, 0),), ((1.01, 0.0, 0),), [(0.0, 0.0, 0)], "AAAA", None],
        "must be at most 2 points, each of four characters of a link",
    ),
    "text": (
        Text(5, max_lines=2),
        ["", "abcde", "a\nb", "x² 张"],
        ["abcdef", "a\nb\nc", "\x07", "a\tb", "\u200b", b"a", None],
        "must be at most 5 printable characters in 2 lines",
    ),
    "text of a line": (Text(3), ["abc"], ["a\nb", "abcd"], "must be at most 3 printable characters in 1 lines"),
}


@pytest.mark.parametrize(("rule", "allowed", "refused", "said"), RULES.values(), ids=RULES)
def test_limits_and_message_of_a_rule(rule, allowed, refused, said):
    assert [value for value in allowed if not rule.allows(value)] == []
    assert [value for value in refused if rule.allows(value)] == []
    assert str(rule) == said


def test_every_rule_is_tested():
    assert {type(rule) for rule, *_ in RULES.values()} == set(Rule.__args__)
    ids = [rule.id for rule in {type(rule): rule for rule, *_ in RULES.values()}.values()]
    assert sorted(ids) == ["flag", "grid", "number", "one_of", "points", "sizes", "some", "text", "widths"]


@pytest.mark.parametrize(
    ("rows", "columns", "grid"),
    [
        (None, None, ((1.0, 2.0), (3.0, 4.0))),
        (1, None, ((1.0, 2.0),)),
        (None, 1, ((1.0,), (3.0,))),
        (3, 3, ((1.0, 2.0, 9.0), (3.0, 4.0, 9.0), (9.0, 9.0, 9.0))),
        (1, 3, ((1.0, 2.0, 9.0),)),
        (3, 1, ((1.0,), (3.0,), (9.0,))),
    ],
)
def test_a_grid_is_cut_or_filled_up(rows, columns, grid):
    assert resized(((1.0, 2.0), (3.0, 4.0)), rows, columns, fill=9.0) == grid


def test_a_violation_has_the_limits_and_the_value():
    setting = Setting("data.points", "n", Number(10, 5000, 10, integer=True, log=True, unit="points"), 1000)
    found = broken_rule(setting, 7)
    assert (found.field, found.rule, found.value) == ("data.points", "number", 7)
    assert found.limits == {"min": 10, "max": 5000, "step": 10, "integer": True, "log": True, "unit": "points"}
    assert str(found) == found.text == "data.points must be a whole number between 10 and 5000, got 7"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a" * 58, repr("a" * 58)),  # 60 characters with its quotes
        ("a" * 59, "'" + "a" * 56 + "…"),
        (10**100, "1" + "0" * 56 + "…"),
        (10**100 + 1, "a number of thousands of digits"),
        (-(10**5000), "a number of thousands of digits"),  # too long for Python to print
    ],
    ids=["60 characters", "61", "101 digits", "more", "more than Python writes"],
)
def test_a_value_is_shortened_to_sixty_characters(value, shown):
    assert broken_rule(Setting("kind", "k", OneOf(("a",)), "a"), value).text == f"kind must be one of a, got {shown}"


def test_an_error_has_every_violation():
    rule = Setting("kind", "k", OneOf(("a",)), "a")
    broken = [broken_rule(rule, "b"), broken_rule(rule, "c")]
    error = ConfigError(broken)
    assert error.violations == broken
    assert str(error) == "kind must be one of a, got 'b'; kind must be one of a, got 'c'"
