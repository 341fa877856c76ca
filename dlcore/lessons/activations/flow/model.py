"""Size of the signal on its way through a deep network, and of the gradient on its way back.

Xavier's init: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
Kaiming's: He et al., "Delving Deep into Rectifiers" (2015).

>>> twenty = compute_flow(depth=20, width=64, activation="sigmoid", init="xavier_normal", sigma=0.01, seed=0)
>>> len(twenty.layers), twenty.layers[0].gradient < 1e-6 * twenty.layers[-1].gradient
(20, True)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor, nn

from dlcore.network.model import activation_module, initialise

SAMPLES: Final = 64
DEAD: Final = 1e-12  # a unit whose derivative is below this for every sample learns nothing


@dataclass(frozen=True, slots=True)
class LayerFlow:
    """Sizes at one layer, over all samples and units.

    Attributes
    ----------
    signal : root mean square of the outputs.
    gradient : root mean square of the loss's gradient with respect to the pre-activations.
    dead : the number of units at which the activation's derivative is 0 for every sample.
    """

    signal: float
    gradient: float
    dead: int


@dataclass(frozen=True, slots=True)
class SignalFlow:
    """Sizes at all layers, from the input to the output."""

    layers: list[LayerFlow]

    @property
    def signal_ratio(self) -> float:
        """Return the last layer's signal divided by the first's, or NaN if the first's is 0."""
        return _ratio(self.layers[-1].signal, self.layers[0].signal)

    @property
    def gradient_ratio(self) -> float:
        """Return the first layer's gradient divided by the last's, or NaN if the last's is 0."""
        return _ratio(self.layers[0].gradient, self.layers[-1].gradient)

    @property
    def verdict(self) -> Literal["nothing", "explodes", "vanishes", "stable"]:
        """Classify both ratios: between 0.1 and 10 the flow is stable."""
        if self.layers[0].gradient == 0:
            return "nothing"
        ratios = self.signal_ratio, self.gradient_ratio
        if not all(map(math.isfinite, ratios)):
            return "explodes"
        if min(ratios) < 0.1:
            return "vanishes"
        return "explodes" if max(ratios) > 10 else "stable"


def _ratio(a: float, b: float) -> float:
    return a / b if b else float("nan")


def compute_flow(*, depth: int, width: int, activation: str, init: str, sigma: float, seed: int) -> SignalFlow:
    """Send ``SAMPLES`` inputs from N(0, 1) through ``depth`` layers of ``width`` units without biases, and back.

    ``sigma`` is the standard deviation of the weights where ``init`` is "normal". The loss is the sum of the outputs,
    each times a number from N(0, 1), so that its gradient at the output has size 1. In float64 fifty layers neither
    overflow nor vanish altogether, whatever the weights.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(SAMPLES, width, generator=generator, dtype=torch.float64)
    act = activation_module(activation)
    weights, pre, outputs = [], [], []
    for _ in range(depth):
        w = torch.empty(width, width, dtype=torch.float64)
        initialise(w, init, generator, std=sigma)
        weights.append(w.requires_grad_())
    for w in weights:
        z = x @ w.t()  # (samples, width)
        x = act(z)
        pre.append(z)
        outputs.append(x)
    loss = (x * torch.randn(x.shape, generator=generator, dtype=torch.float64)).sum()
    gradients = torch.autograd.grad(loss, pre)
    return SignalFlow(
        [
            LayerFlow(_rms(y.detach()), _rms(gradient), _dead(act, z.detach()))
            for y, gradient, z in zip(outputs, gradients, pre, strict=True)
        ]
    )


def _rms(values: Tensor) -> float:
    largest = values.abs().max()  # the squares of very small numbers would be 0
    return float(largest * (values / largest).square().mean().sqrt()) if largest else 0.0


def _dead(act: nn.Module, z: Tensor) -> int:
    z = z.clone().requires_grad_()
    (slope,) = torch.autograd.grad(act(z).sum(), z)
    return int((slope.abs().amax(0) < DEAD).sum())


# sigma matters only where the init is "normal".
PRESETS: Final[Mapping[str, Mapping[str, str | int | float]]] = {
    "twenty_sigmoids": {"depth": 20, "width": 64, "activation": "sigmoid", "init": "xavier_normal"},
    "xavier_saves_tanh": {"depth": 20, "width": 64, "activation": "tanh", "init": "xavier_normal"},
    "kaiming_saves_relu": {"depth": 20, "width": 64, "activation": "relu", "init": "kaiming_normal"},
    "small_normal": {"depth": 20, "width": 64, "activation": "relu", "init": "normal", "sigma": 0.01},
    "exploding": {"depth": 20, "width": 64, "activation": "relu", "init": "normal", "sigma": 1.0},
    "all_zeros": {"depth": 20, "width": 64, "activation": "tanh", "init": "zeros"},
}
