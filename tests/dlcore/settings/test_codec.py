"""Encoding and decoding of settings: round trips, and arbitrary input that never raises."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import values

from dlcore.settings import codec
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Grid, Number, OneOf, Points, Setting, Sizes, Some, Text

LESSON = Lesson(
    "any",
    Setting("count", "c", Number(0, 10, 1, integer=True), 5),
    Setting("rate", "r", Number(-1.0, 1.0, 0.1), 0.5),
    Setting("kind", "k", OneOf(("a", "b")), "a"),
    Setting("steps", "s", Some(("x", "y", "z"), min_items=0), ("x",)),
    Setting("on", "o", Flag(), False),
    Setting("shape", "h", Sizes(4, 0, 9), (2, 3)),
    Setting("matrix", "m", Grid(3, 3, 100.0), ((1.0, 0.0), (0.0, 1.0))),
    Setting("drawn", "d", Points(3), ()),
    Setting("text", "t", Text(300, max_lines=4), "x"),
)


@given(st.fixed_dictionaries({name: values(setting.rule) for name, setting in LESSON.settings.items()}))
def test_encoded_settings_decode_to_the_same_values(chosen: dict[str, Any]) -> None:
    assert LESSON.decode(LESSON.encode(chosen)) == (chosen, [])


def test_defaults_are_not_encoded() -> None:
    assert LESSON.encode(LESSON.defaults()) == {"v": "1"}


def test_a_shape_may_be_typed_with_commas() -> None:
    assert LESSON.decode({"h": "4,5"}) == (LESSON.defaults() | {"shape": (4, 5)}, [])
    assert LESSON.encode(LESSON.defaults() | {"shape": (4, 5)})["h"] == "4-5"


def test_text_may_be_long_and_have_several_lines() -> None:
    text = "a = 1\n" * 3 + "b" * 280
    assert LESSON.decode({"t": text})[0]["text"] == text
    assert LESSON.decode({"t": "b" * 301})[1][0].rule == "too_long"


@pytest.mark.parametrize(
    ("key", "text", "rule"),
    [
        ("h", "2-x", "sizes"),
        ("h", "10", "sizes"),
        ("h", "1-1-1-1-1", "sizes"),
        ("m", "1_2__3", "grid"),
        ("m", "1_nan", "grid"),
        ("m", "101", "grid"),
        ("m", "", "grid"),
        ("d", "AAAAA", "points"),
        ("d", "____", "points"),
        ("d", "AAAA" * 4, "points"),
        ("d", "AAAA" * 7, "too_long"),
        ("d", "", "points"),
        ("t", "a\x07", "text"),
        ("t", "\n" * 4, "text"),
        ("s", "x-x", "some"),
        ("r", "nan", "not_a_number"),
    ],
)
def test_an_invalid_parameter_gets_its_default(key: str, text: str, rule: str) -> None:
    found, violations = LESSON.decode({key: text})
    assert found == LESSON.defaults()
    assert [violation.rule for violation in violations] == [rule]


@given(st.dictionaries(st.sampled_from([*"crksohmdt", "q", "v"]), st.text() | st.lists(st.text()) | st.integers()))
def test_arbitrary_parameters_never_raise(params: dict[str, Any]) -> None:
    found, violations = LESSON.decode(params)
    assert all(setting.rule.allows(found[name]) for name, setting in LESSON.settings.items())
    assert all(
        len(str(violation.value)) <= codec.SHOWN_CHARACTERS + 1 or violation.rule == "repeated"
        for violation in violations
    )
