"""The things to try on the linear algebra page, done as they are written."""

from __future__ import annotations

from typing import Any

import torch
from driver import open_page, sound
from promises import promised
from streamlit.testing.v1 import AppTest

from dlcore.lessons.linear_algebra.norms import model as norms
from pages.ui.language import labels


def change(app: AppTest, **values: Any) -> AppTest:
    app.session_state["linear_algebra.state"].apply(values)
    return sound(app.run())


def determinant(app: AppTest) -> str:
    rows = dict(app.table[0].value.to_numpy().tolist())
    found: str = rows[labels("en")["linear_algebra.fact.determinant"]]
    return found


def test_1_through_the_collapse() -> None:
    promised("linear_algebra", 1, 0.5, 0, 1, "−1")
    app = sound(open_page("linear_algebra").pills(key="linear_algebra.preset").set_value("reflection").run())
    signs = [determinant(change(app, interpolation=t)) for t in (0.0, 0.5, 1.0)]
    assert signs == ["1", "0", "−1"]


def test_2_what_a_product_demands() -> None:
    promised("linear_algebra", 2, "mm")
    app = open_page("linear_algebra", p="products")
    app = sound(app.segmented_control(key="linear_algebra.product").set_value("mm").run())
    assert not app.error
    before = app.session_state["linear_algebra.state"]["right"]
    app = sound(app.number_input(key="linear_algebra.left.columns").decrement().run())
    assert app.error
    assert app.session_state["linear_algebra.state"]["right"] == before
    app = sound(app.number_input(key="linear_algebra.right.rows").decrement().run())
    assert not app.error


def test_3_a_ball_that_bends_inwards() -> None:
    promised("linear_algebra", 3, 10, 0.5, 1)
    app = open_page("linear_algebra", p="norms")
    app = sound(app.pills(key="linear_algebra.balls").set_value(["L1", "L2", "Linf", "Lp"]).run())
    warned = [bool(change(app, order=p).warning) for p in (10.0, 2.0, 1.0, 0.9, 0.5)]
    assert warned == [False, False, False, True, True]
    x, y = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    for p, longer in ((10.0, False), (1.0, False), (0.5, True)):
        assert (norms.norm(x + y, p) > norms.norm(x, p) + norms.norm(y, p) + 1e-6) is longer
