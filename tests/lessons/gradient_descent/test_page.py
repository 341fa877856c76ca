"""Gradient descent on one weight: the lecture's numbers on the page, and a rate that is too high said so."""

import pytest
from driver import charts, frame, open_page, sliders, sound
from streamlit.testing.v1 import AppTest

from pages.ui.language import LANGUAGES, labels


def shown(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def end(app: AppTest) -> AppTest:
    return sound(app.button(key="gradient_descent.to_end").click().run())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_finds_two(language: str) -> None:
    app = open_page("gradient_descent", language)
    assert app.metric[0].value == "4.6667"
    assert app.metric[1].value == "w = 2"
    tried = frame(charts(app)[labels(language)["gradient_descent.alt_cost"]])
    assert len(tried[tried["kind"] == "tried"]) == 41


def test_by_hand_the_weight_moves_line_and_cost() -> None:
    app = open_page("gradient_descent", "en", w="2")
    assert app.metric[0].value == "0.0000"
    line = frame(charts(app)[labels("en")["gradient_descent.alt_line"]])
    assert line[line["kind"] == "line"]["y"].tolist() == [0, 8]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lectures_descent(language: str) -> None:
    app = end(open_page("gradient_descent", language, p="descent"))
    assert "7.999777758621207" in shown(app)
    assert labels(language)["gradient_descent.rate_creeps"].split("**")[1] in shown(app)
    path = frame(charts(app)[labels(language)["gradient_descent.alt_cost"]])
    assert len(path[path["kind"] == "path"]) == 101


@pytest.mark.parametrize(("lr", "verdict"), [("0.05", "converges"), ("0.2", "swings"), ("0.22", "diverges")])
def test_the_verdict_on_a_rate(lr: str, verdict: str) -> None:
    app = open_page("gradient_descent", "en", p="descent", r=lr)
    assert labels("en")[f"gradient_descent.rate_{verdict}"].split("**")[1] in shown(app)
    assert "0.2142857" in shown(app)


def test_a_diverged_run_says_so_and_restarts() -> None:
    app = end(open_page("gradient_descent", "en", p="descent", r="0.5", k="500"))
    assert "diverged" in shown(app)
    sound(app.button(key="gradient_descent.stop").click().run())
    assert "diverged" not in shown(app)


def test_a_moved_control_replays_a_run_that_was_over() -> None:
    app = end(open_page("gradient_descent", "en", p="descent"))
    app.session_state["gradient_descent.state"].set("lr", 0.1)
    sound(app.run())
    run = app.session_state["gradient_descent.player"].run
    assert (run.lr, run.epoch) == (0.1, 100)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lectures_batches(language: str) -> None:
    app = end(open_page("gradient_descent", language, p="batches"))
    assert "7.9999999999996945" in shown(app)
    assert "7.999777758621207" in shown(app)
    series = frame(charts(app)[labels(language)["gradient_descent.alt_batches"]])
    assert series.groupby("name").size().tolist().count(101) == 1
    assert series["name"].nunique() == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_diverges_is_named(language: str) -> None:
    """At 0.205 the single samples do, though it is below the critical rate of the full batch."""
    words = labels(language)
    app = open_page("gradient_descent", language, p="batches", r="0.205")
    sentence = words["gradient_descent.receding"].format(names=words["gradient_descent.one"], critical="0.2142857")
    assert sentence not in shown(app)
    app = end(app)
    assert sentence in shown(app)
    quiet = end(open_page("gradient_descent", language, p="batches"))
    assert words["gradient_descent.receding"].split("{")[0] not in shown(quiet)


def test_while_one_batch_size_diverged_the_others_go_on() -> None:
    app = end(open_page("gradient_descent", "en", p="batches", r="0.22", k="500"))
    race = app.session_state["gradient_descent.player"].run
    assert [run.diverged for run in race.runs.values()] == [True, False, False]
    assert "epoch **500** / 500" in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_has_its_twin(language: str) -> None:
    app = open_page("gradient_descent", language, gl="2", gh="2.5", gs="1")
    captions = [caption.value for caption in app.caption]
    words = labels(language)
    assert [words["lesson.scratch"], words["lesson.concise"]] == captions[:2]
    assert app.metric[1].label == words["gradient_descent.best"].format(count=1)
    assert [code.value for code in app.code if code.language != "python"][:2] == ["least cost 0 at w = 2"] * 2


def test_every_control_is_a_slider_that_answers() -> None:
    app = open_page("gradient_descent", "en", p="batches", z="0.5")
    words = labels("en")
    for name in ("lr", "start", "epochs", "batch", "n", "noise"):
        assert words[f"gradient_descent.setting.{name}"] in sliders(app)
    app.number_input(key="gradient_descent.seed").set_value(7)
    sound(app.run())
    assert app.session_state["gradient_descent.state"]["seed"] == 7
