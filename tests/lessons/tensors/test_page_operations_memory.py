"""The parts on operations, reductions and memory: every control in both languages; invalid text is never lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import torch
from driver import frame, open_page, sliders, sound, warnings
from streamlit.testing.v1 import AppTest

from dlcore.lessons.tensors.memory import model as memory
from dlcore.lessons.tensors.operations.model import KINDS, OPERATIONS
from dlcore.lessons.tensors.settings import DERIVATION_IDS, OPERATION_IDS, UPDATES
from pages.ui.language import LANGUAGES, content, labels
from pages.ui.lesson import State


def part(name: str, language: str = "en", **link: str) -> AppTest:
    return open_page("tensors", language, p=name, **link)


def state(app: AppTest) -> State:
    value: State = app.session_state["tensors.state"]
    return value


def program(app: AppTest) -> tuple[str, str]:
    """Return the code on the page and the output shown with it."""
    code, output = app.code[0].value, app.code[1].value
    return code, output


def choose(app: AppTest, name: str, id: str) -> AppTest:
    return sound(app.selectbox(key=f"tensors.{name}").select(id).run())


def explained(app: AppTest, language: str, id: str) -> bool:
    said = [element.value for element in (*app.error, *app.info, *app.success, *app.warning)]
    return labels(language)[f"tensors.{id}"].split("{")[0] in "\n".join(said)


def drawn(app: AppTest) -> list[list[str]]:
    """Return the texts of each drawn tensor, in the order of the page."""
    return [list(frame(chart.proto)["text"]) for chart in app.get("vega_lite_chart")]


def picked(app: AppTest, at: int) -> list[str]:
    table = frame(app.get("vega_lite_chart")[at].proto)
    return list(table.loc[table["mark"] == "selected", "index"])


# --- operations -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_has_every_operation_in_words(language: str) -> None:
    app = part("operations", language)
    menu = app.selectbox(key="tensors.operation")
    assert len(menu.options) == len({*menu.options}) == len(OPERATION_IDS)
    for id, words in zip(OPERATION_IDS, menu.options, strict=True):
        assert labels(language)[f"tensors.op.{id}"] in words
        assert labels(language)[f"tensors.group.{OPERATIONS[id].group}"] in words
    lecture = "abs sqrt div exp fmod pow cos sin asin atan2 cosh ceil round floor trunc topk sort max min trace diag mm"
    lecture += " acos tan log norm"
    for name in [*lecture.split(), "bmm", "dot", "cross", "inverse", "svd", "det"]:  # found by typing it into the menu
        assert any(name in words for words in menu.options), name
    assert any(words.startswith("torch.atan2(a, b) — ") for words in menu.options)


def test_the_lectures_numbers_by_preset() -> None:
    app = part("operations", oa="1")
    sound(app.button(key="tensors.preset.wide").click().run())
    assert program(app)[1] == "tensor([49., 47.])"
    assert drawn(app) == [["2", "5", "3", "7", "4", "2", "1", "9"], ["1", "2", "3", "4"], ["49", "47"]]
    sound(app.button(key="tensors.preset.nine").click().run())
    assert program(app)[1] == "tensor([14., 32., 50.])"


def test_the_lectures_numbers_are_for_the_product_alone() -> None:
    app = part("operations", op="mm")
    assert not [button for button in app.button if str(button.key).startswith("tensors.preset")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", ["mm", "bmm", "dot", "cross", "det", "inverse", "stack"])
def test_a_button_replaces_operands_that_do_not_fit(id: str, language: str) -> None:
    app = part("operations", language, op=id)
    assert app.error
    sound(app.button(key="tensors.cure").click().run())
    assert not app.error
    assert state(app)["operation"] == id
    assert not [button for button in app.button if button.key == "tensors.cure"]


def test_the_button_cures_every_refusal() -> None:
    app = part("operations")
    odd = {"first": ((0.0,) * 5,), "second": ((0.0,),) * 3, "operand_dtype": "bool", "dim": "2", "k": 6}
    odd |= {"new_shape": "7", "swap": "5, 6", "dims": "9", "diagonal": 5}
    cured = 0
    for id in OPERATION_IDS:
        state(app).apply({"operation": id, **odd})
        if sound(app.run()).error:
            sound(app.button(key="tensors.cure").click().run())
            cured += 1
        assert not app.error, id
    assert cured > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_prose_is_about_the_operation(language: str) -> None:
    app = part("operations", language)
    for id in ("add", "matmul", "det", "sort", "cat"):
        choose(app, "operation", id)
        assert content(f"tensors/operations_{OPERATIONS[id].idea}").strip() in [
            element.value for element in app.markdown
        ]
        assert ("AB$" in "".join(element.value for element in app.markdown)) is (id == "matmul")


def test_choosing_brings_operands_that_fit() -> None:
    app = part("operations")
    for id in (*OPERATION_IDS, "matmul"):
        choose(app, "operation", id)
        assert state(app)["operation"] == id
        assert not app.error, id
        assert not app.warning, id
        for kind, slot in zip(OPERATIONS[id].operands, ("first", "second"), strict=False):
            assert state(app)[slot] == KINDS[kind], id


def test_operands_are_remembered_where_they_fit() -> None:
    app = part("operations", op="add")
    state(app).set("first", ((8.0, 9.0),))
    choose(app, "operation", "sub")
    assert state(app)["first"] == ((8.0, 9.0),)
    choose(app, "operation", "det")
    assert state(app)["first"] == KINDS["square"]
    choose(app, "operation", "mul")
    assert state(app)["first"] == ((8.0, 9.0),)


def test_the_size_of_an_operand() -> None:
    app = part("operations")
    sound(app.number_input(key="tensors.first.columns").set_value(3).run())
    assert state(app)["first"] == ((2.0, 5.0, 3.0), (4.0, 2.0, 1.0))
    assert explained(app, "en", "explain.inner_sizes")
    sound(app.number_input(key="tensors.second.columns").set_value(3).run())
    assert program(app)[1] == "tensor([21., 11.])"
    sound(app.number_input(key="tensors.first.rows").set_value(3).run())
    assert program(app)[1] == "tensor([21., 11.,  0.])"


def test_the_dtype_of_the_operands() -> None:
    app = part("operations")
    sound(app.segmented_control(key="tensors.operand_dtype").set_value("int64").run())
    assert program(app)[1] == "tensor([49, 47])"
    sound(app.segmented_control(key="tensors.operand_dtype").set_value("bool").run())
    assert "not implemented for 'Bool'" in program(app)[1]
    assert explained(app, "en", "explain.dtype")


def test_arguments_change_the_call() -> None:
    app = part("operations")
    choose(app, "operation", "sort")
    sound(app.toggle(key="tensors.descending").set_value(True).run())
    sound(app.segmented_control(key="tensors.dim").set_value("0").run())
    assert "torch.sort(a, dim=0, descending=True)" in program(app)[0]
    choose(app, "operation", "topk")
    assert {labels("en")["tensors.setting.k"]} == set(sliders(app))
    assert "torch.topk(a, 2, dim=0)" in program(app)[0]
    choose(app, "operation", "unsqueeze")
    assert program(app)[1] == "tensor([[1., 2., 3., 4.]])"
    choose(app, "operation", "diag")
    state(app).set("diagonal", 1)
    assert program(sound(app.run()))[1] == "tensor([1., 1.])"
    for id, setting, text, call in (
        ("reshape", "new_shape", "-1, 2", "a.reshape(-1, 2)"),
        ("transpose", "swap", "1, 0", "a.transpose(1, 0)"),
        ("permute", "dims", "1, 2, 0", "a.permute(1, 2, 0)"),
    ):
        choose(app, "operation", id)
        sound(app.text_input(key=f"tensors.{setting}").set_value(text).run())
        assert call in program(app)[0]
        assert not app.error


@pytest.mark.parametrize(
    ("id", "setting", "text", "call"),
    [
        ("reshape", "new_shape", "４，２", "a.reshape(4, 2)"),
        ("reshape", "new_shape", "（４，−１）", "a.reshape(4, -1)"),
        ("transpose", "swap", "【１，０】", "a.transpose(1, 0)"),
        ("permute", "dims", "1、2、0", "a.permute(1, 2, 0)"),
    ],
)
def test_full_width_numbers_are_read(id: str, setting: str, text: str, call: str) -> None:
    app = choose(part("operations", "zh"), "operation", id)
    sound(app.text_input(key=f"tensors.{setting}").set_value(text).run())
    assert not warnings(app)
    assert call in program(app)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invalid_shape_stays_in_its_box(language: str) -> None:
    app = part("operations", language)
    choose(app, "operation", "reshape")
    sound(app.text_input(key="tensors.new_shape").set_value("2, 2, 2").run())
    sound(app.text_input(key="tensors.new_shape").set_value("2 by 4").run())
    assert "`2 by 4`" in warnings(app)
    assert labels(language)["tensors.problem_whole.not_whole"].split("{")[0] in warnings(app)
    assert app.text_input(key="tensors.new_shape").value == "2 by 4"
    assert "a.reshape(2, 2, 2)" in program(app)[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("id", "values", "why"),
    [
        ("inverse", {"first": ((1.0, 2.0), (2.0, 4.0))}, "explain.singular"),
        ("det", {"first": ((1.0, 2.0),)}, "explain.not_square"),
        ("reshape", {"new_shape": "3, 3"}, "explain.numel"),
        ("floordiv", {"second": ((0.0,),), "operand_dtype": "int64"}, "explain.zero_division"),
        ("dot", {"second": ((1.0, 2.0),)}, "explain.dot_sizes"),
        ("sqrt", {"first": ((-1.0,),)}, "odd.root"),
        ("truediv", {"second": ((0.0,),)}, "odd.division"),
        ("asin", {"first": ((2.0,),)}, "odd.arcsine"),
        ("acos", {"first": ((2.0,),)}, "odd.arcsine"),
        ("log", {"first": ((0.0,),)}, "odd.logarithm"),
    ],
)
def test_refusals_and_oddities_are_explained(language: str, id: str, values: dict[str, Any], why: str) -> None:
    app = part("operations", language)
    choose(app, "operation", id)
    assert not explained(app, language, why)
    state(app).apply(values)
    assert explained(sound(app.run()), language, why)
    if why.startswith("explain"):
        assert "Error: " in program(app)[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exact", [True, False])
def test_both_ways_to_round_a_singular_matrix_are_explained(
    exact: bool, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processor decides which of the two happens; the test forces each."""

    def inv(a: torch.Tensor) -> torch.Tensor:
        if exact:
            raise torch.linalg.LinAlgError("linalg.inv: (Batch element 0): the input matrix is singular.")
        return torch.full_like(a, 1e7)

    app = choose(part("operations", language), "operation", "inverse")
    monkeypatch.setitem(OPERATIONS, "inverse", replace(OPERATIONS["inverse"], call=inv))
    state(app).set("first", ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0)))
    sound(app.run())
    assert explained(app, language, "explain.singular") is exact
    assert explained(app, language, "odd.nearly_singular") is not exact
    assert program(app)[1].startswith("torch.linalg.LinAlgError: " if exact else "tensor(")


