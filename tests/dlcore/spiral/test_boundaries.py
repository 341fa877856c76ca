"""Straight boundaries: the two largest functions are equal on them, and nowhere else does the largest change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.spiral.boundaries import boundary_segments


@given(st.integers(2, 6), st.integers(0, 10**6), st.sampled_from([1e-6, 1.0, 1e6]))
def test_on_a_boundary_the_two_largest_functions_are_equal(classes: int, seed: int, size: float) -> None:
    random = np.random.default_rng(seed)
    slopes, offsets = size * random.standard_normal((classes, 2)), size * random.standard_normal(classes)
    centre, reach = random.standard_normal(2), 3.0
    segments = boundary_segments(slopes, offsets, centre, reach)
    inside = np.linspace(0, 1, 7)
    for start, end in segments.transpose(0, 2, 1):
        u = start[:, None] * (1 - inside) + end[:, None] * inside
        assert np.abs(u - centre[:, None]).max() <= reach * (1 + 1e-9)
        values = np.sort(slopes @ u + offsets[:, None], axis=0)
        assert values[-1] - values[-2] == pytest.approx(np.zeros(7), abs=1e-9 * size)
    # Where the largest function changes along a line, a segment crosses it.
    line = np.linspace(-reach, reach, 301)
    step = line[1] - line[0]
    for height in (-0.5, 0.7):
        u = centre[:, None] + np.stack([line, np.full_like(line, height)])
        best = (slopes @ u + offsets[:, None]).argmax(axis=0)
        for at in np.flatnonzero(best[1:] != best[:-1]):
            x, y = (u[:, at] + u[:, at + 1]) / 2
            assert min(_distance(segment, x, y) for segment in segments) <= step


def _distance(segment: np.ndarray, x: float, y: float) -> float:
    start, along = segment[:, 0], segment[:, 1] - segment[:, 0]
    s = np.clip(((np.array([x, y]) - start) @ along) / (along @ along), 0, 1)
    return float(np.linalg.norm(start + s * along - np.array([x, y])))


def test_functions_that_never_differ_have_no_boundary() -> None:
    assert boundary_segments(np.zeros((3, 2)), np.zeros(3), np.zeros(2), 1.0).shape == (0, 2, 2)
    assert boundary_segments(np.ones((2, 2)), np.array([0.0, 1.0]), np.zeros(2), 1.0).shape == (0, 2, 2)
