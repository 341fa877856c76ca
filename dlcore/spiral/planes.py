"""The plane in which a layer is drawn, and the part of the plane that a picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]

_MARGIN: Final = 1.12  # half the side of a box, relative to that of the points
_LEAST: Final = 1e-6  # half the side of the smallest box: under zero weights all points coincide
_LARGEST: Final = 1e30  # a larger or infinite number is drawn as this one


def finite(values: Tensor) -> Array:
    """Return float64 numbers of which none is NaN or infinite."""
    array: Array = values.double().nan_to_num(0.0).clamp(-_LARGEST, _LARGEST).numpy()
    return array


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane in the space of a layer: ``origin`` (units,) and two orthonormal ``axes`` (units, 2).

    Of a layer with one unit the second axis is zero.
    """

    origin: Array
    axes: Array

    @property
    def exact(self) -> bool:
        """Return whether the plane is the whole space of the layer."""
        return len(self.origin) <= 2

    def project(self, h: Tensor) -> Array:
        """Return the coordinates (2, n) of h (units, n) in the plane, computed in the precision of h."""
        axes, origin = torch.from_numpy(self.axes).to(h), torch.from_numpy(self.origin).to(h)
        return finite(axes.t() @ (h - origin[:, None]))

    def share(self, h: Tensor) -> float:
        """Return the share of the variance of h (units, n) that the plane shows; 1 if there is no variance."""
        if self.exact:
            return 1.0
        total = float(finite(h).var(axis=1).sum())
        return min(1.0, float(self.project(h).var(axis=1).sum()) / total) if total > 0 else 1.0


def fit_plane(outputs: Tensor, before: Array) -> Plane:
    """Return the plane of the first two principal components of outputs (units, n), or the whole space of 1 or 2 units.

    Parameters
    ----------
    before : the picture (2, n) of the same points one layer earlier. The axes are turned to it: of all orthonormal
        axes of the plane they have the least sum of squared distances from it (orthogonal Procrustes).
    """
    h = finite(outputs)
    units = len(h)
    if units <= 2:
        return Plane(np.zeros(units), np.eye(units, 2))
    origin = h.mean(axis=1)
    centred = h - origin[:, None]
    # torch's eigh, which keeps to the one thread of a script run; the eigenvalues increase.
    axes = torch.linalg.eigh(torch.from_numpy(centred @ centred.T)).eigenvectors[:, -2:].numpy()
    u, _, vt = np.linalg.svd((before - before.mean(axis=1, keepdims=True)) @ (axes.T @ centred).T)
    return Plane(origin, axes @ (u @ vt).T)


class Box:
    """The square of a plane that a picture shows. It grows when points leave it, and never shrinks."""

    def __init__(self, points: Array) -> None:
        self._low, self._high = points.min(axis=1), points.max(axis=1)

    def hold(self, points: Array) -> None:
        """Grow the box until it holds points (2, n)."""
        self._low = np.minimum(self._low, points.min(axis=1))
        self._high = np.maximum(self._high, points.max(axis=1))

    @property
    def centre(self) -> Array:
        """Return the centre (2,)."""
        middle: Array = (self._low + self._high) / 2
        return middle

    @property
    def half(self) -> float:
        """Return half the side."""
        return float(max(_LEAST, _MARGIN * (self._high - self._low).max() / 2))
