"""The network as a diagram: a map of every unit over the plane, and the weights between the units.

Of a wide layer a page of units is shown, those with the largest outgoing weights first. What changes from frame to
frame is small: one PNG with all maps side by side, and the weights as half-precision numbers. The browser draws it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dlcore.drawing.image import COMPRESSION, data_url
from dlcore.drawing.palette import Theme, diverging_palette
from dlcore.network.passes import Network, with_ones
from dlcore.spiral import regions

CELLS: Final = 28  # along a side of a map
LEVELS: Final = 15  # shades of a map, an odd number: the middle one is 0. They fit 4 bits a pixel
MOST: Final = 12  # units of a layer that are shown at once


@dataclass(frozen=True, slots=True)
class Column:
    """The shown units of the input features or of a layer.

    Attributes
    ----------
    size : the number of all its units.
    units : the indices of the shown ones, in growing order.
    """

    size: int
    units: tuple[int, ...]


def columns(network: Network, pages: Sequence[int] = ()) -> list[Column]:
    """Return the columns of the diagram: the features, each layer, and last the classes.

    Parameters
    ----------
    pages : the page of each hidden layer, from 0. Page 0 has the ``MOST`` units with the largest outgoing weights, by
        their Euclidean norm, page 1 the next ones, and so on; a page beyond the last is the last.
    """
    shown = [Column(network.sizes[0], tuple(range(network.sizes[0])))]
    for layer, size in enumerate(network.sizes[1:-1]):
        page = min(pages[layer] if layer < len(pages) else 0, (size - 1) // MOST)
        order = network.W[layer + 1][:, :-1].norm(dim=0).nan_to_num().argsort(descending=True, stable=True)
        shown.append(Column(size, tuple(sorted(order[page * MOST : (page + 1) * MOST].tolist()))))
    return [*shown, Column(network.sizes[-1], tuple(range(network.sizes[-1])))]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a frame of the diagram needs.

    Attributes
    ----------
    maps : a PNG with a row of maps, those of the first column first; blue is positive, orange negative.
    scales : of each column the absolute value of its darkest shade.
    weights : of each layer the weights between the shown units and, in the last column, their biases:
        (units, units before + 1) in float16.
    """

    maps: bytes
    scales: list[float]
    weights: list[Tensor]

    def message(self) -> dict[str, object]:
        """Return the picture as JSON: the PNG as a data URL, the weights as one base64 string."""
        flat = torch.cat([w.flatten() for w in self.weights]).numpy().astype("<f2")
        return {"maps": data_url(self.maps), "weights": base64.b64encode(flat.tobytes()).decode("ascii")}


def picture(network: Network, shown: list[Column], *, half: float, names: tuple[str, ...], theme: Theme) -> Picture:
    """Return the maps and weights of the shown units of a network on the square [−half, half]².

    Parameters
    ----------
    names : the input features, ids of ``config.FEATURES``.
    """
    X = with_ones(regions.grid(half, CELLS, names).to(network.theta))
    values = [X[:-1], *(output.a for output in network.outputs(X))]
    maps = [value[list(column.units)] for value, column in zip(values, shown, strict=True)]
    scales = [float(value.abs().max()) for value in maps]
    weights = [
        w[list(after.units)][:, [*before.units, -1]].half().cpu()
        for w, before, after in zip(network.W, shown, shown[1:], strict=False)
    ]
    return Picture(_sprite(maps, scales, theme), scales, weights)


def _sprite(maps: list[Tensor], scales: list[float], theme: Theme) -> bytes:
    """Return maps (units, cells) of each column, relative to its scale, side by side as a PNG of 4 bits a pixel."""
    middle = LEVELS // 2
    levels = torch.cat([map / (scale or 1.0) for map, scale in zip(maps, scales, strict=True)])
    levels = levels.nan_to_num(0.0).mul_(middle).add_(middle).round_().clamp_(0, LEVELS - 1).to(torch.uint8).cpu()
    row = levels.reshape(-1, CELLS, CELLS).permute(1, 0, 2).reshape(CELLS, -1).numpy()
    image = Image.fromarray(np.ascontiguousarray(row))
    colours = np.frombuffer(diverging_palette(theme), np.uint8).reshape(256, 3)
    image.putpalette(colours[np.linspace(0, 255, LEVELS).round().astype(int)].tobytes())
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", bits=4, compress_level=COMPRESSION)
    return buffer.getvalue()
