"""Sessions that left: what they held is let go, later, and never in anybody's turn."""

import ctypes
import threading
import weakref
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from driver import open_page
from streamlit.testing.v1 import AppTest

from pages.ui import memory
from pages.ui.gate import Gate
from pages.ui.memory import Cleaner, Visit
from tests.pages.test_player import playing_page


class Timer:
    """A stand-in for the timer, which a test lets run off."""

    last: "Timer"

    def __init__(self, seconds: float, function: Any) -> None:
        self.seconds, self.function, self.started = seconds, function, 0
        Timer.last = self

    def start(self) -> None:
        self.started += 1


class Forgotten(list[str]):
    """The sessions that were forgotten, and their visits."""

    def visit(self, session: str) -> Visit:
        forgotten = self

        class Noted(Visit):
            def forget(self) -> None:
                forgotten.append(self.session)

        return Noted(session, None)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time in a list, which a test may change."""
    clock = [100.0]
    monkeypatch.setattr(memory, "threading", SimpleNamespace(Timer=Timer, Lock=threading.Lock))
    monkeypatch.setattr(memory, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    return clock


def test_a_class_that_left_is_forgotten_at_once(now: list[float]) -> None:
    forgotten = Forgotten()
    cleaner = Cleaner(Gate(), 30)
    for i in range(3):
        cleaner.left(forgotten.visit(str(i)))
        now[0] += memory.GATHER / 3
    assert (Timer.last.seconds, Timer.last.started) == (30 + memory.GATHER, 1)
    now[0] = 100 + Timer.last.seconds
    Timer.last.function()
    assert sorted(forgotten) == ["0", "1", "2"]


def test_a_session_that_came_back_or_left_only_now_is_not_forgotten(now: list[float]) -> None:
    forgotten = Forgotten()
    cleaner = Cleaner(Gate(), 30)
    cleaner.left(forgotten.visit("back"))
    cleaner.left(forgotten.visit("gone"))
    first = Timer.last
    now[0] += 20
    cleaner.came("back")
    cleaner.left(forgotten.visit("later"))
    assert Timer.last is first, "one timer is enough"
    now[0] += 20
    first.function()
    assert forgotten == ["gone"]
    assert Timer.last is not first
    assert Timer.last.seconds == 10 + memory.GATHER
    now[0] += Timer.last.seconds
    second = Timer.last
    second.function()
    assert forgotten == ["gone", "later"]
    assert Timer.last is second, "nobody is left to wait for"


def test_nothing_is_collected_in_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, done = Gate(), list[str]()
    monkeypatch.setattr(memory, "gc", SimpleNamespace(collect=lambda: done.append("collected")))
    monkeypatch.setattr(memory, "trim", lambda: done.append("trimmed"))
    forgotten = Forgotten()
    cleaner = Cleaner(gate, 0)
    cleaner.left(forgotten.visit("gone"))
    sweeping = threading.Thread(target=cleaner.sweep, daemon=True)
    with gate.turn():
        sweeping.start()
        sweeping.join(0.05)
        assert (done, forgotten) == ([], [])
    sweeping.join(10)
    assert (done, forgotten) == (["collected", "trimmed"], ["gone"])
    assert gate.active == 1, "a collection is nobody's turn"


@pytest.mark.parametrize(
    ("id", "link", "tensor"),
    [
        ("spiral", {"k": "3", "n": "20", "h": "4"}, lambda state: state["spiral.session"].run.engine.network.theta),
        ("images", {"k": "1", "n": "200", "h": "4"}, lambda state: state["images.player"].run.model.theta),
    ],
)
def test_a_session_that_ends_leaves_no_tensor_of_its_run(id: str, link: dict[str, str], tensor: Any) -> None:
    """Neither in what the page keeps, nor in the callbacks of its widgets."""
    app = open_page(id, **link)
    app.button(f"{id}.play").click().run()
    kept = weakref.ref(tensor(app.session_state))
    cleaner = Cleaner(Gate(), 0)
    cleaner.left(Visit("gone", app.session_state._state))
    cleaner.sweep()
    assert kept() is None


def test_a_session_that_was_there_after_all_begins_again() -> None:
    app = AppTest.from_function(playing_page).run()
    app.button("test.play").click().run()
    assert app.session_state["test.player"].run.epoch == 3
    Visit("there", app.session_state._state).forget()
    app.run()
    assert not app.exception
    assert app.session_state["test.player"].run.epoch == 0


def test_a_connection_that_ends_reaches_the_cleaner(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Visit] = []

    class Noting(Cleaner):
        def left(self, visit: Visit) -> None:
            left.append(visit)

    def page() -> None:
        from pages.ui import memory

        memory.visit()

    noting = Noting(Gate(), 0)
    monkeypatch.setattr(memory, "cleaner", lambda: noting)
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert not left
    st.cache_resource.clear()  # as Streamlit clears those of a session whose connection ends
    assert len(left) == 1


@pytest.mark.parametrize("lacking", [AttributeError, OSError, TypeError])
def test_a_system_without_glibc_is_no_error(monkeypatch: pytest.MonkeyPatch, lacking: type[Exception]) -> None:
    def library(_: object) -> None:
        raise lacking

    monkeypatch.setattr(ctypes, "CDLL", library)
    memory.trim()
