"""Playing a run: its buttons, and the loop that lets it advance and draws it.

The script run itself consumes the run. A moved control or a closed tab ends it at the next draw, so there is no thread
to leak. All that plays in this process takes turns at the one gate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Literal, Protocol, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.network.stepping import Progress
from pages.ui.gate import gate
from pages.ui.language import t

Mode = Literal["paused", "playing", "to_end"]
FRAME_SECONDS: Final = 1 / 15
FRAME_SECONDS_AT_MOST: Final = 0.3  # then it shows fewer epochs than it was to
SPEEDS: Final = (0, 1, 5, 20, 100)  # epochs a frame; 0 is as many as fit

F = TypeVar("F")


class Playable(Protocol):
    """What can be played: a training run, a descent, a race of optimizers."""

    @property
    def epoch(self) -> int: ...
    @property
    def finished(self) -> bool: ...
    def advance(self, epochs: int, /) -> None: ...
    def advance_for(self, seconds: float, epochs: int | None = None, /) -> None: ...
    def restart(self) -> None: ...


class Player:
    """A person's hand on a run. A subclass has the run, and says under which key it stands in the session's state.

    A button is pressed in a script run of its own while the one before may still be advancing the run: whatever
    touches the run waits for its turn at the gate.
    """

    id: str
    state_key: str
    run: Any  # Playable; a subclass has its own kind
    mode: Mode = "paused"
    speed: int = 0  # epochs a frame
    unit: str = "epochs"  # or "updates": what one step of the run is

    def play(self, mode: Mode = "playing") -> None:
        """Go on; a run that is over begins again."""
        if self.run.finished:
            self.restart()
        self.mode = mode

    def pause(self) -> None:
        """Stay here."""
        self.mode = "paused"

    def step(self) -> None:
        """One epoch."""
        self.mode = "paused"
        with gate().turn():
            self.run.advance(1)

    def stop(self) -> None:
        """Back to the beginning, and stay there."""
        self.mode = "paused"
        self.restart()

    def restart(self) -> None:
        """From the beginning, and go on as now."""
        with gate().turn():
            self.run.restart()

    @property
    def playing(self) -> bool:
        """Whether the run moves."""
        return self.mode != "paused" and not self.run.finished

    def failed(self, error: RuntimeError) -> None:
        """The run raised while it advanced. A subclass that can go on otherwise does so; here it is an error."""
        raise error

    def saw_frame(self) -> None:
        """A frame was drawn."""


class LessonPlayer(Player):
    """A lesson's run: made anew when the settings that determine it change, and played from its beginning."""

    def __init__(self, id: str, speed: int, unit: str) -> None:
        self.id, self.state_key, self.speed, self.unit = id, f"{id}.player", speed, unit
        self.run: Any = None
        self._made_of: Any = None

    def follow(self, made_of: Any, make: Callable[[], Playable]) -> None:
        """Have the run that ``made_of`` describes; where one was playing or over, the new one plays too."""
        if made_of == self._made_of:
            return
        # A run that could not take its first step is finished too, but nobody has played it.
        played = self.run is not None and (self.mode != "paused" or (self.run.finished and self.run.epoch > 0))
        self.run, self._made_of = make(), made_of
        if played:
            self.mode = "playing"


def lesson_player(id: str, *, speed: int = 0, unit: str = "epochs") -> LessonPlayer:
    """This person's run on a lesson's page.

    Parameters
    ----------
    speed : steps a frame with which the choice of the pace begins.
    unit : what a step of the run is, "epochs" or "updates".
    """
    key = f"{id}.player"
    if key not in st.session_state:
        st.session_state[key] = LessonPlayer(id, speed, unit)
    found: LessonPlayer = st.session_state[key]
    return found


def buttons(p: Player) -> None:
    """Play or pause, a step, to the end, stop, restart."""
    st.button(
        t("run.pause" if p.playing else "run.play"),
        key=f"{p.id}.play",  # one button, so that the toolbar does not jump
        icon=":material/pause:" if p.playing else ":material/play_arrow:",
        type="primary",
        on_click=p.pause if p.playing else p.play,
    )
    st.button(t("run.step"), key=f"{p.id}.step", icon=":material/skip_next:", on_click=p.step, disabled=p.run.finished)
    st.button(t("run.to_end"), key=f"{p.id}.to_end", icon=":material/fast_forward:", on_click=p.play, args=("to_end",))
    st.button(
        t("run.stop"),
        key=f"{p.id}.stop",
        icon=":material/stop:",
        on_click=p.stop,
        disabled=not (p.playing or p.run.epoch),
    )
    st.button(t("run.restart"), key=f"{p.id}.restart", icon=":material/replay:", on_click=p.restart)


def pace(p: Player) -> None:
    """How many epochs a frame shows."""
    key = f"{p.id}.speed"

    def chosen() -> None:
        p.speed = st.session_state[key]

    st.session_state[key] = p.speed
    st.selectbox(
        t("run.speed"),
        SPEEDS,
        format_func=lambda count: t(f"run.speed_{p.unit}", count=count) if count else t("run.speed_max"),
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
        width=190,
    )


def toolbar(p: Player, *, more: Callable[[], object] | None = None) -> DeltaGenerator:
    """The buttons and the pace in a row, ``more`` between them; returns the place at the end, for the epoch."""
    with st.container(key="toolbar", horizontal=True, vertical_alignment="center", gap="small"):
        buttons(p)
        if more:
            more()
        pace(p)
        return st.container(key="epoch", width="content")


def status(run: Progress) -> str:
    """The epoch, and that nothing can follow it where the run has diverged."""
    text = t("status.epoch", epoch=formats.count(run.epoch), epochs=formats.count(run.epochs))
    return text + " — " + t("lesson.diverged", epoch=run.epoch) if run.diverged else text


def loop(p: Player, compose: Callable[[int], F], draw: Callable[[F], object]) -> None:
    """Advance and draw until the run is over; then have the page drawn once more, at rest.

    Parameters
    ----------
    compose : makes the frame with this number out of the run; called inside the gate.
    draw : sends it to the browser.
    """
    run, frames = p.run, 0
    while p.playing:
        began, due = time.monotonic(), False
        goal = run.epoch + p.speed if p.speed and p.mode == "playing" else None
        while not due:
            with gate().turn() as seconds:
                # A newer script run may have begun while this one waited. Reading the state is a point at which this
                # one then ends: two of them must never step one run.
                if st.session_state.get(p.state_key) is not p or p.run is not run:
                    return
                try:
                    run.advance_for(seconds, goal and goal - run.epoch)
                except RuntimeError as error:
                    p.failed(error)
                    st.rerun()
                late = time.monotonic() - began > FRAME_SECONDS_AT_MOST
                due = goal is None or run.finished or run.epoch >= goal or late
                if due:
                    frame = compose(frames)
        draw(frame)
        frames += 1
        p.saw_frame()
        time.sleep(max(0.0, FRAME_SECONDS - (time.monotonic() - began)))
    if frames:
        if p.mode == "to_end":
            p.mode = "paused"
        st.rerun()
