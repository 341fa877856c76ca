"""The loop against the one call: three ways to compute the same, timed piece by piece.

A race can be held up after every few milliseconds, so that a page can show how far it is and let others have a turn.
Only the time inside the pieces counts.

>>> race = Race("add", 10)
>>> while not race.done:
...     race.advance_for(0.01)
>>> result = race.result()
>>> result.agree, result.ratio("call")
(True, 1.0)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from dlcore.programs.snippet import Snippet

WAYS: Final = ("loop", "lists", "call")  # over the elements of tensors, over Python lists, one call of torch
SEED: Final = 0
SHORTEST: Final = 1e-3  # seconds that one timing takes at least: shorter ones are many passes together, averaged
ENOUGH: Final = 0.06  # seconds of timings after which a way needs no more, once it has one
TIMINGS: Final = 15  # at most
LEAST, LONG = 3, 1.0  # timings at least, unless they have taken so many seconds: an interruption hardly shows in those
PIECE: Final = 2e-3  # seconds of a piece of a loop, about; a turn overruns by one piece
TOLERANCE: Final = 1e-9  # of the largest number, by which the results may differ: the ways add in different orders

Run = Callable[[int, int], None]  # does the elements, or the rows of the matrix, from a start to a stop
Way = tuple[Run, Callable[[], Tensor]]  # and what has been computed


# --- the ways --------------------------------------------------------------------------------------------------------
def _add(way: str, x: Tensor, y: Tensor) -> Way:
    """x + y."""
    z = torch.zeros_like(x)
    a, b, c = (x.tolist(), y.tolist(), [0.0] * len(x)) if way == "lists" else ([], [], [])

    def loop(start: int, stop: int) -> None:
        for i in range(start, stop):
            z[i] = x[i] + y[i]

    def lists(start: int, stop: int) -> None:
        for i in range(start, stop):
            c[i] = a[i] + b[i]

    def call(start: int, stop: int) -> None:
        nonlocal z
        z = x + y

    run = {"loop": loop, "lists": lists, "call": call}[way]
    return run, lambda: _tensor(c) if way == "lists" else z


def _dot(way: str, x: Tensor, y: Tensor) -> Way:
    """The dot product of x and y."""
    s: Tensor | float = 0.0
    a, b = (x.tolist(), y.tolist()) if way == "lists" else ([], [])

    def loop(start: int, stop: int) -> None:
        nonlocal s
        total = s if start else 0.0
        for i in range(start, stop):
            total = total + x[i] * y[i]
        s = total

    def lists(start: int, stop: int) -> None:
        nonlocal s
        total = s if start else 0.0
        for i in range(start, stop):
            total = total + a[i] * b[i]
        s = total

    def call(start: int, stop: int) -> None:
        nonlocal s
        s = torch.dot(x, y)

    return {"loop": loop, "lists": lists, "call": call}[way], lambda: _tensor(s)


def _matvec(way: str, A: Tensor, x: Tensor) -> Way:
    """The product of the matrix A with x."""
    z, n = torch.zeros_like(x), len(x)
    a, b, c = (A.tolist(), x.tolist(), [0.0] * n) if way == "lists" else ([], [], [])

    def loop(start: int, stop: int) -> None:
        for i in range(start, stop):
            s: Tensor | float = 0.0
            for j in range(n):
                s = s + A[i, j] * x[j]
            z[i] = s

    def lists(start: int, stop: int) -> None:
        for i in range(start, stop):
            s = 0.0
            for j in range(n):
                s = s + a[i][j] * b[j]
            c[i] = s

    def call(start: int, stop: int) -> None:
        nonlocal z
        z = A @ x

    run = {"loop": loop, "lists": lists, "call": call}[way]
    return run, lambda: _tensor(c) if way == "lists" else z


def _tensor(numbers: Tensor | float | list[float]) -> Tensor:
    """As a tensor of float64, which Python's own numbers are."""
    return numbers if isinstance(numbers, Tensor) else torch.tensor(numbers, dtype=torch.float64)


