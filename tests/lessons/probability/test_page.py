"""The probability page: sliders that stay a distribution, charts of the experiment, messages on invalid loads."""

from typing import Any

import pytest
from driver import charts, frame, open_page, sliders, sound
from streamlit.testing.v1 import AppTest

from dlcore.lessons.probability import model as dice
from dlcore.lessons.probability.charts import MAX_POINTS
from dlcore.lessons.probability.settings import LESSON
from pages.ui.language import LANGUAGES, labels


def state(app: AppTest) -> Any:
    return app.session_state["probability.state"]


def with_values(app: AppTest, **values: Any) -> AppTest:
    state(app).apply(values)
    assert not state(app).problems
    return sound(app.run())


def chart(app: AppTest, name: str) -> Any:
    return frame(charts(app)[labels(app.session_state["language"])[f"probability.{name}_alt"]])


def experiment(app: AppTest) -> dice.DieExperiment:
    s = state(app)
    return dice.throw(dice.distribution(s["loads"]), groups=s["groups"], throws=s["throws"], seed=s["seed"])


def probabilities(app: AppTest) -> list[float]:
    label = labels(app.session_state["language"])["probability.face_p"]
    by_label = sliders(app)
    faces = by_label[labels(app.session_state["language"])["probability.faces"]]["value"]
    assert label.format(face=faces + 1) not in by_label
    return [by_label[label.format(face=i + 1)]["value"] for i in range(faces)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fair_die_to_begin_with(language: str) -> None:
    app = open_page("probability", language)
    assert probabilities(app) == [0.167] * 6
    expected = experiment(app).estimates
    lines = chart(app, "estimates")
    assert len(lines) == MAX_POINTS
    assert lines["n"].iloc[-1] == 5000
    shown = [lines[f"e{i}"].iloc[-1] for i in range(1, 7)]
    assert shown == pytest.approx(expected[-1].tolist(), abs=1e-6)
    assert sum(shown) == pytest.approx(1, abs=1e-6)
    bars = chart(app, "final")
    assert bars["estimate"].tolist() == pytest.approx(expected[-1].tolist())
    assert bars["true"].tolist() == pytest.approx([1 / 6] * 6)
    assert chart(app, "errors")["mean"].iloc[-1] == pytest.approx(float(experiment(app).errors[-1].mean()), abs=1e-6)
    (output,) = [element.value for element in app.code if element.language != "python"][:1]
    assert output == f"{expected[0]}\n{expected[-1]}"


def test_changing_one_face_changes_the_others() -> None:
    app = open_page("probability")
    with_values(app, loads=dice.with_probability(state(app)["loads"], 2, 0.5))
    assert probabilities(app) == [0.1, 0.1, 0.5, 0.1, 0.1, 0.1]
    with_values(app, loads=dice.with_probability(state(app)["loads"], 2, 1.0))
    assert probabilities(app) == [0, 0, 1, 0, 0, 0]
    assert labels("en")["probability.errors_alt"] not in charts(app)
    assert labels("en")["probability.certain"] in [element.value for element in app.caption]
    sound(app.button(key="probability.fair").click().run())
    assert state(app)["loads"] == dice.fair(6)


@pytest.mark.parametrize("faces", [2, 8])
def test_any_number_of_faces(faces: int) -> None:
    app = with_values(open_page("probability"), loads=dice.fair(faces), face=8)
    assert probabilities(app) == [round(1 / faces, 3)] * faces
    assert app.button_group(key="probability.face").value == faces  # the last face, if the chosen one is gone
    assert f"e{faces}" in chart(app, "estimates")
    assert f"e{faces + 1}" not in chart(app, "estimates")


def test_throw_again() -> None:
    app = open_page("probability")
    before = chart(app, "final")["estimate"].tolist()
    sound(app.button(key="probability.again").click().run())
    assert state(app)["seed"] == 1
    assert app.number_input(key="probability.seed").value == 1
    assert chart(app, "final")["estimate"].tolist() != before
    with_values(app, seed=9999)
    sound(app.button(key="probability.again").click().run())
    assert state(app)["seed"] == 0


def test_the_band_and_the_axis() -> None:
    app = with_values(open_page("probability"), loads=((0.7, 0.3),))
    first = chart(app, "estimates")
    sound(app.button_group(key="probability.face").set_value(2).run())
    assert state(app)["face"] == 2
    second = chart(app, "estimates")
    assert first["low"].iloc[-1] == pytest.approx(0.7 - 1.96 * (0.21 / 5000) ** 0.5, abs=1e-6)
    assert second["low"].iloc[-1] == pytest.approx(0.3 - 1.96 * (0.21 / 5000) ** 0.5, abs=1e-6)
    spec = charts(app)[labels("en")["probability.estimates_alt"]].spec
    sound(app.button_group(key="probability.axis").set_value("linear").run())
    assert state(app)["axis"] == "linear"
    assert charts(app)[labels("en")["probability.estimates_alt"]].spec != spec


def test_the_ends_of_all_ranges() -> None:
    app = open_page("probability")
    for groups in (2, 1000):
        for throws in (1, 100):
            with_values(app, groups=groups, throws=throws)
            assert chart(app, "estimates")["n"].iloc[-1] == groups * throws
            assert len(chart(app, "estimates")) <= MAX_POINTS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("loads", "rule"), [("0_0", "zero"), ("1_-1_1", "negative"), ("1", "faces")])
def test_invalid_loads_draw_a_message(loads: str, rule: str, language: str) -> None:
    app = open_page("probability", language, v="1", p=loads, g="20")
    message = labels(language)[f"probability.problem.{rule}"].split("{")[0].strip()
    assert message in app.warning[0].value
    assert len(probabilities(app)) == 6
    assert state(app)["groups"] == 20


def test_a_link_brings_the_die() -> None:
    app = open_page("probability", "en", **LESSON.encode({**LESSON.defaults(), "loads": ((0.5, 0.25, 0.25),)}))
    assert probabilities(app) == [0.5, 0.25, 0.25]
