"""Time the same result computed three ways: by loops over tensors and over lists, and by one call of torch.

A race can pause every few milliseconds, so that a page can show its progress and let other sessions run. Only the time
inside the pieces counts.

>>> race = TimingRace("add", 10)
>>> while race.result is None:
...     race.advance_for(0.01)
>>> race.result.agree, race.result.ratio("call")
(True, 1.0)
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor

WAYS: Final = ("loop", "lists", "call")  # a loop over tensors, a loop over Python lists, one call of torch
SEED: Final = 0
ELEMENTS_PER_PIECE: Final = 2000  # after which a loop can pause; some 8 ms over tensors
# A shorter computation is repeated within one timing.
ELEMENTS_PER_TIMING: Final = {"loop": 1, "lists": 1000, "call": 100_000}
TIMINGS: Final = 15  # of each way; the shortest counts, because interruptions only make one longer
TIMING_SECONDS: Final = 0.5  # no new timing of a way begins after so many seconds
MAX_SECONDS: Final = 30  # of all races that a reader asks for at once, waiting included
TOLERANCE: Final = 1e-9  # relative difference that results may have, because the ways add in different orders

Loop = Callable[[Any, Any, Any, range], Any]


def _add(x: Any, y: Any, z: Any, rows: range) -> Any:
    for i in rows:
        z[i] = x[i] + y[i]
    return z


def _dot(x: Any, y: Any, z: Any, rows: range) -> Any:
    s = z[0] if rows.start else 0.0
    for i in rows:
        s = s + x[i] * y[i]
    z[0] = s
    return z


def _matvec(A: Any, x: Any, z: Any, rows: range) -> Any:
    for i in rows:
        row, s = A[i], 0.0
        for j in range(len(x)):
            s = s + row[j] * x[j]
        z[i] = s
    return z


# The loop, which is the same for tensors and lists, and the call.
TASKS: Final[Mapping[str, tuple[Loop, Callable[[Tensor, Tensor], Tensor]]]] = {
    "add": (_add, operator.add),
    "dot": (_dot, torch.dot),
    "matvec": (_matvec, operator.matmul),
}


def element_count(task: str, n: int) -> int:
    """Return how many elements a loop visits: n, or n² of a matrix."""
    return n * n if task == "matvec" else n


def sweep_sizes(low: int, high: int) -> tuple[int, ...]:
    """Return the sizes of a sweep from ``low`` to ``high``: two in each decade, and always ``high``.

    >>> sweep_sizes(10, 2000)
    (10, 30, 100, 300, 1000, 2000)
    """
    marks = (mark * 10**power for power in range(len(str(high))) for mark in (1, 3))
    return (*(mark for mark in marks if low <= mark < high), high)


@dataclass(frozen=True, slots=True)
class TimingResult:
    """The seconds of each way, and the largest difference between their results (``agree``: within TOLERANCE)."""

    task: str
    n: int
    seconds: Mapping[str, float]
    difference: float
    agree: bool

    def ratio(self, way: str) -> float:
        """Return the time of a way divided by the time of the call."""
        return self.seconds[way] / self.seconds["call"]


class TimingRace:
    """The timing of the three ways at one size, one after the other; ``result`` is None until all are done.

    Parameters
    ----------
    task : an id of TASKS.
    n : length of the vectors and side of the square matrix.
    clock : returns seconds.
    """

    def __init__(self, task: str, n: int, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self.progress = 0.0  # of the loop over tensors, which takes nearly all the time
        self.result: TimingResult | None = None
        self._steps = self._run(task, n, clock)
        self._clock = clock

    def advance_for(self, seconds: float) -> None:
        """Continue for at least so many seconds, to the end of a piece."""
        end = self._clock() + seconds
        for progress in self._steps:
            self.progress = progress
            if self._clock() >= end:
                return

    def _run(self, task: str, n: int, clock: Callable[[], float]) -> Iterator[float]:
        """Time every way; yield the progress after each piece."""
        loop, call = TASKS[task]
        count, seconds, results = element_count(task, n), {}, {}
        for way in WAYS:
            x, y, z = _operands(task, n)  # new for each way: a million Python numbers take 32 MB
            if way == "lists":
                x, y, z = x.tolist(), y.tolist(), z.tolist()
            repeats = max(1, ELEMENTS_PER_TIMING[way] // count)
            rows_per_piece = n if way == "call" else max(1, ELEMENTS_PER_PIECE * n // count)
            timings: list[float] = []
            while len(timings) < TIMINGS and sum(timings) < TIMING_SECONDS:
                took = 0.0
                for start in range(0, n, rows_per_piece):
                    rows = range(start, min(start + rows_per_piece, n))
                    run = partial(call, x, y) if way == "call" else partial(loop, x, y, z, rows)
                    began = clock()
                    for _ in range(repeats):
                        results[way] = run()
                    took += clock() - began
                    yield rows.stop / n if way == "loop" and not timings else 1.0
                timings.append(took)
            seconds[way] = min(timings) / repeats
            results[way] = torch.as_tensor(results[way], dtype=torch.float64)
        difference = max(float((other - results["call"]).abs().max()) for other in results.values())
        agree = difference <= TOLERANCE * float(results["call"].abs().max())
        self.result = TimingResult(task, n, seconds, difference, agree)


def _operands(task: str, n: int) -> tuple[Any, Any, Any]:
    """Return both operands, the same at each call, and zeros for the result."""
    generator = torch.Generator().manual_seed(SEED)
    x = torch.rand((n, n) if task == "matvec" else (n,), generator=generator, dtype=torch.float64)
    y = torch.rand(n, generator=generator, dtype=torch.float64)
    return x, y, torch.zeros(1 if task == "dot" else n, dtype=torch.float64)
