"""Points in the plane with a class or a number each: the course's spiral and other shapes, and their split in three.

Every shape draws its random numbers from the given generator, and draws as many if ``noise`` is 0, so that the noise
never changes the initial weights, which are drawn after the data.

``noise`` is the standard deviation of the angle in radians for ``spiral`` and ``ring``, so that a point moves along a
circle around 0. For the other classes ``NOISE_STD · noise`` is the standard deviation of both coordinates. For
``plane`` and ``hills``, whose targets are numbers from -1 to 1, ``noise`` is that of the target: on new points the mean
squared error of the true function is ``noise²``, and no network can be expected to have less.

>>> train, validation, test = split(make(DataConfig(), generator=torch.Generator().manual_seed(12345)), DataConfig())
>>> train.X.shape, train.y.shape, validation.X.shape, test.X.shape
(torch.Size([2400, 2]), torch.Size([2400]), torch.Size([0, 2]), torch.Size([600, 2]))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Generator, Tensor

from dlcore.spiral import config
from dlcore.spiral.config import DataConfig

NOISE_STD: Final = 0.5  # a shape is still recognisable at noise 0.2, and no longer at noise 1
INNER_RADIUS: Final = 0.5  # of the inner circle of circles; the outer radius is 1
CENTRES_RADIUS: Final = 0.7  # of the circle of the centres of gaussians, which leaves room for their spread
XOR_GAP: Final = 0.05  # smallest distance of an xor point from an axis, without noise
CURVE_GAP: Final = 0.05  # smallest distance in x2 of a point from its curve, without noise
CURVE_REACH: Final = 0.4  # largest such distance, so that all curves within -0.6 … 0.6 leave the points in the square


@dataclass(frozen=True, slots=True, eq=False)  # == of tensors has no single truth value
class Dataset:
    """Labelled points.

    Attributes
    ----------
    X : Tensor of shape (n_samples, 2), float32.
    y : Tensor of shape (n_samples,), int64, each within ``0 … n_classes - 1``; in a regression the targets, float32 of
        shape (n_samples, 1).
    n_classes : number of classes, some of which may have no sample here; 1 in a regression.
    """

    X: Tensor
    y: Tensor
    n_classes: int

    @property
    def regression(self) -> bool:
        """Return whether the labels are numbers, and not classes."""
        return self.y.is_floating_point()


def spiral(points: int, classes: int, noise: float, generator: Generator) -> Tensor:
    """Return the course's arms: radius t and angle (2π / classes) · (c + 2t) + noise · N(0, 1), for t from 0 to 1.

    Equals, bit for bit, the per-sample loop of the course's notebook (atcold/pytorch-Deep-Learning,
    04-spiral_classification) on the same stream. The notebook computes sine and cosine in double precision.

    Returns
    -------
    Tensor of shape (classes * points, 2), one class after the other, as for every shape of this module.
    """
    t = torch.linspace(0, 1, points)  # (points,)
    arms = []
    for c in range(classes):
        start, end = (2 * math.pi / classes) * c, (2 * math.pi / classes) * (2 + c)
        angle_noise = noise * torch.randn(points, generator=generator)  # (points,)
        angle = torch.linspace(start, end, points) + angle_noise
        sine, cosine = angle.double().sin().float(), angle.double().cos().float()
        arms.append(torch.stack((t * sine, t * cosine), 1))  # (points, 2)
    return torch.cat(arms)


def ring(points: int, classes: int, noise: float, generator: Generator) -> Tensor:
    """Return the arms of the course's newer edition: radius from 0.2 to 1, so that they do not meet in the middle.

    Equals, bit for bit, the newer notebook (Atcold/NYU-DLSP21, 04-spiral_classification) on the same stream, in
    float32 throughout.
    """
    t = torch.linspace(0, 1, points)  # (points,)
    radius = 0.8 * t + 0.2
    arms = []
    for c in range(classes):
        angle_noise = noise * torch.randn(points, generator=generator)  # (points,)
        angle = (2 * t + c) * 2 * math.pi / classes + angle_noise
        arms.append(torch.stack((radius * angle.sin(), radius * angle.cos()), 1))  # (points, 2)
    return torch.cat(arms)


def gaussians(points: int, classes: int, noise: float, generator: Generator) -> Tensor:
    """Return a normal distribution for each class, with centres evenly spaced on a circle."""
    angle = 2 * math.pi / classes * torch.arange(classes)  # (classes,)
    centres = CENTRES_RADIUS * torch.stack((angle.sin(), angle.cos()), 1)  # (classes, 2)
    return _blur(centres.repeat_interleave(points, 0), noise, generator)


def circles(points: int, noise: float, generator: Generator) -> Tensor:
    """Return a circle (class 0) around a smaller one (class 1), as scikit-learn's ``make_circles``."""
    angle = 2 * math.pi / points * torch.arange(points)  # (points,)
    outer = torch.stack((angle.cos(), angle.sin()), 1)  # (points, 2)
    return _blur(torch.cat((outer, INNER_RADIUS * outer)), noise, generator)


