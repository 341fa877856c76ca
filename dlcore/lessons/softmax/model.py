"""Softmax and cross-entropy from scratch: what they say of logits, where they overflow, and the cure.

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
    """exp(z/T) over its sum along the last dimension, the largest z taken off first: it cannot overflow."""
    z = logits / temperature
    z = z - z.max(-1, keepdim=True).values
    e = z.exp()
    return e / e.sum(-1, keepdim=True)


def gradient(logits: Tensor, y: int, temperature: float = 1.0) -> Tensor:
    """Of the loss of one sample with respect to its logits (classes,): (p − y)/T, with y one-hot."""
    p = softmax(logits, temperature)
    p[y] = p[y] - 1
    return p / temperature


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a computation: an id, and a value for each class or one for all."""

    id: str
    values: tuple[float, ...]

    @property
    def broken(self) -> bool:
        """Whether something in it is infinite or no number."""
        return not all(map(math.isfinite, self.values))


def _step(id: str, values: Tensor) -> Step:
    return Step(id, tuple(values.reshape(-1).tolist()))


def naive_steps(logits: Tensor, y: int) -> list[Step]:
    """The loss by the definition, each line as the dtype of ``logits`` really computes it."""
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


def stable_steps(logits: Tensor, y: int) -> list[Step]:
    """The same loss by LogSumExp, in the same dtype; m is never added back, which would cost digits."""
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


def largest_exponent(dtype: torch.dtype) -> float:
    """The largest z whose exp is finite in ``dtype``."""
    return math.log(torch.finfo(dtype).max)


def smallest_exponent(dtype: torch.dtype) -> float:
    """The z below which exp is 0 in ``dtype``: it is nearer to 0 than to the smallest number above 0."""
    limits = torch.finfo(dtype)
    return math.log(limits.tiny) + math.log(limits.eps) - math.log(2)
