"""What a network does to the plane: a sheet of grid lines and the training points, as each layer maps them.

A depth says how far they have gone. At 0 they are the input, at k what the first k stages make of it: each layer is
one stage for its linear map and, unless it has no activation, one for its activation. Between two whole numbers the
pictures before and after the stage are mixed: ``(1 − s) · before + s · after``.

A picture is a plane. A layer of 2 units is shown as it is. Of a wider one it is the plane of the first two principal
components of its outputs for the points, of one state of the weights: that of the network with which the
:class:`Camera` was made. The camera keeps the planes while the weights change, and its boxes only grow, so that nothing
in the picture jumps. Within a plane the axes are turned or mirrored so that the points move least in the linear map:
a principal component has no sign of its own. The pre-activations of a layer are shown in the plane of its outputs, so
that the mixture of the pictures is the picture of the mixture z + s (f(z) − z).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlcore.network.activations import IMPLEMENTATIONS
from dlcore.network.passes import Network, with_ones
from dlcore.spiral import features
from dlcore.spiral.boundaries import boundary_segments
from dlcore.spiral.data import Dataset
from dlcore.spiral.planes import Array, Box, Plane, finite, fit_plane

MAX_POINTS: Final = 400
LINES: Final = 21  # grid lines of the sheet in each direction
SAMPLES: Final = 61  # points along each line
_FEW: Final = 2  # points, which span no plane
_REACH: Final = 4.0  # half the side of the square in which boundaries are computed, relative to the box's


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the depth: the linear map or the activation of a layer; the first layer is 1."""

    layer: int
    kind: Literal["linear", "activation"]


def stages(network: Network) -> list[Stage]:
    """Return the stages from the input to the logits. An activation that changes nothing is no stage."""
    bends = network.act is not IMPLEMENTATIONS["identity"]
    found = []
    for layer, activated in enumerate([*network.activated, False], 1):
        found.append(Stage(layer, "linear"))
        if activated and bends:
            found.append(Stage(layer, "activation"))
    return found


def predicted(outputs: Tensor) -> Tensor:
    """Return the class of each column of logits (classes, n); of one output it is 0 above 0, else 1."""
    return outputs.argmax(0) if len(outputs) > 1 else (outputs[0] <= 0).long()


