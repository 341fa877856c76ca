"""The flow through each layer over the epochs of a run: gradients back, activations forward, and the updates.

A run keeps its update ratios while it trains, which costs 20 to 60 µs a record. Gradients and activations are computed
from the weights of a moment only when they are asked for, about 0.8 ms each at the default.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from dlcore.network.passes import Batch, Network
from dlcore.network.verdict import Verdict, ratio, verdict
from dlcore.spiral.training import Run

POINTS: Final = 60  # most moments of a curve, evenly spaced

Moments = Sequence[tuple[int, Tensor]]  # epochs, in order, and the parameters after them, as Network.theta holds them


@dataclass(frozen=True, slots=True)
class Flow:
    """The sizes at each layer, first to last, after ``epoch`` epochs, over all training samples without dropout.

    Attributes
    ----------
    gradient : ‖∂loss/∂(W, b)‖₂.
    update : ‖Δ(W, b)‖₂ / ‖(W, b)‖₂ in the epoch before; () where the run has not kept it.
    spread : standard deviation of the outputs over units and samples; the last layer's outputs are the logits.
    """

    epoch: int
    gradient: tuple[float, ...]
    update: tuple[float, ...]
    spread: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Return the gradient norm of the first layer divided by that of the last, or NaN if that is 0."""
        return ratio(self.gradient[0], self.gradient[-1])

    @property
    def verdict(self) -> Verdict:
        """Classify the ratio of the gradients: between 0.1 and 10 the flow is stable.

        The spread does not count: it grows as the network learns to tell its classes apart.
        """
        return verdict(self.gradient[0], self.ratio)


def moments(run: Run) -> Moments:
    """Return the moments that a run keeps, and the present one."""
    kept = [(epoch, run.timeline.theta(epoch)) for epoch in run.timeline.epochs]
    return kept if kept[-1][0] == run.epoch else [*kept, (run.epoch, run.engine.network.theta)]


class Probe:
    """Measures networks of one shape on the same samples.

    Parameters
    ----------
    network : one of that shape.
    X, Y : the samples, (features + 1, n), and their labels, one-hot (classes, n).
    """

    def __init__(self, network: Network, X: Tensor, Y: Tensor) -> None:
        self._network, self._X = network.at(network.theta), X
        self._batch = Batch(self._network.tiles(X, Y), (), X.new_tensor(1 / X.shape[1]))

    def measure(self, epoch: int, theta: Tensor, update: Sequence[float] = ()) -> Flow:
        """Return the flow of a network with the parameters ``theta``."""
        net = self._network
        with torch.inference_mode():
            net.theta.copy_(theta)
            net.compute_gradient(self._batch, self._X.new_zeros(()))
            sizes = [dw.norm() for dw in net.dW] + [output.a.std(correction=0) for output in net.outputs(self._X)]
            values = torch.stack(sizes).tolist()
        return Flow(epoch, tuple(values[: len(net.W)]), tuple(update), tuple(values[len(net.W) :]))


class FlowHistory:
    """The flow of a run at its moments, each computed once."""

    def __init__(self, run: Run) -> None:
        self._run, self._engine, self._changes = run, run.engine, list(run.changes)
        self._probe = Probe(run.engine.network, run.engine.X, run.engine.Y)
        self._flows: dict[int, Flow] = {}
        self.complete = False  # whether the last call of follow left nothing to compute

    def is_of(self, run: Run) -> bool:
        """Return whether this is the history of ``run`` since its last start and under its present settings."""
        return self._run is run and self._engine is run.engine and self._changes == run.changes

    def follow(self, moments: Moments, seconds: float) -> list[Flow]:
        """Return the flow at up to about ``POINTS`` of the moments, evenly spaced, the last among them.

        For about ``seconds``, and at least once, it computes those that are missing, the latest first; the others
        come with later calls.
        """
        wanted = thinned(moments, POINTS)
        deadline = time.perf_counter() + seconds
        for epoch, theta in reversed(wanted):
            if epoch not in self._flows:
                self._flows[epoch] = self.measure(epoch, theta)
                if time.perf_counter() >= deadline:
                    break
        self._flows = {epoch: self._flows[epoch] for epoch, _ in wanted if epoch in self._flows}
        self.complete = len(self._flows) == len(wanted)
        return list(self._flows.values())

    def measure(self, epoch: int, theta: Tensor) -> Flow:
        """Return the flow of the run's network with other weights."""
        return self._probe.measure(epoch, theta, self._run.updates.get(epoch, ()))


def thinned(moments: Moments, most: int) -> Moments:
    """Return about ``most`` moments, the last among them: every one, or every second, fourth, …

    Thus those of a growing run stay among them.
    """
    every = 1
    while len(moments) > every * most:
        every *= 2
    return [*moments[:-1:every], *moments[-1:]]
