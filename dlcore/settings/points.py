"""Labelled points of the plane as compact text: four characters a point.

Each coordinate is a multiple of 0.01 within ±1. Class, x1 and x2 together are one whole number, written with four
digits of base 64, so that a link can hold some hundred points.

>>> text = pack([(0.25, -0.5, 0), (-1.0, 1.0, 7)])
>>> text, unpack(text)
('AGJXBFF_', ((0.25, -0.5, 0), (-1.0, 1.0, 7)))
>>> unpack("7777") is None
True
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from typing import Final

Point = tuple[float, float, int]  # x1, x2, class

STEPS: Final = 100  # of a coordinate between 0 and 1
MAX_CLASSES: Final = 8
CHARACTERS: Final = 4  # a point
# All of them unreserved in RFC 3986, so that a link never has to encode them.
_DIGITS: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_SIDE: Final = 2 * STEPS + 1  # number of values of a coordinate


def pack(points: Iterable[Point]) -> str:
    """Return the text of points."""
    return "".join(map(_digits, points))


def unpack(text: str) -> tuple[Point, ...] | None:
    """Return the points of a text, or None if it is not such a text."""
    if len(text) % CHARACTERS or not set(text) <= set(_DIGITS):
        return None
    points = [_point(text[i : i + CHARACTERS]) for i in range(0, len(text), CHARACTERS)]
    return tuple(points) if all(label < MAX_CLASSES for _, _, label in points) else None


def is_point(value: object) -> bool:
    """Return whether a value is a point whose text reads back as the same point."""
    match value:
        case (float(x1), float(x2), int(label)) if isinstance(value, tuple) and type(label) is int:
            exact = all(abs(x) <= 1 and x == round(x * STEPS) / STEPS for x in (x1, x2))
            return exact and 0 <= label < MAX_CLASSES
    return False


def _digits(point: Point) -> str:
    x1, x2, label = point
    number = (label * _SIDE + round(x1 * STEPS) + STEPS) * _SIDE + round(x2 * STEPS) + STEPS
    return "".join(_DIGITS[number >> shift & 63] for shift in (18, 12, 6, 0))


def _point(digits: str) -> Point:
    number = 0
    for digit in digits:
        number = 64 * number + _DIGITS.index(digit)
    rest, x2 = divmod(number, _SIDE)
    label, x1 = divmod(rest, _SIDE)
    return (x1 - STEPS) / STEPS, (x2 - STEPS) / STEPS, label
