"""Pictures of samples as PNGs, the mistakes of a model, and a drawing made like the data.

A picture is a tensor (side, side) of numbers from 0, no ink, to 1.
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

CANVAS: Final = 32  # cells along a side of the person's drawing
_LEVELS: Final = 15
_DRAWING = re.compile(rf"[0-9a-f]{{{CANVAS * CANVAS}}}")
_GAP: Final = 6  # pixels between pictures
_LINE: Final = 15  # pixels for a label


@lru_cache(maxsize=2)
def ink_palette(theme: Theme) -> bytes:
    """256 RGB triples from the background to the ink."""
    shares = np.linspace(0, 1, 256)[:, None]
    ramp = np.array(BACKGROUND[theme]) * (1 - shares) + np.array(INK[theme]) * shares
    return bytes(ramp.round().astype(np.uint8).tobytes())


def sheet(pictures: Tensor, labels: Sequence[str], *, columns: int, factor: int, theme: Theme, rows: int = 1) -> bytes:
    """One PNG of pictures (n, side, side) in reading order, a label of ASCII below each.

    Parameters
    ----------
    factor : pixels along the side of a cell. A thin frame shows where a picture ends.
    rows : of the sheet, at least, so that it can keep its size while pictures become fewer.
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
    # A ramp of grey levels is also one of palette indices, so the soft edges of letters come out right.
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=12)
    for (top, left), label in zip(corners, labels, strict=False):
        draw.text((left + (size + 2) / 2, top + size + 3), label, fill=255, font=font, anchor="ma")
    return png(np.asarray(image), ink_palette(theme))


@dataclass(frozen=True, slots=True)
class Mistakes:
    """``count`` of them in all; of the most confident ones their rows, predictions and the probabilities of these."""

    count: int
    rows: list[int]
    predicted: list[int]
    probability: list[float]


def mistakes(part: Subset, probabilities: Tensor, most: int) -> Mistakes:
    """Where the largest of ``probabilities`` (n, classes) is not the label's, the most confident first."""
    p, predicted = probabilities.max(1)
    rows = (predicted != part.y).nonzero().flatten()
    rows = rows[p[rows].sort(descending=True, stable=True).indices]
    shown = rows[:most]
    return Mistakes(len(rows), shown.tolist(), predicted[shown].tolist(), p[shown].tolist())


def pictures(images: Images, X: Tensor) -> Tensor:
    """Pixels (n, side²) as pictures (n, side, side)."""
    return (X.float() / images.levels).reshape(-1, images.side, images.side)


def moved(picture: Tensor, dx: int, dy: int) -> Tensor:
    """The picture moved right by ``dx`` and down by ``dy`` pixels; what leaves it is lost, what comes in is empty.

    >>> moved(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), 1, 0)
    tensor([[0., 1.],
            [0., 3.]])
    """
    side = len(picture)
    result = torch.zeros_like(picture)
    if max(abs(dx), abs(dy)) < side:
        to = (slice(max(dy, 0), side + min(dy, 0)), slice(max(dx, 0), side + min(dx, 0)))
        come = (slice(max(-dy, 0), side + min(-dy, 0)), slice(max(-dx, 0), side + min(-dx, 0)))
        result[to] = picture[come]
    return result


def read_drawing(text: object) -> Tensor | None:
    """A drawing (32, 32) as the browser sends it, one hexadecimal digit a cell; None if it is none, or is empty."""
    if not isinstance(text, str) or not _DRAWING.fullmatch(text) or not text.strip("0"):
        return None
    return torch.tensor([int(digit, 16) for digit in text]).reshape(CANVAS, CANVAS) / _LEVELS


def like_data(drawing: Tensor, side: int) -> Tensor:
    """A drawing cut out, its longer side stretched to the whole, centred, and averaged down to (side, side).

    So were the data made: the digits from bitmaps of 32 × 32 in blocks of 4 × 4, the clothes from photographs.
    """
    rows, columns = ((drawing > 0.2).any(1 - axis).nonzero().flatten() for axis in (0, 1))
    if not len(rows):
        return torch.zeros(side, side)
    cut = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    whole = side * max(1, CANVAS // side)  # a multiple of side, near the canvas
    longer = max(cut.shape)
    height, width = (max(1, round(whole * size / longer)) for size in cut.shape)
    scaled = F.interpolate(cut[None, None], size=(height, width), mode="bilinear", antialias=True)[0, 0]
    top, left = (whole - height) // 2, (whole - width) // 2
    full = F.pad(scaled, (left, whole - width - left, top, whole - height - top))
    return F.avg_pool2d(full[None], whole // side)[0].clamp(0, 1)
