"""An epoch as one CUDA graph: some hundred kernel launches become one.

A graph replays the same kernels on the same addresses, which the engine's static buffers allow. What changes from epoch
to epoch lies in device memory and is refilled before each replay: the shuffled samples, the masks and the scalars of
the optimizer's steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

_WARM_UP = 3  # eager epochs before the capture, as torch.cuda.graphs asks for: libraries set themselves up in the first


class EpochGraph:
    """Captures ``epoch(scalars, log_likelihood)``; the caller saves its state before and restores it after."""

    def __init__(
        self, epoch: Callable[[Sequence[Tensor], Tensor], None], scalars: Sequence[Sequence[float]], like: Tensor
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

    def replay(self, scalars: Sequence[Sequence[float]], log_likelihood: Tensor) -> None:
        """One epoch; the samples' log-likelihoods are written to the scalar given. Nothing waits for the device."""
        self._scalars.copy_(self._scalars.new_tensor(scalars))
        self._log_likelihood.zero_()
        self._graph.replay()
        log_likelihood.copy_(self._log_likelihood)
