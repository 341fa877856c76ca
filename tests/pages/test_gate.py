"""The gate: one computation at a time, and turns that shrink with the number of sessions."""

import threading
import time
from contextvars import ContextVar

import pytest

from pages.ui import gate as module
from pages.ui.gate import MIN_TURN_SECONDS, TURN_SECONDS, Gate

SESSION: ContextVar[str] = ContextVar("SESSION")  # the session of the present thread


@pytest.fixture(autouse=True)
def _sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "session_id", SESSION.get)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def seconds(gate: Gate, session: str) -> float:
    SESSION.set(session)
    with gate.turn() as seconds:
        return seconds


def test_one_thread_at_a_time() -> None:
    gate, inside, most = Gate(), 0, 0

    def work(session: str) -> None:
        nonlocal inside, most
        SESSION.set(session)
        for _ in range(5):
            with gate.turn():
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=work, args=(str(i),)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert (inside, most) == (0, 1)
    assert gate.active == 6


def test_turns_shrink_with_the_number_of_sessions(clock: Clock) -> None:
    gate = Gate()
    turns = [seconds(gate, str(i)) for i in range(10)]
    assert turns == pytest.approx([TURN_SECONDS / n for n in range(1, 11)])
    assert seconds(gate, "0") == turns[-1]  # the same session is not counted twice
    for i in range(10, 100):
        turn = seconds(gate, str(i))
    assert turn == MIN_TURN_SECONDS
    assert gate.active == 100


def test_a_session_that_left_is_forgotten(clock: Clock) -> None:
    gate = Gate()
    for id in "abc":
        seconds(gate, id)
    assert gate.active == 3
    clock.now += 60
    assert seconds(gate, "d") == TURN_SECONDS
    assert gate.active == 1


def test_an_exception_frees_the_gate() -> None:
    gate = Gate()
    SESSION.set("a")

    def fail() -> None:
        with gate.turn():
            raise RuntimeError("in the gate")

    for _ in range(3):
        with pytest.raises(RuntimeError, match="in the gate"):
            fail()
    waiting = threading.Thread(target=seconds, args=(gate, "b"), daemon=True)
    waiting.start()
    waiting.join(10)
    assert not waiting.is_alive()


def test_a_process_has_one_gate() -> None:
    assert module.gate() is module.gate()
