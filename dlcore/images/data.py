"""Small pictures to be classified: the digits that scikit-learn brings, and Fashion-MNIST once it was fetched.

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
MEASURED: Final = 2000  # samples of each part, at most, on which losses, accuracies and confusions are taken


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Pixels X (n, side²) as uint8 and labels y (n,) as int64."""

    X: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def first(self, n: int) -> Part:
        """The first ``n`` samples, or all if there are fewer; no pixel is copied."""
        return Part(self.X[:n], self.y[:n])


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """A data set of square pictures in ten classes.

    ``levels`` is the pixel of full ink. ``dtype`` is what is computed with: double precision where that costs
    nothing, so that two programs that do the same in another order still agree on what they print.
    """

    name: str
    train: Part
    test: Part
    side: int
    levels: int
    dtype: torch.dtype

    def inputs(self, X: Tensor) -> Tensor:
        """What the first layer sees of pixels (n, side²): numbers from 0 to 1."""
        return X.to(self.dtype) / self.levels

    def limited(self, n: int) -> Images:
        """With the first ``n`` training samples only."""
        return replace(self, train=self.train.first(n))


@lru_cache(maxsize=1)
def digits() -> Images:
    """1797 handwritten digits of 8 × 8 pixels, in a fixed random order; the last fifth is for testing."""
    bunch = load_digits()
    order = torch.randperm(len(bunch.target), generator=torch.Generator().manual_seed(0))
    X = torch.from_numpy(bunch.data).to(torch.uint8)[order]
    y = torch.from_numpy(bunch.target).long()[order]
    n = len(y) - DIGITS_TEST
    return Images("digits", Part(X[:n], y[:n]), Part(X[n:], y[n:]), 8, 16, torch.float64)


@lru_cache(maxsize=1)
def fashion(folder: Path) -> Images:
    """70,000 pieces of clothing of 28 × 28 pixels from the files in ``folder``; 55 MB, kept once for all.

    Raises
    ------
    DownloadError : a file is not what it should be; it is removed, to be fetched again.
    OSError : a file is not there.
    """
    X_train, y_train, X_test, y_test = (
        read_idx(gzip.decompress(download.read(file, folder))) for file in download.FASHION
    )
    side = X_train.shape[1]
    train = Part(X_train.reshape(len(X_train), -1), y_train.long())
    test = Part(X_test.reshape(len(X_test), -1), y_test.long())
    return Images("fashion", train, test, side, 255, torch.float32)


def read_idx(content: bytes) -> Tensor:
    """An array of unsigned bytes in the IDX format of http://yann.lecun.com/exdb/mnist/.

    >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]))
    tensor([7, 8, 9], dtype=torch.uint8)
    """
    zero, kind, dimensions = struct.unpack_from(">HBB", content)
    if zero or kind != 8:
        raise ValueError(f"an IDX file of bytes must begin with 0, 0, 8, got {list(content[:3])}")
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=4 + 4 * dimensions).reshape(shape)
