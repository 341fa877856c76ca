"""The parts "gradients" and "derivative" of the autograd page."""

from __future__ import annotations

from typing import Any

import pytest
from driver import charts, frame, open_page, sliders, sound, warnings
from programs import printed
from streamlit.testing.v1 import AppTest

from dlcore.lessons.autograd.control_flow import model as control_flow
from dlcore.lessons.autograd.derivative import model as derivative
from dlcore.lessons.autograd.detach import charts as detach_charts
from dlcore.lessons.autograd.detach import model as detach
from dlcore.lessons.autograd.gradients import model as gradients
from dlcore.lessons.autograd.settings import LESSON
from pages.ui.language import LANGUAGES, labels, prose
from pages.ui.lesson import State


def open_topic(language: str = "en", /, **chosen: Any) -> AppTest:
    """Open the page by a link with these settings."""
    values = {**LESSON.defaults(), **chosen}
    return open_page("autograd", language, **LESSON.encode(values))


def topic(language: str = "en", /, **chosen: Any) -> AppTest:
    return open_topic(language, part="gradients", **chosen)


def state(app: AppTest) -> State:
    shown: State = app.session_state["autograd.state"]
    return shown


def chart(app: AppTest, id: str, **values: str) -> Any:
    """Return the data of the chart with this alternative text."""
    text = labels(app.session_state["language"])[f"autograd.{id}"]
    return frame(charts(app)[text.format(**values)])


def check_code(app: AppTest) -> None:
    """Run the program on the page and compare what it prints with the output on the page."""
    (code,) = [element for element in app.code if element.language == "python" and "import" in element.value]
    said = app.code[[element.value for element in app.code].index(code.value) + 1].value
    assert printed(code.value) == said.rstrip()


