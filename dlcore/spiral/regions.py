"""Decision regions as small indexed PNGs: logits on a grid, shades, boundary line, points.

The region of a regression is a map of its output in colours, on a scale that is the same for all networks and targets.

The network predicts the centres of cells, and its logits are interpolated to the pixels: the boundary of a picture is a
smooth line, although its cells are several pixels wide.
Row 0 of an image or grid is the top row, which has the largest x2.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlcore.drawing.image import Indices, png
from dlcore.drawing.markers import distances
from dlcore.drawing.palette import (
    BOUNDARY,
    OUTLINE,
    POINT,
    SHADES,
    TEST_OUTLINE,
    VALUE_LEVELS,
    Theme,
    region_palette,
    value_palette,
)
from dlcore.spiral import features
from dlcore.spiral.data import Dataset


class Predictor(Protocol):
    """What predicts the logits (n, classes) of samples (n, features): a network, an engine, a plain loop."""

    def logits(self, X: Tensor) -> Tensor: ...


VALUE_REACH: Final = 1.0  # the value of the last colours; all targets without noise lie between −1 and 1

_MARGIN: Final = 1.08  # half the side of the square, relative to the largest coordinate


def limit(dataset: Dataset) -> float:
    """Return half the side of the drawn square around 0: it holds all points with a margin, rounded up to a tenth."""
    largest = float(dataset.X.abs().max()) if len(dataset.X) else 1.0
    return math.ceil(max(largest, 1.0) * _MARGIN * 10) / 10


def ticks(half: float) -> list[float]:
    """Return five to nine round coordinates within [−half, half] for the marks of an axis.

    >>> ticks(1.1)
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    step = next(step for power in range(-1, 40) for mark in (1, 2, 5) if half / (step := mark * 10.0**power) < 5)
    reach = math.floor(half / step)
    return [i * step for i in range(-reach, reach + 1)]


@lru_cache(maxsize=16)
def grid(half: float, size: int, names: tuple[str, ...]) -> Tensor:
    """Return the features (size², features) of the centres of size × size cells over the square [−half, half]²."""
    centres = (torch.arange(size) + 0.5) * (2 * half / size) - half
    x2, x1 = torch.meshgrid(centres.flip(0), centres, indexing="ij")
    return features.expand(torch.stack([x1.flatten(), x2.flatten()], dim=1), names)


def pixel_logits(network: Predictor, inputs: Tensor, size: int, factor: int = 1) -> Tensor:
    """Return the logits (classes, pixels, pixels) of ``inputs`` (size², features), with size · factor pixels a side.

    They are interpolated bilinearly between the centres of the cells, and constant beyond the outermost centres.
    """
    logits = network.logits(inputs).t().float().cpu().reshape(-1, size, size)
    if factor == 1:
        return logits
    return nn.functional.interpolate(logits[None], scale_factor=factor, mode="bilinear", align_corners=False)[0]


def shade(logits: Tensor, *, hard: bool = False) -> Indices:
    """Return the palette indices (rows, columns) of logits (classes, rows, columns).

    The hue is the predicted class, the strength its probability, from 1 / classes to 1; full strength if ``hard``.
    """
    largest, best = logits.max(0)
    indices = best.to(torch.uint8).mul_(SHADES)
    if hard:
        return indices.add_(SHADES - 1).numpy()
    floor = 1 / len(logits)
    p = (logits - largest).exp_().sum(0).reciprocal_()  # of the predicted class
    level = p.sub_(floor).mul_((SHADES - 1) / (1 - floor)).add_(0.5)
    # NaN, from weights that overflow float32, is drawn as the weakest shade; casting it would be undefined
    return indices.add_(level.nan_to_num_(0.0).to(torch.uint8)).numpy()


def value_levels(values: Tensor) -> Indices:
    """Return the palette indices of values of any shape: the levels from −VALUE_REACH to VALUE_REACH; NaN is 0."""
    middle = VALUE_LEVELS // 2
    levels = (values / VALUE_REACH).nan_to_num(0.0).clamp(-1, 1).mul_(middle).add_(middle).round_()
    return levels.to(torch.uint8).numpy()


