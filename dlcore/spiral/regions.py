"""Decision regions as small indexed PNGs: probabilities on a grid, shades, boundary line, points.

Rows of a grid run from top to bottom, so that an array is the picture: row 0 is the largest x2.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlcore.drawing.image import Indices, enlarge, png
from dlcore.drawing.palette import (
    BOUNDARY,
    OUTLINE,
    POINT,
    SHADES,
    TEST_OUTLINE,
    Theme,
    region_palette,
)
from dlcore.spiral import features
from dlcore.spiral.data import Dataset
from dlcore.spiral.training import Trainer

_MARGIN: Final = 1.08  # of the plane around the outermost point


def limit(dataset: Dataset) -> float:
    """Half the side of the square around 0 that is drawn: all points with a margin, rounded up to a tenth."""
    largest = float(dataset.X.abs().max()) if len(dataset.X) else 1.0
    return math.ceil(max(largest, 1.0) * _MARGIN * 10) / 10


def ticks(half: float) -> list[float]:
    """Round coordinates within [−half, half] to write on an axis, five to nine of them.

    >>> ticks(1.1)
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    step = next(step for power in range(-1, 40) for mark in (1, 2, 5) if half / (step := mark * 10.0**power) < 5)
    reach = math.floor(half / step)
    return [i * step for i in range(-reach, reach + 1)]


@lru_cache(maxsize=16)
def grid(half: float, size: int, names: tuple[str, ...]) -> Tensor:
    """Inputs (size², features) of the centres of size × size cells over the square [−half, half]²."""
    centres = (torch.arange(size) + 0.5) * (2 * half / size) - half
    x2, x1 = torch.meshgrid(centres.flip(0), centres, indexing="ij")
    return features.expand(torch.stack([x1.flatten(), x2.flatten()], dim=1), names)


def probabilities(trainer: Trainer, inputs: Tensor) -> NDArray[np.float32]:
    """Class probabilities (classes, n) of ``inputs`` (n, features)."""
    logits = trainer.logits(inputs).t()  # (classes, n)
    result: NDArray[np.float32] = torch.softmax(logits.float(), dim=0).cpu().numpy()
    return result


def shade(p: NDArray[np.float32], size: int, *, hard: bool = False) -> Indices:
    """Palette indices (size, size) of probabilities (classes, size²): hue is the class, strength its confidence.

    Confidence runs from 1 / classes, a shrug, to 1. ``hard`` gives every cell its class's full colour.
    """
    best = p.argmax(axis=0)
    if hard:
        level: NDArray[np.float32] | int = SHADES - 1
    else:
        floor = 1 / len(p)
        level = (p.max(axis=0) - floor) * ((SHADES - 1) / (1 - floor)) + 0.5
        # NaN, of weights beyond float32, is no confidence; its cast would be undefined
        level = np.nan_to_num(level, nan=0.0)
    indices: Indices = (best * SHADES + np.asarray(level).astype(np.intp)).astype(np.uint8).reshape(size, size)
    return indices


def draw_boundary(indices: Indices) -> None:
    """Mark in place the pixels at which the class changes to the right or below."""
    classes = indices // SHADES
    across = classes[:, 1:] != classes[:, :-1]
    down = classes[1:] != classes[:-1]
    indices[:, :-1][across] = BOUNDARY
    indices[:-1][down] = BOUNDARY


class Points:
    """Points to be painted into images of one size: their pixels are found once, a frame only writes them.

    ``test`` points have an outline in ink, training points one in the background's colour.
    """

    def __init__(self, train: Dataset, test: Dataset, *, half: float, pixels: int) -> None:
        n = len(train.y) + len(test.y)
        # Discs shrink as they become many, from 1.1 % of the picture's width.
        radius = pixels * max(0.0035, 0.011 * min(1.0, (150 / max(n, 1)) ** 0.4))
        parts = [
            *self._discs(train, OUTLINE, radius, half, pixels),
            *self._discs(test, TEST_OUTLINE, radius, half, pixels),
        ]
        self._at = np.concatenate([at for at, _ in parts]) if parts else np.empty(0, np.intp)
        self._colour = np.concatenate([colour for _, colour in parts]) if parts else np.empty(0, np.uint8)

    @staticmethod
    def _discs(
        part: Dataset, outline: int, radius: float, half: float, pixels: int
    ) -> list[tuple[NDArray[np.intp], Indices]]:
        if not len(part.y):
            return []
        scale = pixels / (2 * half)
        column = (part.X[:, 0].numpy() + half) * scale
        row = (half - part.X[:, 1].numpy()) * scale
        reach = math.ceil(radius + 1)
        # Point by point, so that a later one lies whole on an earlier one.
        dy, dx = (d.flatten() for d in np.mgrid[-reach : reach + 1, -reach : reach + 1])
        distance = np.hypot(dx, dy)
        within = distance <= radius + 1
        dy, dx, ring = dy[within], dx[within], distance[within] > radius
        if radius < 2:  # too small to have a rim
            dy, dx, ring = dy[~ring], dx[~ring], ring[~ring]
        y = np.round(row[:, None] + dy).astype(np.intp)  # (points, pixels of a disc)
        x = np.round(column[:, None] + dx).astype(np.intp)
        colour = np.where(ring, outline, POINT + part.y.numpy()[:, None]).astype(np.uint8)
        inside = (y >= 0) & (y < pixels) & (x >= 0) & (x < pixels)
        return [((y * pixels + x)[inside], colour[inside])]

    def paint(self, indices: Indices) -> None:
        """Write the points into an image in place."""
        indices.reshape(-1)[self._at] = self._colour


def region(
    trainer: Trainer,
    *,
    half: float,
    names: tuple[str, ...],
    size: int,
    factor: int = 1,
    theme: Theme = "light",
    hard: bool = False,
    points: Points | None = None,
) -> bytes:
    """The decision regions of a network as a PNG of (size · factor)² pixels.

    Parameters
    ----------
    half : half the side of the square, as of :func:`limit`.
    names : the input features, as of the config.
    size : cells along a side, at each of which the network is asked.
    factor : pixels along the side of a cell.
    points : painted on top; made for images of ``size · factor`` pixels.
    """
    indices = enlarge(shade(probabilities(trainer, grid(half, size, names)), size, hard=hard), factor)
    draw_boundary(indices)
    if points:
        points.paint(indices)
    return png(indices, region_palette(theme))