def moons(points: int, noise: float, generator: Generator) -> Tensor:
    """Return two interlocking half circles, as scikit-learn's ``make_moons``, centred and scaled to -1 … 1 in x1."""
    angle = torch.linspace(0, math.pi, points)  # (points,)
    upper = torch.stack((angle.cos(), angle.sin()), 1)  # (points, 2)
    lower = torch.stack((1 - angle.cos(), 0.5 - angle.sin()), 1)
    # From -1 … 2 and -0.5 … 1 to -1 … 1 and -0.5 … 0.5
    X = (torch.cat((upper, lower)) - torch.tensor([0.5, 0.25])) / 1.5
    return _blur(X, noise, generator)


def xor(points: int, noise: float, generator: Generator) -> Tensor:
    """Return points in the square, of class 1 if exactly one coordinate is negative; the noise is added after that."""
    size = XOR_GAP + (1 - XOR_GAP) * torch.rand(2, points, 2, generator=generator)
    turn = torch.ones(points, 1)
    turn[1::2] = -1  # every other sample into the opposite quadrant of its class
    signs = torch.tensor([[[1.0, 1.0]], [[-1.0, 1.0]]])  # (classes, 1, 2)
    X = signs * turn * size  # (classes, points, 2)
    return _blur(X.flatten(0, 1), noise, generator)


def beside_sine(points: int, noise: float, generator: Generator) -> Tensor:
    """Return points below (class 0) and above (class 1) a period of a sine."""
    return _beside(lambda x1: 0.6 * torch.sin(math.pi * x1), points, noise, generator)


def beside_cubic(points: int, noise: float, generator: Generator) -> Tensor:
    """Return points below (class 0) and above (class 1) a cubic that falls between two turns."""
    return _beside(lambda x1: 2 * x1**3 - 1.4 * x1, points, noise, generator)


def beside_abs(points: int, noise: float, generator: Generator) -> Tensor:
    """Return points below (class 0) and above (class 1) the corner of an absolute value."""
    return _beside(lambda x1: x1.abs() - 0.5, points, noise, generator)


def _beside(curve: Callable[[Tensor], Tensor], points: int, noise: float, generator: Generator) -> Tensor:
    """Return points evenly below and above x2 = curve(x1), close to it; the noise is added after that."""
    x1, distance = torch.rand(2, 2, points, generator=generator)  # (classes, points)
    x1, distance = 2 * x1 - 1, CURVE_GAP + (CURVE_REACH - CURVE_GAP) * distance
    side = torch.tensor([[-1.0], [1.0]])  # below, above
    X = torch.stack((x1, curve(x1) + side * distance), 2)  # (classes, points, 2)
    return _blur(X.flatten(0, 1), noise, generator)