def draw_boundary(indices: Indices, classes: NDArray[Any] | None = None) -> None:
    """Mark in place the pixels whose right or lower neighbour has another class, by default that of its shade."""
    classes = indices // SHADES if classes is None else classes
    across = classes[:, 1:] != classes[:, :-1]
    down = classes[1:] != classes[:-1]
    indices[:, :-1][across] = BOUNDARY
    indices[:-1][down] = BOUNDARY


class Points:
    """The pixels of points in images of one size, computed once and painted into every frame.

    Each class has a shape; in a regression all points are discs in the colour of their target. ``test`` points have a
    dark outline, training points one in the background's colour.
    """

    def __init__(self, train: Dataset, test: Dataset, *, half: float, pixels: int) -> None:
        n = len(train.y) + len(test.y)
        # The radius is 1.1 % of the picture's width, less if there are many points.
        radius = pixels * max(0.0035, 0.011 * min(1.0, (150 / max(n, 1)) ** 0.4))
        discs = [
            self._markers(subset, outline, radius, half, pixels)
            for subset, outline in ((train, OUTLINE), (test, TEST_OUTLINE))
            if len(subset.y)
        ]
        self._pixels = np.concatenate([np.empty(0, np.intp), *(index for index, _ in discs)])
        self._colours = np.concatenate([np.empty(0, np.uint8), *(colour for _, colour in discs)])

    @staticmethod
    def _markers(
        subset: Dataset, outline: int, radius: float, half: float, pixels: int
    ) -> tuple[NDArray[np.intp], Indices]:
        """Return the flat indices and the palette indices of the pixels of markers around the points."""
        scale = pixels / (2 * half)
        column = (subset.X[:, 0].numpy() + half) * scale
        row = (half - subset.X[:, 1].numpy()) * scale
        reach = math.ceil(1.6 * radius + 2)  # of a triangle's tip and its outline
        # The pixels are ordered point by point, so that a later marker covers an earlier one.
        dy, dx = (d.flatten() for d in np.mgrid[-reach : reach + 1, -reach : reach + 1])
        distance = distances(dx, dy, radius)  # (classes, pixels)
        shape = distance <= (radius + 1 if radius >= 2 else radius)  # a small one has no outline
        used = shape.any(axis=0)
        dy, dx, shape, ring = dy[used], dx[used], shape[:, used], distance[:, used] > radius
        label = np.zeros(len(subset.y), np.intp) if subset.regression else subset.y.numpy()
        fill = value_levels(subset.y[:, 0]) if subset.regression else POINT + label
        y = np.round(row[:, None] + dy).astype(np.intp)  # (points, pixels of a marker)
        x = np.round(column[:, None] + dx).astype(np.intp)
        colour = np.where(ring[label], outline, fill[:, None]).astype(np.uint8)
        inside = shape[label] & (y >= 0) & (y < pixels) & (x >= 0) & (x < pixels)
        return (y * pixels + x)[inside], colour[inside]

    def paint(self, indices: Indices) -> None:
        """Paint the points into an image in place."""
        indices.reshape(-1)[self._pixels] = self._colours


def region(
    network: Predictor,
    *,
    half: float,
    names: tuple[str, ...],
    size: int,
    factor: int = 1,
    theme: Theme = "light",
    hard: bool = False,
    points: Points | None = None,
) -> bytes:
    """Return the decision regions of a network as a PNG of (size · factor)² pixels.

    Of a network with one output it is the map of the output, with the line on which it is 0.

    Parameters
    ----------
    half : half the side of the square, as :func:`limit` returns it.
    names : the input features, ids of ``config.FEATURES``.
    size : cells along a side; the network predicts the centre of each.
    factor : pixels along the side of a cell; the logits are interpolated to them.
    points : points to paint on top, made for images of ``size · factor`` pixels.
    """
    logits = pixel_logits(network, grid(half, size, names), size, factor)
    regression = len(logits) == 1
    if regression:
        indices = value_levels(logits[0])
        draw_boundary(indices, (logits[0] > 0).numpy())
    else:
        indices = shade(logits, hard=hard)
        draw_boundary(indices)
    if points:
        points.paint(indices)
    return png(indices, value_palette(theme) if regression else region_palette(theme))
