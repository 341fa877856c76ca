"""Functions f(x, y) for the optimizers: a ravine, a saddle, minima, Rosenbrock's valley, or a typed one.

>>> ravine = SURFACES["ravine"]
>>> round(value(ravine.program, 5.0, 1.0), 6)
4.5
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor

from dlcore.typed.expression import Program, evaluate, parse

NAMES: Final = ("x", "y")
Window = tuple[float, float, float, float]  # x from, x to, y from, y to


def parse_function(text: str) -> Program:
    """Parse a typed f(x, y); raise TypedError if it is not a formula in x and y."""
    return parse(text, names=NAMES)


@dataclass(frozen=True, slots=True)
class Surface:
    """A function of x and y, with the part of the plane that is drawn.

    Attributes
    ----------
    window : the drawn part of the plane.
    start : the first point of every optimizer.
    minima : the points where f is smallest; empty if unknown.
    lrs : a learning rate for each optimizer, chosen to show it near its best.
    """

    program: Program
    window: Window
    start: tuple[float, float] = (0.0, 0.0)
    minima: tuple[tuple[float, float], ...] = ()
    lrs: Mapping[str, float] = field(default_factory=dict)

    @property
    def lowest(self) -> float | None:
        """Return the minimum of f, or None if it is unknown."""
        return min(value(self.program, *place) for place in self.minima) if self.minima else None


# The learning rates (lrs) were found by trying; tests/lessons/optimisers/test_race.py says what each must reach.
SURFACES: Final[Mapping[str, Surface]] = {
    "ravine": Surface(
        parse_function("0.1*x**2 + 2*y**2"),
        (-6.0, 6.0, -3.0, 3.0),
        (-5.0, 2.0),
        ((0.0, 0.0),),
        {"sgd": 0.4, "momentum": 0.05, "nesterov": 0.05, "adagrad": 1.0, "rmsprop": 0.1, "adam": 0.3, "adamw": 0.3},
    ),
    # Downhill along y from a saddle at the origin, and bounded below, so that the race has an end.
    "saddle": Surface(
        parse_function("x**2 - y**2 + y**4/4"),
        (-2.5, 2.5, -2.5, 2.5),
        (-2.0, 0.01),
        ((0.0, math.sqrt(2.0)), (0.0, -math.sqrt(2.0))),
        {"sgd": 0.05, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.3, "rmsprop": 0.02, "adam": 0.1, "adamw": 0.1},
    ),
    # The minimum on the right is the shallow one.
    "two_minima": Surface(
        parse_function("(x**2 - 1)**2 + 0.3*x + y**2"),
        (-2.0, 2.0, -1.5, 1.5),
        (1.8, 1.0),
        ((-1.0355787140888542, 0.0),),
        {"sgd": 0.05, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.3, "rmsprop": 0.05, "adam": 0.1, "adamw": 0.1},
    ),
    # Flat along x, where only the fourth power rises: there the noise of single samples wanders furthest.
    "flat": Surface(
        parse_function("x**4/4 + y**2"),
        (-2.0, 2.0, -1.5, 1.5),
        (1.5, 1.0),
        ((0.0, 0.0),),
        {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.3, "rmsprop": 0.02, "adam": 0.1, "adamw": 0.1},
    ),
    "rosenbrock": Surface(
        parse_function("(1 - x)**2 + 100*(y - x**2)**2"),
        (-2.0, 2.0, -1.0, 3.0),
        (-1.2, 1.0),
        ((1.0, 1.0),),
        {
            "sgd": 0.002,
            "momentum": 0.001,
            "nesterov": 0.001,
            "adagrad": 0.5,
            "rmsprop": 0.02,
            "adam": 0.2,
            "adamw": 0.2,
        },
    ),
}


# The first typed function, whose learning rates are the ravine's but for SGD: at 0.4 SGD is so chaotic
# on it that two programs which round differently end in different places.
TYPED: Final = "sin(3*x) + sin(3*y) + (x**2 + y**2)/4"
TYPED_REACH: Final = 3.0
TYPED_START: Final = (2.5, 2.0)
TYPED_LRS: Final[Mapping[str, float]] = {**SURFACES["ravine"].lrs, "sgd": 0.1}


def typed_surface(program: Program, reach: float) -> Surface:
    """Return the surface of a typed function over the square [−reach, reach]²."""
    return Surface(program, (-reach, reach, -reach, reach), TYPED_START, (), TYPED_LRS)


def values(program: Program, x: Tensor, y: Tensor) -> Tensor:
    """Return f at every point of x and y, which broadcast; the result has their broadcast shape."""
    return evaluate(program, {"x": x, "y": y}).expand((x + y).shape)


def value(program: Program, x: float, y: float) -> float:
    """Return f at one point."""
    point = torch.tensor([x, y], dtype=torch.float64)
    return float(values(program, point[0], point[1]))
