"""The input values of a formula as one text for links, and the examples of the page.

>>> read("a=-4, b=2.5")
{'a': -4.0, 'b': 2.5}
>>> write({"a": -4.0, "b": 2.5})
'a=-4, b=2.5'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from dlcore.lessons.autograd.settings import MAX_INPUTS
from dlcore.settings.errors import InputError
from dlcore.typed.expression import Program

BOUND: Final = 20.0
START: Final = 1.0  # value of a new input
_ENTRY: Final = re.compile(
    r"\s*([A-Za-z][A-Za-z0-9_]{0,11})\s*=\s*(-?\d{1,3}(?:\.\d{0,16})?(?:[eE]-?\d{1,3})?)\s*", re.ASCII
)


class InputsError(InputError):
    """A text of inputs that is not ``name=number, …``, or a number out of range."""

    WORDS: ClassVar[str] = "autograd.problem_inputs"
    RULES: ClassVar[Mapping[str, str]] = {
        "unclear": "inputs are written {example}, got {got}",
        "range": "{name} must lie within ±{max}, got {got}",
    }


def read(text: str) -> dict[str, float]:
    """Parse ``name=number, …`` into numbers by name.

    Raises
    ------
    InputsError : a part is not ``name=number``, or a number lies beyond ±:data:`BOUND`.
    """
    values: dict[str, float] = {}
    for part in text.split(",") if text.strip() else ():
        match = _ENTRY.fullmatch(part)
        if match is None:
            raise InputsError("unclear", example="a=-4, b=2", got=part[:24])
        name, value = match.group(1), float(match.group(2))
        if not abs(value) <= BOUND:
            raise InputsError("range", name=name, max=f"{BOUND:g}", got=match.group(2))
        values[name] = value
    return values


def write(values: Mapping[str, float]) -> str:
    """Return the text of ``values``; values that do not fit into MAX_INPUTS characters are left out."""
    text = ""
    for name, value in values.items():
        number = f"{value:.12g}"
        entry = f"{', ' if text else ''}{name}={number}"
        if len(text) + len(entry) <= MAX_INPUTS:
            text += entry
    return text


def for_program(program: Program, values: Mapping[str, float]) -> dict[str, float]:
    """Return a number for each input of ``program``: the one in ``values``, else START."""
    return {name: values.get(name, START) for name in program.inputs}


def with_value(program: Program, values: Mapping[str, float], name: str, value: float) -> str:
    """Return the text after input ``name`` is set; numbers of other names are kept at the end."""
    now = for_program(program, values) | {name: value}
    return write(now | {other: number for other, number in values.items() if other not in now})


@dataclass(frozen=True, slots=True)
class Example:
    """A formula with values for its inputs."""

    expression: str
    inputs: str


EXAMPLES: Final[Mapping[str, Example]] = {
    "paths": Example("g = a*b + tanh(c)**2", "a=2, b=-3, c=0.5"),
    "sum": Example("y = x*x + x", "x=3"),
    "neuron": Example("u = w1*x1 + w2*x2 + b\ny = sigmoid(u)", "w1=2, x1=-1, w2=-3, x2=-2, b=-3"),
    # The README of karpathy/micrograd, whose numbers it gives: g 24.7041, dg/da 138.8338, dg/db 645.5773.
    "micrograd": Example(
        "c = a + b\n"
        "d = a * b + b**3\n"
        "c += c + 1\n"
        "c += 1 + c + (-a)\n"
        "d += d * 2 + (b + a).relu()\n"
        "d += 3 * d + (b - a).relu()\n"
        "e = c - d\n"
        "f = e**2\n"
        "g = f / 2.0\n"
        "g += 10.0 / f",
        "a=-4, b=2",
    ),
    "vanishing": Example(
        "h1 = tanh(w*x)\nh2 = tanh(w*h1)\nh3 = tanh(w*h2)\nh4 = tanh(w*h3)\nh5 = tanh(w*h4)", "w=2, x=1"
    ),
    "dead": Example("y = (relu(w*x + b) - t)**2", "w=-2, x=3, b=1, t=4"),
}
