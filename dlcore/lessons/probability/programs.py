"""The program that throws a die in groups."""

from __future__ import annotations

from dlcore.lessons.probability.model import DieExperiment, Loads
from dlcore.programs.snippet import Snippet


def snippet(loads: Loads, *, groups: int, throws: int, seed: int, experiment: DieExperiment) -> Snippet:
    """Return the program of ``experiment``, and the first and last frequencies, which it prints."""
    faces = len(experiment.p)
    code = f"""\
import torch
from torch.nn.functional import one_hot

loads = torch.tensor({list(loads[0])}, dtype=torch.float64)
p = loads / loads.sum()
generator = torch.Generator().manual_seed({seed})

draws = torch.multinomial(p, {groups} * {throws}, replacement=True, generator=generator)
counts = one_hot(draws, {faces}).reshape({groups}, {throws}, {faces}).sum(1)  # (groups, faces)
totals = counts.cumsum(0)
estimates = totals / totals.sum(1, keepdim=True).double()
print(estimates[0])
print(estimates[-1])"""
    estimates = experiment.estimates
    return Snippet(code, f"{estimates[0]}\n{estimates[-1]}")
