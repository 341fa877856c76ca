"""The walk on the autograd page: formula, inputs, steps, play and messages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from driver import open_page, sliders, sound, warnings
from streamlit.testing.v1 import AppTest

from dlcore.lessons.autograd.settings import LESSON
from dlcore.lessons.autograd.walk import inputs as graph_inputs
from dlcore.lessons.autograd.walk import model as compute_graph
from dlcore.lessons.autograd.walk.model import Walk, backward, forward
from dlcore.typed.expression import Program, parse
from pages.basics.autograd import walk as autograd_walk
from pages.ui.language import LANGUAGES, labels

MICROGRAD = graph_inputs.EXAMPLES["micrograd"]


def press(app: AppTest, id: str) -> AppTest:
    return sound(app.button(key=f"autograd.step.{id}").click().run())


def type_in(app: AppTest, text: str) -> AppTest:
    return sound(app.text_area(key="autograd.expression").set_value(text).run())


def values(app: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = app.session_state["autograd.state"].values
    return found


def boxes(app: AppTest) -> dict[str, tuple[str, str]]:
    """Return value and gradient of each box by its title."""
    (graph,) = (drawn for drawn in sliders(app).values() if "nodes" in drawn)
    return {node["title"]: (node["value"], node["gradient"]) for node in graph["nodes"]}


def inputs(app: AppTest) -> dict[str, float]:
    """Return the values of the sliders by label."""
    return {label: slider["value"] for label, slider in sliders(app).items() if "value" in slider}


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def example(id: str) -> Walk:
    found = graph_inputs.EXAMPLES[id]
    program = parse(found.expression)
    return backward(*forward(program, graph_inputs.for_program(program, graph_inputs.read(found.inputs))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_runs_to_its_end(language: str) -> None:
    app = open_page("autograd", language)
    for id in graph_inputs.EXAMPLES:
        if id != "paths":  # already chosen
            sound(app.pills(key="autograd.example").set_value(id).run())
        assert values(app)["expression"] == graph_inputs.EXAMPLES[id].expression
        assert values(app)["step"] == 0
        assert all(gradient == "" for _, gradient in boxes(app).values())
        press(app, "to_end")
        found = example(id)
        assert values(app)["step"] == found.length
        gradients = [gradient for _, gradient in boxes(app).values()]
        assert all(gradient.startswith("∂ ") and "…" not in gradient for gradient in gradients)
        assert len(gradients) == len(found.gradients())
        assert not app.error
        assert not app.info


def test_the_published_numbers_are_on_the_page() -> None:
    app = open_page("autograd", wx=MICROGRAD.expression, wi=MICROGRAD.inputs, ws="40")
    shown = boxes(app)
    assert shown["g′: +"] == ("24.7", "∂ 1")
    assert (shown["a"][1], shown["b"][1]) == ("∂ 138.8", "∂ 645.6")
    assert any("g = 24.70408\na.grad = 138.8338\nb.grad = 645.5773" in block.value for block in app.code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_steps_forward_and_back(language: str) -> None:
    app = open_page("autograd", language)
    found = example("paths")
    for step in range(1, found.length + 3):
        press(app, "next")
        assert values(app)["step"] == min(step, found.length)
        reached = found.gradients(values(app)["step"])
        assert sum(gradient != "" for _, gradient in boxes(app).values()) == len(reached)
    for step in range(found.length - 1, -1, -1):
        press(app, "previous")
        assert values(app)["step"] == step
    assert values(app)["step"] == 0 == values(press(app, "previous"))["step"]


def test_step_formulas() -> None:
    app = open_page("autograd", ws="4")
    text = words(app)
    assert r"\frac{\partial\,{v_{2}}^{2}}{\partial v_{2}} = 2 \cdot v_{2} = 0.924234" in text
    assert r"\frac{\partial g}{\partial v_{3}} = 1" in text
    assert r"1 \cdot 0.924234 = 0.924234" in text
    assert r"\frac{\partial g}{\partial v_{2}} = 0.924234" in text
    app = open_page("autograd", wx="y = x*x + x", wi="x=3", ws="5")
    assert r"\frac{\partial y}{\partial x} = 1 + 3 + 3 = 7" in words(app)


def test_play_goes_to_the_end_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autograd_walk, "PAUSE", 0.0)
    app = press(open_page("autograd"), "play")
    length = example("paths").length
    for _ in range(length + 2):
        app = sound(app.run())
    assert values(app)["step"] == length
    assert not app.session_state["autograd.state"].memo["playing"]
    app = press(app, "play")
    assert values(app)["step"] < length, "play at the end restarts"
    step = values(press(app, "restart"))["step"]
    assert step == 0
    assert not app.session_state["autograd.state"].memo["playing"]


def test_pause_keeps_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autograd_walk, "PAUSE", 1000.0)
    app = press(press(open_page("autograd"), "next"), "play")
    assert app.session_state["autograd.state"].memo["playing"]
    app = press(app, "play")
    assert not app.session_state["autograd.state"].memo["playing"]
    assert values(app)["step"] == 1


def test_inputs_follow_the_formula_and_keep_their_numbers() -> None:
    app = type_in(open_page("autograd"), "y = a*w + 1")
    assert inputs(app) == {"a": 2.0, "w": 1.0}
    assert boxes(app)["y: + 1"][0] == "3"
    state = app.session_state["autograd.state"]
    state.set("inputs", graph_inputs.with_value(parse("y = a*w + 1"), graph_inputs.read(state["inputs"]), "w", 5.0))
    assert boxes(sound(app.run()))["y: + 1"][0] == "11"
    app = type_in(app, "g = a*b + tanh(c)**2")
    assert inputs(app) == {"a": 2.0, "b": -3.0, "c": 0.5}
    app = type_in(app, "w")
    assert sliders(app)["w"]["value"] == 5.0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["", "2x", "a +", "__import__('os')", "f(x)", "x^2", "a = 1", "x\n" * 40, "<b>x</b>", "$x$ `y`"]
)
def test_invalid_formula_stays_in_the_box_and_keeps_the_graph(text: str, language: str) -> None:
    app = type_in(open_page("autograd", language), "y = 2*a")
    app = type_in(app, text)
    assert warnings(app)
    if text.count("\n") < 30:
        assert app.text_area(key="autograd.expression").value == text
    assert boxes(app)["y: 2 ×"][0] == "4"
    app = type_in(app, "y = 3*a")
    assert not warnings(app)
    assert boxes(app)["y: 3 ×"][0] == "6"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("log(b)", "log"),
        ("sqrt(b)", "sqrt"),
        ("a/(b - b)", "div"),
        ("b**0.5", "pow"),
        ("exp(exp(exp(a)*a))", "overflow"),
        ("sqrt(a - a)", "vertical"),
        ("b**(a + 1)", "local"),
        ("sqrt(a - a)*(a - a)", "undefined"),
    ],
)
def test_non_finite_numbers_are_explained(text: str, kind: str, language: str) -> None:
    app = press(type_in(open_page("autograd", language), text), "to_end")
    (note,) = app.info
    head = labels(language)[f"autograd.trouble.{kind}"].partition("{node}")[2]
    assert head in note.value
    assert not app.error
    assert re.search("nan|inf", str(boxes(app)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_disagreement_with_torch_is_an_error(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not open_page("autograd", language).error
    right = compute_graph.local_derivative

    def wrong(program: Program, values: tuple[float, ...], i: int, slot: int) -> tuple[float, bool]:
        local, blocked = right(program, values, i, slot)
        return (-local if program.nodes[i].op == "tanh" else local), blocked

    monkeypatch.setattr(compute_graph, "local_derivative", wrong)
    app = open_page("autograd", language)
    (error,) = app.error
    assert "`c`" in error.value


def test_agreement_with_torch_is_shown() -> None:
    app = open_page("autograd")
    assert labels("en")["autograd.checked"].format(count=7, largest="0") in [element.value for element in app.caption]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "step", "equation"),
    [
        ("relu(a)", 2, r"\end{cases} := 0$"),
        ("abs(a)", 2, r"\mathrm{sign}(a) := 0$"),
        ("a**b", 3, r"{a}^{b} \cdot \ln a := 0$"),
    ],
)
def test_conventions_are_shown(text: str, step: int, equation: str, language: str) -> None:
    note = labels(language)["autograd.convention"]
    app = open_page("autograd", language, wx=text, wi="a=0, b=0", ws=str(step))
    assert [element.value for element in app.info] == [note]
    assert equation in words(app)
    app = open_page("autograd", language, wx=text, wi="a=1, b=0", ws=str(step))
    assert not app.info
    assert ":=" not in words(app)


def test_limit_of_the_exponent_derivative_at_base_0() -> None:
    app = open_page("autograd", wx="a**b", wi="a=0, b=2", ws="3")
    assert r"\ln a \to 0$" in words(app)
    assert not app.info


def test_torch_names() -> None:
    app = open_page("autograd", wn="1", ws="7")
    shown = boxes(app)
    assert set(shown) == {"AccumulateGrad", "MulBackward0", "TanhBackward0", "PowBackward0", "AddBackward0"}
    assert shown["AddBackward0"] == ("g = −5.786", "∂ 1")


def test_links() -> None:
    given = {"expression": "y = a*a", "inputs": "a=3", "step": 2, "torch_names": False}
    link = LESSON.encode({**LESSON.defaults(), **given})
    app = open_page("autograd", **link)
    assert {name: values(app)[name] for name in given} == given
    app = open_page("autograd", wx="import os", wi="a=1;b", ws="9999")
    assert len(app.warning) == 3
    assert boxes(app)["g: +"][0] == "−5.786"
    app = open_page("autograd", wx="y = a", ws="300")
    assert boxes(app) == {"a": ("2", "∂ 1")}
