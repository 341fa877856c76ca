"""Play a run: its buttons, and the loop that advances and draws it.

The script run itself advances the run. A moved control or a closed tab ends it at the next draw, so no thread can leak.
All runs that play in this process take turns at the gate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Literal, Protocol, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.network.stepping import Progress
from pages.ui.announcer import Announcer
from pages.ui.gate import gate
from pages.ui.language import t

Mode = Literal["paused", "playing", "to_end"]
FRAME_SECONDS: Final = 1 / 15
MAX_FRAME_SECONDS: Final = 0.3  # a slower frame shows fewer epochs than its speed asks for
SPEEDS: Final = (0, 1, 5, 20, 100)  # epochs per frame; 0 is as many as fit

F = TypeVar("F")


class Playable(Protocol):
    """A run that can be played: training, a gradient descent, a race of optimizers."""

    @property
    def epoch(self) -> int: ...
    @property
    def finished(self) -> bool: ...
    def advance(self, epochs: int, /) -> None: ...
    def advance_for(self, seconds: float, epochs: int | None = None, /) -> None: ...
    def restart(self) -> None: ...


class Player:
    """Play, pause and step controller of a run. Subclasses set the run and its key in the session state.

    A button press starts a new script run while the one before may still advance the run: every access to the run waits
    for its turn at the gate.
    """

    id: str
    state_key: str
    run: Any  # Playable, of a type of the subclass
    mode: Mode = "paused"
    speed: int = 0  # epochs per frame
    unit: str = "epochs"  # or "updates": the unit of one step of the run

    def play(self, mode: Mode = "playing") -> None:
        """Continue the run, or restart it if it is finished."""
        if self.run.finished:
            self.restart()
        self.mode = mode

    def pause(self) -> None:
        """Pause the run."""
        self.mode = "paused"

    def step(self) -> None:
        """Pause the run and advance it by one epoch."""
        self.mode = "paused"
        with gate().turn():
            self.run.advance(1)

    def stop(self) -> None:
        """Restart the run and pause it."""
        self.mode = "paused"
        self.restart()

    def restart(self) -> None:
        """Restart the run in the present mode."""
        with gate().turn():
            self.run.restart()

    @property
    def playing(self) -> bool:
        """Return whether the run is advancing."""
        return self.mode != "paused" and not self.run.finished

    def failed(self, error: RuntimeError) -> None:
        """Handle an error of the advancing run. Subclasses may recover; by default it is raised."""
        raise error

    def saw_frame(self) -> None:
        """Note that a frame was drawn; subclasses may override this."""


class LessonPlayer(Player):
    """Player of a lesson's run, which is replaced when the settings that determine it change."""

    def __init__(self, id: str, speed: int, unit: str) -> None:
        self.id, self.state_key, self.speed, self.unit = id, f"{id}.player", speed, unit
        self.run: Any = None
        self._inputs: Any = None

    def follow(self, inputs: Any, make: Callable[[], Playable]) -> None:
        """Replace the run if its ``inputs`` changed; play the new one if the old one was playing or had finished."""
        if inputs == self._inputs:
            return
        # A run that failed at its first step is finished too, but was never played.
        played = self.run is not None and (self.mode != "paused" or (self.run.finished and self.run.epoch > 0))
        self.run, self._inputs = make(), inputs
        if played:
            self.mode = "playing"


def lesson_player(id: str, *, speed: int = 0, unit: str = "epochs") -> LessonPlayer:
    """Return the player of a lesson in the current session.

    Parameters
    ----------
    speed : the initial speed in steps per frame.
    unit : the unit of a step, "epochs" or "updates".
    """
    key = f"{id}.player"
    if key not in st.session_state:
        st.session_state[key] = LessonPlayer(id, speed, unit)
    result: LessonPlayer = st.session_state[key]
    return result


def buttons(p: Player, *, steps: bool = True) -> None:
    """Draw the buttons: play or pause, step and to the end if the run has ``steps``, stop, restart."""
    st.button(
        t("run.pause" if p.playing else "run.play"),
        key=f"{p.id}.play",  # one button for both, so that the toolbar does not jump
        icon=":material/pause:" if p.playing else ":material/play_arrow:",
        type="primary",
        on_click=p.pause if p.playing else p.play,
    )
    if steps:
        step, to_end = t("run.step"), t("run.to_end")
        st.button(step, key=f"{p.id}.step", icon=":material/skip_next:", on_click=p.step, disabled=p.run.finished)
        st.button(to_end, key=f"{p.id}.to_end", icon=":material/fast_forward:", on_click=p.play, args=("to_end",))
    st.button(
        t("run.stop"),
        key=f"{p.id}.stop",
        icon=":material/stop:",
        on_click=p.stop,
        disabled=not (p.playing or p.run.epoch),
    )
    st.button(t("run.restart"), key=f"{p.id}.restart", icon=":material/replay:", on_click=p.restart)


def pace(p: Player) -> None:
    """Draw the choice of the speed in steps per frame."""
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
    """Draw the buttons, ``more`` and the speed in a row; return the container at its end, for the epoch."""
    with st.container(key="toolbar", horizontal=True, vertical_alignment="center", gap="small"):
        buttons(p)
        if more:
            more()
        pace(p)
        return st.container(key="epoch", width="content")


def padded(number: str, longest: str) -> str:
    """Return a number as wide as the ``longest`` it can become, so that the words after it stay in place.

    Figure spaces are as wide as digits. Markdown takes ``**`` before a space for no bold, hence the word joiner.
    """
    missing = len(longest) - len(number)
    return f"\u2060{missing * chr(0x2007)}{number}" if missing > 0 else number


def progress(epoch: int, epochs: int) -> str:
    """Return the text of the present epoch, of the same width at every epoch."""
    last = formats.count(epochs)
    return t("status.epoch", epoch=padded(formats.count(epoch), last), epochs=last)


def status(run: Progress) -> str:
    """Return the text of the present epoch, with a note if the run has diverged."""
    text = progress(run.epoch, run.epochs)
    return text + " — " + t("lesson.diverged", epoch=run.epoch) if run.diverged else text


def loop(p: Player, compose: Callable[[int], F], draw: Callable[[F], object]) -> None:
    """Advance and draw the run until it is finished or paused; then rerun the script to draw the page at rest.

    Parameters
    ----------
    compose : returns the frame with this number; called inside the gate.
    draw : sends a frame to the browser.
    """
    run, frames, announcer = p.run, 0, Announcer()
    while p.playing:
        began, due = time.monotonic(), False
        goal = run.epoch + p.speed if p.speed and p.mode == "playing" else None
        while not due:
            with gate().turn() as seconds:
                # A newer script run may have begun while this one waited. If so, reading the state ends this one: two
                # script runs must never advance one run.
                if st.session_state.get(p.state_key) is not p or p.run is not run:
                    return
                try:
                    run.advance_for(seconds, goal and goal - run.epoch)
                except RuntimeError as error:
                    p.failed(error)
                    st.rerun()
                late = time.monotonic() - began > MAX_FRAME_SECONDS
                due = goal is None or run.finished or run.epoch >= goal or late
                if due:
                    frame = compose(frames)
        draw(frame)
        announcer.say(run, p.unit)
        frames += 1
        p.saw_frame()
        time.sleep(max(0.0, FRAME_SECONDS - (time.monotonic() - began)))
    if frames:
        if p.mode == "to_end":
            p.mode = "paused"
        st.rerun()
