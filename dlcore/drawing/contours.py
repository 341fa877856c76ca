"""Lines of equal value over a grid, by marching squares: each cell has a segment of each level that passes through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CORNERS: Final = ((0, 0), (0, 1), (1, 1), (1, 0))  # rows and columns, around a cell
# Pairs of sides of a cell; side i goes from corner i to the next. At a saddle all four sides are crossed: there only
# the first two pairs are joined, so that the corners (0, 1) and (1, 0) lie apart.
_PAIRS: Final = ((0, 1), (2, 3), (1, 2), (3, 0), (0, 2), (1, 3))


def contours(x: Floats, y: Floats, z: Floats, levels: Iterable[float]) -> Floats:
    """Return the lines as segments, rows of (level, x, y, x2, y2), with z interpolated along the sides of the cells.

    Parameters
    ----------
    x, y : the evenly spaced coordinates of the columns and rows of z (rows, columns).
    """
    found = [_segments(z, level) for level in levels]
    segments = np.concatenate(found) if found else np.empty((0, 5))
    for values, columns in ((x, [1, 3]), (y, [2, 4])):
        segments[:, columns] = values[0] + (values[1] - values[0]) * segments[:, columns]
    return segments


def _segments(z: Floats, level: float) -> Floats:
    """Return rows of (level, x, y, x2, y2) in columns and rows of the grid."""
    rows, columns = z.shape
    corner = [z[i : rows - 1 + i, j : columns - 1 + j] for i, j in _CORNERS]
    row, column = np.mgrid[: rows - 1, : columns - 1]
    crossed, points = [], []
    for side, (i, j) in enumerate(_CORNERS):
        i2, j2 = _CORNERS[(side + 1) % 4]
        a, b = corner[side], corner[(side + 1) % 4]
        crossed.append((a < level) != (b < level))
        share = (level - a) / np.where(a == b, 1, b - a)
        points.append((column + j + share * (j2 - j), row + i + share * (i2 - i)))
    at = np.array(points)  # (sides, 2, rows - 1, columns - 1)
    saddle = np.all(crossed, axis=0)
    lines = []
    for number, (first, second) in enumerate(_PAIRS):
        joined = crossed[first] & crossed[second] & (~saddle if number > 1 else True)
        ends = [*at[first][:, joined], *at[second][:, joined]]
        lines.append(np.column_stack([np.full(len(ends[0]), level), *ends]))
    return np.concatenate(lines)
