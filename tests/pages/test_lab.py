"""The lab's page: a grid is chosen, trained and stopped; its numbers, sentences and links; a cell is opened."""

from __future__ import annotations

from typing import Any

import pytest
from driver import go, open_page, session, sound
from promises import promised
from streamlit.testing.v1 import AppTest

from dlcore.lab.axes import AXES
from dlcore.lab.grid import LAB, Grid
from dlcore.lab.summary import Finding, findings, places_frame, runs_frame
from dlcore.lab.trainer import GridTrainer
from pages.lab.lab.results import sentence
from pages.lab.lab.state import LabPlayer, LabState
from pages.ui.language import LANGUAGES, labels

SMALL = {"v": "1", "k": "40", "n": "60", "h": "8", "xv": "2~4", "y": "lr", "yv": "0.01~0.1", "q": "2"}


def state(app: AppTest) -> LabState:
    found: LabState = app.session_state["lab.state"]
    return found


def player(app: AppTest) -> LabPlayer:
    found: LabPlayer = app.session_state["lab.player"]
    return found


def press(app: AppTest, name: str) -> AppTest:
    return sound(app.button(key=f"lab.{name}").click().run())


def texts(app: AppTest) -> str:
    return "\n".join(element.value for kind in (app.markdown, app.caption) for element in kind)


