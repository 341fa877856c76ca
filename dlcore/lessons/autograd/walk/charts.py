"""The drawing of a compute graph: boxes with value and gradient, and edges with their state in the backward pass.

Places depend on the formula alone, so nothing moves during the backward pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from dlcore.drawing.formats import text
from dlcore.lessons.autograd.walk import notation
from dlcore.lessons.autograd.walk.layout import layout
from dlcore.lessons.autograd.walk.model import Walk
from dlcore.lessons.autograd.walk.programs import BackwardFunction

BoxState = Literal["", "input", "output", "unused", "from", "to"]
EdgeState = Literal["", "walked", "current", "unused"]
_MIN_WIDTH: Final = 72  # pixels of a box; any number fits
_LETTER: Final = 6.6  # pixels of the widest letter of a title
_PADDING: Final = 12  # pixels, both sides together


@dataclass(frozen=True, slots=True)
class Box:
    """A drawn node: three lines of text and a state."""

    title: str
    value: str
    gradient: str
    state: BoxState


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes, the edges (source, target) between them, and the state of each edge."""

    boxes: tuple[Box, ...]
    edges: tuple[tuple[int, int], ...]
    lines: tuple[EdgeState, ...]


def picture(walk: Walk, progress: int) -> Picture:
    """Return the graph of a walk's formula at ``progress``; a constant stands in the box of its operation."""
    program, step = walk.program, walk.step(progress)
    gradients, final = walk.gradients(progress), walk.gradients()
    place = {i: k for k, i in enumerate(i for i, node in enumerate(program.nodes) if node.op != "constant")}
    walked = {(step.node, step.slot) for step in walk.steps[: max(progress - 1, 0)]}
    boxes, edges, lines = [], [], []
    for i in place:
        node = program.nodes[i]
        state: BoxState = "input" if node.op == "input" else "output" if i == program.output else ""
        if i not in final:
            state = "unused"
        elif step and i == step.node:
            state = "from"
        elif (step and i == step.target) or (progress == 1 and i == program.output):
            state = "to"
        waits = len(walk.arrived(i, progress)) < walk.paths(i) and i != program.output
        gradient = f"∂ {text(gradients[i])}{' +…' if waits else ''}" if i in gradients else ""
        boxes.append(Box(notation.title(program, i), text(walk.values[i]), gradient, state))
        for slot, k in enumerate(node.args):
            if k in place:
                edges.append((place[k], place[i]))
                now: EdgeState = "walked" if (i, slot) in walked else ""
                lines.append("unused" if i not in final else now)
                if step and (step.node, step.slot) == (i, slot):
                    lines[-1] = "current"
    return Picture(tuple(boxes), tuple(edges), tuple(lines))


def torch_picture(functions: Sequence[BackwardFunction], walk: Walk, progress: int) -> Picture:
    """Return torch's own graph of the walk's formula at ``progress``, each node titled by its ``grad_fn``."""
    ours = picture(walk, progress)
    place = {i: k for k, i in enumerate(i for i, node in enumerate(walk.program.nodes) if node.op != "constant")}
    boxes = []
    for function in functions:
        if function.node is None:  # torch needs one more operation than we do, as for 1/x
            boxes.append(Box(function.name, "", "", ""))
            continue
        box, label = ours.boxes[place[function.node]], notation.labels(walk.program)[function.node]
        boxes.append(Box(function.name, f"{label} = {box.value}", box.gradient, box.state))
    edges = tuple((source, i) for i, function in enumerate(functions) for source in function.inputs)
    step = walk.step(progress)
    current = (step.target, step.node) if step else None
    walked = {(step.target, step.node) for step in walk.steps[: max(progress - 1, 0)]}
    lines: list[EdgeState] = []
    for source, target in edges:
        ends = (functions[source].node, functions[target].node)
        lines.append("current" if ends == current else "walked" if ends in walked else "")
    return Picture(tuple(boxes), edges, tuple(lines))


def drawing(shown: Picture) -> dict[str, Any]:
    """Return the data with which the browser draws a picture.

    ``layers``, ``breadth``: size of the graph in nodes; ``box``: width of a box in pixels, enough for every title and
    any number. Nodes have ``at`` (layer, position in it), texts and state; edges have ``path`` (places), ``port``
    (offset of their end at the node, 0 in the middle) and state.
    """
    plan = layout(len(shown.boxes), shown.edges)
    into = Counter(target for _, target in shown.edges)
    arrived: Counter[int] = Counter()
    edges = []
    for (_, target), path, state in zip(shown.edges, plan.paths, shown.lines, strict=True):
        edges.append({"path": path, "port": arrived[target] - (into[target] - 1) / 2, "state": state})
        arrived[target] += 1
    return {
        "layers": plan.layers,
        "breadth": plan.breadth,
        "box": max(_MIN_WIDTH, round(max(len(box.title) for box in shown.boxes) * _LETTER) + _PADDING),
        "nodes": [asdict(box) | {"at": place} for box, place in zip(shown.boxes, plan.places, strict=True)],
        "edges": edges,
    }
