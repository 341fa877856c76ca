"""The loop against the one call: the same result three ways, timed.

A race can pause after every few milliseconds, so that a page can show how far it is and let others have a turn. Only
the time inside the pieces counts.

>>> race = Race("add", 10)
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

WAYS: Final = ("loop", "lists", "call")  # over the elements of tensors, over Python lists, one call of torch
SEED: Final = 0
PIECE: Final = 2000  # elements that a loop visits before it can pause: some 8 ms over tensors
TOGETHER: Final = {"loop": 1, "lists": 1000, "call": 100_000}  # elements of one timing: short passes are repeated
TIMINGS: Final = 15  # of a way, the shortest of which counts: whatever interrupts one makes it longer
LONG: Final = 0.5  # seconds of timings after which no other one begins
TOLERANCE: Final = 1e-9  # of the largest number, by which the results may differ: the ways add in different orders

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


# The loop, which is the same over tensors and over lists, and the call.
TASKS: Final[Mapping[str, tuple[Loop, Callable[[Tensor, Tensor], Tensor]]]] = {
    "add": (_add, operator.add),
    "dot": (_dot, torch.dot),
    "matvec": (_matvec, operator.matmul),
}


def elements(task: str, n: int) -> int:
    """Return how many elements a loop visits: a matrix has n²."""
    return n * n if task == "matvec" else n


def stops(low: int, high: int) -> tuple[int, ...]:
    """Return the sizes of a sweep: two each decade, from ``low`` up to ``high``, which is always the last.

    >>> stops(10, 2000)
    (10, 30, 100, 300, 1000, 2000)
    """
    marks = (mark * 10**power for power in range(len(str(high))) for mark in (1, 3))
    return (*(mark for mark in marks if low <= mark < high), high)


@dataclass(frozen=True, slots=True)
class Result:
    """One race: the seconds of each way, and the largest difference between results (``agree``: only rounding)."""

    task: str
    n: int
    seconds: Mapping[str, float]
    difference: float
    agree: bool

    def ratio(self, way: str) -> float:
        """Return how many times as long as the one call a way takes."""
        return self.seconds[way] / self.seconds["call"]


class Race:
    """The three ways at one size, one after the other. ``result`` is None until all are done.

    Parameters
    ----------
    task : an id of TASKS.
    n : length of the vectors; both sides of a matrix.
    clock : counts seconds.
    """

    def __init__(self, task: str, n: int, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self.progress = 0.0  # of the loop over tensors, which takes nearly all of the time
        self.result: Result | None = None
        self._steps = self._run(task, n, clock)
        self._clock = clock

    def advance_for(self, seconds: float) -> None:
        """Go on for so long, and to the end of the piece."""
        end = self._clock() + seconds
        for progress in self._steps:
            self.progress = progress
            if self._clock() >= end:
                return

    def _run(self, task: str, n: int, clock: Callable[[], float]) -> Iterator[float]:
        """Time every way; yield the progress after each piece."""
        loop, call = TASKS[task]
        work, seconds, found = elements(task, n), {}, {}
        for way in WAYS:
            x, y, z = _operands(task, n)  # anew for each way: a million numbers of Python's take 32 MB
            if way == "lists":
                x, y, z = x.tolist(), y.tolist(), z.tolist()
            times = max(1, TOGETHER[way] // work)
            size = n if way == "call" else max(1, PIECE * n // work)
            timings: list[float] = []
            while len(timings) < TIMINGS and sum(timings) < LONG:
                took = 0.0
                for start in range(0, n, size):
                    rows = range(start, min(start + size, n))
                    run = partial(call, x, y) if way == "call" else partial(loop, x, y, z, rows)
                    began = clock()
                    for _ in range(times):
                        found[way] = run()
                    took += clock() - began
                    yield rows.stop / n if way == "loop" and not timings else 1.0
                timings.append(took)
            seconds[way] = min(timings) / times
            found[way] = torch.as_tensor(found[way], dtype=torch.float64)
        difference = max(float((other - found["call"]).abs().max()) for other in found.values())
        agree = difference <= TOLERANCE * float(found["call"].abs().max())
        self.result = Result(task, n, seconds, difference, agree)


def _operands(task: str, n: int) -> tuple[Any, Any, Any]:
    """Return both operands and room for the result, the same numbers each time."""
    generator = torch.Generator().manual_seed(SEED)
    x = torch.rand((n, n) if task == "matvec" else (n,), generator=generator, dtype=torch.float64)
    y = torch.rand(n, generator=generator, dtype=torch.float64)
    return x, y, torch.zeros(1 if task == "dot" else n, dtype=torch.float64)
