"""The programs that the page on gradient descent shows, with what they print."""

from __future__ import annotations

from typing import Any, Final

from dlcore.lessons.gradient_descent.model import TRUE_WEIGHT, Descent, Samples, Search
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import read, render

MOST_LISTED: Final = 5  # samples that a program lists; more are computed
_PROGRAM = read(__file__, "program")


def _data(data: Samples) -> dict[str, Any]:
    n = len(data.x)
    values = {"_N": n, "_LAST": n - 1, "_TRUE": TRUE_WEIGHT, "_NOISE": data.noise, "_DATA_SEED": data.seed}
    return {**values, "_LISTED": n <= MOST_LISTED, "_X": list(data.x), "_Y": list(data.y)}


def _search(data: Samples, low: float, step: float, found: Search, by_hand: bool) -> Snippet:
    values = {"_LOW": low, "_STEP": step, "_WEIGHTS": len(found.weights)}
    code = render(_PROGRAM, {"_SEARCH": True, "_BY_HAND": by_hand, **_data(data), **values})
    return Snippet(code, f"least cost {min(found.losses):.6g} at w = {found.best:.9g}")


def search_scratch(data: Samples, low: float, step: float, found: Search) -> Snippet:
    """The exhaustive search in plain Python, a weight at a time."""
    return _search(data, low, step, found, True)


def search_concise(data: Samples, low: float, step: float, found: Search) -> Snippet:
    """Return the search with all weights in one tensor.

    The samples are added up one after the other, so that of two weights equally good but for rounding both programs
    find the same.
    """
    return _search(data, low, step, found, False)


def _descent(run: Descent, by_hand: bool) -> Snippet:
    values = {"_START": run.start, "_LR": run.lr, "_EPOCHS": run.epoch, "_SHUFFLE": run.shuffle, "_SEED": run.seed}
    batches = {"_BY_BATCH": run.batch_size < len(run.data.x), "_BATCH": run.batch_size}
    code = render(_PROGRAM, {"_SEARCH": False, "_BY_HAND": by_hand, **_data(run.data), **values, **batches})
    return Snippet(code, f"w = {run.w:.9g}, prediction at x = 4: {4 * run.w:.9g}")


def scratch(run: Descent) -> Snippet:
    """The descent in plain Python, as far as ``run`` has come."""
    return _descent(run, True)


def concise(run: Descent) -> Snippet:
    """Return the program with a module, its loss and an optimizer."""
    return _descent(run, False)
