"""A person's spiral playground: what they have set, the run that follows it, and what they chose to look at.

It lives in ``st.session_state`` under one key, so that it survives leaving the page, a language switch and every
widget. Widgets show it and report to it; they are never its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

import streamlit as st

from dlcore.network import device
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import ConfigError, Violation
from dlcore.spiral.config import SPIRAL, RunConfig, validate
from dlcore.spiral.regions import Points, limit
from dlcore.spiral.table import Table
from dlcore.spiral.training import Run
from pages.ui.address import PLAY_KEY
from pages.ui.gate import gate
from pages.ui.lesson import State
from pages.ui.player import Mode, Player

_STATE: Final = "spiral.session"


@dataclass
class View:
    """What is drawn, not what is computed."""

    show_points: bool = True
    show_test: bool = True
    hard_edges: bool = False
    log_loss: bool = False
    row: int = 10  # the course looks at row 10
    layer: int = 1


@dataclass
class Session(State, Player):
    """See the module."""

    lesson: Lesson = SPIRAL
    values: dict[str, Any] = field(default_factory=SPIRAL.defaults)
    run: Run = field(default_factory=lambda: Run(RunConfig()))
    table: Table | None = None
    table_name: str = ""
    mode: Mode = "paused"
    speed: int = 0
    view: View = field(default_factory=View)
    crisp: tuple[Any, Any] | None = None  # what a picture at full resolution was made of, and the picture
    _points: dict[tuple[int, bool], Points] = field(default_factory=dict)
    _points_of: Run | None = None
    _started: bool = False

    state_key: ClassVar[str] = _STATE

    @property
    def config(self) -> RunConfig:
        """What is set, as the run has it."""
        return self.run.config

    # --- the run ----------------------------------------------------------------------------------------------------
    def take(self, values: dict[str, Any]) -> list[Violation]:
        """Have the run follow ``values``, or return which rules forbid them; nothing of the old run is lost then."""
        config = RunConfig.of(values)
        if config == self.run.config:
            return []
        try:
            with gate().turn():  # an older script run may still be training
                ended = self.run.finished
                if not self.run.change(config):
                    self.run = Run(config, self.table)
                elif ended and self.run.finished and self.mode == "playing":
                    self.run.restart()  # nothing is left to go on with: show what the change makes of a whole run
        except ConfigError as error:
            return error.violations
        self.values = values
        return []

    def use_table(self, table: Table, name: str) -> None:
        """Train on a person's own points, unless they are too many for the network."""
        self.address.touch()
        self.problem = "problem.refused"
        values = {**self.values, "data.kind": "csv"}
        try:
            with gate().turn():
                self.run = Run(RunConfig.of(values), table)
        except ConfigError as error:
            self.problems = error.violations
        else:
            self.values, self.table, self.table_name, self.problems = values, table, name, []

    def failed(self, error: RuntimeError) -> None:
        """The device failed while it computed; the CPU takes over."""
        if self.config.device == "cpu":
            raise error
        limits = {"reason": "failed", "available": ("cpu",)}
        lost = Violation("device", "device_missing", self.config.device, limits, "the device failed")
        self.values = {**self.values, "device": "cpu"}
        self.run = Run(RunConfig.of(self.values), self.table)
        self.problems, self.problem = [lost], "problem.replaced"

    def saw_frame(self) -> None:
        """Settings that rest while it trains go into the address."""
        self.address.write(self.lesson.encode(self.values))

    def new_weights(self) -> None:
        """The next network that the run's random stream yields."""
        self.set("model.draw", self.config.model.draw % 100 + 1)

    # --- the link ---------------------------------------------------------------------------------------------------
    def read_link(self) -> bool:
        """Follow the address if it is new to this session; return whether it is. Play where it asks for that."""
        arrived = super().read_link()
        # ?play=1 may stay in the address, and is for the first time only
        if st.query_params.get_all(PLAY_KEY) == ["1"] and (arrived or not self._started):
            self.play()
        self._started = True
        return arrived

    def decode(self, params: Mapping[str, Any]) -> tuple[dict[str, Any], list[Violation]]:
        """Return the values that an address says, as far as they can be had here, and what was wrong with it."""
        values, found = self.lesson.decode(
            params, joint_rules=lambda values: validate(RunConfig.of(values), self.table)
        )
        values["device"], missing = device.resolve(values["device"])
        return values, found + missing

    # --- drawing ----------------------------------------------------------------------------------------------------
    @property
    def half(self) -> float:
        """Half the side of the square that is drawn."""
        whole = self.run.problem
        return max(limit(whole.train), limit(whole.test))

    def points(self, pixels: int) -> Points | None:
        """The points to paint into an image of so many pixels."""
        if not self.view.show_points:
            return None
        if self._points_of is not self.run:
            self._points, self._points_of = {}, self.run
        key = (pixels, self.view.show_test)
        if key not in self._points:
            problem = self.run.problem
            test = (
                problem.test
                if self.view.show_test
                else replace(problem.test, X=problem.test.X[:0], y=problem.test.y[:0])
            )
            self._points[key] = Points(problem.train, test, half=self.half, pixels=pixels)
        return self._points[key]


def session() -> Session:
    """This person's."""
    if _STATE not in st.session_state:
        st.session_state[_STATE] = Session()
    found: Session = st.session_state[_STATE]
    return found
