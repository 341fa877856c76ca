"""Steps of an optimizer on a function of the plane, by hand or by torch, as a template."""

import torch

_SAMPLED, _HALF, _SAMPLES, _BATCH, _SEED = True, 4, 8, 2, 0
_BY_HAND, _START, _STEPS, _END = True, [1.0, 2.0], 3, 4


def _formula(x, y):
    return x**2 + y**2


def _begin():
    return 0.1


def _update(theta, g, lr):
    return theta - lr * g


def f(x, y):
    return _formula(x, y)


if _SAMPLED:
    generator = torch.Generator().manual_seed(_SEED)
    half = torch.randn(_HALF, 2, generator=generator, dtype=torch.float64)
    samples = torch.cat([half, -half])  # a and b of each sample; they cancel in the mean of all

    def batch_loss(theta):
        rows = torch.randperm(_SAMPLES, generator=generator)[:_BATCH]
        return f(*theta) + samples[rows].mean(0) @ theta


theta = torch.tensor(_START, dtype=torch.float64, requires_grad=True)
if _BY_HAND:
    lr = _begin()
    for t in range(1, _END):
        if _SAMPLED:
            (g,) = torch.autograd.grad(batch_loss(theta), theta)
        else:
            (g,) = torch.autograd.grad(f(*theta), theta)
        with torch.no_grad():
            theta = _update(theta, g, lr)
        theta.requires_grad_()
else:
    optimizer = torch.optim.SGD([theta], lr=0.1)
    for t in range(_STEPS):
        optimizer.zero_grad()
        if _SAMPLED:
            batch_loss(theta).backward()
        else:
            f(*theta).backward()
        optimizer.step()

print(" ".join(f"{round(value, 6) + 0.0:.6g}" for value in theta.tolist()))
