"""A class at one server: every session trains all the time and moves a slider every few seconds."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import statistics
import sys
import time
from dataclasses import dataclass

from benchmarks.common import Goal, Result, quantile
from benchmarks.server import Server, serve
from benchmarks.ws_client import Client

PAGE = "spiral"
QUERY = "v=1&k=10000&lang=en"  # so many epochs that no run ends by itself
PLAY = "spiral.play"
# Sliders that are moved, with their values: all that a student is likely to try, and many epochs.
MOVES: dict[str, tuple[float, ...]] = {
    "spiral.model.hidden": tuple(range(8, 201)),
    "spiral.training.lr": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "spiral.data.noise": tuple(n / 100 for n in range(41)),
    "spiral.training.epochs": (5000, 7000, 10_000),
}
PAUSE = (1.0, 3.0)  # seconds between two moves of a session
ARRIVE = 0.1  # seconds between two arrivals
SETTLE = 3.0  # seconds after the last arrival that are not counted
IDLE_CPU = 5.0  # percent of one core
IDLE_WAIT = 40.0
MEMORY = 1.15  # times the memory before the class
MEMORY_WAIT = 60.0  # seconds; Streamlit keeps a closed session for server.disconnectedSessionTTL, 30 here


@dataclass(slots=True)
class ClassRecord:
    """The clients of a class and the time in which they were measured."""

    clients: list[Client]
    began: float  # of the measured time
    seconds: float
    peak: float  # memory of the server in MB

    def frame_rates(self) -> list[float]:
        """Return the frames per second of each session."""
        end = self.began + self.seconds
        return [sum(self.began <= t < end for t in client.frames) / self.seconds for client in self.clients]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sessions", type=int, default=30, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="S", help="how long (%(default)s)")
    parser.add_argument(
        "--patience", type=float, default=MEMORY_WAIT, metavar="S", help="wait so long for the memory (%(default)s)"
    )


def measure(args: argparse.Namespace) -> list[Result]:
    """Serve the app and measure it during and after a class."""
    with serve() as server:
        # A first session, so that imports and caches of the first use do not count as leaked memory.
        asyncio.run(hold_class(server, 1, min(3.0, args.seconds), settle=1.0))
        wait_until_idle(server)
        before = server.rss
        record = asyncio.run(hold_class(server, args.sessions, args.seconds))
        idle = wait_until_idle(server)
        back = wait_for_memory(server, MEMORY * before, args.patience - idle) + idle
        return results(record, server, idle, back, before, server.rss)


async def hold_class(server: Server, sessions: int, seconds: float, *, settle: float = SETTLE) -> ClassRecord:
    """Measure ``sessions`` clients for ``seconds`` after all have connected; then disconnect them at once."""
    peak = 0.0
    clients = [Client(server.url, PAGE, QUERY) for _ in range(sessions)]
    end = asyncio.Event()
    students = [asyncio.create_task(_student(client, i, end)) for i, client in enumerate(clients)]
    await asyncio.sleep(sessions * ARRIVE + settle)
    began = time.perf_counter()
    for client in clients:
        client.latencies.clear()
    while time.perf_counter() < began + seconds:
        await asyncio.sleep(0.25)
        peak = max(peak, server.rss)
    end.set()
    await asyncio.gather(*students)
    return ClassRecord(clients, began, seconds, peak)


async def _student(client: Client, number: int, end: asyncio.Event) -> None:
    chance = random.Random(number)
    await asyncio.sleep(number * ARRIVE)
    try:
        async with client:
            await client.open()
            await client.wait_for(PLAY, *MOVES)
            await client.click(PLAY)
            while not end.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(end.wait(), chance.uniform(*PAUSE))
                    break
                if not client.running:  # the run is over: play again
                    await client.click(PLAY)
                else:
                    key = chance.choice(list(MOVES))
                    await client.pick(key, chance.choice(MOVES[key]))
    except Exception as error:  # an error of one session is a result; the others continue
        client.errors.append(f"{type(error).__name__}: {error}")


def wait_until_idle(server: Server) -> float:
    """Wait until the server uses less than ``IDLE_CPU``, at most ``IDLE_WAIT``; return the seconds."""
    began = time.perf_counter()
    while time.perf_counter() - began < IDLE_WAIT:
        waited = time.perf_counter() - began
        if server.cpu(0.5) < IDLE_CPU:
            return waited
    return IDLE_WAIT


def wait_for_memory(server: Server, max_mb: float, patience: float) -> float:
    """Wait until the server uses at most ``max_mb``, at most ``patience`` seconds; return the seconds."""
    began = time.perf_counter()
    while server.rss > max_mb and time.perf_counter() - began < patience:
        time.sleep(0.5)
    return time.perf_counter() - began


def results(record: ClassRecord, server: Server, idle: float, back: float, before: float, after: float) -> list[Result]:
    """Return the lines of the table; print errors to standard error."""
    errors = [error for client in record.clients for error in client.errors]
    tracebacks = server.tracebacks
    for error in sorted(set(errors)):
        print(f"{errors.count(error)} times: {error}", file=sys.stderr)
    if tracebacks:
        print(server.log()[-4000:], file=sys.stderr)
    rates = record.frame_rates()
    waits = [1000 * wait for client in record.clients for wait in client.latencies]
    n = len(record.clients)
    return [
        Result(f"{n} sessions: errors", len(errors) + tracebacks, "", goal=Goal(0, "", at_least=False)),
        Result(f"{n} sessions: frames of the slowest session", min(rates), "1/s", goal=Goal(2, "1/s")),
        Result(f"{n} sessions: frames of the median session", statistics.median(rates), "1/s"),
        Result(f"{n} sessions: frames of the fastest session", max(rates), "1/s"),
        Result(f"{n} sessions: slider to next picture, median", quantile(waits, 0.5), "ms"),
        Result(
            f"{n} sessions: slider to next picture, 95 % of {len(waits)}",
            quantile(waits, 0.95),
            "ms",
            goal=Goal(1000, "ms", at_least=False),
        ),
        Result(f"{n} sessions: server's memory at most", record.peak, "MB", goal=Goal(800, "MB", at_least=False)),
        Result(f"{n} sessions left: idle after", idle, "s", goal=Goal(10, "s", at_least=False)),
        Result(
            f"{n} sessions left: memory after {back:.0f} s / before",
            after,
            "MB",
            before,
            Goal(MEMORY, "×", at_least=False),
        ),
    ]
