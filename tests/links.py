"""Convert between links of the spiral and its RunConfig."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dlcore.settings.rules import Violation
from dlcore.spiral.config import SPIRAL, RunConfig


def encode(config: RunConfig) -> dict[str, str]:
    return SPIRAL.encode(config.values())


def link(config: RunConfig) -> str:
    return SPIRAL.link(config.values())


def decode(params: Any, *, ignore: Collection[str] = ()) -> tuple[RunConfig, list[Violation]]:
    values, violations = SPIRAL.decode(params, ignore=ignore)
    return RunConfig.of(values), violations


def parse(text: str, *, ignore: Collection[str] = ()) -> tuple[RunConfig, list[Violation]]:
    values, violations = SPIRAL.parse(text, ignore=ignore)
    return RunConfig.of(values), violations


def broken(config: RunConfig) -> list[Violation]:
    """Return the rules that a link of ``config`` breaks, without the rule that a CSV needs its table."""
    return SPIRAL.validate(config.values())
