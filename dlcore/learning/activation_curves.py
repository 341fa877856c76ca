"""Activation functions from scratch, each with its derivative and, where it has one, its parameter.

Formulas: those of ``torch.nn.functional``, which the tests hold them to, value and derivative.

>>> x = torch.tensor([-2.0, 0.0, 2.0])
>>> CURVES["leaky_relu"].value(x, 0.1).tolist()
[-0.20000000298023224, 0.0, 2.0]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

Function = Callable[[Tensor, float], Tensor]


@dataclass(frozen=True, slots=True)
class Curve:
    """``value`` and ``derivative`` of x and the parameter; ``parameter`` is the setting that holds it, if any.

    ``call`` is the call of ``torch.nn.functional`` with ``{}`` for the parameter; ``formula`` is in TeX.
    """

    value: Function
    derivative: Function
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


CURVES: Final[Mapping[str, Curve]] = {
    "relu": Curve(lambda x, _: x.clamp(min=0), lambda x, _: (x > 0).to(x.dtype), "F.relu(x)", r"\max(0, x)"),
    "leaky_relu": Curve(
        _leaky, _leaky_derivative, "F.leaky_relu(x, {})", r"x \text{ if } x > 0 \text{ else } a x", "slope"
    ),
    "prelu": Curve(
        _leaky,
        _leaky_derivative,
        "F.prelu(x, torch.tensor({}, dtype=x.dtype))",
        r"x \text{ if } x > 0 \text{ else } a x, \quad a \text{ learned}",
        "learned",
    ),
    "elu": Curve(
        lambda x, a: torch.where(x > 0, x, a * torch.expm1(x.clamp(max=0))),
        lambda x, a: torch.where(x > 0, torch.ones_like(x), a * torch.exp(x.clamp(max=0))),
        "F.elu(x, {})",
        r"x \text{ if } x > 0 \text{ else } \alpha (e^x - 1)",
        "alpha",
    ),
    "gelu": Curve(
        lambda x, _: x * _normal_cdf(x),
        lambda x, _: _normal_cdf(x) + x * _normal_density(x),
        "F.gelu(x)",
        r"x\,\Phi(x)",
    ),
    "silu": Curve(
        lambda x, _: x * _sigmoid(x),
        lambda x, _: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))),
        "F.silu(x)",
        r"x\,\sigma(x)",
    ),
    "sigmoid": Curve(
        lambda x, _: _sigmoid(x),
        lambda x, _: _sigmoid(x) * (1 - _sigmoid(x)),
        "torch.sigmoid(x)",
        r"\sigma(x) = \frac{1}{1 + e^{-x}}",
    ),
    "tanh": Curve(
        lambda x, _: torch.tanh(x),
        lambda x, _: 1 - torch.tanh(x) ** 2,
        "torch.tanh(x)",
        r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
    ),
    "softplus": Curve(
        _softplus,
        lambda x, b: _sigmoid(b * x),
        "F.softplus(x, {})",
        r"\frac{1}{\beta}\log(1 + e^{\beta x})",
        "beta",
    ),
    "identity": Curve(lambda x, _: x.clone(), lambda x, _: torch.ones_like(x), "x.clone()", "x"),
}