def plane(points: int, noise: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Return points of the square and their targets, (x1 + x2) / 2 and the noise, in a column."""
    X = 2 * torch.rand(points, 2, generator=generator) - 1
    target = X.mean(1, keepdim=True)  # (points, 1)
    return X, target + noise * torch.randn(target.shape, generator=generator)


def hills(points: int, noise: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Return points of the square and their targets, a sum of hills and hollows and the noise, in a column.

    They are normal bells at the six centres of TensorFlow Playground's multi-Gaussian (src/dataset.ts), scaled to
    the square.
    """
    X = 2 * torch.rand(points, 2, generator=generator) - 1
    x1, x2 = torch.tensor([-2 / 3, 0, 2 / 3] * 2), torch.tensor([0.42] * 3 + [-0.42] * 3)
    heights = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])  # three hills and three hollows
    square = (X[:, :1] - x1) ** 2 + (X[:, 1:] - x2) ** 2  # of the distances, (points, 6)
    target = (heights * torch.exp(-square / (2 * 0.2**2))).sum(1, keepdim=True)  # (points, 1)
    return X, target + noise * torch.randn(target.shape, generator=generator)


def _blur(X: Tensor, noise: float, generator: Generator) -> Tensor:
    """Return ``X`` with normal noise added to both coordinates."""
    return X + noise * NOISE_STD * torch.randn(X.shape, generator=generator)


_ANY_CLASSES: Final[Mapping[str, Callable[[int, int, float, Generator], Tensor]]] = {
    "spiral": spiral,
    "ring": ring,
    "gaussians": gaussians,
}
_TWO_CLASSES: Final[Mapping[str, Callable[[int, float, Generator], Tensor]]] = {
    "circles": circles,
    "xor": xor,
    "moons": moons,
    "sine": beside_sine,
    "cubic": beside_cubic,
    "abs": beside_abs,
}
_REGRESSIONS: Final[Mapping[str, Callable[[int, float, Generator], tuple[Tensor, Tensor]]]] = {
    "plane": plane,
    "hills": hills,
}
SHAPES: Final[Mapping[str, Callable[..., Any]]] = {**_ANY_CLASSES, **_TWO_CLASSES, **_REGRESSIONS}


def make(data: DataConfig, *, generator: Generator) -> Dataset:
    """Draw the data set that ``data`` describes.

    Returns
    -------
    Dataset of ``data.n_samples`` samples, one class after the other; own points in the order of drawing.

    Raises
    ------
    ValueError : if ``data.kind`` is not a shape, as ``csv``, whose points are in its table.
    """
    if data.kind == "points":
        return _drawn(data)
    if data.kind in _REGRESSIONS:
        return Dataset(*_REGRESSIONS[data.kind](data.points, data.noise, generator), data.n_classes)
    if data.kind in _ANY_CLASSES:
        X = _ANY_CLASSES[data.kind](data.points, data.n_classes, data.noise, generator)
    elif data.kind in _TWO_CLASSES:
        X = _TWO_CLASSES[data.kind](data.points, data.noise, generator)
    else:
        kinds = ", ".join(SHAPES)
        raise ValueError(f"to draw points, data.kind must be one of {kinds} (a table brings its own), got {data.kind}")
    y = torch.arange(data.n_classes).repeat_interleave(data.points)  # (n_samples,)
    return Dataset(X, y, data.n_classes)


def _drawn(data: DataConfig) -> Dataset:
    X = torch.tensor([(x1, x2) for x1, x2, _ in data.own_points]).reshape(-1, 2)
    y = torch.tensor([label for *_, label in data.own_points], dtype=torch.long)
    return Dataset(X, y, data.n_classes)


def split(dataset: Dataset, data: DataConfig) -> tuple[Dataset, Dataset, Dataset]:
    """Split ``dataset`` into train, validation and test samples at random.

    The order is drawn from a separate stream, so that the shares change neither the data nor the initial weights.
    Without samples kept back the train set is ``dataset`` itself, in its own order, as in the lecture.
    """
    n_samples = len(dataset.y)
    n_test = config.n_test_samples(data, n_samples)
    n_kept = n_test + config.n_validation_samples(data, n_samples)
    if n_kept == 0:
        nothing = _take(dataset, torch.arange(0))
        return dataset, nothing, nothing
    order = torch.randperm(n_samples, generator=torch.Generator().manual_seed(data.seed))
    train, validation, test = order[n_kept:], order[n_test:n_kept], order[:n_test]
    return _take(dataset, train), _take(dataset, validation), _take(dataset, test)


def _take(dataset: Dataset, index: Tensor) -> Dataset:
    return Dataset(dataset.X[index], dataset.y[index], dataset.n_classes)
