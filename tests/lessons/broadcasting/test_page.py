"""The broadcasting page: controls of the shapes, the verdict and the cures."""

import pytest
from driver import charts, frame, go, open_page, sound, warnings
from streamlit.testing.v1 import AppTest

from dlcore.drawing import grid
from dlcore.lessons.broadcasting import model as broadcasting
from dlcore.lessons.broadcasting import programs as broadcasting_programs
from pages.ui.language import LANGUAGES, labels

FAILING = {"a": "2-3", "b": "2"}


def word(app: AppTest, id: str) -> str:
    return labels(app.session_state["language"])[f"broadcasting.{id}"]


def shapes(app: AppTest) -> tuple[broadcasting.Shape, broadcasting.Shape]:
    state = app.session_state["broadcasting.state"]
    return state["left"], state["right"]


def set_to(app: AppTest, pair: tuple[broadcasting.Shape, broadcasting.Shape]) -> AppTest:
    id = next(id for id, preset in broadcasting.PRESETS.items() if preset == pair)
    return sound(app.pills(key="broadcasting.preset").set_value(id).run())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", broadcasting.PRESETS.values(), ids=str)
def test_presets_draw_the_result(language: str, pair: tuple[broadcasting.Shape, broadcasting.Shape]) -> None:
    app = set_to(open_page("broadcasting", language, a="5", b="5"), pair)
    assert shapes(app) == pair
    axes, outcome = broadcasting.align(*pair), broadcasting.operate(*pair, "add")
    table = app.table[0].value
    assert table[word(app, "axis")].tolist() == [f"−{-axis.number}" for axis in reversed(axes)]
    assert table["a"].tolist() == [str(axis.left or "–") for axis in reversed(axes)]
    assert table["b"].tolist() == [str(axis.right or "–") for axis in reversed(axes)]
    assert table[word(app, "result")].tolist() == [str(axis.size or "✗") for axis in reversed(axes)]
    shown = frame(charts(app)[word(app, "alt_shapes")])
    words = [word(app, f"word.{axis.fate}") for axis in axes]
    assert shown[shown["kind"] == "word"]["text"].tolist() == words
    snippet = broadcasting_programs.snippet(outcome, "add")
    assert [element.value for element in app.code][:2] == [snippet.code, snippet.output]
    if outcome.result is None:
        assert app.error[0].value == f"`RuntimeError: {outcome.error}`"
        assert not app.success
    else:
        assert app.success[0].value == word(app, "fits").format(shape=tuple(outcome.result.shape))
        assert not app.error


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_failing_axis_is_named_and_cured(language: str) -> None:
    app = open_page("broadcasting", language, **FAILING)
    why = word(app, "why").format(axis=1, dim=1, left=3, right=2)
    assert why in [element.value for element in app.markdown]
    drawn = frame(charts(app)[word(app, "alt_values")])
    assert set(drawn["mark"]) == {"failing", "gap"}
    sound(app.button(key="broadcasting.cure.b.unsqueeze(1)").click().run())
    assert shapes(app) == ((2, 3), (2, 1))
    assert not app.error
    assert app.text_input(key="broadcasting.right").value == "2, 1"
    assert app.number_input(key="broadcasting.right.1").value == 1


def test_shapes_without_a_cure() -> None:
    app = open_page("broadcasting", a="2-3-4-5", b="5-4-3-2")
    assert word(app, "no_cure") in [element.value for element in app.markdown]
    assert not [button for button in app.button if button.key and "cure" in button.key]


def test_shapes_are_typed_and_stepped() -> None:
    app = open_page("broadcasting")
    sound(app.text_input(key="broadcasting.left").set_value("(4, 1, 2)").run())
    assert shapes(app)[0] == (4, 1, 2)
    sound(app.number_input(key="broadcasting.left.2").increment().run())
    assert shapes(app)[0] == (4, 2, 2)
    assert app.text_input(key="broadcasting.left").value == "4, 2, 2"
    sound(app.button(key="broadcasting.left.longer").click().run())
    assert shapes(app)[0] == (1, 4, 2, 2)
    assert app.button(key="broadcasting.left.longer").disabled
    sound(app.button(key="broadcasting.left.shorter").click().run())
    sound(app.text_input(key="broadcasting.right").set_value("").run())
    assert shapes(app) == ((4, 2, 2), ())
    assert app.button(key="broadcasting.right.shorter").disabled
    sound(app.text_input(key="broadcasting.left").set_value("").run())
    assert word(app, "scalars") in [element.value for element in app.caption]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", ["9", "2, 0", "1, 2, 3, 4, 5", "two", "-1", "2.5"])
def test_an_invalid_shape_draws_a_message_and_changes_nothing(language: str, typed: str) -> None:
    app = open_page("broadcasting", language, a="4-2", b="2")
    sound(app.text_input(key="broadcasting.left").set_value(typed).run())
    assert word(app, "setting.left") in warnings(app)
    assert shapes(app) == ((4, 2), (2,))
    assert app.text_input(key="broadcasting.left").value == "4, 2"
    sound(app.text_input(key="broadcasting.left").set_value("5, 2").run())
    assert shapes(app) == ((5, 2), (2,))
    assert not app.warning


@pytest.mark.parametrize("operation", broadcasting.OPERATIONS)
def test_the_operation_changes_the_numbers(operation: str) -> None:
    app = open_page("broadcasting")
    sound(app.segmented_control(key="broadcasting.operation").set_value(operation).run())
    outcome = broadcasting.operate((3, 1), (1, 2), operation)
    drawn = frame(charts(app)[word(app, "alt_values")])
    assert outcome.result is not None
    assert drawn["text"].tolist()[-6:] == [grid.number(number) for number in outcome.result.flatten().tolist()]
    assert (drawn["mark"] == "stretched").sum() == 3 + 4  # of a's column and of b's row
    assert app.code[0].value == broadcasting_programs.snippet(outcome, operation).code


@pytest.mark.parametrize("language", LANGUAGES)
def test_memory_shows_strides(language: str) -> None:
    app = open_page("broadcasting", language, a="3-4-5", b="3-1-5")
    sound(app.segmented_control(key="broadcasting.part").set_value("memory").run())
    table = app.table[1].value
    assert table[word(app, "stride_after")].tolist() == ["(20, 5, 1)", "(5, 0, 1)"]
    assert table[word(app, "stored")].tolist() == ["60", "15"]
    assert table[word(app, "seen")].tolist() == ["60", "60"]
    assert app.code[1].value.endswith("True True")
    set_to(app, ((2, 3), (2,)))
    assert word(app, "nothing_to_stretch") in [element.value for element in app.caption]


def test_large_results_are_drawn_in_part() -> None:
    app = open_page("broadcasting", a="8-1-6-1", b="7-1-5")
    assert word(app, "cropped").format(count=2, total=56) in [element.value for element in app.caption]


def test_settings_survive_leaving_and_stand_in_the_link() -> None:
    app = open_page("broadcasting")
    sound(app.text_input(key="broadcasting.left").set_value("2, 5").run())
    sound(app.segmented_control(key="broadcasting.part").set_value("memory").run())
    assert app.query_params["a"] == "2-5"
    app = go(go(app, "home"), "broadcasting")
    assert shapes(app) == ((2, 5), (1, 2))
    assert app.segmented_control(key="broadcasting.part").value == "memory"
