"""Steps of an optimizer on a function of the plane, by hand or by torch, as a template."""

import torch

_BY_HAND, _START, _STEPS, _END = True, [1.0, 2.0], 3, 4


def _formula(x, y):
    return x**2 + y**2


def _begin():
    return 0.1


def _update(theta, g, lr):
    return theta - lr * g


def f(x, y):
    return _formula(x, y)


theta = torch.tensor(_START, dtype=torch.float64, requires_grad=True)
if _BY_HAND:
    lr = _begin()
    for t in range(1, _END):
        (g,) = torch.autograd.grad(f(*theta), theta)
        with torch.no_grad():
            theta = _update(theta, g, lr)
        theta.requires_grad_()
else:
    optimizer = torch.optim.SGD([theta], lr=0.1)
    for t in range(_STEPS):
        optimizer.zero_grad()
        f(*theta).backward()
        optimizer.step()

print(" ".join(f"{round(value, 6) + 0.0:.6g}" for value in theta.tolist()))
