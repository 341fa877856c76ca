"""The backward pass by hand against torch, its order, its picture, and the published micrograd example."""

from __future__ import annotations

import contextlib
import math
from itertools import pairwise

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.autograd.settings import MAX_INPUTS
from dlcore.lessons.autograd.walk import charts as graph_chart
from dlcore.lessons.autograd.walk import inputs as graph_inputs
from dlcore.lessons.autograd.walk import model as compute_graph
from dlcore.lessons.autograd.walk import notation as graph_notation
from dlcore.lessons.autograd.walk import programs as torch_graph
from dlcore.lessons.autograd.walk.layout import layout
from dlcore.lessons.autograd.walk.model import Walk, backward, check, convention, forward, trouble
from dlcore.typed.expression import FUNCTIONS, Program, evaluate, parse
from dlcore.typed.python import TypedError

EXAMPLES = sorted(graph_inputs.EXAMPLES)


def example(id: str) -> tuple[Walk, dict[str, float]]:
    found = graph_inputs.EXAMPLES[id]
    program = parse(found.expression)
    return walked(program, graph_inputs.for_program(program, graph_inputs.read(found.inputs)))


def walked(program: Program | str, inputs: dict[str, float]) -> tuple[Walk, dict[str, float]]:
    program = parse(program) if isinstance(program, str) else program
    return backward(*forward(program, inputs)), inputs


def test_the_published_example_of_micrograd() -> None:
    found, inputs = example("micrograd")
    gradients = check(found, inputs).gradients
    assert round(found.values[found.program.output], 4) == 24.7041
    assert round(gradients["a"] or 0, 4) == 138.8338
    assert round(gradients["b"] or 0, 4) == 645.5773
    ours = found.gradients()
    assert [round(ours[found.program.nodes.index(node)], 4) for node in found.program.nodes if node.op == "input"] == [
        138.8338,
        645.5773,
    ]


