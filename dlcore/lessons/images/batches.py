"""Batches as torch's loader makes them, and the time it takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from dlcore.images.data import Images

TIMED: Final = 2000  # samples of a timed pass, at most


def loader(images: Images, batch: int, seed: int) -> DataLoader[tuple[Tensor, ...]]:
    """A loader that shuffles by a random stream of its own, over the training pixels."""
    dataset = TensorDataset(images.train.X, images.train.y)
    return DataLoader(dataset, batch_size=batch, shuffle=True, generator=torch.Generator().manual_seed(seed))


def first_batch(images: Images, batch: int, seed: int) -> tuple[Tensor, Tensor]:
    """Pixels (n, side²) and labels (n,) that the loader gives first."""
    X, y = next(iter(loader(images, batch, seed)))
    return X, y


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds for ``samples`` samples in batches: by the loader, and by indexing with shuffled rows."""

    samples: int
    loader: float
    indexed: float


def pass_times(images: Images, batch: int) -> Times:
    """Measure one pass of each kind, over at most :data:`TIMED` samples."""
    images = images.limited(TIMED)
    began = time.perf_counter()
    for _ in loader(images, batch, 0):
        pass
    between = time.perf_counter()
    for rows in torch.split(torch.randperm(len(images.train), generator=torch.Generator().manual_seed(0)), batch):
        images.train.X[rows], images.train.y[rows]
    ended = time.perf_counter()
    return Times(len(images.train), 1000 * (between - began), 1000 * (ended - between))
