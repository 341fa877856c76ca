"""Text from outside is shown literally in messages; violations are described in the reader's language."""

from collections.abc import Mapping
from typing import Any

import pytest

from dlcore.settings.errors import InputError
from dlcore.settings.rules import Violation
from dlcore.spiral.config import SPIRAL, RunConfig, replace_field, validate
from pages.ui import messages
from pages.ui.lesson import State

label = State(SPIRAL, SPIRAL.defaults()).label


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
def test_an_empty_value_is_described_in_words(value: str) -> None:
    assert "`" not in messages.plain(value)
    assert messages.plain(value) == messages.t("problem.nothing") != "problem.nothing"


def described(name: str, value: Any) -> str:
    (violation,) = validate(replace_field(RunConfig(), name, value))
    return messages.describe(violation, label)


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
def test_a_violation_names_its_field_rule_and_value(name: str, value: Any, parts: tuple[str, ...]) -> None:
    text = described(name, value)
    assert messages.t(f"spiral.setting.{name}") in text
    assert [part for part in parts if part not in text] == []


def test_an_unknown_field_is_shown_in_code_quotes() -> None:
    assert label("<b>`x`") == "`<b>'x'`"
    assert label("data.noise") == messages.t("spiral.setting.data.noise") != "spiral.setting.data.noise"


def test_reset_settings_are_named_after_the_rule() -> None:
    limits: Mapping[str, Any] = {"max": 1000, "reset": ("data.points", "training.batch_size")}
    text = messages.describe(Violation("model.hidden", "epoch_work", 12345, limits, ""), label)
    assert "`12,345`" in text
    assert "1,000" in text
    assert text.index("1,000") < text.index(", ".join(map(label, limits["reset"])))


def test_text_of_a_file_is_quoted_and_numbers_are_not() -> None:
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
    messages.show(many, instead="problem.refused", name=label)
    if not count:
        assert not shown
        return
    head, *items = shown[0].split("\n")
    assert head == messages.t("problem.refused")
    assert len(items) == lines
    if count > 10:
        assert items[-1] == "- " + messages.t("problem.more", count=count - 10)