OPERANDS = st.one_of(st.sampled_from(["a", "b", "c"]), st.sampled_from(["2", "0.5", "-1.5"]))
FORMULAS = st.recursive(
    OPERANDS,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner),
        st.builds("{}({})".format, st.sampled_from(sorted(FUNCTIONS)), inner),
        st.builds("({})**{}".format, inner, st.sampled_from(["2", "3", "-1", "0.5", "0", "(a)"])),
        st.builds("2**({})".format, inner),
    ),
    max_leaves=9,
)
NUMBERS = st.one_of(
    st.floats(-4, 4, allow_subnormal=False).map(lambda x: round(x, 3)), st.sampled_from([0.0, -1.0, 1.0])
)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(FORMULAS, st.builds("d = {}\ng = d*d + {}*d".format, FORMULAS, FORMULAS)), NUMBERS, NUMBERS, NUMBERS)
def test_every_value_and_gradient_equals_torch(text: str, a: float, b: float, c: float) -> None:
    try:
        program = parse(text)
    except TypedError:
        assume(False)
    values = {"a": a, "b": b, "c": c}
    found, inputs = walked(program, {name: values[name] for name in program.inputs})
    # Beyond this the order of operations decides between a number and infinity.
    assume(all(not math.isfinite(value) or 1e-100 < abs(value) < 1e100 or value == 0 for value in found.values))
    assert check(found, inputs).wrong == ()
    leaves = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in inputs.items()}
    evaluate(program, leaves).backward()
    gradients = found.gradients()
    for i, node in enumerate(program.nodes):
        if node.op == "input":
            theirs = leaves[node.name or ""].grad
            assert (theirs is None) == (i not in gradients)
            if theirs is not None:
                mine = torch.tensor(gradients[i], dtype=torch.float64)
                torch.testing.assert_close(mine, theirs, rtol=1e-7, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("id", EXAMPLES)
def test_each_edge_is_taken_once_in_reverse_topological_order(id: str) -> None:
    found, _ = example(id)
    edges = [(step.node, step.slot) for step in found.steps]
    assert len(set(edges)) == len(edges)
    for k, step in enumerate(found.steps):
        assert step.product == step.upstream * step.local
        assert step.after == (step.before or 0) + step.product
        assert all(later.target != step.node for later in found.steps[k:]), "the source still waits for a path"
    arrived = [len(found.arrived(0, progress)) for progress in range(found.length + 1)]
    assert arrived == sorted(arrived)
    assert arrived[-1] == found.paths(0)
    assert found.gradients(0) == {}
    assert found.gradients(1) == {found.program.output: 1.0}


def test_paths_are_summed() -> None:
    found, _ = walked("y = x*x + x", {"x": 3.0})
    assert [step.product for step in found.arrived(0, found.length)] == [1.0, 3.0, 3.0]
    assert found.gradients()[0] == 7.0


def test_try_numbers_of_the_page() -> None:
    found, inputs = example("vanishing")
    assert check(found, inputs).gradients["x"] == pytest.approx(1e-4, rel=0.1)
    smaller = check(*walked(found.program, inputs | {"w": 0.1})).gradients["x"]
    assert smaller is not None
    assert 0 < smaller < 2e-5


@pytest.mark.parametrize(
    ("text", "x", "gradient"),
    [
        ("relu(x)", 0.0, 0.0),
        ("abs(x)", 0.0, 0.0),
        ("sqrt(x)", 0.0, math.inf),
        ("log(x)", 0.0, math.inf),
        ("x**0", 0.0, 0.0),
        ("x**x", 0.0, 0.0),
        ("x**0.5", -0.0, -math.inf),
        ("log(x)", -1.0, -1.0),
        ("sqrt(x)", -1.0, math.nan),
        ("1/x", 0.0, -math.inf),
        ("x/x", 0.0, math.nan),
        ("x**0.5", -1.0, math.nan),
        ("relu(log(x))", 0.0, math.nan),
        ("exp(exp(x))", 20.0, math.inf),
        ("abs(log(x))", -1.0, -0.0),
    ],
)
def test_gradients_where_no_derivative_exists(text: str, x: float, gradient: float) -> None:
    found, inputs = walked(text, {"x": x})
    checked = check(found, inputs)
    assert checked.wrong == ()
    mine = found.gradients()[0]
    assert mine == gradient or (math.isnan(mine) and math.isnan(gradient))


@pytest.mark.parametrize(
    ("text", "x", "kind"),
    [
        ("log(x)", -1.0, "log"),
        ("log(x)", 0.0, "log"),
        ("sqrt(x)", -1.0, "sqrt"),
        ("1/x", 0.0, "div"),
        ("x**-1", 0.0, "pow"),
        ("x**0.5", -1.0, "pow"),
        ("exp(x)**100", 20.0, "overflow"),
        ("sqrt(x)", 0.0, "vertical"),
        ("-2**x", 3.0, None),
        ("(x - 5)**x", 3.0, "local"),
        ("sqrt(x)*x", 0.0, "undefined"),
        ("abs(sqrt(x))", 0.0, "undefined"),
        ("x" + 27 * "*10**12", 0.0, "steep"),
        ("x**2", 0.0, None),
    ],
)
def test_reason_of_a_non_finite_number(text: str, x: float, kind: str | None) -> None:
    reason = trouble(walked(text, {"x": x})[0])
    assert (reason and reason[1]) == kind


@pytest.mark.parametrize(
    ("text", "x", "there"),
    [
        ("abs(x)", 0.0, True),
        ("relu(x)", 0.0, True),
        ("relu(x)", -1.0, False),
        ("abs(x)", 1.0, False),
        ("x**x", 0.0, True),
        ("x**2", 0.0, False),
        ("(x - 1)**x", 1.0, False),  # 0**x is 0 all around 1
    ],
)
def test_where_torch_takes_0_by_convention(text: str, x: float, there: bool) -> None:
    found, _ = walked(text, {"x": x})
    agreed = [step for step in found.steps if convention(found, step)]
    assert bool(agreed) is there
    assert all(step.local == 0 for step in agreed)


def test_check_finds_a_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    right = compute_graph.local_derivative

    def wrong(program: Program, values: tuple[float, ...], i: int, slot: int) -> tuple[float, bool]:
        local, blocked = right(program, values, i, slot)
        return (local + 1e-6 if program.nodes[i].op == "tanh" else local), blocked

    assert check(*example("paths")).wrong == ()
    monkeypatch.setattr(compute_graph, "local_derivative", wrong)
    found, inputs = example("paths")
    names = graph_notation.labels(found.program)
    assert [names[i] for i in check(found, inputs).wrong] == ["c"]


@pytest.mark.parametrize("text", ["y = x", "c = a*b\ny = x + 1", "y = x**x", "t = -x\ny = 3 - t/2"])
def test_small_and_odd_programs(text: str) -> None:
    program = parse(text)
    found, inputs = walked(program, dict.fromkeys(program.inputs, 2.0))
    checked = check(found, inputs)
    assert checked.wrong == ()
    assert checked.largest == 0
    assert_runs(found, inputs)
    torch_graph.functions(program, inputs)
    graph_chart.drawing(graph_chart.picture(found, found.length))


def assert_runs(found: Walk, inputs: dict[str, float]) -> str:
    snippet = torch_graph.walk_snippet(found, inputs, check(found, inputs))
    assert printed(snippet.code) == snippet.output.rstrip("\n")
    return snippet.output


@pytest.mark.parametrize("id", EXAMPLES)
def test_program_prints_the_numbers_of_the_page(id: str) -> None:
    found, inputs = example(id)
    output = assert_runs(found, inputs)
    if id == "micrograd":
        assert output == "g = 24.70408\na.grad = 138.8338\nb.grad = 645.5773\n"


@pytest.mark.parametrize("id", EXAMPLES)
def test_torch_graph(id: str) -> None:
    found, inputs = example(id)
    listed = torch_graph.functions(found.program, inputs)
    leaves = [function for function in listed if function.name == "AccumulateGrad"]
    assert {found.program.nodes[function.node or 0].op for function in leaves} == {"input"}
    assert len(leaves) == len(inputs)
    assert {function.node for function in listed} - {None} == set(found.gradients())
    assert listed[-1].node == found.program.output
    assert all(k < i for i, function in enumerate(listed) for k in function.inputs)
    names = {function.name for function in listed}
    assert names >= {"paths": {"MulBackward0", "AddBackward0", "TanhBackward0", "PowBackward0"}}.get(id, set())
    drawn = graph_chart.drawing(graph_chart.torch_picture(listed, found, found.length))
    assert [node["title"] for node in drawn["nodes"]] == [function.name for function in listed]


@pytest.mark.parametrize("id", EXAMPLES)
def test_picture_at_every_progress(id: str) -> None:
    found, _ = example(id)
    places = None
    for progress in range(found.length + 1):
        shown = graph_chart.picture(found, progress)
        step = found.step(progress)
        assert shown.lines.count("current") == (step is not None)
        assert shown.lines.count("walked") == max(progress - 2, 0)
        drawn = graph_chart.drawing(shown)
        nodes = drawn["nodes"]
        assert sum(node["gradient"] != "" for node in nodes) == len(found.gradients(progress))
        now = ([node["at"] for node in nodes], [edge["path"] for edge in drawn["edges"]], drawn["box"])
        assert places in (None, now), "nothing moves while backward walks"
        places = now
        for (source, target), edge in zip(shown.edges, drawn["edges"], strict=True):
            assert (edge["path"][0], edge["path"][-1]) == (nodes[source]["at"], nodes[target]["at"])
        assert all(0 <= layer < drawn["layers"] and 0 <= place < drawn["breadth"] for layer, place in now[0])
        ports = [(edge["path"][-1], edge["port"]) for edge in drawn["edges"]]
        assert len(set(ports)) == len(ports), "no two edges end at one spot"


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))))
    )
)
def test_a_layout_goes_forward_and_keeps_boxes_apart(case: tuple[int, set[tuple[int, int]]]) -> None:
    nodes, pairs = case
    edges = tuple(sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}))
    found = layout(nodes, edges)
    for (source, target), path in zip(edges, found.paths, strict=True):
        assert path[0] == found.places[source]
        assert path[-1] == found.places[target]
        assert [layer for layer, _ in path] == list(range(path[0][0], path[-1][0] + 1))
    for layer in range(found.layers):
        row = sorted(y for at, y in found.places if at == layer)
        assert all(b - a >= 0.99 for a, b in pairwise(row))


