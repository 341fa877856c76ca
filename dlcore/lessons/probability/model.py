"""A die, fair or loaded, thrown in groups: relative frequencies, their errors, and the expected errors.

>>> p = distribution(((1.0, 1.0, 2.0),))
>>> p.tolist()
[0.25, 0.25, 0.5]
>>> experiment = throw(p, groups=500, throws=10, seed=0)
>>> experiment.counts.shape, int(experiment.counts.sum())
(torch.Size([500, 3]), 5000)
>>> with_probability(((0.25, 0.25, 0.5),), 2, 0.8)
((0.1, 0.1, 0.8),)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import torch
from torch import Tensor

from dlcore.lessons.probability.settings import MAX_FACES
from dlcore.settings.errors import InputError

MIN_FACES: Final = 2
MIN_LOAD: Final = 1e-6  # of all faces together; a smaller sum is too inexact to divide by
DECIMALS: Final = 6  # of a load that follows from changing another one
Z95: Final = 1.96  # standard deviations to each side that hold 95 % of a normal distribution

Loads = tuple[tuple[float, ...], ...]


class DieError(InputError):
    """Loads that do not describe a die."""

    WORDS = "probability.problem"
    RULES: ClassVar[Mapping[str, str]] = {
        "faces": "a die must have {min} to {max} faces, got {got}",
        "negative": "the load of a face must not be negative, that of face {face} is {value:g}",
        "zero": "the loads must add up to {min:g} or more, got {got:g}",
    }


@dataclass(frozen=True, slots=True, eq=False)
class DieExperiment:
    """Throws of a die in groups of equal size.

    Attributes
    ----------
    p : the true probability of each face, (faces,) float64.
    counts : of each face in each group, (groups, faces) int64.
    throws : in each group.
    """

    p: Tensor
    counts: Tensor
    throws: int

    @property
    def n(self) -> Tensor:
        """Return the number of throws up to and including each group, (groups,) float64."""
        return torch.arange(1, len(self.counts) + 1, dtype=torch.float64) * self.throws

    @property
    def estimates(self) -> Tensor:
        """Return the relative frequency of each face up to and including each group, (groups, faces) float64."""
        totals = self.counts.cumsum(0)
        return totals / totals.sum(1, keepdim=True).double()

    @property
    def errors(self) -> Tensor:
        """Return the absolute error of each estimate, (groups, faces) float64."""
        return (self.estimates - self.p).abs()

    def spread(self, face: int) -> tuple[float, float]:
        """Return the observed and the expected spread of the groups' frequencies of a face (from 0).

        Both are standard deviations about its probability p; the expected one is √(p(1−p)/throws).
        """
        p = self.p[face]
        observed = (self.counts[:, face] / self.throws - p).square().mean().sqrt()
        return float(observed), float((p * (1 - p) / self.throws).sqrt())


def fair(faces: int) -> Loads:
    """Return the loads of a fair die."""
    return ((1.0,) * faces,)


def distribution(loads: Loads) -> Tensor:
    """Return the probability of each face, (faces,) float64: its share of the loads, which are one row.

    Raises
    ------
    DieError : too many or too few faces, a negative load, or a sum of loads near 0.
    """
    (row,) = loads
    if not MIN_FACES <= len(row) <= MAX_FACES:
        raise DieError("faces", min=MIN_FACES, max=MAX_FACES, got=len(row))
    for face, load in enumerate(row, 1):
        if load < 0:
            raise DieError("negative", face=face, value=load)
    if sum(row) < MIN_LOAD:
        raise DieError("zero", min=MIN_LOAD, got=sum(row))
    weights = torch.tensor(row, dtype=torch.float64)
    return weights / weights.sum()


def with_probability(loads: Loads, face: int, probability: float) -> Loads:
    """Return loads with which a face (from 0) has this probability and the others keep their proportions.

    If the other faces all had probability 0, they get equal shares of the rest.
    """
    p = distribution(loads).tolist()
    rest = sum(p[:face] + p[face + 1 :])
    shares = [share / rest for share in p] if rest > MIN_LOAD else [1 / (len(p) - 1)] * len(p)
    row = [round(share * (1 - probability), DECIMALS) for share in shares]
    row[face] = float(probability)
    return (tuple(row),)


def throw(p: Tensor, *, groups: int, throws: int, seed: int) -> DieExperiment:
    """Throw a die with probabilities ``p`` (faces,), ``throws`` times in each group."""
    generator = torch.Generator().manual_seed(seed)
    faces = torch.multinomial(p, groups * throws, replacement=True, generator=generator)
    counts = torch.nn.functional.one_hot(faces, len(p)).reshape(groups, throws, len(p)).sum(1)  # (groups, faces)
    return DieExperiment(p, counts, throws)


def band(p: float, n: Tensor) -> tuple[Tensor, Tensor]:
    """Return the limits between which about 95 % of all frequencies lie after ``n`` throws: p ± 1.96·√(p(1−p)/n).

    This is the normal approximation behind the Wald interval, with the true p in place of an estimate. It is
    rough while n·p or n·(1−p) is small (Brown, Cai and DasGupta, Interval Estimation for a Binomial Proportion,
    Statistical Science 16, 2001).

    Parameters
    ----------
    p : the true probability.
    n : throws, any shape; both limits have the same shape and lie within [0, 1].
    """
    half = Z95 * (p * (1 - p) / n).sqrt()
    return (p - half).clamp(min=0), (p + half).clamp(max=1)


def expected_error(p: Tensor, n: Tensor) -> Tensor:
    """Return the expected mean absolute error over the faces after ``n`` throws: c/√n, unless some p·n is small.

    The mean absolute deviation of a normal variable is √(2/π) standard deviations, so c is the mean of √(2p(1−p)/π).
    """
    c = (2 * p * (1 - p) / math.pi).sqrt().mean()
    return c / n.sqrt()


def slope(n: Tensor, error: Tensor) -> float:
    """Return the least-squares slope of log ``error`` over log ``n``; −0.5 if the error falls like 1/√n."""
    x, y = n.log(), error.log()
    x = x - x.mean()
    return float((x * (y - y.mean())).sum() / x.square().sum())
