"""The parts that make, index and count: the page draws what dlcore computes, in both languages."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from driver import charts, frame, go, open_page, sliders, sound, warnings
from streamlit.testing.v1 import AppTest

from dlcore.lessons.tensors.create import model as creation
from dlcore.lessons.tensors.create import programs as create_programs
from dlcore.lessons.tensors.histogram import model as histogram
from dlcore.lessons.tensors.histogram import programs as histogram_programs
from dlcore.lessons.tensors.index import model as indexing
from dlcore.lessons.tensors.index import programs as index_programs
from dlcore.lessons.tensors.index.model import Indexed
from dlcore.lessons.tensors.index.syntax import parse
from dlcore.lessons.tensors.settings import CONSTRUCTORS, LESSON
from pages.ui.language import LANGUAGES, labels
from pages.ui.lesson import State

OF_CREATE = [name for name, setting in LESSON.settings.items() if setting.key.startswith("c")]
BOTH = pytest.mark.parametrize("language", LANGUAGES)


def state(app: AppTest) -> State:
    value: State = app.session_state["tensors.state"]
    return value


def put(app: AppTest, **values: Any) -> AppTest:
    for name, value in values.items():
        state(app).set(name, value)
    return sound(app.run())


def code(app: AppTest) -> list[str]:
    return [element.value for element in app.code if element.language == "python"]


def grids(app: AppTest) -> list[list[str]]:
    """Return the texts of each tensor that is drawn."""
    return [frame(chart)["text"].tolist() for chart in charts(app).values() if "text" in frame(chart).columns]


# --- create ---------------------------------------------------------------------------------------------------------
@BOTH
@pytest.mark.parametrize("constructor", CONSTRUCTORS)
def test_every_constructor_shows_its_values_and_only_its_controls(constructor: str, language: str) -> None:
    app = sound(open_page("tensors", language).selectbox(key="tensors.constructor").set_value(constructor).run())
    made = creation.create(state(app).values)
    assert code(app) == [create_programs.snippet(made).code]
    assert labels(language)[f"tensors.what.{constructor}"] in [element.value for element in app.markdown]
    native = [*app.text_input, *app.selectbox, *app.number_input]
    shown = {str(element.key).removeprefix("tensors.") for element in native} - {"constructor"}
    shown |= {name for name in OF_CREATE if labels(language)[f"tensors.setting.{name}"] in sliders(app)}
    wanted = set(creation.relevant_settings(constructor))
    words = {labels(language)[f"tensors.setting.{name}"] for name in wanted}
    assert {labels(language)[f"tensors.setting.{name}"] for name in shown} == words
    assert len(grids(app)) == 1
    facts = app.table[0].value
    assert made.tensor is not None
    values = creation.facts(made.tensor, uninitialised=made.uninitialised)
    assert facts.iloc[:, 1].tolist() == [value for _, _, value in values]


def test_the_values_drawn_are_the_tensors() -> None:
    app = open_page("tensors")
    assert grids(app) == [["2", "5", "3", "7", "4", "2", "1", "9"]]
    app = sound(app.text_input(key="tensors.values").set_value("[True, 2.5]").run())
    assert grids(app) == [["1", "2.5"]]
    app = sound(app.selectbox(key="tensors.dtype").set_value("int8").run())
    assert grids(app) == [["1", "2"]]


@BOTH
def test_invalid_text_draws_a_message_and_keeps_the_last_tensor(language: str) -> None:
    app = open_page("tensors", language)
    app = sound(app.text_input(key="tensors.values").set_value("[1, 2]").run())
    app = sound(app.text_input(key="tensors.values").set_value("[1, spam]").run())
    assert "`spam`" in warnings(app)
    assert app.text_input(key="tensors.values").value == "[1, spam]"
    assert grids(app) == [["1", "2"]]


@BOTH
def test_a_refusal_is_drawn_with_its_reason(language: str) -> None:
    app = open_page("tensors", language, ck="randn", cd="int64")
    assert "\"normal_kernel_cpu\" not implemented for 'Long'" in app.error[0].value
    assert labels(language)["tensors.not_made.floats_only"] in app.error[0].value
    assert "except NotImplementedError" in code(app)[0]
    app = put(app, dtype="float16")
    assert not app.error


@BOTH
def test_too_many_elements_draw_a_message(language: str) -> None:
    app = open_page("tensors", language, ck="zeros", cs="2000-2000-2000")
    assert "8,000,000,000" in warnings(app)
    assert not charts(app)
    assert len(grids(put(app, shape=(2000, 1000)))) == 1


@pytest.mark.parametrize("shape", [(), (1,), (5, 20, 30), (3, 4, 5, 6), (1000, 2000), (2, 2, 700, 700)])
def test_any_shape_is_drawn_within_bounds(shape: tuple[int, ...]) -> None:
    app = put(open_page("tensors", ck="randn"), shape=shape)
    (texts,) = grids(app)
    assert 1 <= len(texts) <= 400


def test_linspace_is_drawn_on_a_line() -> None:
    app = open_page("tensors", ck="linspace")
    line = frame(charts(app)[labels("en")["tensors.create.line_alt"]])
    assert line["value"].tolist() == pytest.approx([3 + 5 * i / 19 for i in range(20)])


def test_uninitialised_memory_is_explained_and_never_shown() -> None:
    app = open_page("tensors", ck="empty")
    assert labels("en")["tensors.create.uninitialised"] in [element.value for element in app.caption]
    assert len(app.code) == len([element for element in app.code if element.language == "python"])
    assert grids(app) == [["?"] * 6]
    assert {"x.item()", "float(x)"}.isdisjoint(app.table[0].value.iloc[:, 0].str.strip("`"))


@BOTH
@pytest.mark.parametrize("constructor", ["tensor", "Tensor"])
def test_a_number_given_to_Tensor_is_a_size(constructor: str, language: str) -> None:
    app = open_page("tensors", language, ck=constructor, cv="666")
    words = labels(language)["tensors.create.compare_size"]
    assert warnings(app) == words.format(call="torch.tensor", first="`torch.int64`", size=666)
    assert grids(app) == [["666"] if constructor == "tensor" else [*"????…????"]]


@BOTH
def test_the_comparison_names_the_chosen_dtype(language: str) -> None:
    words = labels(language)
    app = open_page("tensors", language, cv="[1, 300]", cd="uint8")
    call, refused = "torch.tensor(…, dtype=torch.uint8)", words["tensors.create.refused"]
    said = words["tensors.create.compare"].format(call=call, first=refused, second="`torch.float32`")
    assert said in [element.value for element in app.caption]
    app = put(app, constructor="Tensor")
    said = words["tensors.create.compare"].format(call="torch.tensor", first="`torch.int64`", second="`torch.float32`")
    assert said in [element.value for element in app.caption]


# --- index ----------------------------------------------------------------------------------------------------------
def index(app: AppTest, text: str) -> AppTest:
    return sound(app.text_input(key="tensors.expression").set_value(text).run())


@BOTH
@pytest.mark.parametrize("text", ["m[:, 1]", "m[0][2]", "x[x > 3]", "t[..., None]", "m[:, 1] = 9", "m", "x[x > 99]"])
def test_the_typed_expression_is_the_one_drawn(text: str, language: str) -> None:
    app = index(open_page("tensors", language, p="index"), text)
    outcome = indexing.apply(parse(text))
    assert isinstance(outcome, Indexed)
    assert code(app) == [index_programs.snippet(parse(text), outcome).code]
    tables = [frame(chart) for chart in charts(app).values()]
    first = tables[0]
    if len(outcome.before.shape) and text != "m":
        marked = first[first["mark"] == "selected"]["index"].tolist()
        flat = [first["index"].tolist()[i] for i in sorted(set(outcome.selected))]
        assert marked == flat


@pytest.mark.parametrize("text", ["m[:, 1]", "t[1]", "x[2:4]", "x[x > 99]", "m[:, 1] = -50"])
def test_equal_numbers_have_one_colour(text: str) -> None:
    app = index(open_page("tensors", p="index"), text)
    drawn = pd.concat(frame(chart) for chart in charts(app).values())
    assert (drawn.groupby("text")["shade"].nunique() == 1).all()
    assert set(drawn["mark"]) <= {"", "selected"}


@BOTH
def test_a_step_of_0_has_a_reason_of_its_own(language: str) -> None:
    app = open_page("tensors", language, p="index", ix="m[0:2:0]")
    assert labels(language)["tensors.not_indexed.step_zero"] in app.error[0].value
    assert labels(language)["tensors.not_indexed.step"] in index(app, "m[::-1]").error[0].value


def test_the_result_and_whether_it_is_a_view() -> None:
    app = open_page("tensors", p="index")
    assert grids(app)[1] == ["5", "2"]
    view, copy = (labels("en")[f"tensors.index.{id}"].format(name="m") for id in ("view", "copy"))
    assert any(view in element.value for element in app.markdown)
    app = index(app, "m[m > 3]")
    assert grids(app)[1] == ["5", "7", "4", "9"]
    assert any(copy in element.value for element in app.markdown)
    app = index(app, "m[[0, 1]][:, 1] = 9")
    assert labels("en")["tensors.index.lost"].format(name="m") in warnings(app)


def test_the_menus_write_the_expression() -> None:
    app = open_page("tensors", p="index")
    app = index(app, "x[3]")
    assert app.segmented_control(key="tensors.index.tensor").value == "x"
    app = sound(app.pills(key="tensors.index.examples").set_value("x[[0, 2]]").run())
    assert state(app)["expression"] == "x[[0, 2]]"
    assert app.text_input(key="tensors.expression").value == "x[[0, 2]]"
    app = sound(app.segmented_control(key="tensors.index.tensor").set_value("t").run())
    assert state(app)["expression"] == indexing.EXAMPLES["t"][0]


def test_a_click_on_a_cell_writes_its_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    clicks: list[Any] = []

    def view(*_: Any, on_click: Any = None, **__: Any) -> None:
        clicks.append(on_click)

    monkeypatch.setattr("pages.basics.tensors.index.tensor_view", view)
    app = open_page("tensors", p="index", ix="t[0]")
    (click,) = filter(None, clicks)
    click((1, 2, 3))
    assert state(app)["expression"] == "t[1, 2, 3]"


@BOTH
def test_an_invalid_expression_stays_and_the_last_result_is_drawn(language: str) -> None:
    app = index(open_page("tensors", language, p="index"), "m[-1]")
    app = index(app, "m[1.5]")
    assert "`1.5`" in warnings(app)
    assert app.text_input(key="tensors.expression").value == "m[1.5]"
    assert grids(app)[1] == ["4", "2", "1", "9"]
    app = index(app, "m[5]")
    assert "IndexError: index 5 is out of bounds for dimension 0 with size 2" in app.error[0].value
    assert labels(language)["tensors.not_indexed.out_of_range"] in app.error[0].value


def test_results_of_many_axes_or_no_elements() -> None:
    app = index(open_page("tensors", p="index"), "t[None, None, None]")
    assert app.info
    assert len(grids(index(app, "x[5:2]"))) == 1
    assert len(grids(index(app, "m[0, 0]"))[1]) == 1


# --- histogram ------------------------------------------------------------------------------------------------------
@BOTH
def test_the_histogram_is_that_of_dlcore(language: str) -> None:
    app = open_page("tensors", language, p="histogram", hn="1000000", hm="2", hs="0.5", hb="20", hr="7")
    counted = histogram.count_draws(1_000_000, mean=2.0, sd=0.5, bins=20, seed=7)
    (chart,) = charts(app).values()
    bars = frame(chart)
    assert bars[bars["part"] == "bar"]["count"].tolist() == counted.counts.tolist()
    sample = app.table[0].value
    assert sample.iloc[:, 2].tolist() == [f"{float(found):.5f}" for found in (counted.sample_mean, counted.sample_sd)]
    assert sample.iloc[:, 3].tolist() == ["0.00050", "0.00035"]
    assert code(app) == [histogram_programs.snippet(counted).code]


def test_each_control_of_the_histogram_changes_it() -> None:
    app = open_page("tensors", p="histogram")
    before = code(app)
    for change in ({"hist_draws": 1000}, {"hist_mean": 1.5}, {"hist_sd": 2.0}, {"hist_bins": 9}, {"hist_seed": 3}):
        after = code(put(app, **change))
        assert after != before
        before = after


def test_settings_survive_leaving_the_page() -> None:
    app = index(open_page("tensors", p="index"), "x[x > 3]")
    app = go(go(app, "home"), "tensors")
    assert app.text_input(key="tensors.expression").value == "x[x > 3]"
