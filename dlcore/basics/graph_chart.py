"""The compute graph drawn: boxes with value and gradient, edges as smooth lines, the edge that is walked in colour.

Places depend on the formula alone, so while backward walks nothing moves: only the data of the chart change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

import altair as alt
import pandas as pd

from dlcore.basics import graph_notation as notation
from dlcore.basics.compute_graph import Walk
from dlcore.basics.graph_layout import layout
from dlcore.basics.torch_graph import Function
from dlcore.palette import CLASS_COLOURS, INK, hex_colour
from dlcore.vega import Spec, as_spec, empty

State = Literal["", "input", "output", "unused", "from", "to"]
EdgeState = Literal["", "walked", "current", "unused"]
_STATES: Final = ("", "input", "output", "unused", "from", "to")
_LINES: Final = ("", "walked", "current", "unused")
WIDEST: Final = 1180  # pixels of a row of layers; a longer graph is made smaller, or runs from bottom to top
_SMALLEST: Final = 0.8
_GAP: Final = 24  # pixels between two layers
_BESIDE: Final = 14  # between two boxes of a layer
_MARGIN: Final = 6
_FONT: Final = 11
_CHROME: Final = 24  # pixels of height that Streamlit keeps for itself
_ROOM: Final = 600  # pixels of width to which a small graph is enlarged, and by how much at most
_LARGEST: Final = 1.4
_NARROWER: Final = 760  # pixels of width to which one that runs upward is made smaller
_SAMPLES: Final = 8  # of each bend
_COLUMNS: Final = ("kind", "part", "order", "x", "y", "x2", "y2", "title", "value", "gradient", "state", "angle")

_Row = tuple[str, int, int, float, float, float, float, str, str, str, str, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node as it is drawn: three lines of text."""

    title: str
    value: str
    gradient: str
    state: State


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes, edges (source, target) between them and how each edge is drawn."""

    boxes: tuple[Box, ...]
    edges: tuple[tuple[int, int], ...]
    lines: tuple[EdgeState, ...]


def picture(found: Walk, progress: int) -> Picture:
    """The graph of a formula at some progress of the walk; a constant stands in the box of its operation."""
    program, step = found.program, found.step(progress)
    gradients, final = found.gradients(progress), found.gradients()
    place = {i: k for k, i in enumerate(i for i, node in enumerate(program.nodes) if node.op != "constant")}
    walked = {(step.node, step.slot) for step in found.steps[: max(progress - 1, 0)]}
    boxes, edges, lines = [], [], []
    for i in place:
        node = program.nodes[i]
        state: State = "input" if node.op == "input" else "output" if i == program.output else ""
        if i not in final:
            state = "unused"
        elif step and i == step.node:
            state = "from"
        elif (step and i == step.target) or (progress == 1 and i == program.output):
            state = "to"
        waits = len(found.arrived(i, progress)) < found.paths(i) and i != program.output
        gradient = f"∂ {notation.short(gradients[i])}{' +…' if waits else ''}" if i in gradients else ""
        boxes.append(Box(notation.title(program, i), notation.short(found.values[i]), gradient, state))
        for slot, k in enumerate(node.args):
            if k in place:
                edges.append((place[k], place[i]))
                now: EdgeState = "walked" if (i, slot) in walked else ""
                lines.append("unused" if i not in final else now)
                if step and (step.node, step.slot) == (i, slot):
                    lines[-1] = "current"
    return Picture(tuple(boxes), tuple(edges), tuple(lines))


def torch_picture(functions: Sequence[Function], found: Walk, progress: int) -> Picture:
    """The same graph as torch holds it: each node under the name of its ``grad_fn``."""
    ours = picture(found, progress)
    place = {i: k for k, i in enumerate(i for i, node in enumerate(found.program.nodes) if node.op != "constant")}
    boxes = []
    for function in functions:
        if function.node is None:  # torch needs one more operation than we do, as for 1/x
            boxes.append(Box(function.name, "", "", ""))
            continue
        box, label = ours.boxes[place[function.node]], notation.labels(found.program)[function.node]
        boxes.append(Box(function.name, f"{label} = {box.value}", box.gradient, box.state))
    edges = tuple((source, i) for i, function in enumerate(functions) for source in function.inputs)
    step = found.step(progress)
    hot = (step.target, step.node) if step else None
    walked = {(step.target, step.node) for step in found.steps[: max(progress - 1, 0)]}
    lines: list[EdgeState] = []
    for source, target in edges:
        ends = (functions[source].node, functions[target].node)
        lines.append("current" if ends == hot else "walked" if ends in walked else "")
    return Picture(tuple(boxes), edges, tuple(lines))


@dataclass(frozen=True, slots=True)
class Sizes:
    """Pixels of the boxes and the chart before it is zoomed; ``across`` if the layers stand side by side."""

    box: tuple[int, int]
    width: float
    height: float
    across: bool
    zoom: float = 1.0

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height on the screen."""
        return round(self.width * self.zoom), round(self.height * self.zoom) + _CHROME