class Sheet:
    """The sheet and the points as inputs of a network.

    Parameters
    ----------
    train : the training samples; at most ``MAX_POINTS`` of them are kept, evenly spaced.
    half : half the side of the sheet, a square around 0.
    names : the input features, ids of ``config.FEATURES``.

    Attributes
    ----------
    X : Tensor of shape (features + 1, points + 2 · LINES · SAMPLES): the points, then the lines, with a row of ones.
    plane : Tensor of shape (2, points + 2 · LINES · SAMPLES): where in the plane they are.
    y : Tensor of shape (points,), the classes of the points; in a regression :func:`predicted` of the targets.
    """

    def __init__(self, train: Dataset, half: float, names: tuple[str, ...]) -> None:
        kept = torch.linspace(0, len(train.y) - 1, min(len(train.y), MAX_POINTS)).round().long()
        across = torch.linspace(-half, half, LINES)[:, None].expand(LINES, SAMPLES)
        along = torch.linspace(-half, half, SAMPLES).expand(LINES, SAMPLES)
        upright, level = torch.stack([across, along], 2), torch.stack([along, across], 2)  # (LINES, SAMPLES, 2)
        plane = torch.cat([train.X[kept], upright.reshape(-1, 2), level.reshape(-1, 2)])
        self.X = with_ones(features.expand(plane, names))
        self.plane = plane.t()
        self.y = predicted(train.y[kept].t()) if train.regression else train.y[kept]

    def states(self, network: Network) -> list[Tensor]:
        """Return what ``X`` is after each number of stages, (units, points + lines) each; the first is ``X`` itself."""
        outputs = network.outputs(self.X.to(network.theta.device, network.theta.dtype))
        tensors = [self.X[:-1]]
        for stage in stages(network):
            output = outputs[stage.layer - 1]
            tensors.append(output.z if stage.kind == "linear" else output.a)
        return [tensor.cpu() for tensor in tensors]


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture at a depth, in coordinates of the square from −1 to 1; what lies outside is not seen.

    Attributes
    ----------
    points : shape (2, points).
    lines : shape (2, 2 · LINES, SAMPLES).
    classes : shape (2 · LINES, SAMPLES), the class that the network predicts at each point of the lines.
    boundaries : shape (segments, 2, 2): the two ends of each segment, by their coordinates. None but from the last
        space before the logits on.
    axes : where the plane's axes are, (x of the upright one, y of the level one); None unless the layer has 2 units.
    units : of the layer whose plane is shown; at depth 0 the number of features.
    share : of the variance of the points that this plane shows.
    exact : whether the boundaries are those of the network, because its last space before the logits is a plane. If
        not, they are those of a slice: other coordinates are at their mean.
    """

    stage: Stage
    points: Array
    lines: Array
    classes: NDArray[np.intp]
    boundaries: Array
    axes: tuple[float, float] | None
    units: int
    share: float
    exact: bool


class Camera:
    """The plane of each layer and the box of each state: fitted to one state of the weights, and kept."""

    def __init__(self, network: Network, sheet: Sheet) -> None:
        self.sheet, self.stages = sheet, stages(network)
        # The picture is of the points; of a sheet with hardly any it is of the sheet.
        self._seen = slice(0, len(sheet.y) if len(sheet.y) > _FEW else None)
        states = [state[:, self._seen] for state in sheet.states(network)]
        picture = finite(sheet.plane[:, self._seen])
        self.planes: list[Plane] = []  # of the input and of each layer's outputs
        for k in self._ends():
            self.planes.append(fit_plane(states[k], picture))
            picture = self.planes[-1].project(states[k])
        self.boxes = [Box(self._plane(k).project(state)) for k, state in enumerate(states)]

    def _ends(self) -> list[int]:
        """Return the depth at which the input is whole, 0, and that at which each layer's stages are over."""
        last = {stage.layer: k for k, stage in enumerate(self.stages, 1)}
        return [0, *last.values()]

    def _plane(self, depth: int) -> Plane:
        return self.planes[self.stages[depth - 1].layer if depth else 0]

    @property
    def depth(self) -> int:
        """Return the depth of the logits: the number of stages."""
        return len(self.stages)

    def stage_at(self, depth: float) -> int:
        """Return the index of the stage that a depth is in; a whole depth belongs to the stage that ends there."""
        return min(max(int(np.ceil(depth)) - 1, 0), self.depth - 1)

    def frame(self, network: Network, depth: float) -> Frame:
        """Return the picture of ``network`` at a depth from 0 to ``self.depth``; its shape must be the camera's."""
        n, k = len(self.sheet.y), self.stage_at(depth)
        s = min(max(depth - k, 0.0), 1.0)
        states = self.sheet.states(network)
        planes = self._plane(k), self._plane(k + 1)
        before, after = (plane.project(state) for plane, state in zip(planes, states[k : k + 2], strict=True))
        for box, picture in ((self.boxes[k], before), (self.boxes[k + 1], after)):
            box.hold(picture[:, self._seen])
        centre = _mix(self.boxes[k].centre, self.boxes[k + 1].centre, s)[:, None]
        half = (1 - s) * self.boxes[k].half + s * self.boxes[k + 1].half
        seen = (_mix(before, after, s) - centre) / half
        boundaries = self._boundaries(network, states, depth)
        at = 1 if depth else 0  # at depth 0 the input is shown, else where the stage leads
        units = len(planes[at].origin)
        return Frame(
            stage=self.stages[k],
            points=seen[:, :n],
            lines=seen[:, n:].reshape(2, 2 * LINES, SAMPLES),
            classes=predicted(states[-1][:, n:]).reshape(2 * LINES, SAMPLES).numpy(),
            boundaries=(boundaries - centre) / half,
            axes=(-float(centre[0, 0]) / half, -float(centre[1, 0]) / half) if units == 2 else None,
            units=units,
            share=planes[at].share(states[k + at][:, self._seen]),
            exact=self._plane(self.depth - 1).exact,
        )

    def _boundaries(self, network: Network, states: list[Tensor], depth: float) -> Array:
        """Return the boundaries (segments, 2, 2) of the last space before the logits, on their way to the logits."""
        last = self.depth - 1
        if depth < last:
            return np.empty((0, 2, 2))
        plane, box = self._plane(last), self.boxes[last]
        W = finite(network.W[-1].cpu())
        # h(u) = origin + axes u, with the other coordinates at the mean of the points
        mean = finite(states[last][:, self._seen]).mean(axis=1)
        origin = mean - plane.axes @ (plane.axes.T @ (mean - plane.origin))
        slopes, offsets = W[:, :-1] @ plane.axes, W[:, :-1] @ origin + W[:, -1]
        if len(W) == 1:  # a regression's line is where its output is 0
            slopes, offsets = np.vstack([slopes, np.zeros(2)]), np.append(offsets, 0.0)
        ends = boundary_segments(slopes, offsets, box.centre, _REACH * box.half)
        h = origin[:, None] + plane.axes @ ends.transpose(1, 0, 2).reshape(2, -1)
        logits = self._plane(self.depth).project(torch.from_numpy(W[:, :-1] @ h + W[:, -1:]))
        after = logits.reshape(2, -1, 2).transpose(1, 0, 2)
        return _mix(ends, after, depth - last)


def _mix(before: Array, after: Array, s: float) -> Array:
    mixed: Array = (1 - s) * before + s * after
    return mixed