def test_a_chosen_cell_shows_its_sources() -> None:
    app = part("operations")
    choose(app, "operation", "mm")
    state(app).set("result_cell", (1, 0))
    sound(app.run())
    assert [picked(app, i) for i in range(3)] == [
        ["1, 0", "1, 1", "1, 2", "1, 3"],
        ["0, 0", "1, 0", "2, 0", "3, 0"],
        ["1, 0"],
    ]
    assert "`result[1, 0] = 4·1 + 2·2 + 1·3 + 9·4 = 47`" in [element.value for element in app.markdown]


def test_the_menu_of_cells_follows_the_click_and_the_shape() -> None:
    """Whatever a click on a cell chooses can be chosen without a mouse."""
    app = choose(part("operations"), "operation", "mm")
    menu = app.selectbox(key="tensors.result_cell")
    assert menu.options == ["result[0, 0]", "result[0, 1]", "result[1, 0]", "result[1, 1]"]
    sound(menu.select((1, 1)).run())
    assert state(app)["result_cell"] == (1, 1)
    assert picked(app, 2) == ["1, 1"]
    state(app).set("result_cell", (0, 1))  # as a click does
    assert sound(app.run()).selectbox(key="tensors.result_cell").value == (0, 1)
    choose(app, "operation", "dot")
    assert "tensors.result_cell" not in [menu.key for menu in app.selectbox]  # a scalar has one cell
    app = part("reductions", rc="2")
    menu = app.selectbox(key="tensors.reduced_cell")
    assert (menu.value, menu.options) == ((2,), ["s[0]", "s[1]", "s[2]"])
    sound(menu.select((0,)).run())
    assert picked(app, 0) == ["0, 0", "0, 1", "0, 2", "0, 3"]
    app = part("memory")
    menu = app.selectbox(key="tensors.element")
    assert (menu.value, menu.options[-1]) == ((2, 0), "b[2, 1]")
    sound(menu.select((0, 1)).run())
    assert [picked(app, i) for i in range(3)] == [["1, 0"], ["3"], ["0, 1"]]
    sound(app.segmented_control(key="tensors.tensor_name").set_value("a").run())
    assert app.selectbox(key="tensors.element").options[-1] == "a[1, 2]"
    choose(app, "derivation", "view_t")
    sound(app.selectbox(key="tensors.element").select((1, 2)).run())
    assert picked(app, 0) == ["1, 2"]


