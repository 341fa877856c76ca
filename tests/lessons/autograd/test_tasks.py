"""Every task of the autograd page, done as it is written, gives the numbers that it promises in both languages."""

import re

import pytest
from driver import open_page, sliders, sound
from numerals import read
from promises import task
from streamlit.testing.v1 import AppTest

from pages.ui.language import LANGUAGES


def press(app: AppTest, key: str) -> AppTest:
    return sound(app.button(key=f"autograd.{key}").click().run())


def type_in(app: AppTest, formula: str) -> AppTest:
    return sound(app.text_area(key="autograd.expression").set_value(formula).run())


def put(app: AppTest, inputs: str) -> AppTest:
    app.session_state["autograd.state"].set("inputs", inputs)
    return sound(app.run())


def gradient(app: AppTest, name: str) -> float:
    """Return the gradient in the box of an input."""
    (graph,) = (drawn for drawn in sliders(app).values() if "nodes" in drawn)
    (box,) = (node for node in graph["nodes"] if node["title"] == name)
    return read(box["gradient"].removeprefix("∂ "))


def total(app: AppTest) -> str:
    """Return the sum at the end of the words on the present step."""
    (line,) = re.findall(
        r"\$\\displaystyle ([^$]*)\$$", [e.value for e in app.markdown if "displaystyle" in e.value][-1]
    )
    return str(line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_find_the_missing_path(language: str) -> None:
    formula = re.findall(r"`y = ([^`]*)`", task("autograd", 1, language))[0]
    app = press(put(type_in(open_page("autograd", language), f"y = {formula}"), "x=3"), "step.to_end")
    assert total(app).endswith("1 + 3 + 3 = 7")
    assert re.search(r"1(, |、)3 (and|和) 3", task("autograd", 1, language))
    left_out = re.findall(r"`(\+ x)`", task("autograd", 1, language))[0]
    app = press(type_in(app, f"y = {formula.removesuffix(left_out)}"), "step.to_end")
    assert total(app).endswith("3 + 3 = 6")


@pytest.mark.parametrize("language", LANGUAGES)
def test_watch_a_gradient_vanish(language: str) -> None:
    app = open_page("autograd", language)
    app = press(sound(app.pills(key="autograd.example").set_value("vanishing").run()), "step.to_end")
    assert app.session_state["autograd.state"]["inputs"] == "w=2, x=1"
    assert gradient(app, "x") == pytest.approx(1e-4, rel=0.3)
    app = press(put(app, "w=0.1, x=1"), "step.to_end")
    assert gradient(app, "x") == pytest.approx(1e-5, rel=0.3)
    assert all(number in task("autograd", 2, language) for number in ("0.0001", "0.00001", "0.1"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_call_backward_twice(language: str) -> None:
    app = open_page("autograd", language, p="gradients")
    gradients = [app.table[-1].value["x.grad"].iloc[-1]]
    app = press(press(app, "run.f"), "run.b")
    gradients.append(app.table[-1].value["x.grad"].iloc[-1])
    once, twice = ([read(text) for text in row.split(", ")] for row in gradients)
    assert twice == [2 * value for value in once]
    assert any(once)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_prose_names_the_result_of_the_formula(language: str) -> None:
    for formula, symbol in (("g = a*b", "g"), ("y = a*a", "y")):
        said = [element.value for element in type_in(open_page("autograd", language), formula).markdown]
        (idea,) = [text for text in said if "sum_u" in text]
        assert rf"\partial {symbol}/\partial {symbol} = 1" in idea
        assert r"\result" not in idea
