"""Size of the signal on its way through a deep network, and of the gradient on its way back.

Xavier's init: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
Kaiming's: He et al., "Delving Deep into Rectifiers" (2015).
Residual connections: He et al., "Deep Residual Learning for Image Recognition" (2016). Layer norm: Ba et al., "Layer
Normalization" (2016). Batch norm: Ioffe & Szegedy, "Batch Normalization" (2015). Clipping: Pascanu et al., "On the
difficulty of training recurrent neural networks" (2013).

>>> twenty = compute_flow(depth=20, width=64, activation="sigmoid", init="xavier_normal", sigma=0.01, seed=0)
>>> len(twenty.layers), twenty.layers[0].gradient < 1e-6 * twenty.layers[-1].gradient
(20, True)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from dlcore.network.model import activation_module, initialise
from dlcore.network.verdict import Verdict, ratio, verdict

SAMPLES: Final = 64
NORM_AXES: Final[Mapping[str, int]] = {"layer_norm": 1, "batch_norm": 0}  # of (samples, units)
NORM_EPS: Final = 1e-5  # torch's
CURES: Final = ("none", "residual", *NORM_AXES, "clipping")
DEAD: Final = 1e-12  # a unit whose derivative is below this for every sample learns nothing


@dataclass(frozen=True, slots=True)
class LayerFlow:
    """Sizes at one layer, over all samples and units.

    Attributes
    ----------
    signal : root mean square of the outputs.
    gradient : root mean square of the loss's gradient with respect to the pre-activations.
    weight_gradient : root mean square of the loss's gradient with respect to the weights, before it is clipped.
    dead : the number of units at which the activation's derivative is 0 for every sample.
    """

    signal: float
    gradient: float
    dead: int
    weight_gradient: float = 0.0


@dataclass(frozen=True, slots=True)
class SignalFlow:
    """Sizes at all layers, from the input to the output.

    Attributes
    ----------
    parameters : number of weights and biases.
    norm, clipped_norm : norm of the gradient of all weights, and what clipping makes of it.
    """

    layers: list[LayerFlow]
    parameters: int = 0
    norm: float = 0.0
    clipped_norm: float = 0.0

    @property
    def signal_ratio(self) -> float:
        """Return the last layer's signal divided by the first's, or NaN if the first's is 0."""
        return ratio(self.layers[-1].signal, self.layers[0].signal)

    @property
    def gradient_ratio(self) -> float:
        """Return the first layer's gradient divided by the last's, or NaN if the last's is 0."""
        return ratio(self.layers[0].gradient, self.layers[-1].gradient)

    @property
    def weight_ratio(self) -> float:
        """Return the gradient of the first layer's weights divided by that of the last's, or NaN if that is 0."""
        return ratio(self.layers[0].weight_gradient, self.layers[-1].weight_gradient)

    @property
    def verdict(self) -> Verdict:
        """Classify both ratios: between 0.1 and 10 the flow is stable."""
        return verdict(self.layers[0].gradient, self.signal_ratio, self.gradient_ratio)


