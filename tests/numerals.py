"""Parse numbers formatted by dlcore.drawing.formats."""

import re
from collections.abc import Iterable

_ASCII = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def read(text: str) -> float:
    """Return the number that :func:`dlcore.drawing.formats.text` wrote."""
    power = re.fullmatch("(.*?)·?10([⁻⁰¹²³⁴-⁹]+)", text)
    if not power:
        return float(text.translate(_ASCII))
    return float({"": "1", "−": "-1"}.get(power[1], power[1].translate(_ASCII)) + "e" + power[2].translate(_ASCII))


def read_all(texts: Iterable[str]) -> list[float]:
    """Return the numbers of a table's column."""
    return [read(text) for text in texts]
