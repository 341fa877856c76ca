"""What each hidden unit does: when it is active, what marks it, and what it costs to switch it off.

A unit is named by its layer and its number in it, both from 0; ``layer`` counts as :meth:`Network.outputs` does. All
inputs X are feature-major with a row of ones, (features + 1, n), as a :class:`Network` reads them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import torch
from torch import Tensor

from dlcore.network.passes import LayerOutput, Network

FLAT: Final = 0.01  # |f'| below which a unit hardly learns from a sample
SATURATED_SHARE: Final = 0.95  # of the samples, on which a saturated unit is flat
TWIN: Final = 0.999  # the absolute correlation above which two units are twins
# A float32 output whose spread is below this share of its size has too few digits for a correlation: it is constant.
CONSTANT: Final = 1e-5
MARKS: Final = ("dead", "saturated", "twin")

_PIECE: Final = 300_000  # values of a layer that are processed at once, a few MB: more is no faster


@dataclass(frozen=True, slots=True)
class LayerUnits:
    """The units of a hidden layer over some samples; every tensor is (units,), on the CPU.

    Attributes
    ----------
    active : share of the samples whose pre-activation is above 0; a ReLU gives 0 for the others.
    weight_in, weight_out : the weight of largest absolute value into and out of the unit, with its sign.
    dead : output and derivative are 0 for every sample, so that no gradient reaches the weights into the unit.
    saturated : not dead, and |f'| is below ``FLAT`` on at least ``SATURATED_SHARE`` of the samples.
    twin : the outputs of another unit of the layer have a correlation with this one's above ``TWIN`` in absolute value.
        A constant output has no correlation: two such units are twins if their weights and biases in are equal.
    """

    active: Tensor
    weight_in: Tensor
    weight_out: Tensor
    dead: Tensor
    saturated: Tensor
    twin: Tensor

    def marks(self, unit: int) -> tuple[str, ...]:
        """Return which of ``MARKS`` a unit has."""
        return tuple(mark for mark in MARKS if getattr(self, mark)[unit])


@dataclass(frozen=True, slots=True)
class Costs:
    """What it costs to switch off each of some units, (units,): accuracy lost (of 1), and samples of another class."""

    accuracy: Tensor
    changed: Tensor


def describe(network: Network, X: Tensor) -> list[LayerUnits]:
    """Return the units of each hidden layer over the samples X; the layer of an embedding is one of them."""
    with torch.inference_mode():
        return [_describe(network, layer, output) for layer, output in enumerate(network.outputs(X)[:-1])]


def _describe(network: Network, layer: int, output: LayerOutput) -> LayerUnits:
    weights_in = network.W[layer]
    if network.activated[layer]:
        slope = network.act.derivative(output.z).abs_()  # (units, n)
        dead = (slope.amax(1) == 0) & (output.a.abs().amax(1) == 0)
        saturated = ((slope < FLAT).float().mean(1) >= SATURATED_SHARE) & ~dead
    else:
        dead = saturated = torch.zeros(len(output.z), dtype=torch.bool)
    columns = (
        (output.z > 0).float().mean(1),
        _largest(weights_in[:, :-1]),
        _largest(network.W[layer + 1][:, :-1].t()),
        dead,
        saturated,
        _twins(output.a, weights_in),
    )
    return LayerUnits(*(column.cpu() for column in columns))


def _largest(weights: Tensor) -> Tensor:
    """Return the number of largest absolute value in each row."""
    return weights.gather(1, weights.abs().argmax(1, keepdim=True))[:, 0]


def _twins(a: Tensor, weights: Tensor) -> Tensor:
    """Return which units have a twin, (units,), from outputs a (units, n) and the weights and biases in."""
    low, high = a.aminmax(dim=1)
    constant = high - low <= CONSTANT * torch.maximum(low.abs(), high.abs())
    centred = a - a.mean(1, keepdim=True)
    centred /= centred.norm(dim=1, keepdim=True)
    alike = (centred @ centred.t()).abs() > TWIN
    size = weights.norm(dim=1)
    apart = torch.cdist(weights, weights, compute_mode="donot_use_mm_for_euclid_dist")
    equal = apart <= CONSTANT * size
    both = constant[:, None] & constant
    neither = ~constant[:, None] & ~constant
    twins: Tensor = ((both & equal) | (neither & alike)).fill_diagonal_(False)
    return twins.any(1)


def costs(network: Network, X: Tensor, y: Tensor, layer: int, units: Sequence[int] | None = None) -> Costs:
    """Return what it costs to switch off each of ``units`` of a layer, all of them if None, one at a time.

    A unit that is off, as in :class:`dlcore.spiral.edits.Edits`, adds nothing to the next layer.

    Parameters
    ----------
    y : the labels (n,) of the samples X.
    """
    with torch.inference_mode():
        outputs = network.outputs(X)
        y = y.to(X.device)
        before = outputs[-1].z.argmax(0)  # (n,)
        numbers = range(len(outputs[layer].a)) if units is None else units
        chosen = torch.as_tensor(numbers, dtype=torch.long, device=X.device)
        columns = []
        for some in torch.split(chosen, max(1, _PIECE // outputs[layer + 1].z.numel())):
            after = _classes_without(network, outputs, layer, some)  # (units, n)
            lost = (before == y).float().mean() - (after == y).float().mean(1)
            columns.append(torch.stack([lost, (after != before).sum(1).float()]).cpu())
        accuracy, changed = torch.cat(columns, 1)
        return Costs(accuracy, changed.long())


def _classes_without(network: Network, outputs: Sequence[LayerOutput], layer: int, units: Tensor) -> Tensor:
    """Return the predicted classes (units, n) of the samples without each of the units."""
    weights = network.W[layer + 1][:, units]  # (next units, units)
    z = outputs[layer + 1].z[:, None] - weights[:, :, None] * outputs[layer].a[units]  # (next units, units, n)
    shape = z.shape[1:]
    z = z.flatten(1)
    for w, activated in zip(network.W[layer + 2 :], network.activated[layer + 1 :], strict=True):
        z = torch.addmm(w[:, -1:], w[:, :-1], network.act(z) if activated else z)
    return z.argmax(0).view(shape)


def table(network: Network, X: Tensor, y: Tensor, shown: Sequence[Sequence[int]] | None = None) -> pd.DataFrame:
    """Return a row for each hidden unit, or for the ``shown`` ones of each layer.

    The columns are layer and unit, both from 1; weight, the largest by absolute value into or out of the unit; active;
    accuracy_lost and changed, the cost of switching it off, NaN and 0 if the network is no classifier; and mark, ids of
    ``MARKS`` with spaces between.
    """
    rows = (
        row
        for layer, units in enumerate(describe(network, X))
        for row in _rows(network, X, y, layer, units, shown[layer] if shown else range(len(units.active)))
    )
    columns = ["layer", "unit", "weight", "active", "accuracy_lost", "changed", "mark"]
    return pd.DataFrame(rows, columns=columns)


def _rows(
    network: Network, X: Tensor, y: Tensor, layer: int, units: LayerUnits, shown: Sequence[int]
) -> Iterator[tuple[object, ...]]:
    cost = None if y.is_floating_point() else costs(network, X, y, layer, shown)
    for i, unit in enumerate(shown):
        weight = max(float(units.weight_in[unit]), float(units.weight_out[unit]), key=abs)
        lost, changed = (float(cost.accuracy[i]), int(cost.changed[i])) if cost else (math.nan, 0)
        yield layer + 1, unit + 1, weight, float(units.active[unit]), lost, changed, " ".join(units.marks(unit))
