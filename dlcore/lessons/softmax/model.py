"""Softmax and cross-entropy from scratch: their values, where they overflow, and how LogSumExp prevents it.

>>> from dlcore.network.from_scratch import cross_entropy
>>> z = torch.tensor([4.0, 8.0, 3.0])
>>> [round(float(cross_entropy(z[None], torch.tensor([y]))), 4) for y in range(3)]
[4.0247, 0.0247, 5.0247]
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

DTYPES: Final = {"float16": torch.float16, "float32": torch.float32, "float64": torch.float64}


def softmax(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Return the probabilities exp(z/T) / Σ exp(z/T) along the last dimension of ``logits``, of the same shape.

    The largest z is subtracted first, so that exp cannot overflow.
    """
    z = logits / temperature
    e = (z - z.max(-1, keepdim=True).values).exp()
    return e / e.sum(-1, keepdim=True)


def gradient(logits: Tensor, y: int, temperature: float = 1.0) -> Tensor:
    """Return the gradient of one sample's loss with respect to its logits (classes,): (p − y)/T, with y one-hot."""
    p = softmax(logits, temperature)
    p[y] = p[y] - 1
    return p / temperature


@dataclass(frozen=True, slots=True)
class SoftmaxStep:
    """One step of the computation of the loss: an id, and one value for each class or a single one."""

    id: str
    values: tuple[float, ...]

    @property
    def broken(self) -> bool:
        """Return whether a value is infinite or NaN."""
        return not all(map(math.isfinite, self.values))


def _step(id: str, values: Tensor) -> SoftmaxStep:
    return SoftmaxStep(id, tuple(values.reshape(-1).tolist()))


def naive_steps(logits: Tensor, y: int) -> list[SoftmaxStep]:
    """Return the steps to the loss by its definition, computed in the dtype of ``logits`` (classes,)."""
    e = logits.exp()
    total = e.sum()
    p = e / total
    return [
        _step("z", logits),
        _step("exp", e),
        _step("sum", total),
        _step("p", p),
        _step("loss", -p[y].log()),
    ]


def stable_steps(logits: Tensor, y: int) -> list[SoftmaxStep]:
    """Return the steps to the loss by LogSumExp, computed in the dtype of ``logits`` (classes,).

    The maximum m is never added back, which would cost digits.
    """
    m = logits.max()
    shifted = logits - m
    e = shifted.exp()
    total = e.sum()
    log = total.log()
    return [
        _step("z", logits),
        _step("shifted", shifted),
        _step("exp_shifted", e),
        _step("sum", total),
        _step("log", log),
        _step("loss", log - shifted[y]),
    ]


def exact_loss(logits: Tensor, y: int) -> float:
    """Return the loss of ``logits`` (classes,), as rounded to their dtype, by LogSumExp in float64."""
    return stable_steps(logits.to(torch.float64), y)[-1].values[0]


def is_off(loss: float, exact: float, dtype: torch.dtype) -> bool:
    """Return whether ``loss``, computed in ``dtype``, is farther from ``exact`` than rounding explains.

    Where nothing overflows or loses bits near 0, both ways to compute the loss stay within 2 units of the dtype's eps.
    """
    return not abs(loss - exact) <= 8 * torch.finfo(dtype).eps * max(1.0, exact)


def largest_exponent(dtype: torch.dtype) -> float:
    """Return the largest z whose exp is finite in ``dtype``."""
    return math.log(torch.finfo(dtype).max)


def smallest_exponent(dtype: torch.dtype) -> float:
    """Return the z below which exp is 0 in ``dtype``: half the smallest positive number, which rounds to 0."""
    limits = torch.finfo(dtype)
    return math.log(limits.tiny) + math.log(limits.eps) - math.log(2)
