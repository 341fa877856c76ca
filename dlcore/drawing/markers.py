"""Marker shapes of the classes, the same in charts and in the picture of the regions.

With the colours alone, people with red-green colour blindness would confuse some classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]  # offsets from a marker's centre, to the right and down
Distance = Callable[[Pixels, Pixels, float], Pixels]


def _triangle(along: Pixels, across: Pixels, r: float) -> Pixels:
    """Return the distance of an equilateral triangle that points against ``along``."""
    nearest: Pixels = np.maximum(along, np.sqrt(0.75) * np.abs(across) - along / 2)
    return nearest + 0.222 * r


def _cross(dx: Pixels, dy: Pixels, r: float) -> Pixels:
    far, near = np.maximum(np.abs(dx), np.abs(dy)), np.minimum(np.abs(dx), np.abs(dy))
    nearest: Pixels = np.maximum(far - 1.189 * r, near - 0.396 * r)
    return nearest + r


# By Vega's name of the shape, in the order of the classes: a function that is r along the shape's border and grows by 1
# a pixel across it. The shape has the area of a disc of radius r.
DISTANCES: Final[dict[str, Distance]] = {
    "circle": lambda dx, dy, r: np.hypot(dx, dy),
    "square": lambda dx, dy, r: np.maximum(np.abs(dx), np.abs(dy)) + 0.114 * r,
    "triangle-up": lambda dx, dy, r: _triangle(dy, dx, r),
    "diamond": lambda dx, dy, r: (np.abs(dx) + np.abs(dy)) / np.sqrt(2) + 0.114 * r,
    "cross": _cross,
    "triangle-down": lambda dx, dy, r: _triangle(-dy, dx, r),
    "triangle-right": lambda dx, dy, r: _triangle(-dx, dy, r),
    "triangle-left": lambda dx, dy, r: _triangle(dx, dy, r),
}
SHAPES: Final = tuple(DISTANCES)


def distances(dx: Pixels, dy: Pixels, r: float) -> Pixels:
    """Return the distance of every shape (shapes, pixels): at most ``r`` inside it, up to ``r + 1`` in its outline."""
    return np.stack([distance(dx, dy, r) for distance in DISTANCES.values()])
