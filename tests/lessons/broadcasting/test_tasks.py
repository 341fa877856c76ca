"""The things to try on the broadcasting page, done as they are written."""

from __future__ import annotations

from driver import charts, frame, open_page, sound
from promises import promised
from streamlit.testing.v1 import AppTest

from pages.ui.language import labels


def shapes(app: AppTest) -> tuple[tuple[int, ...], tuple[int, ...]]:
    s = app.session_state["broadcasting.state"]
    return s["left"], s["right"]


def result(app: AppTest) -> str:
    """Return the sentence of success."""
    found: str = app.success[0].value
    return found


def numbers(app: AppTest) -> list[str]:
    """Return all numbers of the picture."""
    texts = frame(charts(app)[labels("en")["broadcasting.alt_values"]])["text"]
    return sorted(text for text in texts if text.lstrip("−").isdigit())


def fits(shape: tuple[int, ...]) -> str:
    return labels("en")["broadcasting.fits"].format(shape=shape)


def test_1_two_that_look_alike() -> None:
    promised("broadcasting", 1, "(2, 3) + (2,)", 2, 3)
    app = sound(open_page("broadcasting").pills(key="broadcasting.preset").set_value("(2, 3) + (2,)").run())
    assert "must match the size of tensor b (2)" in app.error[0].value
    assert "tensor a (3)" in app.error[0].value
    cures = [button for button in app.button if str(button.key).startswith("broadcasting.cure.")]
    app = sound(cures[0].click().run())
    assert not app.error
    assert result(app) == fits((2, 3))


def test_2_an_error_that_never_comes() -> None:
    promised("broadcasting", 2, "3, 1", "(3, 3)")
    app = open_page("broadcasting", a="2", b="2")
    for name, text in (("left", "3, 1"), ("right", "3")):
        app = sound(app.text_input(key=f"broadcasting.{name}").set_value(text).run())
    assert result(app) == fits((3, 3))
    assert not app.error
    assert not app.warning


def test_3_a_1_in_front_is_free() -> None:
    promised("broadcasting", 3, 1)
    app = open_page("broadcasting")
    a, b = shapes(app)
    before = numbers(app)
    for _ in range(2):
        app = sound(app.button(key="broadcasting.left.longer").click().run())
    assert shapes(app) == ((1, 1, *a), b)
    assert result(app) == fits((1, 1, 3, 2))  # the axes that b does not have
    assert numbers(app) == before
    stored = labels("en")["broadcasting.stored"]
    app = sound(app.segmented_control(key="broadcasting.part").set_value("memory").run())
    assert app.table[-1].value[stored].tolist() == ["3", "2"]
