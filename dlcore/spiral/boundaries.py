"""Where the largest of several linear functions of the plane changes: the straight boundaries of a last layer."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np

from dlcore.spiral.planes import Array

_TINY: Final = 1e-12  # of numbers of the size of 1; a smaller one is a rounding error of 0
_SIDES: Final = np.vstack([np.eye(2), -np.eye(2)])  # normals of the four sides of the square


def boundary_segments(slopes: Array, offsets: Array, centre: Array, reach: float) -> Array:
    """Return the segments on which the two largest of several linear functions are equal.

    Parameters
    ----------
    slopes, offsets : the functions ``slopes @ u + offsets`` of u (2,); shapes (classes, 2) and (classes,).
    centre, reach : the square in which the segments lie: its centre (2,) and half its side.

    Returns
    -------
    Array of shape (segments, 2, 2): coordinates × ends of each.
    """
    # In coordinates of the square from −1 to 1, and of the size of 1, so that a tolerance has a meaning.
    functions = np.column_stack([slopes * reach, slopes @ centre + offsets])
    functions = functions / (np.abs(functions).max() or 1.0)
    segments = []
    for i, j in combinations(range(len(functions)), 2):
        *normal, gap = functions[i] - functions[j]
        length = float(np.hypot(*normal))
        if length < _TINY:
            continue  # equal everywhere or nowhere
        along = np.array([-normal[1], normal[0]]) / length
        foot = -gap / length**2 * np.array(normal)
        # On the line foot + s · along each of these is a condition: (rates @ along) · s + rates @ foot + values >= 0.
        above = functions[i] - np.delete(functions, (i, j), axis=0)
        rates, values = np.vstack([above[:, :2], _SIDES]), np.append(above[:, 2], np.ones(4))
        low, high = _interval(rates @ along, rates @ foot + values)
        if low < high:
            segments.append(np.column_stack([foot + low * along, foot + high * along]))
    return centre[:, None] + reach * np.array(segments).reshape(-1, 2, 2)


def _interval(rates: Array, values: Array) -> tuple[float, float]:
    """Return the ends of the interval of s with ``rates · s + values >= 0``; the first is not the smaller if empty."""
    flat = np.abs(rates) < _TINY
    if (values[flat] < -_TINY).any():
        return 0.0, 0.0
    at, rising = -values[~flat] / rates[~flat], rates[~flat] > 0
    return float(at[rising].max(initial=-np.inf)), float(at[~rising].min(initial=np.inf))
