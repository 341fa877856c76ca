"""Programs that the activations page shows, with their output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch

from dlcore.lessons.activations.flow.model import NORM_AXES, SAMPLES, SignalFlow
from dlcore.lessons.activations.functions.model import FUNCTIONS
from dlcore.lessons.activations.settings import LESSON
from dlcore.network.settings import ACTIVATIONS, INITS
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import Code, Lines, arguments, read, render

_NORMS: Final = {
    "layer_norm": "nn.LayerNorm({}, elementwise_affine=False)",
    "batch_norm": "nn.BatchNorm1d({}, affine=False, dtype=torch.float64)",
}
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


def _init(init: str, sigma: float) -> tuple[Code, dict[str, Any]]:
    """Return the function of ``torch.nn.init`` and its arguments."""
    if init == "default":
        return Code("nn.init.kaiming_uniform_"), {"a": Code("5**0.5"), "generator": Code("g")}
    name, options = INITS[init]
    options = {**options, "std": sigma} if "std" in options else {**options}
    return Code(f"nn.init.{name}"), options if init == "zeros" else {**options, "generator": Code("g")}


def _flow(flow: SignalFlow, s: Mapping[str, Any], given: dict[str, Any]) -> Snippet:
    function, options = _init(s["init"], s["sigma"])
    width, cure = s["width"], s.get("cure", "none")
    values = {
        "_SEED": s["seed"],
        "_SAMPLES": SAMPLES,
        "_WIDTH": width,
        "_LAYERS": len(flow.layers),
        "_INIT": function,
        "_OPTIONS": options,
        "_BIASES": s["init"] == "default",
        "_CURE": cure,
        "_NORMED": cure in NORM_AXES,
        "_AXIS": NORM_AXES.get(cure, 0),
        "_NORM": Code(_NORMS.get(cure, "").format(width)),
        "_MAX_NORM": s.get("max_norm", 1.0),
    }
    first, last = flow.layers[0], flow.layers[-1]
    output = (
        f"signal at the last layer {last.signal:.2e}\n"
        f"gradient at the last layer {last.gradient:.2e}\n"
        f"gradient at the first layer {first.gradient:.2e}\n"
        f"gradient of the last layer's weights {last.weight_gradient:.2e}\n"
        f"gradient of the first layer's weights {first.weight_gradient:.2e}"
    )
    if cure == "clipping":
        output += f"\nnorm {flow.norm:.2e}, clipped {flow.clipped_norm:.2e}"
    return Snippet(render(_FLOW, values | given), output)


def flow_scratch(flow: SignalFlow, **settings: Any) -> Snippet:
    """Return the program for the sizes of signal and gradient, with the chain rule written out.

    ``settings`` are those of :func:`~dlcore.lessons.activations.flow.model.compute_flow` without the depth.
    """
    function = FUNCTIONS[settings["activation"]]
    parameter = LESSON.settings[function.parameter].default if function.parameter else ""
    lines = Lines(function.scratch.format(repr(parameter)))
    return _flow(flow, settings, {"_BY_HAND": True, "_formula": lines})


def flow_concise(flow: SignalFlow, **settings: Any) -> Snippet:
    """Return the program for the same numbers as :func:`flow_scratch`, by torch's modules and autograd."""
    name, constants = ACTIVATIONS[settings["activation"]]
    module = Code(f"nn.{name}({arguments(constants)})")
    return _flow(flow, settings, {"_BY_HAND": False, "_ACTIVATION": module})
