"""The programs that the page on activations shows, with what they print."""

from __future__ import annotations

from typing import Any

import torch

from dlcore.lessons.activations.flow.model import SAMPLES, Flow
from dlcore.lessons.activations.functions.model import CURVES
from dlcore.lessons.activations.settings import LESSON
from dlcore.network.settings import ACTIVATIONS, INITS
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import Code, Lines, arguments, read, render

_FUNCTION, _FLOW = read(__file__, "function"), read(__file__, "flow")


def _prints(name: str, parameter: float, x: float) -> str:
    at = torch.tensor(x, dtype=torch.float64)
    value, slope = CURVES[name].value(at, parameter).item(), CURVES[name].derivative(at, parameter).item()
    return f"value {round(value, 6) + 0.0}\nderivative {round(slope, 6) + 0.0}"


def scratch(name: str, parameter: float, x: float) -> Snippet:
    """Value and derivative of one function at one place, both by their formulas."""
    lines = Lines(CURVES[name].scratch.format(repr(parameter)))
    return Snippet(render(_FUNCTION, {"_X": x, "_BY_HAND": True, "_formula": lines}), _prints(name, parameter, x))


def concise(name: str, parameter: float, x: float) -> Snippet:
    """The same by torch's function and autograd."""
    call = Code(CURVES[name].call.format(repr(parameter)))
    return Snippet(render(_FUNCTION, {"_X": x, "_BY_HAND": False, "_CALL": call}), _prints(name, parameter, x))


def _flow(flow: Flow, width: int, init: str, sigma: float, seed: int, given: dict[str, Any]) -> Snippet:
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


def flow_scratch(flow: Flow, *, width: int, activation: str, init: str, sigma: float, seed: int) -> Snippet:
    """The signal forward, and the gradient back by the chain rule written out."""
    parameter = CURVES[activation].parameter
    lines = Lines(CURVES[activation].scratch.format(repr(LESSON.settings[parameter].default) if parameter else ""))
    return _flow(flow, width, init, sigma, seed, {"_BY_HAND": True, "_formula": lines})


def flow_concise(flow: Flow, *, width: int, activation: str, init: str, sigma: float, seed: int) -> Snippet:
    """The same by torch's modules and autograd."""
    name, constants = ACTIVATIONS[activation]
    module = Code(f"nn.{name}({arguments(constants)})")
    return _flow(flow, width, init, sigma, seed, {"_BY_HAND": False, "_ACTIVATION": module})