def compute_flow(
    *,
    depth: int,
    width: int,
    activation: str,
    init: str,
    sigma: float,
    seed: int,
    cure: str = "none",
    max_norm: float = 1.0,
) -> SignalFlow:
    """Send ``SAMPLES`` inputs from N(0, 1) through ``depth`` layers of ``width`` units, and the gradient back.

    The loss is the sum of the outputs, each times a number from N(0, 1), so that its gradient at the output has size 1.
    In float64 fifty layers neither overflow nor vanish altogether, whatever the weights.

    Parameters
    ----------
    init : of the weights; "default" is that of nn.Linear and has biases, all others have none.
    sigma : standard deviation of the weights where ``init`` is "normal".
    cure : one of ``CURES``. A residual connection adds a layer's input to its output; a norm stands between the
        weights and the activation, without parameters of its own.
    max_norm : of the gradient of all weights, where ``cure`` is "clipping".
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(SAMPLES, width, generator=generator, dtype=torch.float64)
    act = activation_module(activation)
    layers = [_draw(width, init, sigma, generator) for _ in range(depth)]
    pre, inner, outputs = [], [], []
    for w, b in layers:
        z = x @ w.t() if b is None else x @ w.t() + b  # (samples, width)
        h = _normalised(z, NORM_AXES[cure]) if cure in NORM_AXES else z
        x = x + act(h) if cure == "residual" else act(h)
        pre.append(z)
        inner.append(h.detach())
        outputs.append(x.detach())
    loss = (x * torch.randn(x.shape, generator=generator, dtype=torch.float64)).sum()
    gradients = torch.autograd.grad(loss, [*pre, *(w for w, _ in layers)])
    sizes = [_rms(gradient) for gradient in gradients[depth:]]
    norm = width * math.hypot(*sizes)  # the root of the sum of all squares
    return SignalFlow(
        [
            LayerFlow(_rms(y), _rms(gradient), _dead(act, h), size)
            for y, gradient, h, size in zip(outputs, gradients, inner, sizes, strict=False)
        ],
        parameters=sum(p.numel() for layer in layers for p in layer if p is not None),
        norm=norm,
        clipped_norm=min(norm, max_norm) if cure == "clipping" else norm,
    )


def _draw(width: int, init: str, sigma: float, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
    """Return the weights (width, width) of a layer, and its biases (width,) if the init has any."""
    w, b = torch.empty(width, width, dtype=torch.float64), None
    if init == "default":
        nn.init.kaiming_uniform_(w, a=5**0.5, generator=generator)
        b = nn.init.uniform_(torch.empty(width, dtype=torch.float64), -(width**-0.5), width**-0.5, generator=generator)
    else:
        initialise(w, init, generator, std=sigma)
    return w.requires_grad_(), b


def _normalised(z: Tensor, axis: int) -> Tensor:
    """Return ``z`` (samples, units) shifted and scaled to mean 0 and variance 1 along ``axis``."""
    variance, mean = torch.var_mean(z, axis, correction=0, keepdim=True)
    return (z - mean) / (variance + NORM_EPS).sqrt()


def _rms(values: Tensor) -> float:
    largest = values.abs().max()  # the squares of very small numbers would be 0
    return float(largest * (values / largest).square().mean().sqrt()) if largest else 0.0


def _dead(act: nn.Module, z: Tensor) -> int:
    z = z.clone().requires_grad_()
    (slope,) = torch.autograd.grad(act(z).sum(), z)
    return int((slope.abs().amax(0) < DEAD).sum())


# sigma matters only where the init is "normal".
_PLAIN: Final[Mapping[str, str | int | float]] = {"depth": 20, "width": 64, "cure": "none"}
_DEFAULT: Final[Mapping[str, str | int | float]] = {"depth": 20, "width": 64, "init": "default"}
PRESETS: Final[Mapping[str, Mapping[str, str | int | float]]] = {
    "twenty_sigmoids": {**_PLAIN, "activation": "sigmoid", "init": "xavier_normal"},
    "xavier_saves_tanh": {**_PLAIN, "activation": "tanh", "init": "xavier_normal"},
    "kaiming_saves_relu": {**_PLAIN, "activation": "relu", "init": "kaiming_normal"},
    "small_normal": {**_PLAIN, "activation": "relu", "init": "normal", "sigma": 0.01},
    "exploding": {**_PLAIN, "activation": "relu", "init": "normal", "sigma": 1.0},
    "all_zeros": {**_PLAIN, "activation": "tanh", "init": "zeros"},
    "residual_sigmoids": {**_DEFAULT, "activation": "sigmoid", "cure": "residual"},
    "layer_norm_tanh": {**_DEFAULT, "activation": "tanh", "cure": "layer_norm"},
    "layer_norm_sigmoids": {**_DEFAULT, "activation": "sigmoid", "cure": "layer_norm"},
    "batch_norm_relu": {**_DEFAULT, "activation": "relu", "cure": "batch_norm"},
}
