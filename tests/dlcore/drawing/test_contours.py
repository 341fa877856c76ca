"""Lines of equal value: their ends lie on the grid, where the interpolated value is the level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.drawing.contours import contours

X, Y = np.linspace(-2, 2, 41), np.linspace(-1, 3, 33)


def test_circles_are_round_and_closed() -> None:
    z = np.hypot(X[None], Y[:, None])
    found = contours(X, Y, z, [0.53, 0.91])
    for level in (0.53, 0.91):
        ends = found[found[:, 0] == level][:, 1:].reshape(-1, 2)
        assert np.hypot(*ends.T) == pytest.approx(level, abs=0.01)
        keys, counts = np.unique(ends.round(9), axis=0, return_counts=True)
        assert (counts == 2).all(), "every end is that of the next segment"
        lengths = np.hypot(*(found[found[:, 0] == level][:, 3:] - found[found[:, 0] == level][:, 1:3]).T)
        assert lengths.sum() == pytest.approx(2 * np.pi * level, rel=0.01)
        assert len(keys) > 20


def test_a_slope_has_straight_lines_across_the_grid() -> None:
    found = contours(X, Y, np.broadcast_to(X, (len(Y), len(X))) * 2 + 1, [0.25])
    assert found[:, [1, 3]] == pytest.approx((0.25 - 1) / 2)
    assert abs(found[:, 4] - found[:, 2]).sum() == pytest.approx(4.0)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=5), st.sampled_from([2.5, 4.0])
)
def test_each_end_lies_on_a_side_at_the_level_and_is_shared(rows: list[list[int]], level: float) -> None:
    z = np.array(rows, dtype=float)
    height, width = z.shape
    found = contours(np.arange(width), np.arange(height), z, [level])
    ends = found[:, 1:].reshape(-1, 2)
    for x, y in ends:
        i, j = min(int(y), height - 2), min(int(x), width - 2)
        assert x == round(x) or y == round(y)
        top, bottom = ((1 - (x - j)) * z[k, j] + (x - j) * z[k, j + 1] for k in (i, i + 1))
        assert (1 - (y - i)) * top + (y - i) * bottom == pytest.approx(level)
    # On every inner side with an end two cells meet. A level that is a corner's value may bring ends of others there.
    if level == 2.5:
        inner = [(x, y) for x, y in ends.round(9) if 0 < x < width - 1 and 0 < y < height - 1]
        assert all(inner.count(end) == 2 for end in inner)
        sides = (z[:, 1:] < level) != (z[:, :-1] < level), (z[1:] < level) != (z[:-1] < level)
        assert len({tuple(end) for end in ends.round(9)}) == sum(int(side.sum()) for side in sides)


def test_no_level_and_no_crossing_give_no_segment() -> None:
    z = np.ones((len(Y), len(X)))
    assert contours(X, Y, z, []).shape == (0, 5)
    assert contours(X, Y, z, [1.0, 2.0]).shape == (0, 5)
