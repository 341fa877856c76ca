"""The state of the lab in a session: the settings of its grid, the training that follows them, and what it shows."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dlcore.drawing import formats
from dlcore.lab.axes import AXES, Axis, read_axis, write_axis
from dlcore.lab.grid import LAB, NO_AXIS, Grid
from dlcore.lab.parts import CellState
from dlcore.lab.sheet import Sheet
from dlcore.lab.trainer import GridTrainer
from dlcore.settings.rules import OneOf
from dlcore.spiral.config import SETTINGS, SPIRAL, RunConfig
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.lesson import State
from pages.ui.player import Player

_STATE: Final = "lab.state"
_PLAYER: Final = "lab.player"
_LAYERS: Final = {"width": "spiral.control.hidden_units", "depth": "spiral.control.layers"}


class LabState(State):
    """The settings of the lab; those of the base run have the labels of the spiral page."""

    @property
    def config(self) -> RunConfig:
        """Return the base run."""
        return RunConfig.of({name: self.values[name] for name in SETTINGS})

    @property
    def grid(self) -> Grid:
        """Return the grid."""
        return Grid.of(self.values)

    def label(self, name: str) -> str:
        """Return the label of a setting."""
        if name in self.settings and name not in SETTINGS:
            return t(f"lab.setting.{name.replace('.', '_')}")
        return _spiral().label(name)

    def help(self, name: str) -> str:
        """Return the help text of a setting, or ""."""
        return _spiral().help(name)

    def option(self, name: str, id: str) -> str:
        """Return the label of an option."""
        if name in ("x.axis", "y.axis"):
            return t("lab.no_axis") if id == NO_AXIS else axis_name(id)
        return _spiral().option(name, id)

    # --- axes ---------------------------------------------------------------------------------------------------------
    def choose_axis(self, name: str, id: str) -> None:
        """Choose the axis ``name``, "x" or "y", with the values of its kind."""
        self.apply({f"{name}.axis": id, f"{name}.values": ""})

    def type_values(self, name: str, typed: str) -> None:
        """Take the values of an axis as they were typed, and write them as a link has them."""
        self.set(f"{name}.values", typed)
        if not self.problems:
            self.values = {**self.values, f"{name}.values": write_axis(read_axis(self[f"{name}.axis"], typed))}


def _spiral() -> State:
    return State(SPIRAL, {})


def lab() -> LabState:
    """Return the state of the lab in the current session."""
    if _STATE not in st.session_state:
        st.session_state[_STATE] = LabState(LAB, LAB.defaults())
    result: LabState = st.session_state[_STATE]
    return result


# --- words ------------------------------------------------------------------------------------------------------------
def axis_name(id: str) -> str:
    """Return the name of an axis."""
    return t(_LAYERS[id]) if id in _LAYERS else _spiral().label(AXES[id].setting)


def words(axis: Axis, value: Any) -> str:
    """Return a value of an axis in words: a number, or the label of an option."""
    if isinstance(axis.kind.rule, OneOf):
        return _spiral().option(axis.kind.setting, value)
    return str(value) if axis.id == "seed" else formats.text(value)


# --- training ---------------------------------------------------------------------------------------------------------
class GridRun:
    """The training of a grid as the player wants it; the epoch is that of the cell that is furthest behind."""

    diverged = False
    train_loss = None

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.restart()

    def restart(self) -> None:
        """Begin again with untrained networks."""
        self.trainer = GridTrainer(self.grid)
        self.sheet = Sheet(self.trainer)

    @property
    def epochs(self) -> int:
        """Return the number of epochs of each run."""
        return self.grid.base.training.epochs

    @property
    def epoch(self) -> int:
        """Return the share of the work that is done, in epochs."""
        return round(self.trainer.progress * self.epochs)

    @property
    def finished(self) -> bool:
        """Return whether the training is over or was stopped."""
        return self.trainer.finished

    @property
    def states(self) -> list[CellState]:
        """Return the state of every cell."""
        return self.trainer.states

    def advance_for(self, seconds: float, epochs: int | None = None) -> None:
        """Train for about ``seconds``; the lab has no speed in epochs."""
        self.trainer.advance_for(seconds)


class LabPlayer(Player):
    """The player of the lab. Stop ends the training and keeps what is there."""

    id = "lab"
    state_key = _PLAYER
    run: GridRun

    def __init__(self, grid: Grid) -> None:
        self.run = GridRun(grid)

    def follow(self, grid: Grid) -> None:
        """Replace the training if the grid changed; the new one plays if the old one was played to its end."""
        if grid != self.run.grid:
            self.run = GridRun(grid)

    def stop(self) -> None:
        """End the training and keep what is there."""
        self.mode = "paused"
        with gate().turn():
            if not self.run.finished:
                self.run.trainer.stop()


def player_of(grid: Grid) -> LabPlayer:
    """Return the player of the lab in the current session, with the training of ``grid``."""
    if _PLAYER not in st.session_state:
        st.session_state[_PLAYER] = LabPlayer(grid)
    result: LabPlayer = st.session_state[_PLAYER]
    result.follow(grid)
    return result