# --- reductions -------------------------------------------------------------------------------------------------------
def test_an_axis_collapses() -> None:
    app = part("reductions")
    assert program(app)[1] == "(3, 4) (3,)\ntensor([10., 26., 42.])"
    sound(app.segmented_control(key="tensors.axis").set_value("0").run())
    assert program(app)[1] == "(3, 4) (4,)\ntensor([15., 18., 21., 24.])"
    assert picked(app, 0) == ["0, 0", "1, 0", "2, 0"]
    sound(app.toggle(key="tensors.keepdim").set_value(True).run())
    assert program(app)[1].startswith("(3, 4) (1, 4)\n")
    sound(app.segmented_control(key="tensors.axis").set_value("none").run())
    assert program(app)[1] == "(3, 4) ()\ntensor(78.)"
    assert app.toggle(key="tensors.keepdim").disabled
    assert len(picked(app, 0)) == 12


def test_a_reduced_cell_shows_its_sources() -> None:
    app = part("reductions")
    state(app).set("reduced_cell", (2,))
    sound(app.run())
    assert picked(app, 0) == ["2, 0", "2, 1", "2, 2", "2, 3"]
    assert "`s[2] = 9 + 10 + 11 + 12 = 42`" in [element.value for element in app.markdown]


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_axes_at_once(language: str) -> None:
    app = part("reductions", language, rs="2-3-4", ra="0-1")
    assert "s = A.sum(axis=[0, 1])" in program(app)[0]
    assert program(app)[1] == "(2, 3, 4) (4,)\ntensor([66., 72., 78., 84.])"
    assert picked(app, 0) == [f"{i}, {j}, 0" for i in range(2) for j in range(3)]
    said = "(~~2~~, ~~3~~, 4) → (4,) · " + labels(language)["tensors.reductions.removed_several"].format(axes=(0, 1))
    assert said in [element.value for element in app.markdown]
    sound(app.toggle(key="tensors.keepdim").set_value(True).run())
    assert program(app)[1].startswith("(2, 3, 4) (1, 1, 4)\n")
    assert picked(app, 0) == [f"{i}, {j}, 0" for i in range(2) for j in range(3)]
    sound(app.button(key="tensors.shape_of.matrix").click().run())
    assert program(app)[1] == "(3, 4) (1, 1)\ntensor([[78.]])"
    sound(app.segmented_control(key="tensors.axis").set_value("0-2").run())
    assert explained(app, language, "explain.axis_range")
    choose(app, "reduction", "max")  # takes one axis
    assert state(app)["axis"] == "0"
    assert not app.error


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_axis_is_refused(language: str) -> None:
    for view in ("reduce", "normalise"):
        app = part("reductions", language, ra="2", **({"rv": view} if view != "reduce" else {}))
        assert explained(app, language, "explain.axis_range")
        sound(app.button(key="tensors.shape_of.stack").click().run())
        assert not app.error or view == "normalise"
        assert not explained(app, language, "explain.axis_range")


