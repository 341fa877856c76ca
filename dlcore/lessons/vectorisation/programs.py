"""The programs of the page: a race of the loops against the call, and a training step on a device."""

from __future__ import annotations

from dlcore.programs.snippet import Snippet
from dlcore.programs.template import read, render

_RACE, _DEVICE = read(__file__, "race"), read(__file__, "device")


def snippet(task: str, n: int) -> Snippet:
    """Return the program that times the three ways. Its output depends on the machine."""
    return Snippet(render(_RACE, {"_TASK": task, "n": n}))


def device_snippet() -> Snippet:
    """Return the program that trains a small network on the fastest device. Its output depends on the machine."""
    return Snippet(render(_DEVICE, {}))
