"""A button pressed while the script run before it still advances the run."""

import threading
import time
from collections.abc import Callable

import pytest

from dlcore.network.stepping import Stepping
from pages.spiral.spiral.session import Session
from pages.ui import gate as module
from pages.ui import player
from pages.ui.gate import gate
from pages.ui.player import Experiment


class Counting(Stepping):
    """Three epochs; it notes what is done to it while somebody else has the gate."""

    def __init__(self) -> None:
        self.epochs, self.held, self.disturbed = 3, False, 0
        self.restart()

    def _begin(self) -> None:
        self.disturbed += self.held

    def _one_epoch(self) -> None:
        self.disturbed += self.held


def pressed_meanwhile(press: Callable[[], object], held: Callable[[bool], None]) -> None:
    """Press a button while another script run has its turn, then let that one go on."""
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
    """Ten epochs of ten milliseconds."""

    def __init__(self) -> None:
        self.epochs = 10
        self.restart()

    def _begin(self) -> None: ...

    def _one_epoch(self) -> None:
        time.sleep(0.01)


@pytest.mark.parametrize(("patience", "drawn"), [(10.0, [8, 10]), (0.0, list(range(1, 11)))])
def test_a_frame_takes_several_turns_for_its_epochs_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, patience: float, drawn: list[int]
) -> None:
    monkeypatch.setattr(player, "FRAME_SECONDS_AT_MOST", patience)
    monkeypatch.setattr(module, "TURN_SECONDS", 0.005)  # an epoch a turn
    monkeypatch.setattr(player.st, "rerun", lambda: None)
    p = Experiment("test", 8, "epochs")
    p.run = Slow()
    monkeypatch.setitem(player.st.session_state, p.state_key, p)
    p.play()
    frames: list[int] = []
    player.loop(p, lambda number: p.run.epoch, frames.append)
    assert frames == drawn


@pytest.mark.parametrize("button", ["restart", "stop", "step", "play"])
def test_a_button_waits_for_the_turn_that_is_under_way(button: str) -> None:
    p = Experiment("test", 0, "epochs")
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
