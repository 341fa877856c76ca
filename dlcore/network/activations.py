"""The activation functions of the hand-written engine and their derivatives, computed in place on given buffers.

``settings.ACTIVATIONS`` names the PyTorch module that defines each; the tests compare these functions with those
modules and with autograd. Most derivatives are cheapest to compute from the output ``a`` of the forward pass; where
the input ``z`` is needed, ``keeps_input`` makes the engine keep it in a separate buffer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from dlcore.network.settings import LEAKY_RELU_SLOPE


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation function f as a forward and a backward function; all tensors have shape (units, samples).

    ``forward(z, a)`` writes f(z) to ``a``, which is ``z`` itself unless ``keeps_input``.
    ``backward(delta, z, a, scratch)`` multiplies ``delta`` by f'(z).
    """

    forward: Callable[[Tensor, Tensor], object]
    backward: Callable[[Tensor, Tensor, Tensor, Tensor], object]
    keeps_input: bool = False

    def __call__(self, z: Tensor) -> Tensor:
        """Return f(z) in new memory."""
        a = torch.empty_like(z) if self.keeps_input else z.clone()
        self.forward(z if self.keeps_input else a, a)
        return a

    def derivative(self, z: Tensor) -> Tensor:
        """Return f'(z) in new memory."""
        slope = torch.ones_like(z)
        self.backward(slope, z, self(z), torch.empty_like(z))
        return slope


# Masks are written as 0 and 1 into float buffers: at 100 × 3000 a boolean mask times a float took six times as long.
def _relu_backward(delta: Tensor, z: Tensor, a: Tensor, scratch: Tensor) -> None:
    delta.mul_(torch.sign(a, out=scratch))  # a ≥ 0


def _leaky_relu_backward(delta: Tensor, z: Tensor, a: Tensor, scratch: Tensor) -> None:
    delta.mul_(torch.gt(a, 0, out=scratch).mul_(1 - LEAKY_RELU_SLOPE).add_(LEAKY_RELU_SLOPE))


def _elu_backward(delta: Tensor, z: Tensor, a: Tensor, scratch: Tensor) -> None:
    # a = eᶻ − 1 for z < 0, so f' = eᶻ = a + 1 there, and 1 elsewhere
    delta.mul_(torch.clamp(a, max=0, out=scratch).add_(1))


def _tanh_backward(delta: Tensor, z: Tensor, a: Tensor, scratch: Tensor) -> None:
    delta.mul_(torch.mul(a, a, out=scratch).neg_().add_(1))


def _sigmoid_backward(delta: Tensor, z: Tensor, a: Tensor, scratch: Tensor) -> None:
    delta.mul_(torch.mul(a, a, out=scratch).neg_().add_(a))


def _softplus_forward(z: Tensor, a: Tensor) -> None:
    torch.logaddexp(z, z.new_zeros(()), out=a)  # log(eᶻ + e⁰)


def _softplus_backward(delta: Tensor, z: Tensor, a: Tensor, scratch: Tensor) -> None:
    # f' = σ(z) = 1 − e⁻ᵃ
    delta.mul_(torch.neg(a, out=scratch).expm1_().neg_())


def _silu_forward(z: Tensor, a: Tensor) -> None:
    torch.sigmoid(z, out=a).mul_(z)


def _silu_backward(delta: Tensor, z: Tensor, a: Tensor, scratch: Tensor) -> None:
    # f' = σ + zσ(1 − σ) = σ + a − aσ = σ(1 − a) + a
    torch.sigmoid(z, out=scratch)
    scratch.addcmul_(scratch, a, value=-1).add_(a)
    delta.mul_(scratch)


def _gelu_forward(z: Tensor, a: Tensor) -> None:
    # zΦ(z), with Φ(z) = (1 + erf(z/√2)) / 2
    torch.mul(z, math.sqrt(0.5), out=a).erf_().add_(1).mul_(0.5).mul_(z)


def _gelu_backward(delta: Tensor, z: Tensor, a: Tensor, scratch: Tensor) -> None:
    # f' = Φ(z) + zφ(z); this needs a second buffer, the only allocation in the engine's loop
    torch.mul(z, z, out=scratch).mul_(-0.5).exp_().mul_(z).mul_(1 / math.sqrt(2 * math.pi))
    scratch.add_(torch.mul(z, math.sqrt(0.5)).erf_().add_(1), alpha=0.5)
    delta.mul_(scratch)


IMPLEMENTATIONS: Final[Mapping[str, Activation]] = {
    "relu": Activation(lambda z, a: z.relu_(), _relu_backward),
    "leaky_relu": Activation(lambda z, a: F.leaky_relu_(z, LEAKY_RELU_SLOPE), _leaky_relu_backward),
    "elu": Activation(lambda z, a: F.elu_(z), _elu_backward),
    "gelu": Activation(_gelu_forward, _gelu_backward, keeps_input=True),
    "silu": Activation(_silu_forward, _silu_backward, keeps_input=True),
    "tanh": Activation(lambda z, a: z.tanh_(), _tanh_backward),
    "sigmoid": Activation(lambda z, a: z.sigmoid_(), _sigmoid_backward),
    "softplus": Activation(_softplus_forward, _softplus_backward),
    "identity": Activation(lambda z, a: None, lambda delta, z, a, scratch: None),
}
