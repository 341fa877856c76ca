"""The code of a race: the same loop over tensors and over lists, and the one call."""

from __future__ import annotations

from dlcore.programs.snippet import Snippet
from dlcore.programs.template import read, render

_RACE = read(__file__, "race")


def snippet(task: str, n: int) -> Snippet:
    """Return the program that times the three ways. What it prints cannot be foretold."""
    return Snippet(render(_RACE, {"_TASK": task, "n": n}))
