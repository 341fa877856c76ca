"""The training loop of linear regression as notebooks write it, any line of which can be left out.

>>> complete = train(Loop("sum", True, 0.03, LINES))
>>> [f"{loss:.2g}" for loss in complete.losses]
['0.039', '0.00014', '4.6e-05']
>>> train(Loop("none", True, 0.03, LINES)).error
'RuntimeError: grad can be implicitly created only for scalar outputs'
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import torch
from torch import Tensor

REDUCTIONS: Final = ("sum", "mean", "none")
LINES: Final = ("backward", "no_grad", "divide", "zero")  # those that can be left out
BATCH_SIZE, EPOCHS, SEED = 10, 3, 0
N: Final = 1000
TRUE: Final = (2.0, -3.4, 4.2)  # w₁, w₂, b


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: how the loss of a batch becomes one number, whether the square is halved, and the lines it has."""

    reduction: str
    half: bool
    lr: float
    lines: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Return the learning rate with which the mean of the squared errors would take the same steps."""
        summed = BATCH_SIZE if self.reduction == "sum" else 1
        return self.lr * (0.5 if self.half else 1) * summed / (BATCH_SIZE if "divide" in self.lines else 1)


@dataclass(frozen=True, slots=True)
class LoopRun:
    """The parameters (w₁, w₂, b) before the first update and after each, the loss after each epoch, torch's error."""

    path: tuple[tuple[float, ...], ...]
    losses: tuple[float, ...]
    error: str


def data(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return the course's samples X (N, 2) and y (N, 1), float32 as notebooks have them."""
    X = torch.randn(N, 2, generator=generator)
    y = X @ torch.tensor(TRUE[:2])[:, None] + TRUE[2]
    return X, y + 0.01 * torch.randn(N, 1, generator=generator)


def _flat(w: Tensor, b: Tensor) -> tuple[float, ...]:
    return (*w.flatten().tolist(), *b.tolist())


@lru_cache(maxsize=64)
def train(loop: Loop) -> LoopRun:
    """Train by a loop from parameters of 0, until its end or the first error."""
    generator = torch.Generator().manual_seed(SEED)
    X, y = data(generator)
    w, b = torch.zeros(2, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    path, losses = [_flat(w, b)], []

    def squared_loss(y_hat: Tensor, y: Tensor) -> Tensor:
        return (y_hat - y) ** 2 / 2 if loop.half else (y_hat - y) ** 2

    try:
        for _ in range(EPOCHS):
            for batch in torch.split(torch.randperm(N, generator=generator), BATCH_SIZE):
                loss = squared_loss(X[batch] @ w + b, y[batch])
                if "backward" in loop.lines:
                    (loss if loop.reduction == "none" else getattr(loss, loop.reduction)()).backward()
                with torch.no_grad() if "no_grad" in loop.lines else nullcontext():
                    for param in (w, b):
                        step = loop.lr * param.grad  # type: ignore[operator]  # without backward it is None
                        param -= step / BATCH_SIZE if "divide" in loop.lines else step
                        if "zero" in loop.lines:
                            param.grad.zero_()  # type: ignore[union-attr]
                path.append(_flat(w, b))
            with torch.no_grad():
                losses.append(float(squared_loss(X @ w + b, y).mean()))
    except (RuntimeError, TypeError) as error:
        return LoopRun(tuple(path), tuple(losses), f"{type(error).__name__}: {error}")
    return LoopRun(tuple(path), tuple(losses), "")
