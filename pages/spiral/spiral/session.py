"""A person's spiral playground: the config, the run that follows it, and what they chose to look at.

It lives in ``st.session_state`` under one key, so that it survives leaving the page, a language switch and every
widget. Widgets show it and report to it; they are never its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

import streamlit as st

from dlcore.network import device
from dlcore.settings.rules import Setting, Violation
from dlcore.spiral import share
from dlcore.spiral.config import SETTINGS, RunConfig, get_field, replace_field, validate
from dlcore.spiral.regions import Points, limit
from dlcore.spiral.table import Table
from dlcore.spiral.training import Run
from pages.ui.address import PLAY_KEY, Address
from pages.ui.gate import gate
from pages.ui.language import labels, language, t
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
class Session(Player):
    """See the module."""

    config: RunConfig = field(default_factory=RunConfig)
    run: Run = field(default_factory=lambda: Run(RunConfig()))
    table: Table | None = None
    table_name: str = ""
    mode: Mode = "paused"
    speed: int = 0
    view: View = field(default_factory=View)
    problems: list[Violation] = field(default_factory=list)
    kept: str = "problem.kept"  # what happened instead: the id of a label
    address: Address = field(default_factory=Address)
    crisp: tuple[Any, Any] | None = None  # what a picture at full resolution was made of, and the picture
    _points: dict[tuple[Any, ...], Points] = field(default_factory=dict)
    _started: bool = False

    # --- config, for the controls -----------------------------------------------------------------------------------
    id: ClassVar[str] = "spiral"
    state_key: ClassVar[str] = _STATE

    @property
    def settings(self) -> Mapping[str, Setting]:
        """What can be set."""
        return SETTINGS

    def get(self, name: str) -> Any:
        """The value of a setting."""
        return get_field(self.config, name)

    def label(self, name: str) -> str:
        """A setting's name, in the reader's language."""
        return t(f"setting.{name}")

    def help(self, name: str) -> str:
        """What a setting does, or nothing."""
        return labels(language()).get(f"help.{name}", "")

    def option(self, name: str, id: str) -> str:
        """The word for one of a setting's ids."""
        return t(f"{name.rpartition('.')[2]}.{id}")

    def set(self, name: str, value: Any) -> None:
        """A control was moved."""
        self.apply(replace_field(self.config, name, value))

    def apply(self, config: RunConfig) -> None:
        """Follow a config that a person chose, or refuse it and say why; nothing of the old one is lost then."""
        self.address.touch()
        self._follow(config)

    def _follow(self, config: RunConfig) -> None:
        if broken := self._broken(config, self.table):
            self.refuse(broken)
            return
        found, missing = device.resolve(config.device)
        config = replace(config, device=found)
        self.problems, self.kept = missing, "problem.replaced"
        if config == self.config:
            return
        self.config = config
        with gate().turn():  # an older script run may still be training
            ended = self.run.finished
            if not self.run.change(config):
                self._begin()
            elif ended and self.run.finished and self.mode == "playing":
                self.run.restart()  # there is nothing left to go on with: show what the change makes of a whole run

    @staticmethod
    def _broken(config: RunConfig, table: Table | None) -> list[Violation]:
        if config.data.kind != "csv":
            return validate(config)
        if table is None:
            return [Violation("data.kind", "no_table", "csv", {}, "data.kind is csv, and there is no table")]
        return validate(config, n_samples=len(table.dataset.y), n_classes=table.dataset.n_classes)

    def refuse(self, problems: list[Violation]) -> None:
        """Keep the config and show why."""
        self.problems, self.kept = problems, "problem.kept"

    def _begin(self) -> None:
        self.run = Run(self.config, self.table)
        self._points.clear()

    def use_table(self, table: Table, name: str) -> None:
        """Train on a person's own points, unless they are too many for the network."""
        config = replace_field(self.config, "data.kind", "csv")
        if broken := self._broken(config, table):
            self.refuse(broken)
            return
        self.table, self.table_name = table, name
        if config == self.config:
            self._begin()
        self.apply(config)

    # --- the run ----------------------------------------------------------------------------------------------------
    def failed(self, error: RuntimeError) -> None:
        """The device failed while it computed; the CPU takes over."""
        if self.config.device == "cpu":
            raise error
        limits = {"reason": "failed", "available": ("cpu",)}
        lost = Violation("device", "device_missing", self.config.device, limits, "the device failed")
        self.config = replace(self.config, device="cpu")
        self._begin()
        self.problems, self.kept = [lost], "problem.replaced"

    def saw_frame(self) -> None:
        """Settings that rest while it trains go into the address."""
        self.write_link()

    def new_weights(self) -> None:
        """The next network that the run's random stream yields."""
        self.set("model.draw", self.config.model.draw % 100 + 1)

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
        key = (self.run, pixels, self.view.show_test)  # the run itself: an id may be another's later
        if key not in self._points:
            problem = self.run.problem
            test = (
                problem.test
                if self.view.show_test
                else replace(problem.test, X=problem.test.X[:0], y=problem.test.y[:0])
            )
            self._points[key] = Points(problem.train, test, half=self.half, pixels=pixels)
        return self._points[key]

    # --- the link ---------------------------------------------------------------------------------------------------
    def read_link(self) -> None:
        """Follow the address if it is new to this session."""
        params = self.address.arrived(share.encode(self.config))
        # ?play=1 may stay in the address, and is for the first time only
        start = st.query_params.get_all(PLAY_KEY) == ["1"] and (params is not None or not self._started)
        self._started = True
        if params is not None:
            config, problems = share.decode(params)
            if config.data.kind == "csv" and self.table is None:
                text = "a link cannot bring a table"
                problems.append(Violation("data.kind", "no_table", "csv", {}, text))
                config = replace_field(config, "data.kind", RunConfig().data.kind)
            self._follow(config)
            self.problems = problems + self.problems
            self.kept = "problem.replaced"
        if start:
            self.play()

    def write_link(self) -> None:
        """Put the config into the address, if it has rested."""
        self.address.write(share.encode(self.config))

    def settle_link(self) -> None:
        """The same at the end of a script run, after the rest."""
        self.address.settle(lambda: share.encode(self.config))


def session() -> Session:
    """This person's."""
    if _STATE not in st.session_state:
        st.session_state[_STATE] = Session()
    found: Session = st.session_state[_STATE]
    return found
