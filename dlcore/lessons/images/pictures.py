"""Pictures of samples as PNGs, the mistakes of a model, and hand-made drawings prepared like the data.

A picture is a tensor (side, side) of numbers from 0 (no ink) to 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn import functional as F

from dlcore.drawing.image import enlarge, png
from dlcore.drawing.palette import BACKGROUND, INK, Theme
from dlcore.images.data import Images, Subset

CANVAS: Final = 32  # cells along a side of a drawing
_LEVELS: Final = 15  # of a drawing's cell with full ink
_DRAWING = re.compile(rf"[0-9a-f]{{{CANVAS * CANVAS}}}")
_GAP: Final = 6  # pixels between pictures
_LINE: Final = 15  # pixels for a label


@lru_cache(maxsize=2)
def ink_palette(theme: Theme) -> bytes:
    """Return 256 RGB triples from the background to the ink."""
    shares = np.linspace(0, 1, 256)[:, None]
    ramp = np.array(BACKGROUND[theme]) * (1 - shares) + np.array(INK[theme]) * shares
    return bytes(ramp.round().astype(np.uint8).tobytes())


def sheet(pictures: Tensor, labels: Sequence[str], *, columns: int, factor: int, theme: Theme, rows: int = 1) -> bytes:
    """Return one PNG of pictures (n, side, side) in reading order, each in a thin frame with an ASCII label below.

    Parameters
    ----------
    factor : pixels along the side of a cell.
    rows : minimum number of rows; the sheet keeps its size while there are fewer pictures.
    """
    n, side, _ = pictures.shape
    levels = (pictures.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    size = side * factor
    wide, high = size + 2 + _GAP, size + 2 + _LINE + _GAP
    rows = max(rows, -(-n // columns))
    canvas = np.zeros((rows * high + _GAP, columns * wide + _GAP), dtype=np.uint8)
    corners = [(_GAP + i // columns * high, _GAP + i % columns * wide) for i in range(n)]
    for (top, left), level in zip(corners, levels, strict=True):
        frame = canvas[top : top + size + 2, left : left + size + 2]
        frame[:] = 48
        frame[1:-1, 1:-1] = enlarge(level, factor)
    image = Image.fromarray(canvas)
    # The palette is a ramp too, so the anti-aliased edges of letters come out right.
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=12)
    for (top, left), label in zip(corners, labels, strict=False):
        draw.text((left + (size + 2) / 2, top + size + 3), label, fill=255, font=font, anchor="ma")
    return png(np.asarray(image), ink_palette(theme))


@dataclass(frozen=True, slots=True)
class Mistakes:
    """``count`` of all mistakes; rows, predicted classes and their probabilities of the most confident ones."""

    count: int
    rows: list[int]
    predicted: list[int]
    probability: list[float]


def mistakes(subset: Subset, probabilities: Tensor, limit: int) -> Mistakes:
    """Return the mistakes of ``probabilities`` (n, classes) on ``subset``, the ``limit`` most confident ones first."""
    p, predicted = probabilities.max(1)
    rows = (predicted != subset.y).nonzero().flatten()
    rows = rows[p[rows].sort(descending=True, stable=True).indices]
    shown = rows[:limit]
    return Mistakes(len(rows), shown.tolist(), predicted[shown].tolist(), p[shown].tolist())


def to_pictures(images: Images, X: Tensor) -> Tensor:
    """Return pixels (n, side²) as pictures (n, side, side)."""
    return (X.float() / images.levels).reshape(-1, images.side, images.side)


def moved(picture: Tensor, dx: int, dy: int) -> Tensor:
    """Return the picture moved right by ``dx`` and down by ``dy`` pixels; pixels that come in are empty.

    >>> moved(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), 1, 0)
    tensor([[0., 1.],
            [0., 3.]])
    """
    side = len(picture)
    result = torch.zeros_like(picture)
    if max(abs(dx), abs(dy)) < side:
        target = (slice(max(dy, 0), side + min(dy, 0)), slice(max(dx, 0), side + min(dx, 0)))
        source = (slice(max(-dy, 0), side + min(-dy, 0)), slice(max(-dx, 0), side + min(-dx, 0)))
        result[target] = picture[source]
    return result


def read_drawing(text: object) -> Tensor | None:
    """Parse a drawing (32, 32) from one hexadecimal digit a cell; return None if the text is invalid or blank."""
    if not isinstance(text, str) or not _DRAWING.fullmatch(text) or not text.strip("0"):
        return None
    return torch.tensor([int(digit, 16) for digit in text]).reshape(CANVAS, CANVAS) / _LEVELS


def like_data(drawing: Tensor, side: int) -> Tensor:
    """Crop a drawing, scale its longer side to the whole width, centre it and average it down to (side, side).

    The data were made like this: the digits from bitmaps of 32 × 32 in blocks of 4 × 4, the clothes from photographs.
    """
    rows, columns = ((drawing > 0.2).any(1 - axis).nonzero().flatten() for axis in (0, 1))
    if not len(rows):
        return torch.zeros(side, side)
    cropped = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    full_side = side * max(1, CANVAS // side)  # a multiple of side, near the canvas
    longer = max(cropped.shape)
    height, width = (max(1, round(full_side * size / longer)) for size in cropped.shape)
    scaled = F.interpolate(cropped[None, None], size=(height, width), mode="bilinear", antialias=True)[0, 0]
    top, left = (full_side - height) // 2, (full_side - width) // 2
    padded = F.pad(scaled, (left, full_side - width - left, top, full_side - height - top))
    return F.avg_pool2d(padded[None], full_side // side)[0].clamp(0, 1)
