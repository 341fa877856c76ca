"""The search for a weight and the descent to it, by hand or by torch, as a template."""

import torch
from torch import nn

_SEARCH, _BY_HAND, _LISTED = True, True, True
_N, _LAST, _TRUE, _NOISE, _DATA_SEED, _X, _Y = 3, 2, 2.0, 0.1, 0, [1.0], [2.0]
_LOW, _STEP, _WEIGHTS = 0.0, 0.5, 9
_START, _LR, _EPOCHS, _BY_BATCH, _BATCH, _SHUFFLE, _SEED = 1.0, 0.01, 3, True, 2, True, 0

if _LISTED:
    x_data = _X
    y_data = _Y
else:
    x_data = [1.0 + 2.0 * i / _LAST for i in range(_N)]
    if _NOISE:
        generator = torch.Generator().manual_seed(_DATA_SEED)
        draws = torch.randn(_N, generator=generator, dtype=torch.float64).tolist()
        y_data = [_TRUE * x + _NOISE * draw for x, draw in zip(x_data, draws, strict=True)]
    else:
        y_data = [_TRUE * x for x in x_data]

if _SEARCH:
    weights = [round(_LOW + i * _STEP, 10) for i in range(_WEIGHTS)]
    if _BY_HAND:
        best = None
        for w in weights:
            cost = 0.0
            for x, y in zip(x_data, y_data, strict=True):
                error = x * w - y
                cost += error * error
            cost /= len(x_data)
            if best is None or cost < best[0]:
                best = cost, w

        print(f"least cost {best[0]:.6g} at w = {best[1]:.9g}")
    else:
        w = torch.tensor(weights, dtype=torch.float64)
        # The cost of every weight at once.
        cost = sum((x * w - y) ** 2 for x, y in zip(x_data, y_data, strict=True))
        cost /= len(x_data)
        best = cost.argmin()

        print(f"least cost {cost[best]:.6g} at w = {w[best]:.9g}")
else:
    if _BY_HAND:
        w, lr = _START, _LR
    else:
        X = torch.tensor(x_data, dtype=torch.float64)[:, None]
        Y = torch.tensor(y_data, dtype=torch.float64)[:, None]
        model = nn.Linear(1, 1, bias=False, dtype=torch.float64)
        nn.init.constant_(model.weight, _START)
        optimizer = torch.optim.SGD(model.parameters(), lr=_LR)
    if _BY_BATCH and _SHUFFLE:
        generator = torch.Generator().manual_seed(_SEED)
    for epoch in range(_EPOCHS):
        if _BY_HAND and not _BY_BATCH:
            gradient = 0.0
            for x, y in zip(x_data, y_data, strict=True):
                gradient += 2 * x * (x * w - y)
            w = w - lr * gradient / len(x_data)
        elif _BY_HAND:
            order = torch.randperm(len(x_data), generator=generator).tolist() if _SHUFFLE else range(len(x_data))
            for at in range(0, len(order), _BATCH):
                batch = order[at : at + _BATCH]
                gradient = 0.0
                for i in batch:
                    gradient += 2 * x_data[i] * (x_data[i] * w - y_data[i])
                w = w - lr * gradient / len(batch)
        elif not _BY_BATCH:
            loss = nn.functional.mse_loss(model(X), Y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        else:
            order = torch.randperm(len(X), generator=generator) if _SHUFFLE else torch.arange(len(X))
            for batch in order.split(_BATCH):
                loss = nn.functional.mse_loss(model(X[batch]), Y[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    if not _BY_HAND:
        w = model.weight.item()
    print(f"w = {w:.9g}, prediction at x = 4: {4 * w:.9g}")
