"""Template: linear regression on powers of x, or with weight decay on many inputs, by hand or by torch."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

_POLYNOMIAL, _BY_HAND, _SEED, _INPUTS, _TRAIN, _TEST, _N, _NOISE = True, True, 0, 4, 5, 6, 11, 0.1
_C0, _C1, _C2, _C3 = 5.0, 1.2, 3.4, 5.6
_WEIGHT, _BIAS = 0.01, 0.05
_LR, _DECAY, _EPOCHS, _BATCH = 0.01, 3.0, 2, 2

generator = torch.Generator().manual_seed(_SEED)


def samples(n):
    x = torch.randn(n, generator=generator, dtype=torch.float64)
    y = _C0 + _C1 * x - _C2 * x**2 / 2 + _C3 * x**3 / 6
    y += _NOISE * torch.randn(n, generator=generator, dtype=torch.float64)
    return torch.stack([x**i / math.factorial(i) for i in range(_INPUTS)], 1), y


if _POLYNOMIAL:
    X_test, y_test = samples(_TEST)
    X, y = samples(_TRAIN)
else:
    w = torch.randn(_INPUTS, generator=generator, dtype=torch.float64)  # initial weights
    X = torch.randn(_N, _INPUTS, generator=generator, dtype=torch.float64)
    noise = torch.randn(_N, generator=generator, dtype=torch.float64)
    y = _WEIGHT * X.sum(1) + _BIAS + _NOISE * noise
    X, X_test, y, y_test = X[:_TRAIN], X[_TRAIN:], y[:_TRAIN], y[_TRAIN:]

generator.manual_seed(_SEED)
if _BY_HAND:
    if _POLYNOMIAL:
        w, lr = torch.zeros(_INPUTS, dtype=torch.float64), _LR
    else:
        b, lr, weight_decay = 0.0, _LR, _DECAY
    for epoch in range(_EPOCHS):
        for rows in torch.randperm(len(X), generator=generator).split(_BATCH):
            if _POLYNOMIAL:
                r = X[rows] @ w - y[rows]
                w = w - lr * 2 * (r @ X[rows]) / len(rows)
            else:
                r = X[rows] @ w + b - y[rows]
                w = w - lr * (2 * (r @ X[rows]) / len(rows) + weight_decay * w)
                b = b - lr * 2 * r.mean()
else:
    order = list(range(len(X)))
    # Usually shuffle=True. Here the order is given, so that both programs get the same batches.
    loader = DataLoader(TensorDataset(X, y[:, None]), batch_size=_BATCH, sampler=order)

    if _POLYNOMIAL:
        model = nn.Linear(_INPUTS, 1, bias=False, dtype=torch.float64)
        nn.init.zeros_(model.weight)
        optimizer = torch.optim.SGD(model.parameters(), lr=_LR)
    else:
        model = nn.Linear(_INPUTS, 1, dtype=torch.float64)
        with torch.no_grad():
            model.weight.copy_(w)
            model.bias.zero_()
        groups = [{"params": model.weight, "weight_decay": _DECAY}, {"params": model.bias}]
        optimizer = torch.optim.SGD(groups, lr=_LR)
    loss_function = nn.MSELoss()
    for epoch in range(_EPOCHS):
        order[:] = torch.randperm(len(X), generator=generator).tolist()
        for features, targets in loader:
            optimizer.zero_grad()
            loss_function(model(features), targets).backward()
            optimizer.step()
    w = model.weight.flatten()


def error(X, y):
    predictions = (X @ w if _POLYNOMIAL else X @ w + b) if _BY_HAND else model(X)[:, 0]
    return (predictions - y).square().mean().item()


def digits(value):
    return f"{round(value, 6) + 0.0:.6g}"


if _POLYNOMIAL:
    print("w", *map(digits, w.tolist()))
print("train", digits(error(X, y)), "test", digits(error(X_test, y_test)))
if not _POLYNOMIAL:
    print("norm of w", digits(w.norm().item()))
