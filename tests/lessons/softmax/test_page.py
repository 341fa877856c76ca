"""Tests of the softmax page: it shows the numbers of dlcore and torch, in both languages."""

import json

import pytest
from driver import charts, frame, open_page, sliders, sound
from numerals import read
from programs import printed
from streamlit.testing.v1 import AppTest

from pages.ui.language import LANGUAGES, labels


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.success, *app.error))


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_opens_with_the_courses_example(language: str) -> None:
    app, words = open_page("softmax", language), labels(language)
    assert app.table[0].value[words["softmax.loss"]].tolist() == ["4.0247", "0.0247", "5.0247"]
    assert "**0.0247**" in texts(app)
    p = frame(charts(app)[words["softmax.alt_p"]])
    assert p["text"].tolist() == ["0.0179", "0.9756", "0.0066"]
    gradient = frame(charts(app)[words["softmax.alt_gradient"]])
    assert gradient["value"].sum() == pytest.approx(0, abs=1e-12)


def test_true_class_and_temperature_change_the_loss() -> None:
    app = open_page("softmax", "en", y="0", t="2")
    assert "class **0**" in texts(app)
    assert "**2.1967**" in texts(app)  # log(1 + e^2 + e^-0.5)
    sound(app.segmented_control(key="softmax.true").set_value(2).run())
    assert "class **2**" in texts(app)


def test_true_class_is_the_last_if_there_are_fewer_classes() -> None:
    app = open_page("softmax", "en", c="2", y="5")
    assert "class **1**" in texts(app)
    assert "Logit of class 2" not in sliders(app)
    assert len(app.table[0].value) == 2


def test_class_weights_change_the_weighted_mean() -> None:
    app = open_page("softmax", "en", w0="3")
    losses, weights = [4.0247, 0.0247, 5.0247], [3, 1, 1]
    mean = sum(loss * weight for loss, weight in zip(losses, weights, strict=True)) / sum(weights)
    assert f"weighted by class {mean:.4f}" in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_naive_loss_overflows_and_stable_loss_does_not(language: str) -> None:
    app, words = open_page("softmax", language, p="overflow"), labels(language)
    naive, stable = (element.value for element in app.table)
    assert naive["0"].tolist()[-1] == "nan"
    assert "inf" in naive["1"].tolist()
    assert stable["0"].tolist()[-1].startswith("0.02474")
    assert len(app.error) == len(app.success) == 1
    assert words["softmax.step_exp"] in app.error[0].value
    assert "88.72" in texts(app)
    app.session_state["softmax.state"].set("offset", 0.0)
    sound(app.run())
    assert not app.error


def test_float16_overflows_before_float32() -> None:
    assert open_page("softmax", "en", p="overflow", f="float16", o="4").error
    assert not open_page("softmax", "en", p="overflow", f="float32", o="4").error


@pytest.mark.parametrize("language", LANGUAGES)
def test_underflow_is_shown_and_explained(language: str) -> None:
    app, words = open_page("softmax", language, p="overflow", o="-112"), labels(language)
    assert set(app.table[0].value.iloc[1, 1:]) == {"0"}
    assert words["softmax.step_p"] in app.error[0].value
    assert words["softmax.limit_low"].format(dtype="float32", limit="−103.97") in texts(app)


def test_subnormal_numbers_are_shown() -> None:
    app = open_page("softmax", "en", p="overflow", o="-100")
    exp = app.table[0].value.iloc[1, 1:]
    assert all(0 < read(value) < 1e-38 for value in exp)
    program, output = (element.value for element in app.code[:2])
    assert printed(program) == output
    assert len(app.error) == 1, "they have too few bits"


def test_tables_of_many_classes_take_the_whole_width() -> None:
    few, many = (open_page("softmax", "en", p="overflow", c=str(classes)) for classes in (3, 4))
    assert len(few.columns) == len(many.columns) + 1
    assert len(many.table) == 2


def test_temperature_chart_has_no_legend() -> None:
    picture = charts(open_page("softmax"))[labels("en")["softmax.alt_temperature"]]
    assert '"legend": null' in json.dumps(json.loads(picture.spec))