_TASKS: Final[Mapping[str, Callable[[str, Tensor, Tensor], Way]]] = {"add": _add, "dot": _dot, "matvec": _matvec}
TASKS: Final = tuple(_TASKS)


# --- the race --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Result:
    """One race.

    ``seconds`` is the shortest time of each way, since whatever interrupts one makes it longer; ``timings`` how many
    were taken; ``work`` the elements that a loop visits; ``difference`` the largest between the results of the ways,
    ``agree`` whether it is only rounding.
    """

    task: str
    n: int
    work: int
    seconds: Mapping[str, float]
    timings: Mapping[str, int]
    difference: float
    agree: bool
    threads: int

    def ratio(self, way: str) -> float:
        """How many times as long as the one call."""
        return self.seconds[way] / self.seconds["call"]


def stops(low: int, high: int) -> tuple[int, ...]:
    """Sizes for a sweep: two each decade, from ``low`` up to ``high``, which is always the last.

    >>> stops(10, 2000)
    (10, 30, 100, 300, 1000, 2000)
    """
    marks = (mark * 10**power for power in range(len(str(high))) for mark in (1, 3))
    return (*(mark for mark in marks if low <= mark < high), high)


def duration(seconds: float) -> str:
    """A time in the unit that suits it, to three digits; a table cell must not break between the two.

    >>> [duration(seconds).split() for seconds in (4.14e-7, 2e-6, 0.0125, 3.5)]
    [['414', 'ns'], ['2', 'µs'], ['12.5', 'ms'], ['3.5', 's']]
    """
    for limit, factor, unit in ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if seconds < limit:
            return f"{seconds * factor:.3g}\N{NO-BREAK SPACE}{unit}"
    return f"{seconds:.3g}\N{NO-BREAK SPACE}s"


def factor(ratio: float) -> str:
    """A ratio to three digits, never with an exponent.

    >>> [factor(ratio) for ratio in (0.2871, 93.66, 18_954.2)]
    ['0.287', '93.7', '18,954']
    """
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def elements(task: str, n: int) -> int:
    """How many a loop visits: a matrix has n²."""
    return n * n if task == "matvec" else n


