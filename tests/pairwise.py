"""A small set of cases that covers every pair of options, instead of all combinations.

>>> cells = covering((["a", "b"], [1, 2, 3], [True, False]))
>>> len(cells), cells[0]
(6, ('a', 1, True))
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations, product

Cell = tuple[Hashable, ...]


def pairs(cell: Sequence[Hashable]) -> set[tuple[tuple[int, Hashable], ...]]:
    """Return all pairs of options of a cell, each option with the index of its factor."""
    return set(combinations(enumerate(cell), 2))


def covering(factors: Iterable[Iterable[Hashable]]) -> list[Cell]:
    """Return cells, with one option of each factor, that cover every pair of options of different factors.

    Greedy, as in Cohen et al. (1997), "The AETG system": each cell is the first with the most new pairs.
    Deterministic.
    """
    candidates: list[Cell] = list(product(*factors))
    missing = set().union(*map(pairs, candidates))
    cells: list[Cell] = []
    while missing:
        best = max(candidates, key=lambda cell: len(pairs(cell) & missing))
        cells.append(best)
        missing -= pairs(best)
    return cells
