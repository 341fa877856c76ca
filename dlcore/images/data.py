"""Data sets of small images: scikit-learn's digits, and Fashion-MNIST once it is downloaded.

>>> data = digits()
>>> data.side, tuple(data.train.X.shape), tuple(data.test.X.shape)
(8, (1437, 64), (360, 64))
>>> data.inputs(data.train.X[:2]).shape, data.inputs(data.train.X[:2]).dtype
(torch.Size([2, 64]), torch.float64)
"""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import torch
from sklearn.datasets import load_digits
from torch import Tensor

from dlcore.images import download

CLASSES: Final = 10
DIGITS_TEST: Final = 360  # a fifth of the 1797
MEASURED: Final = 2000  # max. samples of each subset on which losses, accuracies and confusions are measured


@dataclass(frozen=True, slots=True, eq=False)
class Subset:
    """Samples of a data set: pixels X (n, side²) as uint8 and labels y (n,) as int64."""

    X: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def first(self, n: int) -> Subset:
        """Return the first ``n`` samples, or all if there are fewer, without copying."""
        return Subset(self.X[:n], self.y[:n])


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """A data set of square images in ten classes.

    ``levels`` is the pixel value of full ink. ``dtype`` is the dtype of the computation: float64 where that is cheap,
    so that two programs with another order of operations still print the same.
    """

    name: str
    train: Subset
    test: Subset
    side: int
    levels: int
    dtype: torch.dtype

    def inputs(self, X: Tensor) -> Tensor:
        """Return the inputs of the first layer for pixels (n, side²): numbers from 0 to 1, of the same shape."""
        return X.to(self.dtype) / self.levels

    def limited(self, n: int) -> Images:
        """Return the data set with its first ``n`` training samples only."""
        return replace(self, train=self.train.first(n))


@lru_cache(maxsize=1)
def digits() -> Images:
    """Return 1797 handwritten digits of 8 × 8 pixels, in a fixed random order; the last fifth is the test subset."""
    bunch = load_digits()
    order = torch.randperm(len(bunch.target), generator=torch.Generator().manual_seed(0))
    X = torch.from_numpy(bunch.data).to(torch.uint8)[order]
    y = torch.from_numpy(bunch.target).long()[order]
    n = len(y) - DIGITS_TEST
    return Images("digits", Subset(X[:n], y[:n]), Subset(X[n:], y[n:]), 8, 16, torch.float64)


@lru_cache(maxsize=1)
def fashion(folder: Path) -> Images:
    """Return 70,000 images of clothing of 28 × 28 pixels from the files in ``folder``; 55 MB, cached.

    Raises
    ------
    DownloadError : the MD5 sum of a file is wrong; the file is removed, to be downloaded again.
    OSError : a file is missing.
    """
    X_train, y_train, X_test, y_test = (
        read_idx(gzip.decompress(download.read(file, folder))) for file in download.FASHION
    )
    side = X_train.shape[1]
    train = Subset(X_train.reshape(len(X_train), -1), y_train.long())
    test = Subset(X_test.reshape(len(X_test), -1), y_test.long())
    return Images("fashion", train, test, side, 255, torch.float32)


def read_idx(content: bytes) -> Tensor:
    """Parse an array of unsigned bytes in the IDX format of http://yann.lecun.com/exdb/mnist/.

    Raise ValueError if the content is not of this format.

    >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]))
    tensor([7, 8, 9], dtype=torch.uint8)
    """
    zero, kind, dimensions = struct.unpack_from(">HBB", content)
    if zero or kind != 8:
        raise ValueError(f"an IDX file of bytes must begin with 0, 0, 8, got {list(content[:3])}")
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=4 + 4 * dimensions).reshape(shape)