class Race:
    """The three ways at one size, one after the other.

    Parameters
    ----------
    task : one of TASKS.
    n : length of the vectors; both sides of a matrix.
    clock : counts seconds.

    Raises
    ------
    KeyError : no such task.
    """

    def __init__(self, task: str, n: int, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self.task, self.n, self.done, self.progress = task, n, False, 0.0
        self._make, self._clock = _TASKS[task], clock
        self._times: dict[str, list[float]] = {way: [] for way in WAYS}
        self._found: dict[str, Tensor] = {}
        self._steps = self._run()

    def advance_for(self, seconds: float) -> None:
        """Go on for so long, and to the end of the piece: one at least."""
        end = self._clock() + seconds
        self.done = next(self._steps, True)
        while not self.done and self._clock() < end:
            self.done = next(self._steps, True)

    def result(self) -> Result:
        """The times and the check, once it is over. Raises ValueError before."""
        if not self.done:
            raise ValueError(f"the race must be over, it is at {self.progress:.0%}")
        right = self._found["call"]
        difference = max(float((found - right).abs().max()) for found in self._found.values())
        return Result(
            self.task,
            self.n,
            elements(self.task, self.n),
            {way: min(times) for way, times in self._times.items()},
            {way: len(times) for way, times in self._times.items()},
            difference,
            difference <= TOLERANCE * float(right.abs().max()),
            torch.get_num_threads(),
        )

    def _run(self) -> Iterator[bool]:
        """Piece by piece; False after each."""
        for way, begins, ends in zip(WAYS, (0.0, 0.9, 0.95), (0.9, 0.95, 1.0), strict=True):  # the loop is the slow one
            # Each way gets its own numbers, the same ones: a million of Python's take 32 MB.
            generator = torch.Generator().manual_seed(SEED)
            sides = (self.n, self.n) if self.task == "matvec" else (self.n,)
            left, right = (torch.rand(shape, generator=generator, dtype=torch.float64) for shape in (sides, (self.n,)))
            run, found = self._make(way, left, right)
            yield False
            for fraction in self._time(way, run):
                self.progress = max(self.progress, begins + (ends - begins) * min(1.0, fraction))
                yield False
            self._found[way] = found()

    def _time(self, way: str, run: Run) -> Iterator[float]:
        """Time a way until it is known well enough; yields how far that is."""
        times, spent, passes = self._times[way], 0.0, 1
        while (len(times) < LEAST and spent < LONG) or (spent < ENOUGH and len(times) < TIMINGS):
            took = 0.0
            if passes > 1:
                began = self._clock()
                for _ in range(passes):
                    run(0, self.n)
                took = self._clock() - began
            else:
                for seconds, fraction in self._pieces(run, whole=way == "call"):
                    took += seconds
                    yield fraction if took >= LONG * fraction else (len(times) + fraction) / LEAST
            spent += took
            if passes == 1 and not times and took < SHORTEST:  # too short for the clock; this one was the warm-up
                passes = math.ceil(SHORTEST / max(took, 1e-7))
            else:
                times.append(took / passes)
            yield len(times) / LEAST

    def _pieces(self, run: Run, *, whole: bool) -> Iterator[tuple[float, float]]:
        """One pass in pieces of about PIECE: the seconds of each, and how far the pass is. A call is one piece."""
        size, start = (self.n if whole else 1), 0
        while start < self.n:
            stop = min(self.n, start + size)
            began = self._clock()
            run(start, stop)
            took = self._clock() - began
            yield took, stop / self.n
            start = stop
            size = size * 2 if took < PIECE / 2 else max(1, size // 2) if took > 2 * PIECE else size


# --- the code --------------------------------------------------------------------------------------------------------
# The numbers, the body of the loop over tensors and what it returns, the same for lists, the one call.
_CODE: Final = {
    "add": (
        """x = torch.rand(n, dtype=torch.float64)
y = torch.rand(n, dtype=torch.float64)
z = torch.zeros_like(x)
a, b, c = x.tolist(), y.tolist(), z.tolist()""",
        """    for i in range(n):
        z[i] = x[i] + y[i]
    return z""",
        """    for i in range(n):
        c[i] = a[i] + b[i]
    return c""",
        "x + y",
    ),
    "dot": (
        """x = torch.rand(n, dtype=torch.float64)
y = torch.rand(n, dtype=torch.float64)
a, b = x.tolist(), y.tolist()""",
        """    s = 0.0
    for i in range(n):
        s = s + x[i] * y[i]
    return s""",
        """    s = 0.0
    for i in range(n):
        s = s + a[i] * b[i]
    return s""",
        "torch.dot(x, y)",
    ),
    "matvec": (
        """A = torch.rand(n, n, dtype=torch.float64)
x = torch.rand(n, dtype=torch.float64)
z = torch.zeros_like(x)
a, b, c = A.tolist(), x.tolist(), z.tolist()""",
        """    for i in range(n):
        s = 0.0
        for j in range(n):
            s = s + A[i, j] * x[j]
        z[i] = s
    return z""",
        """    for i in range(n):
        s = 0.0
        for j in range(n):
            s = s + a[i][j] * b[j]
        c[i] = s
    return c""",
        "A @ x",
    ),
}


def snippet(task: str, n: int) -> Snippet:
    """The three ways, each timed as a race does it. What it prints cannot be foretold."""
    numbers, loop, lists, call = _CODE[task]
    code = f"""import timeit

import torch

n = {n}
{numbers}

def loop():
{loop}

def lists():
{lists}

def call():
    return {call}

def seconds(way, times=1):
    return min(timeit.repeat(way, number=times, repeat=3)) / times

print(torch.allclose(loop(), call()))
once = seconds(call, times=100)
print(f"{{seconds(loop) / once:.1f}}, {{seconds(lists) / once:.1f}}")"""
    return Snippet(code)
