"""The player: its buttons, its loop, and script runs that overlap."""

import threading
import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.network.stepping import Stepping
from pages.spiral.spiral.session import Session
from pages.ui import gate as module
from pages.ui import player
from pages.ui.gate import gate
from pages.ui.player import LessonPlayer


class Counting(Stepping):
    """A run of three epochs that records accesses while another script run has the gate."""

    def __init__(self) -> None:
        self.epochs, self.held, self.disturbed = 3, False, 0
        self.restart()

    def _begin(self) -> None:
        self.disturbed += self.held

    def _one_epoch(self) -> None:
        self.disturbed += self.held


def pressed_meanwhile(press: Callable[[], object], held: Callable[[bool], None]) -> None:
    """Press a button during the turn of another script run, then end that turn."""
    thread = threading.Thread(target=press, daemon=True)
    with gate().turn():
        held(True)
        thread.start()
        thread.join(0.05)
        waited = thread.is_alive()
        held(False)
    thread.join(10)
    assert waited, "it did not wait for its turn"
    assert not thread.is_alive()


class Slow(Stepping):
    """A run of ten epochs of ten milliseconds."""

    def __init__(self) -> None:
        self.epochs = 10
        self.restart()

    def _begin(self) -> None: ...

    def _one_epoch(self) -> None:
        time.sleep(0.01)


@pytest.mark.parametrize(("patience", "drawn"), [(10.0, [8, 10]), (0.0, list(range(1, 11)))])
def test_a_frame_may_take_several_turns_but_not_forever(
    monkeypatch: pytest.MonkeyPatch, patience: float, drawn: list[int]
) -> None:
    monkeypatch.setattr(player, "MAX_FRAME_SECONDS", patience)
    monkeypatch.setattr(module, "TURN_SECONDS", 0.005)  # one epoch per turn
    monkeypatch.setattr(player.st, "rerun", lambda: None)
    p = LessonPlayer("test", 8, "epochs")
    p.run = Slow()
    monkeypatch.setitem(player.st.session_state, p.state_key, p)
    p.play()
    frames: list[int] = []
    player.loop(p, lambda number: p.run.epoch, frames.append)
    assert frames == drawn


@pytest.mark.parametrize("button", ["restart", "stop", "step", "play"])
def test_a_button_waits_for_the_present_turn(button: str) -> None:
    p = LessonPlayer("test", 0, "epochs")
    run = p.run = Counting()
    run.advance(3 if button == "play" else 1)

    def held(now: bool) -> None:
        run.held = now

    pressed_meanwhile(getattr(p, button), held)
    assert run.disturbed == 0
    assert run.epoch == {"restart": 0, "stop": 0, "step": 2, "play": 0}[button]


def test_a_changed_setting_waits_too() -> None:
    session = Session()
    session.apply({"training.epochs": 50, "data.points": 100, "model.hidden": (8,)})
    rates: list[float] = []
    run = session.run
    pressed_meanwhile(lambda: session.set("training.lr", 0.05), lambda _: rates.append(run.engine.settings.lr))
    assert rates == [0.001, 0.001]
    assert (session.run, run.engine.settings.lr) == (run, 0.05)


# --- two script runs, one run -----------------------------------------------------------------------------------------
class Ended(BaseException):
    """Stand-in for the exception by which Streamlit ends a script run."""


class Frames(list):
    """The drawn frames; an endless loop fails instead of hanging."""

    def append(self, frame: object) -> None:
        assert len(self) < 20, "it draws without an end"
        super().append(frame)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> LessonPlayer:
    """Return the player of a run of ten epochs that plays one epoch per frame."""
    monkeypatch.setattr(player, "FRAME_SECONDS", 0.0)
    monkeypatch.setattr(player.st, "rerun", lambda: pytest.fail("it is not this script run's to draw the page again"))
    p = LessonPlayer("test", 1, "epochs")
    p.follow(1, Counting)
    p.run.epochs = 10
    monkeypatch.setitem(player.st.session_state, p.state_key, p)
    p.play()
    return p


