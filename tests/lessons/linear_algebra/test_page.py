"""The linear algebra page: controls change the charts, and the page draws what dlcore computes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from driver import charts, frame, open_page, sliders, sound, warnings
from streamlit.testing.v1 import AppTest

from dlcore.lessons.linear_algebra.map import charts as plane
from dlcore.lessons.linear_algebra.map import model as linear_algebra
from dlcore.lessons.linear_algebra.norms import charts as norms_charts
from dlcore.lessons.linear_algebra.products import charts as products_charts
from dlcore.lessons.linear_algebra.products import model as products
from pages.ui.language import LANGUAGES, labels
from pages.ui.lesson import State


def page(language: str = "en", /, **chosen: Any) -> AppTest:
    app = open_page("linear_algebra", language)
    return change(app, **chosen) if chosen else app


def state(app: AppTest) -> State:
    value: State = app.session_state["linear_algebra.state"]
    return value


def change(app: AppTest, **chosen: Any) -> AppTest:
    """Set values as the callbacks of the controls do."""
    state(app).apply(chosen)
    return sound(app.run())


def words(id: str, language: str = "en") -> str:
    return labels(language)[f"linear_algebra.{id}"]


def prose(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption))


def facts(app: AppTest) -> dict[str, str]:
    rows = app.table[0].value.to_numpy().tolist()
    return dict(rows)


# --- the map ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_and_the_numbers_are_those_of_the_matrix(language: str) -> None:
    app = page(language)
    A = linear_algebra.matrix(((2, 1), (1, 2)))
    known = linear_algebra.analyse(A)
    shown = frame(charts(app)[words("alt_map", language)])
    assert shown.equals(plane.frame(A, known, (-1.0, 1.5)))
    table = facts(app)
    assert table[words("fact.determinant", language)] == "3"
    assert table[words("fact.trace", language)] == "4"
    assert table[words("fact.rank", language)] == "2"
    assert table[words("fact.image", language)] == "[−0.5, 2]"
    assert {*table[words("fact.eigenvalues", language)].split(", ")} == {"1", "3"}
    assert table[words("fact.inverse", language)] == "[0.6667, −0.3333], [−0.3333, 0.6667]"


@pytest.mark.parametrize("name", ["a11", "a12", "a21", "a22", "x1", "x2", "interpolation"])
def test_each_slider_moves_the_picture(name: str) -> None:
    app = page()
    alt, label = words("alt_map"), words(f"setting.{name}")
    before, value = frame(charts(app)[alt]), sliders(app)[label]["value"]
    change(app, **{name: 0.5})
    assert sliders(app)[label]["value"] == 0.5 != value
    assert not frame(charts(app)[alt]).equals(before)


def test_the_verdict_on_every_kind_of_matrix() -> None:
    app = page()
    assert "**Area × 3**" in prose(app)
    assert "Two lines" in prose(app)
    for id, area, direction in (
        ("identity", "**Area × 1**", "Every direction is an eigenvector"),
        ("shear", "**Area × 1**", "One line only"),
        ("reflection", "orientation **flipped**", "Two lines"),
        ("projection", "**Area 0**", "Two lines"),
        ("rotation", "**Area × 1**", "45° anticlockwise, scaled by 1,"),
        ("spiral", "**Area × 1.562**", "45° anticlockwise, scaled by 1.25,"),
    ):
        sound(app.pills(key="linear_algebra.preset").set_value(id).run())
        assert area in prose(app), id
        assert direction in prose(app), id
        assert app.session_state["linear_algebra.preset"] == id
        if id == "projection":
            assert facts(app)[words("fact.inverse")] == words("no_inverse")


def test_the_angle_belongs_to_rotations_only_and_turns_them() -> None:
    app = page()
    assert words("setting.angle") not in sliders(app)
    sound(app.pills(key="linear_algebra.preset").set_value("rotation").run())
    assert sliders(app)[words("setting.angle")]["value"] == 45
    for degrees in (0, -90, 180):
        (a, b), (c, d) = linear_algebra.preset("rotation", degrees)
        change(app, angle=degrees, a11=a, a12=b, a21=c, a22=d)
        assert sliders(app)[words("setting.angle")]["value"] == degrees
        assert app.session_state["linear_algebra.preset"] == "rotation"
    sound(app.pills(key="linear_algebra.preset").set_value("identity").run())
    assert state(app)["angle"] == 45
    assert app.session_state["linear_algebra.preset"] == "identity"


def test_the_properties_are_those_of_the_interpolated_matrix() -> None:
    app = page(a11=0.0, a12=1.0, a21=1.0, a22=0.0, interpolation=0.5)
    assert facts(app)[words("fact.drawn")] == "[0.5, 0.5], [0.5, 0.5]"
    assert facts(app)[words("fact.determinant")] == "0"
    assert "* torch.eye(2" in app.code[0].value


# --- products --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lectures_product(language: str) -> None:
    app = page(language, part="products")
    assert "**2·1 + 5·2 + 3·3 + 7·4 = 49**" in prose(app)
    assert "tensor([49., 47.])" in app.code[1].value
    m = torch.tensor([[2.0, 5, 3, 7], [4, 2, 1, 9]])
    p = products.multiply("mv", m, torch.tensor([1.0, 2, 3, 4]))
    alt = words("alt_products", language)
    assert frame(charts(app)[alt]).equals(products_charts.product_frame(p, 4))


def test_the_buttons_move_through_the_terms() -> None:
    app = page(part="products")
    for button, step in (
        *(("forward", 5), ("back", 4), ("next_sum", 8), ("first", 0), ("next_sum", 4), ("last", 8), ("back", 7)),
        *(("next_sum", 8), ("first", 0), ("forward", 1)),
    ):
        sound(app.button(key=f"linear_algebra.move.{button}").click().run())
        assert state(app)["step"] == step
        assert sliders(app)[words("setting.step")]["value"] == step
        assert app.button(key="linear_algebra.move.last").disabled is (step == 8)
        assert app.button(key="linear_algebra.move.back").disabled is (step == 0)
    assert "**2·1 = 2**" in prose(app)


@pytest.mark.parametrize(("kind", "terms"), [("dot", 4), ("mv", 8), ("mm", 16), ("bmm", 32)])
def test_every_product_goes_through_all_its_terms(kind: str, terms: int) -> None:
    app = page(part="products", product=kind, step=128)
    assert sliders(app)[words("setting.step")]["max"] == terms
    assert sliders(app)[words("setting.step")]["value"] == terms
    assert f"torch.{kind}(" in app.code[0].value
    change(app, step=0)
    assert words("not_begun").format(terms=4, sums=terms // 4) in prose(app)
    change(app, step=1)
    assert ("Row 0 meets column 0" in prose(app)) is (kind != "dot")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", products.PRODUCTS)
def test_shapes_that_do_not_fit_are_explained(kind: str, language: str) -> None:
    three = ((1.0, 2.0, 3.0),)
    app = page(language, part="products", product=kind, row=three, left=three, left2=three)
    assert "RuntimeError: " in app.error[0].value
    assert any(error in app.error[0].value for error in ("size", "shapes"))
    why = words(f"why.{kind}", language).partition("{")[0]
    assert why in prose(app)
    assert app.code[1].value in app.error[0].value
    assert words("setting.step", language) not in sliders(app)


def test_stacks_of_different_shapes_have_torchs_message() -> None:
    app = page(part="products", product="bmm", left2=((1.0,),))
    assert "stack expects each tensor to be equal size" in app.error[0].value
    assert "torch.stack" in app.code[0].value


def test_sizes_grow_with_zeros_and_shrink() -> None:
    app = page(part="products", product="mm")
    sound(app.number_input(key="linear_algebra.left.columns").set_value(3).run())
    assert state(app)["left"] == ((2.0, 5.0, 3.0), (4.0, 2.0, 1.0))
    assert app.error
    sound(app.number_input(key="linear_algebra.right.rows").set_value(3).run())
    assert not app.error
    sound(app.number_input(key="linear_algebra.left.rows").set_value(3).run())
    assert state(app)["left"][2] == (0.0, 0.0, 0.0)
    change(app, product="bmm")
    sound(app.number_input(key="linear_algebra.left.rows").set_value(1).run())
    assert len(state(app)["left"]) == len(state(app)["left2"]) == 1
    change(app, product="mv")
    sound(app.number_input(key="linear_algebra.vector.length").set_value(3).run())
    assert state(app)["vector"] == ((1.0, 2.0, 3.0),)
    assert not app.error


def test_a_number_out_of_bounds_is_refused_and_nothing_lost() -> None:
    app = page(part="products")
    before = dict(state(app).values)
    change(app, vector=((1.0, 2.0, 3.0, 1e9),))
    assert "1000" in warnings(app)
    assert state(app).values == before


# --- norms -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_norms_of_the_course(language: str) -> None:
    app = page(language, part="norms")
    rows = app.table[0].value.to_numpy().tolist()
    assert [(row[0], row[2]) for row in rows] == [("L1", "7"), ("L2", "5"), ("L∞", "4")]
    shown = frame(charts(app)[words("alt_norms", language)])
    assert shown.equals(norms_charts.frame((3.0, -4.0), ("L1", "L2", "Linf"), 3.0))
    assert "= **6**" in prose(app)
    assert [element.value for element in app.code if element.language != "python"][:2] == [
        "tensor(7.)\ntensor(5.)\ntensor(4.)",
        "tensor(6.)\ntensor(6.)",
    ]


def test_the_order_belongs_to_lp_and_below_1_there_is_a_warning() -> None:
    app = page(part="norms")
    assert sliders(app)[words("setting.order")]["disabled"] is True
    sound(app.pills(key="linear_algebra.balls").set_value(["Lp"]).run())
    assert sliders(app)[words("setting.order")]["disabled"] is False
    assert not app.warning
    change(app, order=0.5, v1=1.0, v2=1.0)
    assert "more than 1 + 1" in warnings(app)
    assert app.table[0].value.to_numpy().tolist()[0][2] == "4"


def test_no_norm_chosen_is_refused() -> None:
    app = page(part="norms")
    change(app, balls=())
    assert warnings(app)
    assert state(app)["balls"] == ("L1", "L2", "Linf")


def test_the_matrix_changes_its_norm() -> None:
    app = page(part="norms")
    sound(app.number_input(key="linear_algebra.matrix.columns").set_value(4).run())
    assert state(app)["matrix"] == ((1.0,) * 4,) * 4
    assert "= **4**" in prose(app)
    change(app, matrix=((3.0, -4.0),))
    assert "= **5**" in prose(app)


def test_parts_are_switched() -> None:
    app = page()
    for part, alt in (("products", "alt_products"), ("norms", "alt_norms"), ("map", "alt_map")):
        sound(app.button_group(key="linear_algebra.part").set_value(part).run())
        assert list(charts(app)) == [words(alt)]
