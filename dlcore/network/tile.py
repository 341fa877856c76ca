"""The size of a batch's tiles, measured on this machine once per process.

On one machine a tile that fills the L2 cache trains 100 units a fifth faster than the whole batch at once; on another,
with a large and fast L3 cache, it trains them an eighth slower. With several small layers the products of small tiles
cost more than the cache gains. So networks of one and of several hidden layers are timed, each by epochs of 3000
samples, at the first batch that is large enough to be cut.
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

# Hidden values of a tile. The first is used unless another is clearly faster; the last does not cut 3000 × 100.
CANDIDATES: Final = (TILE_VALUES, TILE_VALUES // 2, TILE_VALUES * 2, TILE_VALUES * 4)
CLEARLY: Final = 0.93  # times the time of the first candidate
ROUNDS: Final = 7
EPOCHS: Final = 4  # of a trial: the first finds the cache filled by another candidate, as no epoch of a run does
MIN_ROUNDS: Final = 3
SECONDS: Final = 0.08  # of processor time for a measurement; a machine too slow for it uses the first candidate
VARIABLE: Final = "PLAYGROUND_TILE"  # environment variable that sets the hidden values of a tile, for equal digits

SHALLOW: Final = (100,)
DEEP: Final = (32, 32, 32)

# The thread's processor time does not count other work, but some systems measure it in steps of 16 ms.
_FINE: Final = time.get_clock_info("thread_time").resolution < 1e-5
CLOCK: Final = time.thread_time if _FINE else time.perf_counter

_chosen: dict[tuple[int, ...], int] = {}
_lock = threading.Lock()


def tile_values(model: nn.Sequential, samples: int) -> int | None:
    """Return the number of hidden values in a tile; None if no candidate would cut a batch of ``samples``.

    The first call for one hidden layer and the first for several measure it, which takes up to ``SECONDS`` each.
    """
    sizes = [layer.out_features for layer in linear_layers(model)[:-1]]
    if samples * sum(sizes) <= min(CANDIDATES):
        return None
    if VARIABLE in os.environ:
        return int(os.environ[VARIABLE])
    hidden = SHALLOW if len(sizes) == 1 else DEEP
    with _lock:
        if hidden not in _chosen:
            _chosen[hidden] = CANDIDATES[fastest([_epochs(hidden, values) for values in CANDIDATES])]
        return _chosen[hidden]


def fastest(trials: Sequence[Callable[[], object]], clock: Callable[[], float] = CLOCK) -> int:
    """Return the index of the trial with the smallest median time; 0 if it is not clearly smaller, or time is up.

    The trials take turns, so that other work on the machine affects all of them alike. The first round is a warm-up.
    """
    times: list[list[float]] = [[] for _ in trials]
    end = clock() + SECONDS
    for trial, durations in islice(cycle(zip(trials, times, strict=True)), (1 + ROUNDS) * len(trials)):
        start = clock()
        if start > end:
            break
        trial()
        durations.append(clock() - start)
    rounds = len(times[-1])
    if rounds < 1 + MIN_ROUNDS:
        return 0
    medians = [statistics.median(durations[1:rounds]) for durations in times]
    best = medians.index(min(medians))
    return best if medians[best] < CLEARLY * medians[0] else 0


def _epochs(hidden: tuple[int, ...], values: int) -> Callable[[], None]:
    """Return a function that does the passes of ``EPOCHS`` epochs over 3000 samples, in tiles of ``values`` values."""
    stream = torch.Generator().manual_seed(0)
    model = build(ModelConfig(hidden), TrainingConfig(), n_inputs=2, n_classes=3, generator=stream)
    network = Network(model, "relu", dtype=torch.float32, device=torch.device("cpu"), tile_values=values)
    X = torch.randn(3000, 2, generator=stream)
    Y = nn.functional.one_hot(torch.arange(3000) % 3).t().to(X.dtype).contiguous()
    batch = Batch(network.tiles(with_ones(X), Y), (), X.new_tensor(1 / 3000))

    def epochs() -> None:
        with torch.inference_mode():
            for _ in range(EPOCHS):
                network.compute_gradient(batch, X.new_zeros(()))

    return epochs
