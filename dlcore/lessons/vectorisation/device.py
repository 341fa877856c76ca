"""The same work on the CPU and on an accelerator: what a GPU is good for, and what a small network gains from it.

>>> multiply_adds("product")
1073741824
>>> seconds("step", "cpu") > 0
True
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import nn
from torch.nn import functional as F

UNITS: Final = (2, 100, 3)  # inputs, hidden units and classes of the spiral's network
SIDE: Final = 1024  # rows and columns of the matrices
SAMPLES: Final = {"step": 10, "epoch": 3000}  # of a minibatch, and all of the spiral
TIMINGS: Final = 20  # of each work; the shortest counts
TIMING_SECONDS: Final = 0.05  # no new timing of a work begins after so many seconds


def _send(device: str) -> Callable[[], object]:
    X = torch.zeros(SAMPLES["step"], UNITS[0])
    return lambda: X.to(device).to("cpu")


def _train(samples: int, device: str) -> Callable[[], object]:
    inputs, hidden, classes = UNITS
    X, y = torch.ones(samples, inputs, device=device), torch.zeros(samples, dtype=torch.int64, device=device)
    net = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, classes)).to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(net(X), y).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def _product(device: str) -> Callable[[], object]:
    A = torch.ones(SIDE, SIDE, device=device)
    return lambda: A @ A


# Each makes its tensors on a device and returns the function that is timed.
WORKS: Final[Mapping[str, Callable[[str], Callable[[], object]]]] = {
    "send": _send,
    "step": lambda device: _train(SAMPLES["step"], device),
    "epoch": lambda device: _train(SAMPLES["epoch"], device),
    "product": _product,
}


def multiply_adds(work: str) -> int:
    """Return how many multiplications and additions a work needs; of a training step those of the forward pass."""
    inputs, hidden, classes = UNITS
    if work == "product":
        return SIDE**3
    return 0 if work == "send" else SAMPLES[work] * (inputs * hidden + hidden * classes)


def seconds(work: str, device: str) -> float:
    """Return the shortest of some timings of a work on a device, after one that prepares it."""
    run = WORKS[work](device)
    timings: list[float] = []
    _timed(run, device)
    while len(timings) < TIMINGS and sum(timings) < TIMING_SECONDS:
        timings.append(_timed(run, device))
    return min(timings)


def _timed(run: Callable[[], object], device: str) -> float:
    began = time.perf_counter()
    run()
    if device != "cpu":  # a GPU works on after the call has returned
        getattr(torch, device).synchronize()
    return time.perf_counter() - began
