"""The compute graph as it is drawn: boxes with value and gradient, edges, and which of them is walked.

Places depend on the formula alone, so while backward walks nothing moves.
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
from dlcore.lessons.autograd.walk.programs import Function

State = Literal["", "input", "output", "unused", "from", "to"]
EdgeState = Literal["", "walked", "current", "unused"]
_NARROWEST: Final = 72  # pixels of a box, for any number
_LETTER: Final = 6.6  # of a letter of the title, at most
_AROUND: Final = 12  # of the box around it


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
        gradient = f"∂ {text(gradients[i])}{' +…' if waits else ''}" if i in gradients else ""
        boxes.append(Box(notation.title(program, i), text(found.values[i]), gradient, state))
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


def drawing(shown: Picture) -> dict[str, Any]:
    """What the browser needs to draw it.

    ``layers``, ``breadth``: how many nodes it is long and broad; ``box``: pixels of a box, wide enough for every title
    and any number. Nodes have ``at`` (layer, place in it) and texts; edges have ``path`` (places), ``port`` (where
    they end at a node, which many may reach: 0 in its middle) and state.
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
        "box": max(_NARROWEST, round(max(len(box.title) for box in shown.boxes) * _LETTER) + _AROUND),
        "nodes": [asdict(box) | {"at": place} for box, place in zip(shown.boxes, plan.places, strict=True)],
        "edges": edges,
    }
