"""How large the signal is on its way through a deep net, and the gradient on its way back.

>>> twenty = flow(depth=20, width=64, activation="sigmoid", init="xavier_normal", sigma=0.01, seed=0)
>>> len(twenty.layers), twenty.layers[0].gradient < 1e-6 * twenty.layers[-1].gradient
(20, True)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

SAMPLES: Final = 64
DEAD: Final = 1e-12  # a unit whose derivative is below this for every sample learns nothing

MODULES: Final[Mapping[str, str]] = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softplus": "Softplus",
    "identity": "Identity",
}
# The call of torch.nn.init for each kind, given the weight, σ and the generator.
INITS: Final[Mapping[str, Callable[[Tensor, float, torch.Generator], object]]] = {
    "zeros": lambda w, sigma, g: nn.init.zeros_(w),
    "normal": lambda w, sigma, g: nn.init.normal_(w, std=sigma, generator=g),
    "xavier_uniform": lambda w, sigma, g: nn.init.xavier_uniform_(w, generator=g),
    "xavier_normal": lambda w, sigma, g: nn.init.xavier_normal_(w, generator=g),
    "kaiming_uniform": lambda w, sigma, g: nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g),
    "kaiming_normal": lambda w, sigma, g: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g),
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, over all samples and units.

    Attributes
    ----------
    signal : root mean square of its outputs.
    gradient : root mean square of the loss's gradient with respect to its pre-activations.
    dead : units whose output no sample can change: the activation's derivative is 0 at all of them.
    """

    signal: float
    gradient: float
    dead: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The layers from the input to the output."""

    layers: list[Layer]

    @property
    def signal_ratio(self) -> float:
        """The last layer's signal against the first's; NaN if that is 0."""
        return _ratio(self.layers[-1].signal, self.layers[0].signal)

    @property
    def gradient_ratio(self) -> float:
        """The first layer's gradient against the last's; NaN if that is 0."""
        return _ratio(self.layers[0].gradient, self.layers[-1].gradient)


def _ratio(a: float, b: float) -> float:
    return a / b if b else float("nan")


def flow(*, depth: int, width: int, activation: str, init: str, sigma: float, seed: int) -> Flow:
    """Send ``SAMPLES`` inputs from N(0, 1) through ``depth`` layers of ``width`` units without biases, and back.

    The loss is the sum of the outputs, each times a number from N(0, 1), so that its gradient at the output has size 1.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(SAMPLES, width, generator=generator)
    act: nn.Module = getattr(nn, MODULES[activation])()
    weights, pre, outputs = [], [], []
    for _ in range(depth):
        w = torch.empty(width, width)
        INITS[init](w, sigma, generator)
        weights.append(w.requires_grad_())
    for w in weights:
        z = x @ w.t()  # (samples, width)
        x = act(z)
        pre.append(z)
        outputs.append(x)
    loss = (x * torch.randn(x.shape, generator=generator)).sum()
    gradients = torch.autograd.grad(loss, pre)
    return Flow(
        [Layer(_rms(out.detach()), _rms(gradients[i]), _dead(act, pre[i].detach())) for i, out in enumerate(outputs)]
    )


def _rms(values: Tensor) -> float:
    return float(values.to(torch.float64).square().mean().sqrt())


def _dead(act: nn.Module, z: Tensor) -> int:
    z = z.clone().requires_grad_()
    (slope,) = torch.autograd.grad(act(z).sum(), z)
    return int((slope.abs().amax(0) < DEAD).sum())


# Depth, width, activation and init of what is worth a look; σ counts where the init is "normal".
PRESETS: Final[Mapping[str, Mapping[str, str | int | float]]] = {
    "twenty_sigmoids": {"depth": 20, "width": 64, "activation": "sigmoid", "init": "xavier_normal"},
    "xavier_saves_tanh": {"depth": 20, "width": 64, "activation": "tanh", "init": "xavier_normal"},
    "kaiming_saves_relu": {"depth": 20, "width": 64, "activation": "relu", "init": "kaiming_normal"},
    "small_normal": {"depth": 20, "width": 64, "activation": "relu", "init": "normal", "sigma": 0.01},
    "exploding": {"depth": 20, "width": 64, "activation": "relu", "init": "normal", "sigma": 1.0},
    "all_zeros": {"depth": 20, "width": 64, "activation": "tanh", "init": "zeros"},
}
