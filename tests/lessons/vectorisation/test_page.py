"""The vectorisation page: it races only when asked, and keeps its results."""

from types import SimpleNamespace
from typing import Any

import pytest
from driver import charts, frame, go, open_page, sliders, sound
from streamlit.testing.v1 import AppTest

from dlcore.drawing import formats
from dlcore.lessons.vectorisation import device, programs
from dlcore.lessons.vectorisation import model as vectorisation
from dlcore.lessons.vectorisation.model import TimingRace, TimingResult
from dlcore.network.device import Device
from pages.ui.language import LANGUAGES, labels

SMALL = {"n": "10", "m": "10"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectorisation, "TIMINGS", 2)
    monkeypatch.setattr(vectorisation, "ELEMENTS_PER_TIMING", dict.fromkeys(vectorisation.WAYS, 1))


def word(app: AppTest, id: str) -> str:
    return labels(app.session_state["language"])[f"vectorisation.{id}"]


def press(app: AppTest, name: str) -> AppTest:
    return sound(app.button(key=f"vectorisation.{name}").click().run())


def results(app: AppTest) -> dict[str, list[TimingResult]]:
    found: dict[str, list[TimingResult]] = app.session_state["vectorisation.state"].memo["results"]
    return found


def shape(app: AppTest) -> list[str]:
    """Return the kinds of elements on the page, in order."""
    return [element.type for element in app.main]


def points(app: AppTest) -> Any:
    return frame(charts(app)[word(app, "alt_ratio")])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_race_shows_what_it_measured(language: str) -> None:
    app = open_page("vectorisation", language, **SMALL)
    assert word(app, "none") in [element.value for element in app.caption]
    assert points(app).empty
    assert set(app.table[0].value.iloc[:, 1:].to_numpy().flatten()) == {"–"}  # says what will be there
    empty = shape(app)
    press(app, "race")
    (result,) = results(app)["add"]
    assert (result.n, result.agree) == (10, True)
    table = app.table[0].value
    assert table[word(app, "way")].tolist() == [word(app, f"ways.{way}") for way in vectorisation.WAYS]
    times = [formats.duration(result.seconds[way]) for way in vectorisation.WAYS]
    assert table[word(app, "time")].tolist() == times
    ratios = [formats.ratio(result.ratio(way)) for way in vectorisation.WAYS]
    assert table[word(app, "ratio")].tolist() == ratios
    assert points(app)["ratio"].tolist() == [result.ratio("loop"), result.ratio("lists")]
    assert points(app)["label"].tolist() == [f"×{ratio}" for ratio in ratios[:2]]
    assert word(app, "exact") in [element.value for element in app.caption]
    assert word(app, "none") not in [element.value for element in app.caption]
    assert shape(app) == empty  # nothing moved
    assert app.code[0].value == programs.snippet("add", 10).code.rstrip("\n")
    assert not app.warning


def test_nothing_is_timed_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    app = press(open_page("vectorisation", **SMALL), "race")

    def refuse(*args: Any) -> None:
        raise AssertionError("a race that nobody asked for")

    monkeypatch.setattr(TimingRace, "__init__", refuse)
    for task in vectorisation.TASKS:
        sound(app.segmented_control(key="vectorisation.task").set_value(task).run())
    app = go(go(app, "home"), "vectorisation")
    sound(app.segmented_control(key="language.switch").set_value("zh").run())
    assert len(results(app)["add"]) == 1


def test_each_task_keeps_its_races_until_they_are_cleared() -> None:
    app = press(press(open_page("vectorisation", **SMALL), "race"), "race")
    sound(app.segmented_control(key="vectorisation.task").set_value("matvec").run())
    assert points(app).empty
    assert app.button(key="vectorisation.clear").disabled
    press(app, "race")
    assert [result.n for result in results(app)["matvec"]] == [10]
    assert [result.n for result in results(app)["add"]] == [10, 10]
    app = go(go(app, "home"), "vectorisation")
    assert len(points(app)) == 2
    press(app, "clear")
    assert points(app).empty
    sound(app.segmented_control(key="vectorisation.task").set_value("add").run())
    assert points(app)["newest"].tolist() == [False, False, True, True]


@pytest.mark.parametrize("task", vectorisation.TASKS)
def test_a_sweep_goes_up_to_the_chosen_n(task: str) -> None:
    app = press(open_page("vectorisation", t=task, n="200", m="40"), "sweep")
    expected = (10, 30, 40) if task == "matvec" else (10, 30, 100, 200)
    assert tuple(result.n for result in results(app)[task]) == expected
    assert all(result.agree for result in results(app)[task])
    assert not app.warning