def sizes(shown: Picture) -> Sizes:
    """Boxes wide enough for their titles and any number; from left to right while that fits, else bottom to top.

    The numbers themselves have no say: a chart of another size would be drawn anew as a slider moves.
    """
    plan = layout(len(shown.boxes), shown.edges)
    box = (max(82, round(max(len(box.title) for box in shown.boxes) * 6.6) + 12), 50)
    across = plan.layers * (box[0] + _GAP) * _SMALLEST <= WIDEST
    along, beside = (box[0], box[1]) if across else (box[1], box[0])
    length = plan.layers * (along + _GAP) - _GAP + 2 * _MARGIN
    breadth = plan.breadth * (beside + _BESIDE) - _BESIDE + 2 * _MARGIN
    if not across:
        return Sizes(box, breadth, length, across, round(max(_SMALLEST, min(1.0, _NARROWER / breadth)), 2))
    zoom = min(_LARGEST, max(1.0, _ROOM / length), WIDEST / length)
    return Sizes(box, length, breadth, across, round(zoom, 2))


def frame(shown: Picture) -> pd.DataFrame:
    """Rows of three kinds: points of edges, arrow heads, boxes; columns x, y in pixels."""
    plan, size = layout(len(shown.boxes), shown.edges), sizes(shown)
    along, beside = size.box if size.across else size.box[::-1]

    def at(layer: float, place: float) -> tuple[float, float]:
        """Along and across the layers, in pixels, of a box's centre."""
        return _MARGIN + along / 2 + layer * (along + _GAP), _MARGIN + beside / 2 + place * (beside + _BESIDE)

    rows: list[_Row] = []
    into = Counter(target for _, target in shown.edges)
    arrived: Counter[int] = Counter()
    on_top: list[_Row] = []
    for part, ((_, target), path, state) in enumerate(zip(shown.edges, plan.paths, shown.lines, strict=True)):
        port = (arrived[target] - (into[target] - 1) / 2) * min(14, beside / 4)
        arrived[target] += 1
        line = _line([at(*point) for point in path], along, port)
        drawn = on_top if state == "current" else rows
        for order, (a, b) in enumerate(line):
            x, y = (a, b) if size.across else (b, size.height - a)
            drawn.append(("edge", part, order, x, y, x, y, "", "", "", state, 0.0))
        backward = state == "current"
        (a, b), turn = (line[0], 180) if backward else (line[-1], 0)
        a += 4 if backward else -4
        x, y = (a, b) if size.across else (b, size.height - a)
        drawn.append(("head", part, 0, x, y, x, y, "", "", "", state, turn + (90 if size.across else 0)))
    rows += on_top
    for i, (box, place) in enumerate(zip(shown.boxes, plan.places, strict=True)):
        a, b = at(*place)
        x, y = (a, b) if size.across else (b, size.height - a)
        half, tall = size.box[0] / 2, size.box[1] / 2
        ends = (x - half, y - tall, x + half, y + tall)
        rows.append(("node", i, 0, *ends, box.title, box.value, box.gradient, box.state, 0.0))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _line(centres: list[tuple[float, float]], along: float, port: float) -> list[tuple[float, float]]:
    """From the end of one box to the beginning of another, level at every waypoint, so that it bends smoothly."""
    stops: list[tuple[float, float]] = [(centres[0][0] + along / 2, centres[0][1])]
    for a, b in centres[1:-1]:
        stops += [(a - along / 2, b), (a + along / 2, b)]
    stops.append((centres[-1][0] - along / 2, centres[-1][1] + port))
    line = [stops[0]]
    for (a, b), (c, d) in pairwise(stops):
        if b == d:
            line.append((c, d))
            continue
        for k in range(1, _SAMPLES + 1):
            share = k / _SAMPLES
            line.append((a + (c - a) * share, b + (d - b) * share * share * (3 - 2 * share)))
    return line


