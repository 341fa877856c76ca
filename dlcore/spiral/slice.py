"""The loss of a run on a plane through its weights: a slice of a surface over all weights.

The plane passes through the last weights θ_T of the run, along the first two principal directions of its movement, the
differences θ_t − θ_T: Li et al., "Visualizing the Loss Landscape of Neural Nets" (2018), section 7.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import torch
from torch import Tensor

from dlcore.drawing.contours import Floats, contours
from dlcore.drawing.curves import LOG_FLOOR
from dlcore.spiral.flow import Moments, thinned
from dlcore.spiral.training import Run

SIDE: Final = 41  # values along a side of a slice
MARGIN: Final = 0.15  # of the path's extent, on each side of it
# A slice of samples × parameters × SIDE² up to this limit is computed within 2 s; of more, on fewer samples.
WORK: Final = 40_000_000_000
MIN_SAMPLES: Final = 100

# Numbers of weights and biases at all moments of the path, of which the plane is found within 50 ms.
_WEIGHTS: Final = 1_500_000
_MIN_MOMENTS: Final = 20
_LINE: Final = 1e-10  # share of the second direction below which the path is a line up to rounding


class NoPlaneError(Exception):
    """The path of a run spans no plane.

    Attributes
    ----------
    reason : "diverged", "few" (fewer than three moments), "still" (they are all equal) or "line".
    """

    def __init__(self, reason: Literal["diverged", "few", "still", "line"]) -> None:
        super().__init__(f"the path must span a plane: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane of a path, in float64.

    Attributes
    ----------
    origin : (parameters,), the last point of the path.
    axes : (2, parameters), orthonormal, in the order of their shares. The largest coordinate of the path along each,
        by absolute value, is positive.
    path : (moments, 2), the coordinates of the moments; the last are 0, 0.
    shares : of the sum of the squares of all θ_t − θ_T along each axis.
    """

    origin: Tensor
    axes: Tensor
    path: Floats
    shares: tuple[float, float]


def find_plane(moments: Moments) -> Plane:
    """Return the plane of a path; raise :class:`NoPlaneError` if it spans none."""
    if len(moments) < 3:
        raise NoPlaneError("few")
    thetas = torch.stack([theta.cpu().double() for _, theta in moments])  # (moments, parameters)
    if not thetas.isfinite().all():
        raise NoPlaneError("diverged")
    origin = thetas[-1].clone()
    moves = thetas.sub_(origin)
    # The eigenvectors of the small matrix of products give those of the large one: D = U S Vᵀ, D Dᵀ = U S² Uᵀ.
    squares, u = torch.linalg.eigh(moves @ moves.t())  # in ascending order
    total = float(squares.clamp_min(0).sum())
    if total == 0:
        raise NoPlaneError("still")
    if float(squares[-2]) <= _LINE * total:
        raise NoPlaneError("line")
    axes = u[:, -2:].flip(1).t() @ moves
    axes[0] /= axes[0].norm()
    axes[1] -= (axes[1] @ axes[0]) * axes[0]  # exactly at right angles, after the rounding of a small second share
    axes[1] /= axes[1].norm()
    path = moves @ axes.t()
    signs = path.gather(0, path.abs().argmax(0, keepdim=True)).sign()  # (1, 2)
    shares = path.square().sum(0) / total
    return Plane(origin, axes * signs.t(), (path * signs).numpy(), (float(shares[0]), float(shares[1])))


@dataclass(frozen=True, slots=True)
class Surface:
    """The loss on a plane.

    Attributes
    ----------
    epochs : of the path's points.
    x, y : (SIDE,), the coordinates; one of each is 0, where the path ends.
    loss : (SIDE, SIDE), the loss at [y, x], finite and at least ``LOG_FLOOR``.
    path, shares : of the plane.
    samples, of : how many of the training samples were used.
    """

    epochs: list[int]
    x: Floats
    y: Floats
    loss: Floats
    path: Floats
    shares: tuple[float, float]
    samples: int
    of: int

    @property
    def end(self) -> float:
        """Return the loss where the path ends."""
        return float(self.loss[self.y == 0, self.x == 0][0])


