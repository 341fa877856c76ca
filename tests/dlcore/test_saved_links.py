"""Saved links: each keeps its meaning for ever, and is written again as it was.

``saved/links.json`` was written once, by the app of that time: for each page the defaults, and of some hundred links
what they say (what differs from the defaults), how the app wrote it again where that is another text, and what was
wrong with it: the rule, the setting, the settings put back at their defaults. Settings go by their short keys, since
their names may change. A link may be added; one that is there is never edited.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from dlcore.lessons import all_lessons
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Violation
from dlcore.spiral.config import SPIRAL

SAVED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "saved/links.json").read_text("utf-8"))
LESSONS = {lesson.id: lesson for lesson in (SPIRAL, *all_lessons())}


def read(page: str, link: str) -> tuple[dict[str, Any], str, list[list[Any]]]:
    """Return the values of a link by short key, the link written again, and its violations."""
    lesson = LESSONS[page]
    values, violations = lesson.decode(parse_qs(link, keep_blank_values=True))
    by_key = {setting.key: values[name] for name, setting in lesson.settings.items()}
    return plain(by_key), lesson.link(values), [said(violation, lesson) for violation in violations]


def plain(value: Any) -> Any:
    """Return a value as it is after JSON: tuples are lists."""
    return json.loads(json.dumps(value))


def said(violation: Violation, lesson: Lesson) -> list[Any]:
    def key(name: str) -> str:
        return lesson.settings[name].key if name in lesson.settings else name

    reset = [[key(name) for name in violation.limits["reset"]]] if "reset" in violation.limits else []
    return [violation.rule, key(violation.field), *reset]


def test_every_page_with_settings_has_saved_links() -> None:
    assert set(SAVED) == set(LESSONS)


@pytest.mark.parametrize("page", SAVED)
def test_the_defaults_are_what_they_were(page: str) -> None:
    values, written, wrong = read(page, "v=1")
    assert {key: values[key] for key in SAVED[page]["defaults"]} == SAVED[page]["defaults"]
    assert (written, wrong) == ("v=1", [])


@pytest.mark.parametrize("page", SAVED)
def test_a_saved_link_keeps_its_meaning(page: str) -> None:
    defaults = SAVED[page]["defaults"]
    for saved in SAVED[page]["links"]:
        values, written, wrong = read(page, saved["link"])
        expected = defaults | saved["says"]
        old = {key: values[key] for key in expected}  # a setting that came later was not in the link
        assert (old, written, wrong) == (expected, saved.get("written", saved["link"]), saved.get("wrong", [])), saved
        assert str(old) == str(expected), "1 and 1.0 are equal, and are written differently in programs"
