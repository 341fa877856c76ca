"""The programs that the page on activations shows, with what they print."""

from __future__ import annotations

import torch

from dlcore.lessons.activations.flow.model import SAMPLES, Flow
from dlcore.lessons.activations.functions.model import CURVES
from dlcore.lessons.activations.settings import LESSON
from dlcore.network.settings import ACTIVATIONS
from dlcore.programs.snippet import Snippet
from dlcore.spiral.codegen_text import init_call

_PRINT = """print("value", round(y.item(), 6) + 0.0)
print("derivative", round({slope}.item(), 6) + 0.0)
"""


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _prints(name: str, parameter: float, x: float) -> str:
    at = torch.tensor(x, dtype=torch.float64)
    value, slope = CURVES[name].value(at, parameter).item(), CURVES[name].derivative(at, parameter).item()
    return f"value {round(value, 6) + 0.0}\nderivative {round(slope, 6) + 0.0}"


def scratch(name: str, parameter: float, x: float) -> Snippet:
    """Value and derivative of one function at one place, both by their formulas."""
    code = f"""import torch

x = torch.tensor({x!r}, dtype=torch.float64)
{CURVES[name].scratch.format(repr(parameter))}

{_PRINT.format(slope="slope")}"""
    return Snippet(code, _prints(name, parameter, x))


def concise(name: str, parameter: float, x: float) -> Snippet:
    """The same by torch's function and autograd."""
    code = f"""import torch
import torch.nn.functional as F

x = torch.tensor({x!r}, dtype=torch.float64, requires_grad=True)
y = {CURVES[name].call.format(repr(parameter))}
y.backward()

{_PRINT.format(slope="x.grad")}"""
    return Snippet(code, _prints(name, parameter, x))


_SIZE = """def size(values):
    top = values.abs().max()  # the squares of very small numbers would be 0
    return (top * (values / top).square().mean().sqrt()).item() if top else 0.0
"""


def _draw(flow: Flow, width: int, init: str, sigma: float, seed: int) -> str:
    """The inputs and the weights."""
    return f"""g = torch.Generator().manual_seed({seed})
x = torch.randn({SAMPLES}, {width}, generator=g, dtype=torch.float64)
weights = [torch.empty({width}, {width}, dtype=torch.float64) for layer in range({len(flow.layers)})]
for w in weights:
    {init_call(init, "w", std=sigma, generator="g")}
"""


def _sizes(flow: Flow) -> str:
    first, last = flow.layers[0], flow.layers[-1]
    return (
        f"signal at the last layer {last.signal:.2e}\n"
        f"gradient at the last layer {last.gradient:.2e}\n"
        f"gradient at the first layer {first.gradient:.2e}"
    )


def flow_scratch(flow: Flow, *, width: int, activation: str, init: str, sigma: float, seed: int) -> Snippet:
    """The signal forward, and the gradient back by the chain rule written out."""
    parameter = CURVES[activation].parameter
    lines = CURVES[activation].scratch.format(repr(LESSON.settings[parameter].default) if parameter else "")
    code = f"""import torch
from torch import nn

{_SIZE}
def activate(x):
{_indented(lines)}    return y, slope

{_draw(flow, width, init, sigma, seed)}
slopes = []
for w in weights:
    x, slope = activate(x @ w.T)
    slopes.append(slope)

# of the loss with respect to the net's outputs
gradient = torch.randn(x.shape, generator=g, dtype=torch.float64)
sizes = []
for w, slope in zip(reversed(weights), reversed(slopes)):
    gradient = gradient * slope  # before the activation
    sizes.append(size(gradient))
    gradient = gradient @ w  # at the inputs of the layer

print(f"signal at the last layer {{size(x):.2e}}")
print(f"gradient at the last layer {{sizes[0]:.2e}}")
print(f"gradient at the first layer {{sizes[-1]:.2e}}")
"""
    return Snippet(code, _sizes(flow))


def flow_concise(flow: Flow, *, width: int, activation: str, init: str, sigma: float, seed: int) -> Snippet:
    """The same by torch's modules and autograd."""
    name, arguments = ACTIVATIONS[activation]
    code = f"""import torch
from torch import nn

{_SIZE}
{_draw(flow, width, init, sigma, seed)}    w.requires_grad_()

activation = nn.{name}({", ".join(map(repr, arguments))})
pre = []
for w in weights:
    pre.append(x @ w.T)
    x = activation(pre[-1])
factors = torch.randn(x.shape, generator=g, dtype=torch.float64)
gradients = torch.autograd.grad((x * factors).sum(), pre)

print(f"signal at the last layer {{size(x.detach()):.2e}}")
print(f"gradient at the last layer {{size(gradients[-1]):.2e}}")
print(f"gradient at the first layer {{size(gradients[0]):.2e}}")
"""
    return Snippet(code, _sizes(flow))