class Slice:
    """Computes the loss of a run on the plane of its path, in pieces.

    Parameters
    ----------
    moments : of the run, the last of them its present weights; of many weights, some evenly spaced ones are used.

    Raises
    ------
    NoPlaneError : if the path spans no plane, or if the run has diverged.
    """

    def __init__(self, run: Run, moments: Moments) -> None:
        if run.diverged:
            raise NoPlaneError("diverged")
        moments = thinned(moments, max(_MIN_MOMENTS, _WEIGHTS // run.engine.network.theta.numel()))
        plane = find_plane(moments)
        self.epochs, self.plane = [epoch for epoch, _ in moments], plane
        self.x, self.y = (_coordinates(plane.path[:, axis]) for axis in (0, 1))
        self._network = run.engine.network.at(run.engine.network.theta)
        X, Y = run.engine.X, run.engine.Y
        self.of = X.shape[1]
        affordable = WORK // (SIDE**2 * len(plane.origin))
        self.samples = min(self.of, max(MIN_SAMPLES, affordable))
        if self.samples < self.of:
            spread = torch.linspace(0, self.of - 1, self.samples, dtype=torch.float64).round().long().to(X.device)
            X, Y = X[:, spread], Y[:, spread]
        self._tiles = self._network.tiles(X, Y)
        self._losses: list[float] = []
        self._plane = [v.to(self._network.theta) for v in (plane.origin, *plane.axes)]

    @property
    def progress(self) -> float:
        """Return the share of the losses that are computed."""
        return len(self._losses) / SIDE**2

    def advance_for(self, seconds: float) -> None:
        """Compute losses for about ``seconds``: at least one, or until all are computed."""
        deadline = time.perf_counter() + seconds
        with torch.inference_mode():
            while len(self._losses) < SIDE**2:
                row, column = divmod(len(self._losses), SIDE)
                self._losses.append(self._loss(float(self.x[column]), float(self.y[row])))
                if time.perf_counter() >= deadline:
                    return

    def _loss(self, x: float, y: float) -> float:
        net, (origin, first, second) = self._network, self._plane
        torch.add(origin, first, alpha=x, out=net.theta).add_(second, alpha=y)
        log_likelihood = origin.new_zeros(())
        for tile in self._tiles:
            net.forward(tile.X, tile.buffers)
            log_likelihood += net.log_likelihood(tile.Y, tile.buffers)
        return -float(log_likelihood) / self.samples

    @property
    def surface(self) -> Surface:
        """Return the result, once all is computed; where float32 overflows, the loss is the largest finite one."""
        loss = np.array(self._losses).reshape(SIDE, SIDE)
        loss = np.where(np.isfinite(loss), loss, loss[np.isfinite(loss)].max()).clip(LOG_FLOOR)
        return Surface(self.epochs, self.x, self.y, loss, self.plane.path, self.plane.shares, self.samples, self.of)


def _coordinates(path: Floats) -> Floats:
    """Return SIDE evenly spaced coordinates that cover the path with a margin; one of them is 0."""
    margin = MARGIN * float(np.ptp(path))
    low, high = float(path.min()) - margin, float(path.max()) + margin
    step = (high - low) / (SIDE - 2)  # one step more than needed, for the shift that brings a coordinate to 0
    coordinates: Floats = (np.arange(SIDE) - np.ceil(-low / step)) * step
    return coordinates


def contour_lines(surface: Surface, count: int = 12) -> Floats:
    """Return segments of the lines of ``count`` losses, evenly spaced on a logarithmic scale, as :func:`contours` does.

    They are interpolated on this scale too.
    """
    z = np.log(surface.loss)
    found = contours(surface.x, surface.y, z, np.linspace(z.min(), z.max(), count + 2)[1:-1])
    found[:, 0] = np.exp(found[:, 0])
    return found
