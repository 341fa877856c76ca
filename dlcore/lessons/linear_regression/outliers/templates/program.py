"""Template: a line fitted to points, one of which is moved, by three losses."""

import torch
from torch import nn

_N, _NOISE, _SEED, _W, _B, _INDEX, _SHIFT, _ROUNDS = 20, 0.1, 0, 2.0, 1.0, 19, 10.0, 100

x = torch.linspace(-2, 2, _N, dtype=torch.float64)
generator = torch.Generator().manual_seed(_SEED)
y = _W * x + _B + _NOISE * torch.randn(_N, generator=generator, dtype=torch.float64)
y[_INDEX] += _SHIFT

# The weight of a residual in the next fit by least squares: the derivative of its loss, divided by it.
weights = {
    nn.MSELoss: lambda r: torch.ones_like(r),
    nn.SmoothL1Loss: lambda r: 1 / r.abs().clamp(min=1),
    nn.L1Loss: lambda r: 1 / r.abs().clamp(min=1e-6),
}
for loss, weight in weights.items():
    w = b = 0.0
    for _ in range(_ROUNDS):
        s = weight(y - w * x - b)
        s = s / s.sum()
        x_mean, y_mean = (s * x).sum(), (s * y).sum()
        w = (s * (x - x_mean) * (y - y_mean)).sum() / (s * (x - x_mean) ** 2).sum()
        b = y_mean - w * x_mean
    value = loss()(w * x + b, y)
    print(f"{loss.__name__}: w {w:.2f} b {b:.2f} loss {value:.2f}")
