"""Layered layout of a directed acyclic graph with few crossings and short edges.

The method of Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system structures" (1981):
longest-path layers, waypoints for edges that pass layers, sweeps that order each layer by its neighbours' mean.

>>> layout(3, ((0, 2), (1, 2))).places
((0, 0.0), (0, 1.0), (1, 0.5))
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_SWEEPS: Final = 12
_WAYPOINT: Final = 0.4  # breadth of a passing edge, where a node has 1


@dataclass(frozen=True, slots=True)
class Layout:
    """Places (layer, position in it) of the nodes, and for each edge a path of places from its source to its target."""

    places: tuple[tuple[int, float], ...]
    paths: tuple[tuple[tuple[int, float], ...], ...]

    @property
    def layers(self) -> int:
        """Return the number of layers."""
        return 1 + max(layer for layer, _ in self.places)

    @property
    def breadth(self) -> float:
        """Return the breadth of the widest layer in nodes, waypoints included."""
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
    for point, row in points.items():
        rows[row].append(point)
    near: dict[int, tuple[list[int], list[int]]] = {point: ([], []) for point in points}
    for a, b in sorted(links):
        near[b][0].append(a)
        near[a][1].append(b)
    y = _places(rows, near, nodes)
    lowest = min(y.values())
    return Layout(
        tuple((layer[i], round(y[i] - lowest, 3)) for i in range(nodes)),
        tuple(tuple((points[point], round(y[point] - lowest, 3)) for point in path) for path in paths),
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
    """Return places in this order, without overlap, nearest to ``wanted`` by least squares (isotonic regression)."""
    offsets = [0.0]
    for a, b in pairwise(sizes):
        offsets.append(offsets[-1] + (a + b) / 2)
    blocks: list[tuple[float, int]] = []  # mean, count
    for value, offset in zip(wanted, offsets, strict=True):
        mean, count = value - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, n = blocks.pop()
            mean, count = (other * n + mean * count) / (n + count), n + count
        blocks.append((mean, count))
    flat = [mean for mean, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]
