"""How large a tile of a batch is: measured on this machine, once a process.

On one machine a tile that fills the second-level cache trains 100 units a fifth faster than the whole batch at once; on
another, whose large third-level cache is quick, it trains them an eighth slower. With several narrow layers the
products of small tiles cost more than the cache gains. So networks of one hidden layer and of more are timed, each by
an epoch of 3000 samples, when the first batch comes that a tile could cut.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Final

import torch
from torch import nn

from dlcore.network.model import build, linear_layers
from dlcore.network.passes import TILE_VALUES, Batch, Network, with_ones
from dlcore.network.settings import ModelConfig, TrainingConfig

# Hidden values of a tile. The first stays unless another is clearly faster; the last takes 3000 × 100 in one piece.
CANDIDATES: Final = (TILE_VALUES, TILE_VALUES // 2, TILE_VALUES * 2, TILE_VALUES * 4)
CLEARLY: Final = 0.93
ROUNDS: Final = 7
MIN_ROUNDS: Final = 3
SECONDS: Final = 0.04  # of processor time, at most: a slow machine keeps the first
VARIABLE: Final = "PLAYGROUND_TILE"  # of the environment: a number of hidden values to take instead, for equal digits

SHALLOW: Final = (100,)
DEEP: Final = (32, 32, 32)

# The thread's own processor time, which other work does not lengthen; some systems count it in steps of 16 ms.
_FINE: Final = time.get_clock_info("thread_time").resolution < 1e-5
CLOCK: Final = time.thread_time if _FINE else time.perf_counter

_chosen: dict[tuple[int, ...], int] = {}
_lock = threading.Lock()


def tile_values(model: nn.Sequential, samples: int) -> int | None:
    """Return how many hidden values a tile of a batch should hold; None if no candidate would cut the batch.

    The first call for one hidden layer, and the first for more, take up to ``SECONDS``.
    """
    widths = [layer.out_features for layer in linear_layers(model)[:-1]]
    if samples * sum(widths) <= min(CANDIDATES):
        return None
    if VARIABLE in os.environ:
        return int(os.environ[VARIABLE])
    hidden = SHALLOW if len(widths) == 1 else DEEP
    with _lock:
        if hidden not in _chosen:
            _chosen[hidden] = CANDIDATES[fastest([_epoch(hidden, values) for values in CANDIDATES])]
        return _chosen[hidden]


def fastest(trials: Sequence[Callable[[], object]], clock: Callable[[], float] = CLOCK) -> int:
    """Return the index of the trial with the least median time; 0 if it is not clearly less, or time is up.

    The trials take turns, so that what else the machine does falls on all alike; the first round warms up.
    """
    times: list[list[float]] = [[] for _ in trials]
    end = clock() + SECONDS
    for trial, taken in islice(cycle(zip(trials, times, strict=True)), (1 + ROUNDS) * len(trials)):
        start = clock()
        if start > end:
            break
        trial()
        taken.append(clock() - start)
    rounds = len(times[-1])
    if rounds < 1 + MIN_ROUNDS:
        return 0
    medians = [statistics.median(taken[1:rounds]) for taken in times]
    best = medians.index(min(medians))
    return best if medians[best] < CLEARLY * medians[0] else 0


def _epoch(hidden: tuple[int, ...], values: int) -> Callable[[], None]:
    """Return the passes of one epoch over 3000 samples of 3 classes, in tiles of so many hidden values."""
    stream = torch.Generator().manual_seed(0)
    model = build(ModelConfig(hidden), TrainingConfig(), n_inputs=2, n_classes=3, generator=stream)
    network = Network(model, "relu", dtype=torch.float32, device=torch.device("cpu"), tile_values=values)
    X = torch.randn(3000, 2, generator=stream)
    Y = nn.functional.one_hot(torch.arange(3000) % 3).t().to(X.dtype).contiguous()
    batch = Batch(network.tiles(with_ones(X), Y), (), X.new_tensor(1 / 3000))

    def learn() -> None:
        with torch.inference_mode():
            network.learn(batch, X.new_zeros(()))

    return learn
