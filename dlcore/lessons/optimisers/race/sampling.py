"""Gradients of samples: f as the mean of the losses of 64 samples, of which a step sees a batch.

The loss of sample i is f(x, y) + aᵢx + bᵢy. The numbers aᵢ and bᵢ come from N(0, 1) in pairs of opposite sign, so that
they cancel in the mean over all samples, which is f itself.

>>> draws = Sampling(batch_size=1, seed=0).draws(3)
>>> draws.shape, Sampling(batch_size=SAMPLES, seed=0).draws(3).abs().max().item() < 1e-15
(torch.Size([3, 2]), True)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

SAMPLES: Final = 64


@dataclass(frozen=True, slots=True)
class Sampling:
    """The batch of each step: its size, and the seed of the samples and of the choice among them."""

    batch_size: int
    seed: int

    def draws(self, steps: int) -> Tensor:
        """Return what each batch adds to the gradient of f, (steps, 2): the mean of its a and its b."""
        g = torch.Generator().manual_seed(self.seed)
        half = torch.randn(SAMPLES // 2, 2, generator=g, dtype=torch.float64)
        samples = torch.cat([half, -half])
        rows = [torch.randperm(SAMPLES, generator=g)[: self.batch_size] for _ in range(steps)]
        return samples[torch.stack(rows)].mean(1)
