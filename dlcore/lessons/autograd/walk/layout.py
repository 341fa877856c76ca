"""A place for each node of a directed graph without rings: layer by layer, with few crossings and short edges.

The method of Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system structures" (1981):
longest-path layers, waypoints for edges that pass layers, sweeps that order each layer by its neighbours' mean.

>>> found = layout(3, ((0, 2), (1, 2)))
>>> found.places
((0, 0.0), (0, 1.0), (1, 0.5))
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_SWEEPS: Final = 12
_WAYPOINT: Final = 0.4  # room for an edge that passes, against a node's 1


@dataclass(frozen=True, slots=True)
class Layout:
    """Places are (layer, place in it); ``paths`` has for each edge its waypoints, first the source, last the target."""

    places: tuple[tuple[int, float], ...]
    paths: tuple[tuple[tuple[int, float], ...], ...]

    @property
    def layers(self) -> int:
        """How many there are."""
        return 1 + max(layer for layer, _ in self.places)

    @property
    def breadth(self) -> float:
        """Room that the widest layer takes, in nodes; waypoints lie beside the nodes, too."""
        return 1.0 + max(y for places in (self.places, *self.paths) for _, y in places)


@lru_cache(maxsize=64)
def layout(nodes: int, edges: tuple[tuple[int, int], ...]) -> Layout:
    """Lay out nodes 0 … ``nodes`` − 1; each edge (source, target) has its source before its target."""
    layer = _layers(nodes, edges)
    # Edges from one source share their waypoints, so a variable that is used often leaves as one line.
    points = dict.fromkeys(range(nodes), 0) | {i: layer[i] for i in range(nodes)}
    way: dict[tuple[int, int], int] = {}
    links: set[tuple[int, int]] = set()
    paths: list[list[int]] = []
    for source, target in edges:
        path = [source]
        for between in range(layer[source] + 1, layer[target]):
            if (source, between) not in way:
                way[source, between] = len(points)
                points[len(points)] = between
            path.append(way[source, between])
        path.append(target)
        links |= set(pairwise(path))
        paths.append(path)
    rows: list[list[int]] = [[] for _ in range(1 + max(layer))]
    for point, at in points.items():
        rows[at].append(point)
    near: dict[int, tuple[list[int], list[int]]] = {point: ([], []) for point in points}
    for a, b in sorted(links):
        near[b][0].append(a)
        near[a][1].append(b)
    y = _places(rows, near, nodes)
    least = min(y.values())
    return Layout(
        tuple((layer[i], round(y[i] - least, 3)) for i in range(nodes)),
        tuple(tuple((points[point], round(y[point] - least, 3)) for point in path) for path in paths),
    )


def _layers(nodes: int, edges: tuple[tuple[int, int], ...]) -> list[int]:
    layer = [0] * nodes
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        layer[target] = max(layer[target], layer[source] + 1)
    uses: dict[int, list[int]] = {}
    for source, target in edges:
        uses.setdefault(source, []).append(target)
    for i in sorted(uses, reverse=True):  # a node stands right before its first use, so that a walk makes no detours
        layer[i] = min(layer[target] for target in uses[i]) - 1
    return layer


def _places(rows: list[list[int]], near: dict[int, tuple[list[int], list[int]]], nodes: int) -> dict[int, float]:
    y = {point: float(k) for row in rows for k, point in enumerate(row)}
    for sweep in range(_SWEEPS):
        side = sweep % 2
        for row in rows if side == 0 else reversed(rows):
            row.sort(key=lambda point: _mean([y[k] for k in near[point][side]], y[point]))  # stable
            y |= {point: float(k) for k, point in enumerate(row)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [_mean([y[k] for part in near[point] for k in part], y[point]) for point in row]
            y |= zip(row, _apart(wanted, [1.0 if point < nodes else _WAYPOINT for point in row]), strict=True)
    return y


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _apart(wanted: list[float], sizes: list[float]) -> list[float]:
    """The places nearest to the wanted ones (least squares) in this order and not overlapping: isotonic regression."""
    offsets = [0.0]
    for a, b in pairwise(sizes):
        offsets.append(offsets[-1] + (a + b) / 2)
    blocks: list[tuple[float, int]] = []  # mean, how many
    for value, offset in zip(wanted, offsets, strict=True):
        mean, count = value - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, n = blocks.pop()
            mean, count = (other * n + mean * count) / (n + count), n + count
        blocks.append((mean, count))
    flat = [mean for mean, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]
