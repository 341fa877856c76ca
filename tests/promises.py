"""The numbers that the things to try promise, as both languages write them."""

import re

from pages.ui.language import LANGUAGES, prose


def promised(lesson: str, task: int, *numbers: object) -> None:
    """Assert that a task (1, 2, 3) of a lesson names these numbers, or pieces of code, in every language."""
    for language in LANGUAGES:
        texts = re.split(r"(?m)^\d\. ", prose(language)[f"{lesson}/try"])
        for number in numbers:
            found = re.search(rf"(?<![\d.]){re.escape(str(number))}(?![\d]|\.\d)", texts[task])
            assert found, f"{number} is not in task {task} in {language}"
