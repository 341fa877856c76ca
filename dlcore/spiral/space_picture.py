"""The picture of the sheet at a depth, as a small indexed PNG."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from dlcore.drawing.image import Indices, png
from dlcore.drawing.palette import CLASS_COLOURS, INK_SHADE, INK_SHADES, OUTLINE, SHADES, Theme, sheet_palette
from dlcore.spiral.data import Dataset
from dlcore.spiral.regions import Points
from dlcore.spiral.space import Frame

# What is drawn, by number; the larger number is on top. A line of the sheet has the number of its class, from 1 on.
_AXIS: Final = len(CLASS_COLOURS) + 1
_BOUNDARY: Final = _AXIS + 1
_LEVELS: Final = (3, 6, 9, 12)  # shade of a class colour, by how many of a pixel's four parts belong to a line
_FAR: Final = 3.0  # from the picture's edge, in half its sides: what is drawn further out is moved there


def picture(frame: Frame, y: Tensor, *, pixels: int, smooth: bool = False, theme: Theme = "light") -> bytes:
    """Return the picture of a frame as a PNG of ``pixels`` × ``pixels``.

    The lines of the sheet have the colour of the class that the network predicts there, the points that of their class
    and its shape, the boundaries that of the ink.

    Parameters
    ----------
    y : the classes of the points, as :attr:`Sheet.y` has them.
    smooth : whether lines have smooth edges, which makes the PNG larger by half and takes three times as long.
    """
    indices = _smooth(_lines(frame, 2 * pixels, 2)) if smooth else _INDICES[-1][_lines(frame, pixels, 1)]
    at = torch.from_numpy(frame.points.T)  # (points, 2)
    Points(Dataset(at, y, 0), Dataset(at[:0], y[:0], 0), half=1.0, pixels=pixels).paint(indices)
    return png(indices, sheet_palette(theme))


def _palette_indices() -> Indices:
    """Return the palette index of each (parts of a pixel that belong to lines, what is drawn)."""
    table = np.full((INK_SHADES + 1, _BOUNDARY + 1), OUTLINE, np.uint8)  # the colour of the background
    for parts, level in enumerate(_LEVELS, 1):
        table[parts, 1:_AXIS] = np.arange(len(CLASS_COLOURS)) * SHADES + level
        table[parts, _AXIS] = table[parts, _AXIS - 1]  # grey
        table[parts, _BOUNDARY] = INK_SHADE + parts - 1
    return table


_INDICES: Final = _palette_indices()


def _lines(frame: Frame, side: int, width: int) -> Indices:
    """Return what is drawn in each pixel, (side, side); 0 is nothing."""
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)

    def line(x: NDArray[np.float64], y: NDArray[np.float64], number: int, width: int) -> None:
        at = np.stack([1 + x, 1 - y], axis=1).clip(-_FAR, 2 + _FAR) * side / 2
        draw.line(at.ravel().tolist(), fill=number, width=width)

    if frame.axes:
        across = np.array([-1.0, 1.0])
        line(np.full(2, frame.axes[0]), across, _AXIS, width)
        line(across, np.full(2, frame.axes[1]), _AXIS, width)
    for x, y, classes in zip(*frame.lines, frame.classes, strict=True):
        changes = np.flatnonzero(np.diff(classes)) + 1
        for start, end in pairwise([0, *changes.tolist(), len(classes)]):
            line(x[start : end + 1], y[start : end + 1], 1 + int(classes[start]), width)
    for x, y in frame.boundaries:
        line(x, y, _BOUNDARY, 2 * width)
    drawn: Indices = np.asarray(image)
    return drawn


def _smooth(drawn: Indices) -> Indices:
    """Return the palette indices of a picture of half the side: each pixel is mixed from four."""
    quarters = drawn[::2, ::2], drawn[::2, 1::2], drawn[1::2, ::2], drawn[1::2, 1::2]
    parts, top = np.zeros_like(quarters[0]), np.zeros_like(quarters[0])
    for quarter in quarters:
        parts += quarter > 0
        np.maximum(top, quarter, out=top)
    return _INDICES[parts, top]
