"""Principal planes against numpy, and the direction of their axes."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcore.spiral.planes import fit_plane


@given(st.integers(3, 9), st.integers(0, 10**6))
def test_the_plane_is_numpys_principal_plane(units: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    h = np.diag(0.5 ** np.arange(units)) @ random.standard_normal((units, 40)) + random.standard_normal((units, 1))
    before = random.standard_normal((2, 40))
    plane = fit_plane(torch.from_numpy(h), before)
    centred = h - h.mean(axis=1, keepdims=True)
    u, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    assert plane.axes @ plane.axes.T == pytest.approx(u[:, :2] @ u[:, :2].T, abs=1e-6)
    assert plane.axes.T @ plane.axes == pytest.approx(np.eye(2))
    share = (sizes[:2] ** 2).sum() / (sizes**2).sum()
    assert plane.share(torch.from_numpy(h)) == pytest.approx(share)
    # No turned or mirrored axes of the plane bring the picture nearer to the one before.
    picture, before = plane.project(torch.from_numpy(h)), before - before.mean(axis=1, keepdims=True)
    distance = ((picture - before) ** 2).sum()
    for angle in np.linspace(0, 2 * np.pi, 25):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for axes in (turn, turn @ np.diag([1, -1])):
            assert ((axes @ picture - before) ** 2).sum() >= distance - 1e-6


def test_two_units_are_shown_as_they_are() -> None:
    for units in (1, 2):
        h = torch.randn(units, 20, generator=torch.Generator().manual_seed(1)) + 3
        plane = fit_plane(h, np.zeros((2, 20)))
        assert plane.exact
        assert plane.share(h) == 1
        assert plane.project(h)[:units] == pytest.approx(h.numpy())
