"""The things to try on the tensors page, done as they are written."""

from __future__ import annotations

import torch
from driver import open_page, sound, warnings
from promises import promised
from streamlit.testing.v1 import AppTest

from pages.ui.language import labels


def typed(app: AppTest, setting: str, text: str) -> AppTest:
    return sound(app.text_input(key=f"tensors.{setting}").set_value(text).run())


def chosen(app: AppTest, setting: str, id: str) -> AppTest:
    return sound(app.selectbox(key=f"tensors.{setting}").select(id).run())


def drawn(app: AppTest) -> list[str]:
    return [element.value for element in app.code if element.language != "python"]


def test_1_a_view_remembers_where_it_came_from() -> None:
    promised("tensors", 1, "m[:, 1] = 9", "m[[0, 1]][:, 1] = 9")
    app = typed(open_page("tensors", p="index"), "expression", "m[:, 1] = 9")
    assert drawn(app) == ["tensor([[2, 9, 3, 7],\n        [4, 9, 1, 9]])"]
    app = typed(app, "expression", "m[[0, 1]][:, 1] = 9")
    assert drawn(app) == ["tensor([[2, 5, 3, 7],\n        [4, 2, 1, 9]])"]
    assert labels("en")["tensors.index.lost"].format(name="m") in warnings(app)


def test_2_view_refuses_and_reshape_copies() -> None:
    promised("tensors", 2, "a.t().view(6)", "a.t().reshape(6)")
    app = chosen(open_page("tensors", p="memory"), "derivation", "view_t")
    assert labels("en")["tensors.explain.view_strides"] in app.error[0].value
    app = chosen(app, "derivation", "reshape_t")
    assert not app.error
    assert drawn(app)[0].endswith("False")  # another storage


def test_3_one_point_changes_the_type() -> None:
    promised("tensors", 3, "[1, 2]", "[1, 2.0]", "[1, 300]", 255, 253)
    app = typed(open_page("tensors"), "values", "[1, 2]")
    assert "torch.int64" in drawn(app)[0]
    assert "torch.float32" in drawn(typed(app, "values", "[1, 2.0]"))[0]
    app = typed(chosen(app, "dtype", "uint8"), "values", "[1, 300]")
    assert labels("en")["tensors.not_made.overflow"] in app.error[0].value
    assert torch.iinfo(torch.uint8).max == 255
    app = open_page("tensors", ck="arange", cd="uint8")
    for setting, value in (("arange_start", -3.0), ("arange_end", 3.0), ("arange_step", 1.0)):
        app.session_state["tensors.state"].set(setting, value)
    app = sound(app.run())
    assert not app.error
    assert drawn(app)[0].startswith("tensor([253, 254, 255,   0,   1,   2], dtype=torch.uint8)")