def trained(link: str) -> tuple[Grid, list[Finding], dict[Any, float]]:
    """Return a grid, its findings and the median test loss of each value of its first axis."""
    grid = Grid.of(LAB.parse(link)[0])
    trainer = GridTrainer(grid)
    while not trainer.finished:
        trainer.advance_for(1.0)
    runs = runs_frame(trainer.states)
    places = places_frame(runs, "test_loss")
    return grid, findings(grid, runs), dict(zip(places["x"], places["median"], strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_play_trains_the_grid_and_says_what_it_showed(language: str) -> None:
    app, words = open_page("lab", language, **SMALL), labels(language)
    assert words["lab.before"] in texts(app)
    press(app, "play")
    run = player(app).run
    assert run.finished
    assert [state.epoch for state in run.states] == [40] * 8
    assert not list(run.sheet.stale), "the picture at rest lacks an epoch"
    assert words["lab.before"] not in texts(app)
    assert "**100%**" in texts(app).replace("\u2060", "")
    html = next(element.proto.body for element in app.get("html") if 'class="cells"' in element.proto.body)
    assert html.count('"loss"') == 4  # a cell for each place, with its first seed
    sound(app.selectbox(key="lab.view").set_value("table").run())
    table = app.table[0].value
    assert list(table.iloc[:, 0]) == ["2 · 0.01", "2 · 0.1", "4 · 0.01", "4 · 0.1"]
    runs = runs_frame(run.states)
    medians = places_frame(runs, "test_loss")["median"]
    assert list(table[words["axis.loss"]]) == [f"{value:.3f}" for value in medians]
    for line in ("row0", "row1", "column0", "column1"):
        sound(app.selectbox(key="lab.view").set_value("curves").run())
        sound(app.selectbox(key="lab.line").set_value(line).run())
    press(app, "restart")
    assert player(app).run.finished, "a restarted grid plays on"
    press(app, "stop")
    assert not run.trainer.stopped, "nothing was left to stop"


def test_stop_keeps_what_is_there_and_play_begins_again() -> None:
    app = open_page("lab", **SMALL)
    run = player(app).run
    while not run.epoch:
        run.advance_for(0.0)
    sound(app.run())
    press(app, "stop")
    assert run.finished
    assert run.states[0].history
    assert labels("en")["lab.stopped"].partition("trained")[2] in texts(app)
    epochs = [state.epoch for state in run.states]
    sound(app.run())
    assert [state.epoch for state in run.states] == epochs
    press(app, "play")
    assert [state.epoch for state in run.states] == [40] * 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cell_opens_on_the_spiral_page_and_the_lab_stays(language: str) -> None:
    app = open_page("lab", language, **SMALL)
    sound(app.selectbox(key="lab.cell").set_value(6).run())
    press(app, "open")
    assert app.title[0].value == labels(language)["page.spiral"]
    config = session(app).config
    assert (config.model.hidden, config.training.lr, config.data.points) == ((4,), 0.1, 60)
    go(app, "lab")
    assert state(app)["x.values"] == "2~4"
    assert player(app).run.grid == state(app).grid


def test_axes_are_chosen_with_their_values_and_make_one_link() -> None:
    app = open_page("lab", **SMALL)
    sound(app.selectbox(key="lab.x.axis").set_value("activation").run())
    assert state(app)["x.values"] == ""
    sound(app.pills(key="lab.x.values.activation").set_value(["relu", "tanh"]).run())
    sound(app.text_input(key="lab.y.values.lr").set_value("0.1, 0.010 1").run())
    grid = state(app).grid
    assert grid.x.values == ("relu", "tanh")
    assert grid.y is not None
    assert grid.y.values == (0.1, 0.01, 1.0)
    link = LAB.link(state(app).values)
    assert "yv=0.1~0.01~1" in link
    assert LAB.parse(link) == (state(app).values, [])
    sound(app.selectbox(key="lab.y.axis").set_value("none").run())
    assert state(app).grid.y is None
    sound(app.selectbox(key="lab.x.axis").set_value("seed").run())
    assert state(app).grid.n_runs == len(AXES["seed"].values)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("key", "typed", "named"),
    [
        ("lab.x.values.width", "2, 4, 999", "999"),
        ("lab.x.values.width", "2 4 x", "x"),
        ("lab.x.values.width", ", ".join(map(str, range(1, 30))), "116"),
        ("lab.y.values.lr", "0.1, 0.1", "0.1"),
    ],
)
def test_what_is_too_much_or_wrong_is_refused_with_its_rule(language: str, key: str, typed: str, named: str) -> None:
    app = open_page("lab", language, **SMALL)
    before = state(app).values
    sound(app.text_input(key=key).set_value(typed).run())
    assert f"`{named}`" in app.warning[0].value
    assert labels(language)["problem.refused"] in app.warning[0].value
    assert state(app).values == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_that_breaks_a_rule_says_what_was_reset(language: str) -> None:
    app = open_page("lab", language, v="1", d="csv", k="40", n="60")
    assert "`csv`" in app.warning[0].value
    assert state(app).config.data.kind == "spiral"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", AXES)
def test_every_axis_has_words(id: str, language: str) -> None:
    app = open_page("lab", language, v="1", x=id, k="10", n="30", h="4", q="1", t="0")
    assert not app.warning
    assert app.selectbox(key="lab.x.axis").value == id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_is_a_sentence(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.language.language", lambda: language)
    grid = Grid.of(LAB.parse("v=1")[0])
    rules = {id.rpartition(".")[2] for id in labels(language) if id.startswith("lab.finding.")}
    for rule in rules:
        said = sentence(grid, Finding(rule, "width", "test_loss", (8, 16), 16, 0.5, 0.25, 3))
        assert "{" not in said
        assert said.startswith("**")


# --- the things to try ------------------------------------------------------------------------------------------------
def test_task_1_no_more_gain_from_32_units_up() -> None:
    _, (finding,), medians = trained("n=300&r=0.02&k=300")
    assert (finding.rule, finding.values) == ("no_gain_from", (32, 64))
    assert medians[2] == pytest.approx(0.8, abs=0.05)
    assert medians[32] < 0.1
    assert finding.difference < finding.spread
    promised("lab", 1, 300, 0.02, 0.8, 0.1, 32)


def test_task_2_the_seed_alone_makes_a_difference() -> None:
    _, (finding,), losses = trained("x=seed&n=100&h=16&r=0.02&k=300")
    assert finding.rule == "seed_spread"
    assert len(losses) == 5
    assert max(losses.values()) > 1.3 * min(losses.values())
    promised("lab", 2, 5, 100, 16, 0.02, 300)


def test_task_3_three_optimizers_are_alike() -> None:
    _, (finding,), medians = trained("x=optimizer&n=300&h=16")
    assert (finding.rule, set(finding.values)) == ("tie", {"rmsprop", "adam", "adamw"})
    assert max(medians[id] for id in finding.values) < 0.7
    assert 0.9 < medians["sgd"] < 1.15
    promised("lab", 3, 300, 16, 0.7)
