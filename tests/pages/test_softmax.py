"""The page on softmax: what it shows is what dlcore and torch say, in both languages."""

import pytest
from driver import charts, frame, open_page, sliders, sound
from streamlit.testing.v1 import AppTest

from pages.ui.language import LANGUAGES, labels


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.success, *app.error))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_courses_example(language: str) -> None:
    app, words = open_page("softmax", language), labels(language)
    assert app.dataframe[0].value[words["softmax.loss"]].round(4).tolist() == [4.0247, 0.0247, 5.0247]
    assert "**0.0247**" in texts(app)
    p = frame(charts(app)[words["softmax.alt_p"]])
    assert p["text"].tolist() == ["0.0179", "0.9756", "0.0066"]
    gradient = frame(charts(app)[words["softmax.alt_gradient"]])
    assert gradient["value"].sum() == pytest.approx(0, abs=1e-12)


def test_the_true_class_and_the_temperature() -> None:
    app = open_page("softmax", "en", y="0", t="2")
    assert "class **0**" in texts(app)
    assert "**2.1967**" in texts(app)  # log(1 + e^2 + e^-0.5)
    sound(app.segmented_control(key="softmax.true").set_value(2).run())
    assert "class **2**" in texts(app)


def test_fewer_classes_than_the_true_one() -> None:
    app = open_page("softmax", "en", c="2", y="5")
    assert "class **1**" in texts(app)
    assert "Logit of class 2" not in sliders(app)
    assert len(app.dataframe[0].value) == 2


def test_class_weights_weigh_the_mean() -> None:
    app = open_page("softmax", "en", w0="3")
    losses, weights = [4.0247, 0.0247, 5.0247], [3, 1, 1]
    mean = sum(loss * weight for loss, weight in zip(losses, weights, strict=True)) / sum(weights)
    assert f"weighted by class {mean:.4f}" in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overflow_and_its_cure(language: str) -> None:
    app, words = open_page("softmax", language, p="overflow"), labels(language)
    naive, stable = (element.value for element in app.dataframe)
    assert naive["0"].tolist()[-1] == "nan"
    assert "inf" in naive["1"].tolist()
    assert stable["0"].tolist()[-1].startswith("0.02474")
    assert len(app.error) == len(app.success) == 1
    assert words["softmax.step_exp"] in app.error[0].value
    assert "88.72" in texts(app)
    app.session_state["softmax.state"].set("offset", 0.0)
    sound(app.run())
    assert not app.error


def test_half_precision_ends_much_sooner() -> None:
    assert open_page("softmax", "en", p="overflow", f="float16", o="4").error
    assert not open_page("softmax", "en", p="overflow", f="float32", o="4").error
