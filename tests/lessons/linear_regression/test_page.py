"""The page on linear regression: both models, the table of an update, and both shapes."""

import pytest
from driver import charts, frame, open_page, sound
from numerals import read_all
from streamlit.testing.v1 import AppTest

from pages.ui.language import LANGUAGES, labels


def end(app: AppTest) -> AppTest:
    return sound(app.button(key="linear_regression.to_end").click().run())


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption))


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_models_recover_the_true_parameters(language: str) -> None:
    app, words = end(open_page("linear_regression", language)), labels(language)
    table = app.table[0].value
    for column in ("lesson.scratch", "lesson.concise", "linear_regression.least_squares"):
        assert read_all(table[words[column]]) == pytest.approx([2.0, -3.4, 4.2], abs=0.01)
    assert "**300**" in texts(app)
    curve = frame(charts(app)[words["alt.loss"]])
    assert curve["loss"].iloc[-1] < 1e-3 < curve["loss"].iloc[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_gradients_of_any_update_are_shown(language: str) -> None:
    app, words = open_page("linear_regression", language), labels(language)
    assert words["linear_regression.nothing_to_read"] in texts(app)
    end(app)
    run = app.session_state["linear_regression.player"].run
    for number, index in ((1, 0), (151, 150), (300, 299), (4000, 299)):
        app.session_state["linear_regression.state"].set("read", number)
        sound(app.run())
        shown = app.table[1].value
        assert read_all(shown[words["linear_regression.gradient"]]) == pytest.approx(
            run.updates[index].gradients, rel=1e-5
        )
        assert read_all(shown[words["linear_regression.before"]]) == pytest.approx(
            run.updates[index].parameters, rel=1e-5
        )
        assert f"**{index + 1}**" in texts(app)


def test_a_line_has_one_weight() -> None:
    app = end(open_page("linear_regression", "en", f="line", w1="-1"))
    assert app.table[0].value["true"].tolist() == ["−1", "4.2"]
    assert read_all(app.table[0].value["From scratch"]) == pytest.approx([-1.0, 4.2], abs=0.01)


def test_divergence_is_reported() -> None:
    app = end(open_page("linear_regression", "en", r="1.5"))
    assert "diverged" in texts(app)


def test_step_makes_one_update() -> None:
    app = open_page("linear_regression")
    sound(app.button(key="linear_regression.step").click().run())
    assert app.session_state["linear_regression.player"].run.epoch == 1
    assert app.selectbox(key="linear_regression.speed").options[1] == "Updates per frame: 1"


def test_settings_are_in_their_group() -> None:
    app = open_page("linear_regression")
    app.session_state["linear_regression.more"] = True
    sound(app.run())
    sound(app.segmented_control(key="linear_regression.loss").set_value("smooth_l1").run())
    assert app.session_state["linear_regression.player"].run.loss == "smooth_l1"
