"""The programs that the page on activations shows, with what they print."""

from __future__ import annotations

import torch

from dlcore.learning.activation_curves import CURVES
from dlcore.learning.signal import MODULES, SAMPLES, Flow
from dlcore.snippet import Snippet

_INITS = {
    "zeros": "nn.init.zeros_(w)",
    "normal": "nn.init.normal_(w, std={sigma:g}, generator=g)",
    "xavier_uniform": "nn.init.xavier_uniform_(w, generator=g)",
    "xavier_normal": "nn.init.xavier_normal_(w, generator=g)",
    "kaiming_uniform": 'nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g)',
    "kaiming_normal": 'nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g)',
}


def curve(name: str, parameter: float, x: float) -> Snippet:
    """Value and derivative of one function at one place, by torch."""
    at = torch.tensor([x], dtype=torch.float64)
    value, slope = CURVES[name].value(at, parameter), CURVES[name].derivative(at, parameter)
    code = f"""import torch
import torch.nn.functional as F

x = torch.tensor([{x:g}], dtype=torch.float64, requires_grad=True)
y = {CURVES[name].call.format(f"{parameter:g}")}
y.backward()
print("value", round(y.item(), 6) + 0.0, "derivative", round(x.grad.item(), 6) + 0.0)
"""
    return Snippet(code, f"value {round(value.item(), 6) + 0.0} derivative {round(slope.item(), 6) + 0.0}")


def signal(flow: Flow, *, width: int, activation: str, init: str, sigma: float, seed: int) -> Snippet:
    """The signal forward and the gradient back, by torch."""
    code = f"""import torch
from torch import nn

def size(values):
    return values.double().square().mean().sqrt().item()

g = torch.Generator().manual_seed({seed})
x = torch.randn({SAMPLES}, {width}, generator=g)
weights = [torch.empty({width}, {width}) for layer in range({len(flow.layers)})]
for w in weights:
    {_INITS[init].format(sigma=sigma)}
    w.requires_grad_()

pre = []
for w in weights:
    pre.append(x @ w.T)
    x = nn.{MODULES[activation]}()(pre[-1])
loss = (x * torch.randn(x.shape, generator=g)).sum()
gradients = torch.autograd.grad(loss, pre)

print(f"signal at the last layer {{size(x.detach()):.2e}}")
print(f"gradient at the first layer {{size(gradients[0]):.2e}}, at the last {{size(gradients[-1]):.2e}}")
"""
    first, last = flow.layers[0], flow.layers[-1]
    return Snippet(
        code,
        f"signal at the last layer {last.signal:.2e}\n"
        f"gradient at the first layer {first.gradient:.2e}, at the last {last.gradient:.2e}",
    )
