"""Activation functions from scratch, each with its derivative and, where it has one, its parameter.

The tests compare value and derivative with ``torch.nn.functional``. Only softplus differs, by e⁻²⁰/β at most: where
βx > 20 torch returns x itself.

GELU: Hendrycks & Gimpel, "Gaussian Error Linear Units" (2016). SiLU: Elfwing et al., "Sigmoid-Weighted Linear Units for
Neural Network Function Approximation in Reinforcement Learning" (2018); as "Swish" Ramachandran et al., "Searching for
Activation Functions" (2017). ELU: Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units"
(2016).

>>> x = torch.tensor([-2.0, 0.0, 2.0])
>>> FUNCTIONS["leaky_relu"].value(x, 0.1).tolist()
[-0.20000000298023224, 0.0, 2.0]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

Elementwise = Callable[[Tensor, float], Tensor]


@dataclass(frozen=True, slots=True)
class ActivationFunction:
    """An activation function: its value and derivative for x and the parameter, as functions, as code and in TeX.

    Attributes
    ----------
    scratch : lines of a program that compute y and its slope from a tensor x, with ``{}`` for the parameter.
    call : the call of ``torch.nn.functional``, with ``{}`` for the parameter.
    formula : in TeX.
    parameter : name of the setting that holds the parameter; empty if there is none.
    """

    value: Elementwise
    derivative: Elementwise
    scratch: str
    call: str
    formula: str
    parameter: str = ""


def _sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def _normal_cdf(x: Tensor) -> Tensor:
    return (1 + torch.erf(x / math.sqrt(2))) / 2


def _normal_density(x: Tensor) -> Tensor:
    return torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def _leaky(x: Tensor, a: float) -> Tensor:
    return torch.where(x > 0, x, a * x)


def _leaky_derivative(x: Tensor, a: float) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), torch.full_like(x, a))


def _softplus(x: Tensor, b: float) -> Tensor:
    # log(1 + e^bx)/b, written so that e^bx cannot overflow
    return x.clamp(min=0) + torch.log1p(torch.exp(-(b * x).abs())) / b


_LEAKY_SCRATCH = "a = {}\ny = torch.where(x > 0, x, a * x)\nslope = torch.where(x > 0, torch.ones_like(x), a)"

# The activations of dlcore.network.settings in their order, and PReLU, whose parameter a network learns.
FUNCTIONS: Final[Mapping[str, ActivationFunction]] = {
    "relu": ActivationFunction(
        lambda x, _: x.clamp(min=0),
        lambda x, _: (x > 0).to(x.dtype),
        "y = x.clamp(min=0)\nslope = (x > 0).to(x.dtype)",
        "F.relu(x)",
        r"\max(0, x)",
    ),
    "leaky_relu": ActivationFunction(
        _leaky,
        _leaky_derivative,
        _LEAKY_SCRATCH,
        "F.leaky_relu(x, {})",
        r"x \text{ if } x > 0 \text{ else } a x",
        "leaky_slope",
    ),
    "elu": ActivationFunction(
        lambda x, a: torch.where(x > 0, x, a * torch.expm1(x.clamp(max=0))),
        lambda x, a: torch.where(x > 0, torch.ones_like(x), a * torch.exp(x.clamp(max=0))),
        "alpha = {}\n"
        "y = torch.where(x > 0, x, alpha * torch.expm1(x))  # e^x - 1\n"
        "slope = torch.where(x > 0, torch.ones_like(x), alpha * torch.exp(x))",
        "F.elu(x, {})",
        r"x \text{ if } x > 0 \text{ else } \alpha (e^x - 1)",
        "alpha",
    ),
    "gelu": ActivationFunction(
        lambda x, _: x * _normal_cdf(x),
        lambda x, _: _normal_cdf(x) + x * _normal_density(x),
        "Phi = (1 + torch.erf(x / 2**0.5)) / 2  # of N(0, 1), the share below x\n"
        "density = torch.exp(-(x**2) / 2) / (2 * torch.pi) ** 0.5\n"
        "y = x * Phi\n"
        "slope = Phi + x * density",
        "F.gelu(x)",
        r"x\,\Phi(x)",
    ),
    "silu": ActivationFunction(
        lambda x, _: x * _sigmoid(x),
        lambda x, _: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))),
        "s = 1 / (1 + torch.exp(-x))\ny = x * s\nslope = s * (1 + x * (1 - s))",
        "F.silu(x)",
        r"x\,\sigma(x)",
    ),
    "tanh": ActivationFunction(
        lambda x, _: torch.tanh(x),
        lambda x, _: 1 - torch.tanh(x) ** 2,
        "y = torch.tanh(x)\nslope = 1 - y**2",
        "torch.tanh(x)",
        r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
    ),
    "sigmoid": ActivationFunction(
        lambda x, _: _sigmoid(x),
        lambda x, _: _sigmoid(x) * (1 - _sigmoid(x)),
        "y = 1 / (1 + torch.exp(-x))\nslope = y * (1 - y)",
        "torch.sigmoid(x)",
        r"\sigma(x) = \frac{1}{1 + e^{-x}}",
    ),
    "softplus": ActivationFunction(
        _softplus,
        lambda x, b: _sigmoid(b * x),
        "beta = {}\n"
        "y = torch.log(1 + torch.exp(beta * x)) / beta\n"
        "y = torch.where(beta * x > 20, x, y)  # torch's threshold: beyond it exp might overflow\n"
        "slope = 1 / (1 + torch.exp(-beta * x))",
        "F.softplus(x, {})",
        r"\frac{1}{\beta}\log(1 + e^{\beta x})",
        "beta",
    ),
    "identity": ActivationFunction(
        lambda x, _: x.clone(), lambda x, _: torch.ones_like(x), "y = x\nslope = torch.ones_like(x)", "x.clone()", "x"
    ),
    "prelu": ActivationFunction(
        _leaky,
        _leaky_derivative,
        _LEAKY_SCRATCH,
        "F.prelu(x, torch.tensor({}, dtype=x.dtype))",
        r"x \text{ if } x > 0 \text{ else } a x, \quad a \text{ learned}",
        "prelu_slope",
    ),
}
