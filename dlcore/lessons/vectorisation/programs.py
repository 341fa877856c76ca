"""The program of a race: the same loop over tensors and over lists, and the call."""

from __future__ import annotations

from dlcore.programs.snippet import Snippet
from dlcore.programs.template import read, render

_RACE = read(__file__, "race")


def snippet(task: str, n: int) -> Snippet:
    """Return the program that times the three ways. Its output depends on the machine."""
    return Snippet(render(_RACE, {"_TASK": task, "n": n}))
