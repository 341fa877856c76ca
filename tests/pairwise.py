"""Few cases in which every two options meet, in place of all combinations.

>>> cells = covering((["a", "b"], [1, 2, 3], [True, False]))
>>> len(cells), cells[0]
(6, ('a', 1, True))
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations, product

Cell = tuple[Hashable, ...]


def pairs(cell: Sequence[Hashable]) -> set[tuple[tuple[int, Hashable], ...]]:
    """Return every two options of a cell, each with the place of its factor."""
    return set(combinations(enumerate(cell), 2))


def covering(factors: Iterable[Iterable[Hashable]]) -> list[Cell]:
    """Return cells, one option of each factor, in which every two options of different factors meet at least once.

    Greedy, as in Cohen et al. (1997), "The AETG system": each cell is the first of those that bring most new pairs.
    The same factors give the same cells.
    """
    candidates: list[Cell] = list(product(*factors))
    missing = set().union(*map(pairs, candidates))
    found: list[Cell] = []
    while missing:
        best = max(candidates, key=lambda cell: len(pairs(cell) & missing))
        found.append(best)
        missing -= pairs(best)
    return found
