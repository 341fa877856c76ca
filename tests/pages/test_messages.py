"""Text from outside stands literally in a message, and violations are said in the reader's language."""

from collections.abc import Mapping
from typing import Any

import pytest

from dlcore.settings.errors import InputError
from dlcore.settings.rules import Violation
from dlcore.spiral.config import RunConfig, replace_field, validate
from pages.ui import messages


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(messages.st.session_state, "language", "en")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("abc", "`abc`"),
        ("`", "`'`"),
        ("a`b``c", "`a'b''c`"),
        ("` **bold** [x](http://y) <b>", "`' **bold** [x](http://y) <b>`"),
        ("a\n\n# b\t c", "`a # b c`"),
        ("x" * 60, f"`{'x' * 60}`"),
        ("x" * 61, f"`{'x' * 59}…`"),
        (0.5, "`0.5`"),
        (None, "`None`"),
    ],
)
def test_text_from_outside_cannot_leave_its_code_quotes(value: object, shown: str) -> None:
    assert messages.plain(value) == shown
    assert messages.plain(value).count("`") == 2
    assert "\n" not in messages.plain(value)


@pytest.mark.parametrize("value", ["", "  ", "\n\t"])
def test_nothing_is_said_in_words(value: str) -> None:
    assert "`" not in messages.plain(value)
    assert messages.plain(value) == messages.t("problem.nothing") != "problem.nothing"


def described(name: str, value: Any) -> str:
    (violation,) = validate(replace_field(RunConfig(), name, value))
    return messages.describe(violation)


@pytest.mark.parametrize(
    ("name", "value", "parts"),
    [
        ("data.points", 5001, ("10", "5,000", "`5,001`")),
        ("data.noise", 1.5, ("0", "1", "`1.5`")),
        ("model.hidden", (1, 999), ("6", "256", "`1-999`")),
        ("training.optimizer", "a`dam", ("adam, adamw", "`a'dam`")),
        ("training.epochs", True, ("1", "10,000", "`True`")),
    ],
)
def test_a_violation_names_its_field_its_rule_and_the_value(name: str, value: Any, parts: tuple[str, ...]) -> None:
    text = described(name, value)
    assert messages.t(f"setting.{name}") in text
    assert [part for part in parts if part not in text] == []


def test_a_field_that_is_none_of_ours_is_shown_as_it_came() -> None:
    assert messages.field_name("<b>`x`") == "`<b>'x'`"
    assert messages.field_name("data.noise") == messages.t("setting.data.noise") != "setting.data.noise"


def test_what_was_reset_is_said_after_the_rule() -> None:
    limits: Mapping[str, Any] = {"max": 1000, "reset": ("data.points", "training.batch")}
    text = messages.describe(Violation("model.hidden", "epoch_work", 12345, limits, ""))
    assert "`12,345`" in text
    assert "1,000" in text
    assert text.index("1,000") < text.index(", ".join(map(messages.field_name, limits["reset"])))


def test_what_a_file_holds_is_quoted_and_numbers_are_not() -> None:
    class TableError(InputError):
        WORDS = "table"
        RULES: Mapping[str, str] = {"not_numeric": "{row} {column} {value}"}

    text = messages.describe_error(TableError("not_numeric", row=1234, column="a`b", value="`x"))
    assert "`a'b`" in text
    assert "`'x`" in text
    assert "1,234" in text


@pytest.mark.parametrize(("count", "lines"), [(0, 0), (1, 1), (10, 10), (11, 11), (14, 11)])
def test_ten_violations_are_listed_and_the_others_counted(
    count: int, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(messages.st, "warning", lambda text, icon: shown.append(text))
    many = [Violation("data.noise", "number", float(i), {"min": 0, "max": 1}, "") for i in range(2, count + 2)]
    messages.show(many, kept="problem.kept")
    if not count:
        assert not shown
        return
    head, *items = shown[0].split("\n")
    assert head == messages.t("problem.kept")
    assert len(items) == lines
    if count > 10:
        assert items[-1] == "- " + messages.t("problem.more", count=count - 10)
