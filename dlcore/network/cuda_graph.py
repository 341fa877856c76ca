"""An epoch captured as one CUDA graph, which replaces about a hundred kernel launches by one.

A graph replays the same kernels on the same addresses; the engine's buffers therefore never move. The data that change
from epoch to epoch (shuffled samples, dropout masks, the optimizer's scalars) lie in device memory and are refilled
before each replay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dlcore.network.optimizers import Rate

_WARM_UP = 3  # eager epochs before the capture, which torch.cuda.graphs requires: libraries initialise in the first


class EpochGraph:
    """A captured call of ``epoch(scalars, log_likelihood)``.

    The capture runs ``epoch``, so the caller saves its state before and restores it after.
    """

    def __init__(
        self, epoch: Callable[[Sequence[Tensor], Tensor], None], scalars: Sequence[Sequence[Rate]], like: Tensor
    ) -> None:
        self._scalars = like.new_tensor(scalars)  # (steps, scalars of a step)
        self._log_likelihood = like.new_zeros(())
        rows = list(self._scalars.unbind())
        side = torch.cuda.Stream(like.device)  # type: ignore[no-untyped-call]  # torch has no annotation there
        side.wait_stream(torch.cuda.current_stream(like.device))
        with torch.cuda.stream(side):
            for _ in range(_WARM_UP):
                epoch(rows, self._log_likelihood)
        torch.cuda.current_stream(like.device).wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            epoch(rows, self._log_likelihood)

    def replay(self, scalars: Sequence[Sequence[Rate]], log_likelihood: Tensor) -> None:
        """Run one epoch and write the samples' total log-likelihood to ``log_likelihood``, without synchronising."""
        self._scalars.copy_(self._scalars.new_tensor(scalars))
        self._log_likelihood.zero_()
        self._graph.replay()
        log_likelihood.copy_(self._log_likelihood)