def press(app: AppTest, id: str) -> AppTest:
    return sound(app.button(key=f"autograd.{id}").click().run())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "chosen",
    [
        *({"topic": "accumulate", "function": id, "log": "bbfbzn"} for id in gradients.FUNCTIONS),
        *({"topic": "vector", "map": id} for id in ("elementwise", "weights")),
        *({"topic": "detach", "cut": id} for id in detach.CUTS),
        *({"topic": "control_flow", "flow": "scalar", "axes": id, "a": -3.7} for id in ("linear", "log")),
        {"topic": "control_flow", "flow": "norm"},
        *({"part": "derivative", "formula": id, "dtype": "float64"} for id in derivative.PRESETS),
    ],
    ids=str,
)
def test_everything_opens_and_its_code_runs(chosen: dict[str, Any], language: str) -> None:
    app = open_topic(language, **{"part": "gradients", **chosen})
    assert not app.warning
    check_code(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_write_the_log(language: str) -> None:
    app = topic(language)
    grads = lambda: list(app.table[-1].value["x.grad"])  # noqa: E731
    assert grads() == ["None", "0, 4, 8, 12"]
    app = press(press(app, "run.f"), "run.b")
    assert state(app)["log"] == "bfb"
    assert grads()[-1] == "0, 8, 16, 24"  # the surprise: it has doubled
    assert not app.error
    app = press(app, "run.b")
    assert "second time" in app.error[0].value
    assert any(labels(language)["autograd.gradients.freed"] == element.value for element in app.markdown)
    assert grads()[-2:] == ["0, 8, 16, 24", "RuntimeError"]
    app = press(app, "run.z")
    assert grads()[-1] == "0, 0, 0, 0"
    app = press(press(app, "run.n"), "run.z")
    assert "AttributeError" in app.error[0].value
    check_code(app)
    app = press(app, "run.clear")
    assert state(app)["log"] == ""
    app = sound(app.toggle(key="autograd.retain").set_value(True).run())
    app = press(press(app, "run.b"), "run.b")
    assert state(app)["log"] == "rr"
    assert grads()[-1] == "0, 8, 16, 24"


def test_long_and_invalid_logs() -> None:
    app = topic(log="f" * gradients.MAX_STEPS)
    assert app.button(key="autograd.run.b").disabled
    app = topic("zh", log="b?")
    assert labels("zh")["autograd.problem_gradients.unknown_step"].format(
        known="`b, r, f, z, n`", got="`?`"
    ) == warnings(app)
    app = press(app, "run.f")
    assert state(app)["log"] == "bf"  # on from what was shown
    assert not app.warning


def test_x_can_be_edited() -> None:
    app = topic(vector=((5.0, 0.0, 0.0, -1.0),))
    assert list(app.table[-1].value["x.grad"])[-1] == "20, 0, 0, −4"
    app = topic(function="mean")
    assert list(app.table[-1].value["x.grad"])[-1] == "4.5, 4.5, 4.5, 4.5"


@pytest.mark.parametrize("language", LANGUAGES)
def test_backward_of_a_vector_needs_v(language: str) -> None:
    app = topic(language, topic="vector")
    assert "grad can be implicitly created only for scalar outputs" in app.error[0].value
    assert "tensor([ 2.,  2., -6.])" in app.code[-1].value or any(
        "tensor([ 2.,  2., -6.])" in c.value for c in app.code
    )
    app = press(app, "ones")
    assert state(app)["v"] == ((1.0, 1.0, 1.0),)
    assert any(element.value == "tensor([2., 4., 6.])\ntensor([2., 4., 6.])" for element in app.code)
    app = topic(language, topic="vector", map="weights", v=((1.0, 2.0),))
    assert "3" in warnings(app)
    assert "2" in warnings(app)
    assert not app.error


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("where", detach.CUTS)
def test_cut_graph_charts_and_table(where: str, language: str) -> None:
    app = topic(language, topic="detach", cut=where, cut_at=1.5)
    word = labels(language)["autograd.gradients.cut"]
    shown = chart(app, "gradients.graph_alt")
    assert list(shown["text"]) == list(detach_charts.graph_frame(where, 1.5, word)["text"])
    assert len(chart(app, "gradients.curves_alt")) == detach_charts.POINTS + 1
    assert bool(app.error) is (where == "no_grad")
    table = app.table[0].value
    assert list(table["requires_grad"]) == [str(v.requires_grad) for v in detach.cut(where, 1.5).variables]


@pytest.mark.parametrize("language", LANGUAGES)
def test_control_flow(language: str) -> None:
    app = topic(language, topic="control_flow")
    assert any("**512**" in element.value for element in app.markdown)
    assert len(chart(app, "gradients.unrolled_alt")) == 11
    assert chart(app, "gradients.flow_alt", name="f(a)")["slope"].iloc[-1] == 512
    app = sound(app.segmented_control(key="autograd.flow").set_value("norm").run())
    assert any("256, 256, 256" in element.value for element in app.markdown)
    app = topic(language, topic="control_flow", a=0.0)
    assert str(control_flow.MAX_DOUBLINGS) in warnings(app)
    assert labels(language)["autograd.setting.a"] in sliders(app)  # to leave it again


@pytest.mark.parametrize("language", LANGUAGES)
def test_derivative_and_tangent(language: str) -> None:
    app = open_topic(language, part="derivative")
    curve = chart(app, "derivative.curve_alt")
    assert curve["slope"].iloc[-2] == pytest.approx(0.5403023, abs=1e-6)
    assert any("**0.540302**" in element.value for element in app.markdown)
    assert chart(app, "derivative.error_alt")["h"].iloc[-1] == 0.5
    app = sound(app.segmented_control(key="autograd.dtype").set_value("float64").run())
    assert any("**0.312048**" in element.value for element in app.markdown)
    app = sound(app.pills(key="autograd.presets").set_value("cos(x)").run())
    assert state(app)["formula"] == app.text_input(key="autograd.formula").value == "cos(x)"
    assert chart(app, "derivative.curve_alt")["slope"].iloc[-2] == pytest.approx(-0.841471, abs=1e-6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_invalid_input_warns_and_keeps_the_chart(language: str) -> None:
    app = open_topic(language, part="derivative")
    before = chart(app, "derivative.curve_alt")
    app = sound(app.text_input(key="autograd.formula").set_value("sin(y)").run())
    assert "`y`" in warnings(app)
    assert app.text_input(key="autograd.formula").value == "sin(y)"
    assert chart(app, "derivative.curve_alt").equals(before)
    app = sound(app.text_input(key="autograd.formula").set_value("sin(x)").run())
    app = sound(app.number_input(key="autograd.low").set_value(7.0).run())
    assert "7" in warnings(app)
    assert app.number_input(key="autograd.low").value == 7.0
    assert chart(app, "derivative.curve_alt").equals(before)
    app = sound(app.number_input(key="autograd.high").set_value(9.0).run())
    assert not app.warning
    shown = chart(app, "derivative.curve_alt")
    assert (shown["x"].iloc[0], shown["x"].iloc[-2]) == (7.0, 7.0)  # x₀ has come into the range


@pytest.mark.parametrize("language", LANGUAGES)
def test_prose_matches_the_chosen_program(language: str) -> None:
    scalar, vector = (topic(language, topic="control_flow", flow=flow) for flow in ("scalar", "norm"))
    said = [[element.value.strip() for element in app.markdown] for app in (scalar, vector)]
    texts = [prose(language)[f"autograd/{id}"] for id in ("control_flow", "control_flow_vector")]
    assert [text in markdown for text in texts for markdown in said] == [True, False, False, True]


@pytest.mark.parametrize("language", LANGUAGES)
def test_f_of_a_vector(language: str) -> None:
    app, words = topic(language, topic="control_flow", flow="vector"), labels(language)
    said = words["autograd.gradients.flow_vector"].format(
        n=9, branch=words["autograd.gradients.else"], grad="51 200", result="51 200, −102 400, 25 600"
    )
    assert said.replace(" ", "") in [element.value.replace(" ", "") for element in app.markdown]
    assert prose(language)["autograd/control_flow"] in [element.value.strip() for element in app.markdown]
    check_code(app)
    assert "scalar outputs" in app.code[-1].value
    assert topic(language, topic="control_flow", flow="vector", elements=((0.0, 0.0),)).warning


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["elementwise", "weights"])
def test_v_has_as_many_elements_as_are_chosen(kind: str, language: str) -> None:
    app = topic(language, topic="vector", map=kind)
    for n in (4, 2, 1, 4):
        app = sound(app.segmented_control(key="autograd.size").set_value(n).run())
        assert (len(state(app)["at"][0]), len(state(app)["v"][0])) == (n, n)
        assert [len(row) for row in state(app)["weights"]] == [n] * n
        assert not app.warning
        check_code(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("function", ["relu(x)", "abs(x)"])
def test_a_corner_has_no_tangent(function: str, language: str) -> None:
    app = open_topic(language, part="derivative", formula=function, x0=0.0)
    note = labels(language)["autograd.derivative.corner"].format(x="0", slope="0", h="0.5", quotient="1")
    assert [element.value for element in app.info] == [note]
    assert chart(app, "derivative.curve_alt")["line"].isna().all()
    app = open_topic(language, part="derivative", formula=function, x0=0.5)
    assert not app.info


def test_missing_tangent_and_clipping_are_reported() -> None:
    app = open_topic("zh", part="derivative", formula="log(x)", x0=-1.0)
    assert labels("zh")["autograd.derivative.none"].format(x="−1") in [element.value for element in app.info]
    app = open_topic("en", part="derivative", formula="1/x")
    assert any("±" in element.value for element in app.caption)
