"""One person at every lesson, without a browser: from a changed setting to the end of the script run it causes."""

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
    """Links that differ from the lesson's defaults in one setting: every option of every choice."""
    found = [lesson.defaults()]
    for name, setting in lesson.settings.items():
        match setting.rule:
            case OneOf(options=options):
                found += [{**lesson.defaults(), name: id} for id in options if id != setting.default]
            case Flag():
                found.append({**lesson.defaults(), name: not setting.default})
    return [urlencode({**lesson.encode(values), "lang": "en"}) for values in found]


def measure(args: argparse.Namespace) -> list[Result]:
    """Walk through all lessons."""
    with serve() as server:
        return [
            result
            for lesson in all_lessons()
            if args.only in (None, lesson.id)
            for result in asyncio.run(answers(server, lesson, args.rounds))
        ]


async def answers(server: Server, lesson: Lesson, rounds: int) -> list[Result]:
    """The median over all settings of one lesson, and the slowest setting's median."""
    asked = queries(lesson)
    times: dict[str, list[float]] = {query: [] for query in asked}
    async with Client(server.url, lesson.id, asked[0]) as client:
        await client.follow(asked[0])
        for _ in range(rounds + 1):  # the first round fills caches, as the first minute of a lesson does
            for query in (*asked[1:], asked[0]):
                times[query].append(await client.follow(query))
        if client.exceptions:
            raise RuntimeError(f"{lesson.id}: {client.exceptions[0]}")
    medians = {query: 1000 * statistics.median(values[1:] or values) for query, values in times.items()}
    slowest = max(medians, key=medians.__getitem__)
    return [
        Result(f"{lesson.id}, median of {len(asked)} settings", statistics.median(medians.values()), "ms", goal=GOAL),
        Result(f"{lesson.id}, slowest ({slowest.replace('&lang=en', '')})", medians[slowest], "ms", goal=GOAL),
    ]