def test_text_of_inputs() -> None:
    program = parse("a + b")
    assert graph_inputs.for_program(program, {"a": 2.0, "z": 9.0}) == {"a": 2.0, "b": 1.0}
    assert graph_inputs.with_value(program, {"a": 2.0, "z": 9.0}, "b", -0.5) == "a=2, b=-0.5, z=9"
    assert graph_inputs.read("") == {}
    many = {f"name{i:04}": -1.23456789012e-10 for i in range(99)}
    assert len(graph_inputs.write(many)) <= MAX_INPUTS
    assert (
        list(graph_inputs.read(graph_inputs.write(many)))
        == list(many)[: len(graph_inputs.read(graph_inputs.write(many)))]
    )


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), st.floats(-20, 20), max_size=12))
def test_text_of_inputs_round_trip(values: dict[str, float]) -> None:
    assert graph_inputs.read(graph_inputs.write(values)) == pytest.approx(values, rel=1e-11)


@given(st.text(max_size=60))
def test_any_text_of_inputs_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(graph_inputs.InputsError):
        assert all(abs(value) <= graph_inputs.BOUND for value in graph_inputs.read(text).values())


@pytest.mark.parametrize(
    ("text", "rule"), [("a", "unclear"), ("a=1;b=2", "unclear"), ("a=21", "range"), ("a=nan", "unclear")]
)
def test_inputs_that_are_refused(text: str, rule: str) -> None:
    with pytest.raises(graph_inputs.InputsError) as caught:
        graph_inputs.read(text)
    assert caught.value.rule == rule


def test_derivatives_in_symbols() -> None:
    program = parse("c = a*a\nd = w_1 - c/3\ng = d**a + b**-1.5 + relu(abs(d))")
    for i, node in enumerate(program.nodes):
        for slot, target in enumerate(node.args):
            if program.nodes[target].op != "constant":
                text = graph_notation.derivative(program, i, slot)
                assert text.count("{") == text.count("}")
                assert "_1}" not in text.replace(r"\_1}", "").replace("v_{1}", "")
    assert graph_notation.derivative(program, 1, 1) == (
        r"\frac{\partial\,(u \cdot v)}{\partial v} = u\qquad (u = v = a)"
    )
    assert graph_notation.number(-1.5e-9) == r"(-1.5 \cdot 10^{-9})"
    assert graph_notation.number(math.nan) == r"\text{nan}"
    assert graph_notation.bare(-math.inf) == r"-\infty"