@lru_cache(maxsize=64)
def spec(size: Sizes, value_title: str, gradient_title: str) -> Spec:
    """The specification that draws a :func:`frame` of this size."""
    made = deepcopy(_spec(value_title, gradient_title)) | dict(zip(("width", "height"), size.pixels, strict=True))
    for layer in made["layer"]:
        if layer["mark"]["type"] == "text":
            layer["mark"]["fontSize"] = round(_FONT * size.zoom, 1)
        layer["encoding"]["x"]["scale"]["domain"] = [0, size.width]
        layer["encoding"]["y"]["scale"]["domain"] = [size.height, 0]
    return made


@lru_cache(maxsize=4)
def _spec(value_title: str, gradient_title: str) -> Spec:
    blue, orange, green, _, sky, red, _, grey = map(hex_colour, CLASS_COLOURS)
    ink = hex_colour(INK["light"])
    base = alt.Chart(empty(*_COLUMNS))

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[1, 0], nice=False), axis=None)

    line = alt.Color("state:N", scale=alt.Scale(domain=list(_LINES), range=[grey, blue, red, grey]), legend=None)
    edges = (
        base.transform_filter("datum.kind === 'edge'")
        .mark_line(interpolate="linear", strokeCap="round")
        .encode(
            x=x("x"),
            y=y("y"),
            detail="part:N",
            order="order:Q",
            color=line,
            strokeWidth=alt.condition("datum.state === 'current'", alt.value(4), alt.value(1.6)),
            opacity=alt.condition("datum.state === 'unused'", alt.value(0.35), alt.value(1)),
        )
    )
    heads = (
        base.transform_filter("datum.kind === 'head'")
        .mark_point(shape="triangle", filled=True, opacity=1)
        .encode(
            x=x("x"),
            y=y("y"),
            color=line,
            size=alt.condition("datum.state === 'current'", alt.value(190), alt.value(55)),
            angle=alt.Angle("angle:Q", scale=alt.Scale(domain=[0, 360], range=[0, 360])),
        )
    )
    node = base.transform_filter("datum.kind === 'node'").transform_calculate(
        middle="(datum.x + datum.x2) / 2", first="datum.y + 12", second="datum.y + 26", third="datum.y + 40"
    )
    faded = alt.condition("datum.state === 'unused'", alt.value(0.45), alt.value(1))
    boxes = node.mark_rect(cornerRadius=6).encode(
        x=x("x"),
        x2="x2:Q",
        y=y("y"),
        y2="y2:Q",
        color=alt.Color(
            "state:N",
            scale=alt.Scale(
                domain=list(_STATES), range=["#f1f3f6", "#dcebf7", "#dff3ea", "#f1f3f6", "#ffffff", "#ffffff"]
            ),
            legend=None,
        ),
        stroke=alt.Stroke(
            "state:N",
            scale=alt.Scale(domain=list(_STATES), range=[grey, sky, green, grey, orange, red]),
            legend=None,
        ),
        strokeWidth=alt.condition("datum.state === 'from' || datum.state === 'to'", alt.value(3), alt.value(1.2)),
        opacity=faded,
        tooltip=[
            alt.Tooltip("title:N", title=" "),
            alt.Tooltip("value:N", title=value_title),
            alt.Tooltip("gradient:N", title=gradient_title),
        ],
    )
    rows: tuple[tuple[str, str, Literal["bold", "normal"], str], ...] = (
        ("title", "first", "bold", ink),
        ("value", "second", "normal", ink),
        ("gradient", "third", "normal", blue),
    )
    words = [
        node.mark_text(fontWeight=weight, color=colour, baseline="middle").encode(
            x=x("middle"), y=y(row), text=f"{field}:N", opacity=faded
        )
        for field, row, weight, colour in rows
    ]
    chart = alt.layer(edges, heads, boxes, *words).resolve_scale(color="independent", stroke="independent")
    return as_spec(chart.properties(padding=0))