def test_cumsum_needs_an_axis_and_keeps_it() -> None:
    app = part("reductions", ra="none")
    sound(app.selectbox(key="tensors.reduction").select("cumsum").run())
    assert state(app)["axis"] == "0"
    assert program(app)[1].startswith("(3, 4) (3, 4)\n")
    assert app.toggle(key="tensors.keepdim").disabled


@pytest.mark.parametrize("language", LANGUAGES)
def test_normalising_with_and_without_keepdim(language: str) -> None:
    app = part("reductions", language, rv="normalise")
    assert explained(app, language, "verdict.error")
    sound(app.button(key="tensors.shape_of.square").click().run())
    assert explained(app, language, "verdict.silent")
    assert program(app)[1].endswith("tensor([0.4250, 1.2500, 2.0750])")
    sound(app.toggle(key="tensors.keepdim").set_value(True).run())
    assert explained(app, language, "verdict.ones")
    assert drawn(app)[-1] == ["1", "1", "1"]


def test_an_invalid_shape_is_refused() -> None:
    app = part("reductions")
    sound(app.text_input(key="tensors.reduced_shape").set_value("3, x").run())
    assert "`3, x`" in warnings(app)
    assert state(app)["reduced_shape"] == (3, 4)


# --- memory -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_derivation_says_whether_it_shares(language: str) -> None:
    app, words = part("memory", language), labels(language)
    for way in DERIVATION_IDS:
        choose(app, "derivation", way)
        pair = memory.derive(way)
        if pair.b is None:
            assert explained(app, language, "explain.view_strides")
            assert len(drawn(app)) == 2
            continue
        captions = [element.value for element in app.caption]
        assert (words["tensors.memory.storage_both"] in captions) is pair.shares, way
        assert len(drawn(app)) == (3 if pair.shares else 4), way
        assert list(app.table[0].value["b"]) == [
            str(tuple(pair.b.shape)),
            str(pair.b.stride()),
            str(pair.b.storage_offset()),
            str(pair.b.is_contiguous()),
        ]