def test_a_script_run_stops_if_the_session_has_another_player(
    played: LessonPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = Frames()

    def draw(epoch: int) -> None:
        frames.append(epoch)
        if epoch == 3:
            monkeypatch.setitem(player.st.session_state, played.state_key, LessonPlayer("test", 1, "epochs"))

    player.loop(played, lambda _: played.run.epoch, draw)
    assert frames == [1, 2, 3]
    assert played.run.epoch == 3


def test_a_script_run_stops_if_the_run_was_replaced(played: LessonPlayer) -> None:
    """After a changed setting the newer script run advances a new run."""
    old, frames = played.run, Frames()

    def draw(epoch: int) -> None:
        frames.append(epoch)
        if epoch == 3:
            played.follow(2, Counting)

    player.loop(played, lambda _: played.run.epoch, draw)
    assert frames == [1, 2, 3]
    assert (old.epoch, played.run.epoch, played.playing) == (3, 0, True)


def test_a_superseded_script_run_ends_before_it_advances_the_run(
    played: LessonPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit ends a script run when it reads the session state, which each turn does first."""
    inside: list[bool] = []

    class State(dict):
        def get(self, key: str) -> object:
            inside.append(not gate()._semaphore.acquire(blocking=False))
            if len(inside) == 4:
                raise Ended
            return self[key]

    monkeypatch.setattr(player.st, "session_state", State({played.state_key: played}))
    with pytest.raises(Ended):
        player.loop(played, lambda _: played.run.epoch, lambda _: None)
    assert played.run.epoch == 3
    assert inside == [True] * 4, "the state was read outside of the turn"


# --- buttons ------------------------------------------------------------------------------------------------
def test_step_pauses_and_advances_one_epoch(played: LessonPlayer) -> None:
    played.run.advance(4)
    assert played.playing
    played.step()
    assert (played.run.epoch, played.mode, played.playing) == (5, "paused", False)
    played.play("to_end")
    played.step()
    assert (played.run.epoch, played.mode) == (6, "paused")


def test_play_stop_and_restart(played: LessonPlayer) -> None:
    played.pause()
    assert not played.playing
    played.run.advance(3)
    played.restart()
    assert (played.run.epoch, played.mode) == (0, "paused"), "it goes on as it was, and it was paused"
    played.play()
    played.run.advance(3)
    played.restart()
    assert (played.run.epoch, played.mode) == (0, "playing")
    played.run.advance(3)
    played.play("to_end")
    assert (played.run.epoch, played.mode) == (3, "to_end"), "a run that is not over goes on"
    played.stop()
    assert (played.run.epoch, played.mode) == (0, "paused")
    played.run.advance(10)
    assert (played.run.finished, played.playing) == (True, False)
    played.play()
    assert (played.run.epoch, played.playing) == (0, True)


@pytest.mark.parametrize(
    ("mode", "epochs", "plays"),
    [("playing", 2, True), ("to_end", 2, True), ("paused", 2, False), ("paused", 0, False), ("paused", 10, True)],
)
def test_a_new_run_plays_if_the_old_one_played_or_had_finished(
    played: LessonPlayer, mode: player.Mode, epochs: int, plays: bool
) -> None:
    played.run.advance(epochs)
    played.mode = mode
    old = played.run
    played.follow(1, Counting)
    assert (played.run, played.mode) == (old, mode), "nothing has changed"
    played.follow(2, Counting)
    assert played.run is not old
    assert played.playing is plays


def test_a_run_that_failed_at_its_first_step_was_not_played(played: LessonPlayer) -> None:
    played.run.diverged, played.mode = True, "paused"
    assert played.run.finished
    played.follow(2, Counting)
    assert not played.playing


def test_to_the_end_pauses_at_the_end_and_reruns_the_page(
    played: LessonPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = Frames()
    monkeypatch.setattr(player.st, "rerun", lambda: drawn.append("again"))
    played.speed = 0
    played.play("to_end")
    player.loop(played, lambda number: number, lambda number: drawn.append(str(number)))
    assert (played.run.epoch, played.mode) == (10, "paused")
    assert drawn == ["0", "again"]
    drawn.clear()
    player.loop(played, lambda number: number, lambda number: drawn.append(str(number)))
    assert drawn == [], "nothing moves, so nothing is drawn"


def test_a_frame_advances_by_the_speed_except_in_to_end_mode(
    played: LessonPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player.st, "rerun", lambda: None)
    monkeypatch.setattr(player, "MAX_FRAME_SECONDS", 60.0)
    for speed, frames in ((5, [5, 10]), (20, [10]), (0, [10])):
        played.speed = speed
        played.stop()
        played.play()
        seen = Frames()
        player.loop(played, lambda _: played.run.epoch, seen.append)
        assert seen == frames
    played.speed = 1
    played.stop()
    played.play("to_end")
    seen = Frames()
    player.loop(played, lambda _: played.run.epoch, seen.append)
    assert seen == [10]


def test_an_error_of_a_run_is_raised(played: LessonPlayer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(played.run, "advance_for", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        player.loop(played, lambda _: None, lambda _: None)
    assert gate()._semaphore.acquire(blocking=False), "the gate stayed shut"
    gate()._semaphore.release()


def playing_page() -> None:
    import streamlit as st

    from pages.ui import player
    from tests.pages.test_player import Counting

    p = player.lesson_player("test", speed=1)
    p.follow("inputs", Counting)
    player.buttons(p)

    def draw(_: None) -> None:
        if p.run.epoch == st.session_state.pop("stopped at", None):
            st.stop()

    player.loop(p, lambda _: None, draw)


@pytest.mark.parametrize(("press", "epoch"), [(None, 3), ("test.play", 1)])
def test_a_script_run_that_was_stopped_from_outside(press: str | None, epoch: int) -> None:
    """It leaves a run that plays: the next script run goes on with it, and a press of Pause shows Play."""
    test = AppTest.from_function(playing_page).run()
    test.session_state["stopped at"] = 1
    test.button("test.play").click().run()
    assert test.button("test.play").label == "Pause"
    assert test.session_state["test.player"].run.epoch == 1
    if press:
        test.button(press).click()
    test.run()
    assert not test.exception
    assert test.button("test.play").label == "Play"
    assert test.session_state["test.player"].run.epoch == epoch