def test_a_race_ends_when_the_page_is_left() -> None:
    app = open_page("vectorisation", **SMALL)
    state = app.session_state["vectorisation.state"]
    state.memo["asked"] = (10,)
    sound(app.run())
    assert "asked" not in state.memo
    assert app.button(key="vectorisation.stop").disabled
    assert not app.button(key="vectorisation.race").disabled


@pytest.mark.parametrize("language", LANGUAGES)
def test_results_that_differ_draw_a_warning(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, call = vectorisation.TASKS["dot"]
    cheat = {**vectorisation.TASKS, "dot": (lambda x, y, z, rows: [loop(x, y, z, rows)[0] + 1], call)}
    monkeypatch.setattr(vectorisation, "TASKS", cheat)
    app = press(open_page("vectorisation", language, t="dot", n="100"), "race")
    assert app.warning[0].value == word(app, "differ").format(difference="1")


@pytest.mark.parametrize("language", LANGUAGES)
def test_n_is_the_matrix_side_for_a_matrix(language: str) -> None:
    app = open_page("vectorisation", language)
    slider = sliders(app)[word(app, "setting.n")]
    assert (slider["stops"][0], slider["stops"][-1], slider["value"]) == (10, 1_000_000, 10_000)
    sound(app.segmented_control(key="vectorisation.task").set_value("matvec").run())
    slider = sliders(app)[word(app, "setting.side")]
    assert (slider["stops"][0], slider["stops"][-1], slider["value"]) == (10, 1000, 100)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_impossible_n_is_refused(language: str) -> None:
    app = open_page("vectorisation", language, n="10000000")
    assert word(app, "setting.n") in app.warning[0].value
    assert app.session_state["vectorisation.state"]["n"] == 10_000


def test_large_races_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two races run at a time; a third waits until one of them is over."""
    app = open_page("vectorisation", "en", n="100000")
    held = []

    def acquire(timeout: float) -> bool:
        held.append(timeout)
        return len(held) == 3

    lanes = SimpleNamespace(acquire=acquire, release=lambda: held.append(-1.0))
    monkeypatch.setattr("pages.ui.gate.memory_slots", lambda: lanes)
    press(app, "race")
    assert held == [0.2, 0.2, 0.2, -1.0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("waits", [False, True])
def test_the_races_of_one_press_end_in_time(waits: bool, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Computing and waiting for memory both count."""
    assert vectorisation.MAX_SECONDS == 30
    app, n = open_page("vectorisation", language, n="100000" if waits else "10"), 100_000 if waits else 10
    texts = [element.proto.text for element in app.get("progress")]
    assert texts == [word(app, "ready")]
    lanes = SimpleNamespace(acquire=lambda timeout: False, release=None)
    monkeypatch.setattr("pages.ui.gate.memory_slots", lambda: lanes)
    monkeypatch.setattr(vectorisation, "MAX_SECONDS", 0)
    press(app, "race")
    texts = [element.proto.text for element in app.get("progress")]
    assert texts == [word(app, "unfinished").format(n=f"{n:,}", seconds=0)]
    assert not results(app)["add"]
    monkeypatch.setattr(vectorisation, "MAX_SECONDS", 30)
    state = app.session_state["vectorisation.state"]
    state.set("n", 10)
    sound(app.run())
    press(app, "race")
    assert len(results(app)["add"]) == 1
    assert [element.proto.text for element in app.get("progress")] == [word(app, "ready")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_devices_are_measured_when_asked(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which devices there are is pretended: this machine may have one or two."""
    found = [Device("cpu", True, "one"), Device("cuda", False, reason="failed")]
    monkeypatch.setattr("pages.basics.vectorisation.device.devices", lambda: found)
    app = open_page("vectorisation", language)
    assert all(button.key != "vectorisation.measure" for button in app.button)  # the group is closed
    app.session_state["vectorisation.device"] = True
    sound(app.run())
    table = app.table[-1].value
    assert table.shape[1] == 3
    assert set(table.iloc[:, 2]) == {"–"}
    assert word(app, "device.none") in [element.value for element in app.info]
    found[1] = Device("cuda", True, "other")
    monkeypatch.setattr(device, "seconds", lambda work, id: {"cpu": 0.5, "cuda": 0.002}[id])
    sound(app.button(key="vectorisation.measure").click().run())
    table = app.table[-1].value
    assert table.columns[2:].tolist() == ["cpu · one", "cuda · other"]
    assert set(table.iloc[:, 2]) == {formats.duration(0.5)}
    assert set(table.iloc[:, 3]) == {formats.duration(0.002)}
    assert not app.info
