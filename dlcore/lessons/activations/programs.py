"""Programs that the activations page shows, with their output."""

from __future__ import annotations

from typing import Any

import torch

from dlcore.lessons.activations.flow.model import SAMPLES, SignalFlow
from dlcore.lessons.activations.functions.model import FUNCTIONS
from dlcore.lessons.activations.settings import LESSON
from dlcore.network.settings import ACTIVATIONS, INITS
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import Code, Lines, arguments, read, render

_FUNCTION, _FLOW = read(__file__, "function"), read(__file__, "flow")


def _output(name: str, parameter: float, x: float) -> str:
    point = torch.tensor(x, dtype=torch.float64)
    value, slope = (f(point, parameter).item() for f in (FUNCTIONS[name].value, FUNCTIONS[name].derivative))
    return f"value {round(value, 6) + 0.0}\nderivative {round(slope, 6) + 0.0}"


def scratch(name: str, parameter: float, x: float) -> Snippet:
    """Return the program for value and derivative of the function ``name`` at ``x``, by their formulas."""
    lines = Lines(FUNCTIONS[name].scratch.format(repr(parameter)))
    return Snippet(render(_FUNCTION, {"_X": x, "_BY_HAND": True, "_formula": lines}), _output(name, parameter, x))


def concise(name: str, parameter: float, x: float) -> Snippet:
    """Return the program for the same numbers as :func:`scratch`, by torch's function and autograd."""
    call = Code(FUNCTIONS[name].call.format(repr(parameter)))
    return Snippet(render(_FUNCTION, {"_X": x, "_BY_HAND": False, "_CALL": call}), _output(name, parameter, x))


def _flow(flow: SignalFlow, width: int, init: str, sigma: float, seed: int, given: dict[str, Any]) -> Snippet:
    name, options = INITS[init]
    options = {**options, "std": sigma} if "std" in options else options
    values = {
        "_SEED": seed,
        "_SAMPLES": SAMPLES,
        "_WIDTH": width,
        "_LAYERS": len(flow.layers),
        "_INIT": Code(f"nn.init.{name}"),
        "_OPTIONS": options if init == "zeros" else {**options, "generator": Code("g")},
    }
    first, last = flow.layers[0], flow.layers[-1]
    output = (
        f"signal at the last layer {last.signal:.2e}\n"
        f"gradient at the last layer {last.gradient:.2e}\n"
        f"gradient at the first layer {first.gradient:.2e}"
    )
    return Snippet(render(_FLOW, values | given), output)


def flow_scratch(flow: SignalFlow, *, width: int, activation: str, init: str, sigma: float, seed: int) -> Snippet:
    """Return the program for the sizes of signal and gradient, with the chain rule written out."""
    parameter = FUNCTIONS[activation].parameter
    lines = Lines(FUNCTIONS[activation].scratch.format(repr(LESSON.settings[parameter].default) if parameter else ""))
    return _flow(flow, width, init, sigma, seed, {"_BY_HAND": True, "_formula": lines})


def flow_concise(flow: SignalFlow, *, width: int, activation: str, init: str, sigma: float, seed: int) -> Snippet:
    """Return the program for the same numbers as :func:`flow_scratch`, by torch's modules and autograd."""
    name, constants = ACTIVATIONS[activation]
    module = Code(f"nn.{name}({arguments(constants)})")
    return _flow(flow, width, init, sigma, seed, {"_BY_HAND": False, "_ACTIVATION": module})
