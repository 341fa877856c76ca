"""Classes for people with red-green colour blindness, simulated.

The matrices are those of Machado, Oliveira & Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15 (2009), severity 1.0, for linear RGB.
"""

from itertools import combinations

import numpy as np
import pytest

from dlcore.drawing.curves import TEST_COLOUR, TRAIN_COLOUR
from dlcore.drawing.markers import SHAPES
from dlcore.drawing.palette import CLASS_COLOURS

SEEN_BY = {
    "all": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
CLEAR = 20  # CIE 1976 colour difference of small marks that nobody confuses


def lab(colour: tuple[int, int, int], matrix: object) -> np.ndarray:
    """Return a colour in CIE L*a*b*, as it is seen through the matrix."""
    rgb = np.array(colour) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(matrix) @ linear, 0, 1) / TO_XYZ.sum(1)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def confused(who: str) -> set[tuple[int, int]]:
    seen = [lab(colour, SEEN_BY[who]) for colour in CLASS_COLOURS]
    return {(a, b) for a, b in combinations(range(len(seen)), 2) if np.linalg.norm(seen[a] - seen[b]) < CLEAR}


@pytest.mark.parametrize("who", SEEN_BY)
def test_classes_whose_colours_are_confused_have_other_shapes(who: str) -> None:
    assert len(SHAPES) == len(CLASS_COLOURS)
    assert all(SHAPES[a] != SHAPES[b] for a, b in confused(who))
    assert bool(confused(who)) == (who != "all"), "the colours alone do not do it, or this test needs no shapes"


@pytest.mark.parametrize("who", SEEN_BY)
def test_train_and_test_curves_are_told_apart(who: str) -> None:
    train, test = (lab(tuple(bytes.fromhex(c[1:])), SEEN_BY[who]) for c in (TRAIN_COLOUR, TEST_COLOUR))
    assert np.linalg.norm(train - test) >= CLEAR
