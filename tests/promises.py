"""The numbers that the things to try promise, as both languages write them."""

import re

from pages.ui.language import LANGUAGES, prose


def task(lesson: str, number: int, language: str) -> str:
    """Return the text of a task (1, 2, 3) of a lesson."""
    return re.split(r"(?m)^\d\. ", prose(language)[f"{lesson}/try"])[number]


def promised(lesson: str, number: int, *values: object) -> None:
    """Assert that a task (1, 2, 3) of a lesson names these numbers, or pieces of code, in every language."""
    for language in LANGUAGES:
        text = task(lesson, number, language)
        for value in values:
            found = re.search(rf"(?<![\d.]){re.escape(str(value))}(?![\d]|\.\d)", text)
            assert found, f"{value} is not in task {number} in {language}"
