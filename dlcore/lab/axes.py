"""The axes of a grid: the setting that each changes, the rule of its values, and the text of its values in a link.

>>> read_axis("width", "4, 8"), write_axis(Axis("lr", (0.01, 0.1)))
(Axis(id='width', values=(4, 8)), '0.01~0.1')
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dlcore.network.settings import ACTIVATIONS, INITS, OPTIMIZERS
from dlcore.settings import codec
from dlcore.settings.rules import LayerSizes, Number, OneOf
from dlcore.spiral.config import SETTINGS, RunConfig, replace_field

SEPARATOR: Final = "~"  # of an axis's values in a link: unreserved in RFC 3986, and part of no id and no number

_LAYERS: Final = SETTINGS["model.hidden"].rule
assert isinstance(_LAYERS, LayerSizes)
_DEFAULT_WIDTH: Final = RunConfig().model.hidden[0]


@dataclass(frozen=True, slots=True)
class AxisKind:
    """What can be on an axis.

    Attributes
    ----------
    setting : the dotted name of the run's setting that it changes; "model.hidden" for width and depth.
    rule : the rule of one value.
    values : the values of an axis whose link names none.
    change : ``change(config, value)`` returns the run with that value, without validation.
    """

    setting: str
    rule: Number | OneOf
    values: tuple[Any, ...]
    change: Callable[[RunConfig, Any], RunConfig]

    @property
    def ordered(self) -> bool:
        """Return whether the values are numbers whose order means something: not so for a seed."""
        return isinstance(self.rule, Number) and self.setting != "data.seed"


def _widened(config: RunConfig, units: int) -> RunConfig:
    """Return the run with ``units`` units in each hidden layer; a linear model gets one hidden layer."""
    return replace_field(config, "model.hidden", (units,) * max(1, len(config.model.hidden)))


def _deepened(config: RunConfig, layers: int) -> RunConfig:
    """Return the run with ``layers`` hidden layers, each as wide as the first is; 100 units for a linear model."""
    width = (*config.model.hidden, _DEFAULT_WIDTH)[0]
    return replace_field(config, "model.hidden", (width,) * layers)


def _kind(setting: str, *values: Any) -> AxisKind:
    rule = SETTINGS[setting].rule
    assert isinstance(rule, Number | OneOf)
    return AxisKind(setting, rule, values, lambda config, value: replace_field(config, setting, value))


_WIDTHS: Final = Number(_LAYERS.min, _LAYERS.max, 1, integer=True, log=True, unit="units")
_DEPTHS: Final = Number(0, _LAYERS.max_layers, 1, integer=True, unit="layers")

# In this order the axes change a run: a depth of 0 removes the layers of every width.
AXES: Final[Mapping[str, AxisKind]] = {
    "width": AxisKind("model.hidden", _WIDTHS, (2, 4, 8, 16, 32, 64), _widened),
    "depth": AxisKind("model.hidden", _DEPTHS, (0, 1, 2, 3, 4), _deepened),
    "activation": _kind("model.activation", *ACTIVATIONS),
    "init": _kind("model.init", *INITS),
    "optimizer": _kind("training.optimizer", *OPTIMIZERS),
    "lr": _kind("training.lr", 0.0001, 0.001, 0.01, 0.1, 1.0),
    "batch_size": _kind("training.batch_size", 0, 512, 128, 32),
    "l2": _kind("training.l2", 0.0, 0.00001, 0.0001, 0.001, 0.01),
    "dropout": _kind("training.dropout", 0.0, 0.1, 0.25, 0.5),
    "noise": _kind("data.noise", 0.0, 0.1, 0.2, 0.4, 0.8),
    "seed": _kind("data.seed", 1, 2, 3, 4, 5),
}


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of a grid: its id in :data:`AXES` and its values."""

    id: str
    values: tuple[Any, ...]

    @property
    def kind(self) -> AxisKind:
        """Return what the axis changes."""
        return AXES[self.id]


def read_axis(id: str, text: str) -> Axis:
    """Return the axis ``id`` of values as a link or a person writes them: apart by ``~``, commas or spaces.

    Without any value the axis has the values of its kind. A part that is no value at all, such as "x" for a number, is
    kept as the text it is: :func:`validate` reports it.
    """
    kind = AXES[id]
    parts = [part for part in re.split(r"[~,\s]+", text) if part]
    if not parts:
        return Axis(id, kind.values)
    read = [codec.read(kind.rule, part) for part in parts]
    return Axis(id, tuple(part if value is None else value for part, value in zip(parts, read, strict=True)))


def write_axis(axis: Axis) -> str:
    """Return the values of a valid axis as a link has them; "" if they are those of its kind."""
    if axis.values == axis.kind.values:
        return ""
    return SEPARATOR.join(codec.write(axis.kind.rule, value) for value in axis.values)
