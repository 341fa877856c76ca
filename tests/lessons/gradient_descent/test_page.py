"""The page on gradient descent: the lecture's numbers, the words on the learning rate, and batch sizes."""

import pytest
from driver import charts, frame, open_page, rows, sliders, sound
from streamlit.testing.v1 import AppTest

from pages.ui.language import LANGUAGES, labels


def shown(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def end(app: AppTest) -> AppTest:
    return sound(app.button(key="gradient_descent.to_end").click().run())


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_finds_2(language: str) -> None:
    app = open_page("gradient_descent", language)
    assert app.metric[0].value == "4.6667"
    assert app.metric[1].value == "w = 2"
    tried = frame(charts(app)[labels(language)["gradient_descent.alt_loss"]])
    assert len(tried[tried["kind"] == "tried"]) == 41


def test_weight_slider_moves_line_and_loss() -> None:
    app = open_page("gradient_descent", "en", w="2")
    assert app.metric[0].value == "0.0000"
    line = frame(charts(app)[labels("en")["gradient_descent.alt_line"]])
    assert line[line["kind"] == "line"]["y"].tolist() == [0, 8]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lectures_descent(language: str) -> None:
    app = end(open_page("gradient_descent", language, p="descent"))
    assert rows(app)[0][2] == "7.999777758621207"
    assert labels(language)["gradient_descent.rate_creeps"].split("**")[1] in shown(app)
    path = frame(charts(app)[labels(language)["gradient_descent.alt_loss"]])
    assert len(path[path["kind"] == "path"]) == 101


@pytest.mark.parametrize(("lr", "verdict"), [("0.05", "converges"), ("0.2", "swings"), ("0.22", "diverges")])
def test_words_on_the_learning_rate(lr: str, verdict: str) -> None:
    app = open_page("gradient_descent", "en", p="descent", r=lr)
    assert labels("en")[f"gradient_descent.rate_{verdict}"].split("**")[1] in shown(app)
    assert "0.2142857" in shown(app)


def test_diverged_run_is_reported_and_restarts() -> None:
    app = end(open_page("gradient_descent", "en", p="descent", r="0.5", k="500"))
    assert "diverged" in shown(app)
    sound(app.button(key="gradient_descent.stop").click().run())
    assert "diverged" not in shown(app)


def test_changed_control_replays_a_finished_run() -> None:
    app = end(open_page("gradient_descent", "en", p="descent"))
    app.session_state["gradient_descent.state"].set("lr", 0.1)
    sound(app.run())
    run = app.session_state["gradient_descent.player"].run
    assert (run.lr, run.epoch) == (0.1, 100)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lectures_batches(language: str) -> None:
    app = end(open_page("gradient_descent", language, p="batches"))
    assert {"7.9999999999996945", "7.999777758621207"} <= {row[2] for row in rows(app)}
    series = frame(charts(app)[labels(language)["gradient_descent.alt_batches"]])
    assert series.groupby("name").size().tolist().count(101) == 1
    assert series["name"].nunique() == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_diverging_batch_sizes_are_named(language: str) -> None:
    """At 0.205 the single samples do, though it is below the critical rate of the full batch."""
    words = labels(language)
    app = open_page("gradient_descent", language, p="batches", r="0.205")
    sentence = words["gradient_descent.receding"].format(names=words["gradient_descent.one"], critical="0.2142857")
    assert sentence not in shown(app)
    app = end(app)
    assert sentence in shown(app)
    quiet = end(open_page("gradient_descent", language, p="batches"))
    assert words["gradient_descent.receding"].split("{")[0] not in shown(quiet)


def test_other_batch_sizes_go_on_after_one_diverges() -> None:
    app = end(open_page("gradient_descent", "en", p="batches", r="0.22", k="500"))
    race = app.session_state["gradient_descent.player"].run
    assert [run.diverged for run in race.runs.values()] == [True, False, False]
    assert "epoch **500** / 500" in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_has_two_programs(language: str) -> None:
    app = open_page("gradient_descent", language, gl="2", gh="2.5", gs="1")
    captions = [caption.value for caption in app.caption]
    words = labels(language)
    assert [words["lesson.scratch"], words["lesson.concise"]] == captions[:2]
    assert app.metric[1].label == words["gradient_descent.best"].format(count=1)
    assert [code.value for code in app.code if code.language != "python"][:2] == ["least cost 0 at w = 2"] * 2


def test_every_control_is_a_slider() -> None:
    app = open_page("gradient_descent", "en", p="batches", z="0.5")
    words = labels("en")
    for name in ("lr", "start", "epochs", "batch_size", "n", "noise"):
        assert words[f"gradient_descent.setting.{name}"] in sliders(app)
    app.number_input(key="gradient_descent.seed").set_value(7)
    sound(app.run())
    assert app.session_state["gradient_descent.state"]["seed"] == 7
