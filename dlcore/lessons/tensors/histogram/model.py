"""A histogram of draws from a normal distribution, with the sample's mean, standard deviation and their errors.

>>> counted = count_draws(1000, mean=0.0, sd=1.0, bins=8, seed=0)
>>> int(counted.counts.sum()) + counted.outside, counted.edges[0].item(), counted.edges[-1].item()
(1000, -4.0, 4.0)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

REACH: Final = 4.0  # standard deviations to each side that the bins cover; of a million draws some 63 lie beyond


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts (bins,) of n draws between edges (bins + 1,).

    ``outside`` counts the draws beyond the edges; ``mean`` and ``sd`` belong to the distribution, ``sample_mean`` and
    ``sample_sd`` to the draws.
    """

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
        """Return the heights (bins,) of the bars: the area of each is its share of the draws."""
        return self.counts / (self.n * (self.edges[1] - self.edges[0]))

    @property
    def mean_error(self) -> float:
        """Return the standard error of the mean, σ/√n."""
        return self.sd / math.sqrt(self.n)

    @property
    def sd_error(self) -> float:
        """Return the standard error of a normal sample's standard deviation, about σ/√(2n)."""
        return self.sd / math.sqrt(2 * self.n)


def count_draws(n: int, *, mean: float, sd: float, bins: int, seed: int) -> Histogram:
    """Draw n numbers and count them in ``bins`` equal bins over ``mean`` ± 4 ``sd``."""
    x = mean + sd * torch.randn(n, generator=torch.Generator().manual_seed(seed))
    low, high = mean - REACH * sd, mean + REACH * sd
    counts = torch.histc(x, bins=bins, min=low, max=high).to(torch.int64)
    edges = torch.linspace(low, high, bins + 1, dtype=torch.float64)
    return Histogram(n, mean, sd, seed, counts, edges, n - int(counts.sum()), x.mean(), x.std())


def density(x: Tensor, *, mean: float, sd: float) -> Tensor:
    """Return the normal density exp(−(x − μ)²/2σ²) / (σ√(2π)) at each x."""
    return torch.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
