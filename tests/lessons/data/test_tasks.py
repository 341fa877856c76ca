"""The things to try on the data page, done as they are written."""

from __future__ import annotations

from driver import open_page, sound
from promises import promised
from streamlit.testing.v1 import AppTest

from dlcore.lessons.data.settings import TINY_HOUSE
from pages.ui.language import labels, prose


def output(app: AppTest) -> str:
    found: str = [element.value for element in app.code if element.language != "python"][-1]
    return found


def test_1_the_wrong_target() -> None:
    assert "0, 1,\n   1, 1" in prose("en")["data/try"]
    assert "0、1、1、1" in prose("zh")["data/try"]
    app = open_page("data")
    while not app.button(key="data.up.onehot").disabled:
        app = sound(app.button(key="data.up.onehot").click().run())
    assert not app.error
    assert output(app).endswith("tensor([0., 1., 1., 1.])")


def test_2_four_houses_none_left() -> None:
    app = sound(open_page("data").segmented_control(key="data.missing").set_value("rows").run())
    assert labels("en")["data.problem_step.no_rows"] in app.error[0].value
    app = sound(app.button(key="data.up.onehot").click().run())
    assert not app.error
    assert output(app).endswith("tensor([106000., 178100.])")  # two houses


def test_3_a_whole_number_that_is_not_stored() -> None:
    promised("data", 3, 16777217, 16777216)
    app = open_page("data", t=TINY_HOUSE.replace("127500", "16777217"))
    assert "16777216" in output(app)
    app = sound(app.segmented_control(key="data.dtype").set_value("float64").run())
    assert "16777217" in output(app).replace(".0", "").replace(".", "")
