"""Boxes and edges of the drawn compute graph, step by step."""

import pytest

from dlcore.lessons.autograd.walk import charts
from dlcore.lessons.autograd.walk import programs as torch_graph
from dlcore.lessons.autograd.walk.model import Walk, backward, forward
from dlcore.typed.expression import parse


def walked(text: str, **inputs: float) -> Walk:
    return backward(*forward(parse(text), inputs))


def boxes(found: Walk, progress: int) -> list[tuple[str, str, str]]:
    return [(box.value, box.gradient, box.state) for box in charts.picture(found, progress).boxes]


def test_every_step_of_a_small_graph() -> None:
    """In a·b + a the sum passes gradients to its arguments, then the product to b and to a, which has two paths."""
    found = walked("a*b + a", a=2.0, b=3.0)
    assert found.length == 5
    assert charts.picture(found, 0).edges == ((0, 2), (1, 2), (2, 3), (0, 3))
    assert boxes(found, 0) == [("2", "", "input"), ("3", "", "input"), ("6", "", ""), ("8", "", "output")]
    assert boxes(found, 1)[3] == ("8", "∂ 1", "to")
    order = [(found.step(p).node, found.step(p).target) for p in range(2, 6)]  # type: ignore[union-attr]
    assert set(order[:2]) == {(3, 2), (3, 0)}
    assert set(order[2:]) == {(2, 0), (2, 1)}
    for progress in range(2, 6):
        node, target = order[progress - 2]
        states = [state for *_, state in boxes(found, progress)]
        assert (states[node], states[target]) == ("from", "to")
        assert states.count("from") == states.count("to") == 1
        shown = charts.picture(found, progress)
        lines = dict(zip(shown.edges, shown.lines, strict=True))
        assert lines[target, node] == "current"
        assert {edge for edge, line in lines.items() if line == "walked"} == {(b, a) for a, b in order[: progress - 2]}
    halfway = 2 + max(i for i, (node, target) in enumerate(order) if (node, target) == (3, 0))
    assert boxes(found, halfway)[0][1] == "∂ 1 +…", "one of its two paths has not arrived"
    assert [gradient for _, gradient, _ in boxes(found, 5)] == ["∂ 4", "∂ 2", "∂ 1", "∂ 1"]


def test_nodes_without_effect_on_the_result_are_unused() -> None:
    found = walked("b = a*2\nc = a + 1\nc", a=2.0)
    shown = charts.picture(found, found.length)
    assert "unused" in {box.state for box in shown.boxes}
    unused = {i for i, box in enumerate(shown.boxes) if box.state == "unused"}
    for (_, target), line in zip(shown.edges, shown.lines, strict=True):
        assert (line == "unused") is (target in unused)
    assert all(shown.boxes[i].gradient == "" for i in unused)


@pytest.mark.parametrize("progress", range(6))
def test_torch_picture_has_the_same_edge_states(progress: int) -> None:
    inputs = {"a": 2.0, "b": 3.0}
    found = walked("a*b + a", **inputs)
    functions = torch_graph.functions(found.program, inputs)
    ours, theirs = charts.picture(found, progress), charts.torch_picture(functions, found, progress)
    node = [function.node for function in functions]
    drawn = {(node[a], node[b]): line for (a, b), line in zip(theirs.edges, theirs.lines, strict=True)}
    assert drawn == dict(zip(ours.edges, ours.lines, strict=True))
    for box, function in zip(theirs.boxes, functions, strict=True):
        assert function.node is not None
        mine = ours.boxes[function.node]
        assert (box.title, box.gradient, box.state) == (function.name, mine.gradient, mine.state)
        assert box.value.endswith(f" = {mine.value}")


def test_box_width_and_ports() -> None:
    short = charts.drawing(charts.picture(walked("a + b", a=1.0, b=1.0), 0))
    assert short["box"] == 72
    wide = charts.drawing(charts.Picture((charts.Box("x" * 30, "", "", ""),), (), ()))
    assert wide["box"] == round(30 * 6.6) + 12
    assert [edge["port"] for edge in short["edges"]] == [-0.5, 0.5]
    assert [node["at"] for node in wide["nodes"]] == [(0, 0)]
