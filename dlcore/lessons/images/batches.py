"""Batches of torch's DataLoader, and the time it takes to draw them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from dlcore.images.data import Images

MAX_TIMED: Final = 2000  # samples of a timed epoch


def loader(images: Images, batch_size: int, seed: int) -> DataLoader[tuple[Tensor, ...]]:
    """Return a loader of the training samples that shuffles by a random stream of its own."""
    dataset = TensorDataset(images.train.X, images.train.y)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


def first_batch(images: Images, batch_size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return the pixels (n, side²) and labels (n,) of the loader's first batch."""
    X, y = next(iter(loader(images, batch_size, seed)))
    return X, y


@dataclass(frozen=True, slots=True)
class EpochTimes:
    """Milliseconds of an epoch over ``samples`` samples: by the loader, and by indexing with shuffled rows."""

    samples: int
    loader: float
    indexed: float


def measure_epochs(images: Images, batch_size: int) -> EpochTimes:
    """Measure an epoch of each kind, without training, over at most :data:`MAX_TIMED` samples."""
    images = images.limited(MAX_TIMED)
    start = time.perf_counter()
    for _ in loader(images, batch_size, 0):
        pass
    middle = time.perf_counter()
    for rows in torch.split(torch.randperm(len(images.train), generator=torch.Generator().manual_seed(0)), batch_size):
        images.train.X[rows], images.train.y[rows]
    end = time.perf_counter()
    return EpochTimes(len(images.train), 1000 * (middle - start), 1000 * (end - middle))
