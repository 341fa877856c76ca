"""The time from a changed setting of a lesson to the end of the script run that it causes, without a browser."""

from __future__ import annotations

import argparse
import asyncio
import statistics
from urllib.parse import urlencode

from benchmarks.common import Goal, Result
from benchmarks.server import Server, serve
from benchmarks.ws_client import Client
from dlcore.lessons import all_lessons
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, OneOf

GOAL = Goal(150, "ms", at_least=False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each is changed (%(default)s)")
    parser.add_argument(
        "--only", choices=[lesson.id for lesson in all_lessons()], metavar="LESSON", help="one lesson alone"
    )


def queries(lesson: Lesson) -> list[str]:
    """Return the default link and links that differ from it in one choice or flag: one for each other option."""
    variants = [lesson.defaults()]
    for name, setting in lesson.settings.items():
        match setting.rule:
            case OneOf(options=options):
                variants += [{**lesson.defaults(), name: id} for id in options if id != setting.default]
            case Flag():
                variants.append({**lesson.defaults(), name: not setting.default})
    return [urlencode({**lesson.encode(values), "lang": "en"}) for values in variants]


def measure(args: argparse.Namespace) -> list[Result]:
    """Serve the app and measure every lesson."""
    with serve() as server:
        return [
            result
            for lesson in all_lessons()
            if args.only in (None, lesson.id)
            for result in asyncio.run(answers(server, lesson, args.rounds))
        ]


async def answers(server: Server, lesson: Lesson, rounds: int) -> list[Result]:
    """Return the median time over all settings of a lesson, and the median of the slowest setting."""
    links = queries(lesson)
    times: dict[str, list[float]] = {query: [] for query in links}
    async with Client(server.url, lesson.id, links[0]) as client:
        await client.follow(links[0])
        for _ in range(rounds + 1):  # the first round fills the caches and is not counted
            for query in (*links[1:], links[0]):
                times[query].append(await client.follow(query))
        if client.exceptions:
            raise RuntimeError(f"{lesson.id}: {client.exceptions[0]}")
    medians = {query: 1000 * statistics.median(values[1:] or values) for query, values in times.items()}
    slowest = max(medians, key=medians.__getitem__)
    return [
        Result(f"{lesson.id}, median of {len(links)} settings", statistics.median(medians.values()), "ms", goal=GOAL),
        Result(f"{lesson.id}, slowest ({slowest.replace('&lang=en', '')})", medians[slowest], "ms", goal=GOAL),
    ]
