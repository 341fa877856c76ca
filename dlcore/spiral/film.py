"""A short film of a run that learns: its decision regions at growing distances, as one animated PNG."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from PIL import Image

from dlcore.drawing.image import COMPRESSION
from dlcore.drawing.palette import Theme
from dlcore.spiral import regions
from dlcore.spiral.training import Run

FRAMES: Final = 20
FRAME_MS: Final = 160
LAST_MS: Final = 4000  # the trained network stays in sight before the film begins again


def epochs(total: int) -> list[int]:
    """Return up to ``FRAMES`` growing epochs from 0 to ``total``, closer together at the start, where most changes.

    >>> epochs(1000)[:4], epochs(1000)[-2:]
    ([0, 3, 11, 25], [898, 1000])
    """
    return sorted({round(total * (i / (FRAMES - 1)) ** 2) for i in range(FRAMES)})


def record(run: Run, advance: Callable[[int], None], theme: Theme, *, size: int, factor: int) -> tuple[bytes, bytes]:
    """Train a run from the present epoch to its end; return the animated PNG, and its last frame as a PNG.

    Parameters
    ----------
    advance : advances the run to an epoch.
    size, factor : cells along a side, and pixels along a side of a cell, as for :func:`regions.region`.
    """
    prepared = run.prepared
    half = max(map(regions.limit, (prepared.train, prepared.test)))
    points = regions.Points(prepared.train, prepared.test, half=half, pixels=size * factor)
    images: list[Image.Image] = []
    last = b""
    for epoch in epochs(run.config.training.epochs):
        advance(epoch)
        last = regions.region(
            run.engine,
            half=half,
            names=run.config.data.features,
            size=size,
            factor=factor,
            theme=theme,
            points=points,
        )
        images.append(Image.open(io.BytesIO(last)))
    film = io.BytesIO()
    images[0].save(
        film,
        format="PNG",
        save_all=True,
        append_images=images[1:],
        duration=[FRAME_MS] * (len(images) - 1) + [LAST_MS],
        loop=0,
        compress_level=COMPRESSION,
    )
    return film.getvalue(), last
