"""The state of the spiral page in a session: the settings, the run that follows them, and the view options.

It lives in ``st.session_state`` under one key, so that it survives leaving the page and switching the language. The
widgets show it and report changes to it; they never hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

import streamlit as st

from dlcore.network import device
from dlcore.network.passes import Network
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import ConfigError, Violation
from dlcore.spiral.config import SPIRAL, RunConfig, validate
from dlcore.spiral.edits import Edits, Unit
from dlcore.spiral.regions import Points, limit
from dlcore.spiral.table import Table
from dlcore.spiral.timeline import Timeline
from dlcore.spiral.training import PreparedRun, Record, Run
from pages.ui.address import PLAY_KEY
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.player import Mode, Player

_STATE: Final = "spiral.session"


@dataclass
class ViewOptions:
    """Options that change the picture and not the run."""

    panel: str = "network"  # the open view, a key of ``views.PANELS``
    show_points: bool = True
    show_test: bool = True
    hard_edges: bool = False
    log_loss: bool = False
    unit: Unit | None = None  # the chosen hidden unit
    pages: list[int] = field(default_factory=list)  # of each hidden layer: which of its units the diagram shows
    row: int = 10  # the course looks at row 10


@dataclass
class Session(State, Player):
    """The state of the spiral page in a session; see the module."""

    lesson: Lesson = SPIRAL
    values: dict[str, Any] = field(default_factory=SPIRAL.defaults)
    run: Run = field(default_factory=lambda: Run(RunConfig()))
    table: Table | None = None
    table_name: str = ""
    mode: Mode = "paused"
    speed: int = 0
    view: ViewOptions = field(default_factory=ViewOptions)
    edits: Edits = field(default_factory=Edits)
    shown: tuple[Any, Any] | None = None  # the columns of the diagram, after what they belong to
    crisp: tuple[Any, Any] | None = None  # the last frame at full resolution, after the key of what it shows
    pinned: Any = None  # the frame of the pinned moment
    _moment: tuple[Timeline, int] | None = None  # what is shown instead of the present, and of which past
    _points: dict[tuple[int, bool], Points] = field(default_factory=dict)
    _points_of: PreparedRun | None = None
    _started: bool = False

    state_key: ClassVar[str] = _STATE

    @property
    def config(self) -> RunConfig:
        """Return the config of the run."""
        return self.run.config

    @property
    def trained(self) -> Network:
        """Return the network as it was trained until the epoch that the page shows."""
        network, moment = self.run.engine.network, self.moment
        return network if moment is None else network.at(self.run.timeline.theta(moment).to(network.theta.device))

    @property
    def network(self) -> Network:
        """Return the network that the page shows: the trained one with the changes made by hand."""
        return self.edits.apply(self.trained)

    def train_edited(self) -> None:
        """Continue the training from the network that is shown, with the changes made by hand."""
        theta = self.network.theta.clone()
        self._rewind()
        with gate().turn():
            self.run.replace_weights(theta)
        self.edits.clear()
        self.play()

    # --- the moment that is shown -----------------------------------------------------------------------------------
    @property
    def moment(self) -> int | None:
        """Return the kept epoch of the past that the page shows, or None if it shows the present."""
        if self._moment is None:
            return None
        timeline, epoch = self._moment
        valid = timeline is self.run.timeline and epoch in timeline.epochs and epoch < self.run.epoch
        return epoch if valid and not self.playing else None

    @property
    def epoch(self) -> int:
        """Return the epoch that the page shows."""
        return self.run.epoch if self.moment is None else self.moment

    @property
    def record(self) -> Record:
        """Return loss and accuracy of the epoch that the page shows."""
        moment = self.moment
        return self.run.measure() if moment is None else next(r for r in self.run.history if r.epoch == moment)

    @property
    def moments(self) -> list[int]:
        """Return the epochs that can be shown: the kept ones and the present."""
        return sorted({*self.run.timeline.epochs, self.run.epoch})

    def look_at(self, epoch: float) -> None:
        """Pause, and show the moment nearest to ``epoch``."""
        self.pause()
        with gate().turn():  # an older script run may still be training
            nearest = min(self.moments, key=lambda moment: abs(moment - epoch))
            self._moment = (self.run.timeline, nearest)

    def to_present(self) -> None:
        """Show the present."""
        self._moment = None

    def train_on(self) -> None:
        """Go back to the moment that is shown and train on from there, over the same numbers."""
        if self.moment is None:
            return
        self.edits.clear()
        self._rewind()
        if not self.run.finished:  # as it is if the epochs were lowered meanwhile
            self.play()

    def _rewind(self) -> None:
        """Make the moment that is shown the present."""
        if self.moment is not None:
            pieces, done = self.run.rewinding(self.moment), False
            while not done:
                with gate().turn():
                    done = next(pieces, True) is True
        self.to_present()

    def play(self, mode: Mode = "playing") -> None:
        """Return to the present and continue the run, or restart it if it is finished."""
        self.to_present()
        super().play(mode)

    def step(self) -> None:
        """Return to the present, pause the run and advance it by one epoch."""
        self.to_present()
        super().step()

    # --- the run ----------------------------------------------------------------------------------------------------
    def take(self, values: dict[str, Any]) -> list[Violation]:
        """Change the run to ``values``, or return the rules that they break and leave the run as it is."""
        config = RunConfig.of(values)
        if config == self.run.config:
            return []
        try:
            with gate().turn():  # an older script run may still be training
                ended = self.run.finished
                if not self.run.change(config):
                    self.run = Run(config, self.table)
                    self.edits.clear()
                elif ended and self.run.finished and self.mode == "playing":
                    self.run.restart()  # the run was over: train again from the start under the new settings
        except ConfigError as error:
            return error.violations
        self.values = values
        return []

    def use_table(self, table: Table, name: str) -> None:
        """Begin a run on an uploaded table, unless it is too large for the network."""
        self.address.touch()
        self.problem = "problem.refused"
        values = {**self.values, "data.kind": "csv"}
        try:
            with gate().turn():
                self.run = Run(RunConfig.of(values), table)
        except ConfigError as error:
            self.problems = error.violations
        else:
            self.edits.clear()
            self.values, self.table, self.table_name, self.problems = values, table, name, []

    def restart(self) -> None:
        """Restart the run in the present mode, without the changes made by hand."""
        self.edits.clear()
        super().restart()

    def failed(self, error: RuntimeError) -> None:
        """Begin the run again on the CPU after another device failed; raise ``error`` if it was the CPU."""
        if self.config.device == "cpu":
            raise error
        limits = {"reason": "failed", "available": ("cpu",)}
        lost = Violation("device", "device_missing", self.config.device, limits, "the device failed")
        self.values = {**self.values, "device": "cpu"}
        self.run = Run(RunConfig.of(self.values), self.table)
        self.problems, self.problem = [lost], "problem.replaced"

    def saw_frame(self) -> None:
        """Write the settings to the address, once they have not changed for a while."""
        self.address.write(self.lesson.encode(self.values))

    def new_weights(self) -> None:
        """Set the next network that is drawn from the run's random stream."""
        self.set("model.draw", self.config.model.draw % 100 + 1)

    def label(self, name: str) -> str:
        """Return the label of a setting; the points of a regression belong to no class."""
        regression = name == "data.points" and self.config.data.regression
        return t("spiral.regression.points") if regression else super().label(name)

    # --- the link ---------------------------------------------------------------------------------------------------
    def read_link(self) -> bool:
        """Read the address if it is new to this session, and play if it has ``play=1``; return whether it is new."""
        is_new = super().read_link()
        # ?play=1 stays in the address, so it counts only at the first script run and in a new address
        if st.query_params.get_all(PLAY_KEY) == ["1"] and (is_new or not self._started):
            self.play()
        self._started = True
        return is_new

    def decode(self, params: Mapping[str, Any]) -> tuple[dict[str, Any], list[Violation]]:
        """Return the values in an address, as far as they are possible here, and the violations found in it."""
        values, broken = self.lesson.decode(
            params, joint_rules=lambda values: validate(RunConfig.of(values), self.table)
        )
        values["device"], missing = device.resolve(values["device"])
        return values, broken + missing

    # --- drawing ----------------------------------------------------------------------------------------------------
    @property
    def half(self) -> float:
        """Return half the side of the drawn square."""
        prepared = self.run.prepared
        return max(map(limit, (prepared.train, prepared.validation, prepared.test)))

    def points(self, pixels: int) -> Points | None:
        """Return the points to paint into an image of ``pixels`` × ``pixels``, or None if they are hidden.

        At rest, of a classifier changed by hand, they are the training points that change their class.
        """
        if not self.view.show_points:
            return None
        if self.edits and not self.playing and not self.config.data.regression:
            before, after = (network.logits(self.run.X_train).argmax(1) for network in (self.trained, self.network))
            train, changed = self.run.prepared.train, (before != after).cpu()
            moved = replace(train, X=train.X[changed], y=train.y[changed])
            return Points(moved, replace(train, X=train.X[:0], y=train.y[:0]), half=self.half, pixels=pixels)
        if self._points_of is not self.run.prepared:
            self._points, self._points_of = {}, self.run.prepared
        key = (pixels, self.view.show_test)
        if key not in self._points:
            train, held_out = self.run.prepared.train, self.run.prepared.held_out
            if not self.view.show_test:
                held_out = replace(held_out, X=held_out.X[:0], y=held_out.y[:0])
            self._points[key] = Points(train, held_out, half=self.half, pixels=pixels)
        return self._points[key]


def session() -> Session:
    """Return the spiral's state in the current session."""
    if _STATE not in st.session_state:
        st.session_state[_STATE] = Session()
    state: Session = st.session_state[_STATE]
    return state