def test_writing_through_a_view_and_through_a_copy() -> None:
    app = part("memory")
    sound(app.toggle(key="tensors.write").set_value(True).run())
    a, storage, b = drawn(app)
    assert a == ["0", "1", "99", "3", "4", "5"] == storage
    assert b == ["0", "3", "1", "4", "99", "5"]
    assert [picked(app, i) for i in range(3)] == [["0, 2"], ["2"], ["2, 0"]]
    choose(app, "derivation", "contiguous")
    a, storage, other, b = drawn(app)
    assert a == storage == ["0", "1", "2", "3", "4", "5"]
    assert other == b == ["0", "3", "1", "4", "99", "5"]
    sound(app.segmented_control(key="tensors.tensor_name").set_value("a").run())
    assert "99" in drawn(app)[0]
    assert "99" not in drawn(app)[3]
    state(app).set("new_value", -7)
    assert "−7" in drawn(sound(app.run()))[0]


@pytest.mark.parametrize("way", DERIVATION_IDS)
def test_a_number_has_one_colour_in_every_picture(way: str) -> None:
    app = part("memory", mb=way, mt="1")
    tables = pd.concat(frame(chart.proto) for chart in app.get("vega_lite_chart"))
    assert (tables.groupby("text")["shade"].nunique() == 1).all()


def test_one_cell_of_a_stretched_tensor_is_seen_four_times() -> None:
    app = part("memory", mb="expand", mt="1", mi="1-0")
    assert drawn(app)[2] == ["0", "0", "0", "0", "99", "99", "99", "99"]
    assert picked(app, 2) == ["1, 0", "1, 1", "1, 2", "1, 3"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", UPDATES)
def test_the_page_draws_each_update(id: str, language: str) -> None:
    app = part("memory", language, mv="in_place")
    choose(app, "update", id)
    in_place, taken = memory.update(id).in_place, memory.new_bytes(id)
    assert bool(app.success) is (not taken)
    assert bool(app.warning) is bool(taken)
    temporary = labels(language)["tensors.memory.temporary"].format(name="Z")
    assert ([temporary] == [element.value for element in app.warning]) is (in_place and bool(taken))
    assert len(drawn(app)) == (2 if in_place else 3)
    assert memory.UPDATE_CODE[id] in program(app)[0]
    assert program(app)[1].startswith(str(in_place))
    table, words = app.table[0].value, labels(language)
    assert table.iloc[:, 1].tolist() == ["0", "4,000,000", "4,000,000", "0", "0", "4,000,000"]
    assert table.iloc[:, 2].tolist() == [
        words[f"tensors.memory.kept_{kept}"] for kept in ("none", "on", "briefly", "none", "none", "on")
    ]
