"""The training of a small network by an optimizer, by hand or by torch, as a template."""

import math

import torch
from torch import nn

from dlcore.spiral.data import spiral as _draw

_BY_HAND, _SEED, _EPOCHS, _END = True, 0, 3, 4


def _begin():
    return 0.1


def _update(theta, g, lr):
    return theta - lr * g


HIDDEN = 16
CLASSES = 3
POINTS = 20  # per class
NOISE = 0.2
generator = torch.Generator().manual_seed(_SEED)
_ARGUMENTS = (POINTS, CLASSES, NOISE, generator)

X = _draw(*_ARGUMENTS).double()
y = torch.arange(CLASSES).repeat_interleave(POINTS)


def net(theta):
    W1, b1, W2, b2 = theta.split((HIDDEN * 2, HIDDEN, CLASSES * HIDDEN, CLASSES))
    hidden = (X @ W1.view(HIDDEN, 2).T + b1).relu()
    return hidden @ W2.view(CLASSES, HIDDEN).T + b2


def cross_entropy(logits):
    return (logits.logsumexp(1) - logits[range(len(y)), y]).mean()


if _BY_HAND:
    parts = []
    for inputs, outputs in ((2, HIDDEN), (HIDDEN, CLASSES)):
        for size in (outputs * inputs, outputs):
            bound = inputs**-0.5
            parts.append(torch.empty(size).uniform_(-bound, bound, generator=generator))
    theta = torch.cat(parts).double().requires_grad_()
    lr = _begin()
    for t in range(1, _END):
        (g,) = torch.autograd.grad(cross_entropy(net(theta)), theta)
        with torch.no_grad():
            theta = _update(theta, g, lr)
        theta.requires_grad_()

    logits = net(theta).detach()
    loss = cross_entropy(logits)
else:
    model = nn.Sequential(nn.Linear(2, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
    for layer in (model[0], model[2]):
        bound = layer.in_features**-0.5
        nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    model.double()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(_EPOCHS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        optimizer.step()

    logits = model(X).detach()
    loss = nn.functional.cross_entropy(logits, y)
accuracy = (logits.argmax(1) == y).double().mean()
print(f"loss {loss:.4f}, accuracy {accuracy:.1%}")
