"""Many draws of a normal distribution: counted in bins, and how near their mean and deviation come.

>>> counted = count(1000, mean=0.0, sd=1.0, bins=8, seed=0)
>>> int(counted.counts.sum()) + counted.outside, counted.edges[0].item(), counted.edges[-1].item()
(1000, -4.0, 4.0)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

REACH: Final = 4.0  # deviations to either side that the bins cover; of a million draws some 63 lie beyond


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts (bins,) between edges (bins + 1,) of n draws, those outside, and the sample's mean and deviation."""

    n: int
    mean: float
    sd: float
    seed: int
    counts: Tensor
    edges: Tensor
    outside: int
    sample_mean: Tensor
    sample_sd: Tensor

    @property
    def density(self) -> Tensor:
        """Heights (bins,) at which the bars have the areas that are the shares of the draws."""
        return self.counts / (self.n * (self.edges[1] - self.edges[0]))

    @property
    def mean_error(self) -> float:
        """Standard error of the mean, σ/√n."""
        return self.sd / math.sqrt(self.n)

    @property
    def sd_error(self) -> float:
        """Standard error of a normal sample's standard deviation, about σ/√(2n)."""
        return self.sd / math.sqrt(2 * self.n)


def count(n: int, *, mean: float, sd: float, bins: int, seed: int) -> Counted:
    """Draw n numbers, and count them in ``bins`` equal bins of ``mean`` ± 4 ``sd``."""
    x = mean + sd * torch.randn(n, generator=torch.Generator().manual_seed(seed))
    low, high = mean - REACH * sd, mean + REACH * sd
    counts = torch.histc(x, bins=bins, min=low, max=high).to(torch.int64)
    edges = torch.linspace(low, high, bins + 1, dtype=torch.float64)
    return Counted(n, mean, sd, seed, counts, edges, n - int(counts.sum()), x.mean(), x.std())


def density(x: Tensor, *, mean: float, sd: float) -> Tensor:
    """The normal density exp(−(x − μ)²/2σ²) / (σ√(2π)) at each x."""
    return torch.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
