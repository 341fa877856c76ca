"""Linear regression by minibatches, by hand or by torch, as a template."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

_BY_HAND, _MSE, _LOSS = True, True, nn.MSELoss
_N, _D, _W, _B, _NOISE, _DATA_SEED, _SEED = 20, 2, [[2.0], [-3.4]], 4.2, 0.01, 0, 0
_LR, _EPOCHS, _BATCH = 0.03, 3, 10

generator = torch.Generator().manual_seed(_DATA_SEED)
X = torch.randn(_N, _D, generator=generator, dtype=torch.float64)
y = X @ torch.tensor(_W, dtype=torch.float64) + _B
y += _NOISE * torch.randn(_N, 1, generator=generator, dtype=torch.float64)

generator = torch.Generator().manual_seed(_SEED)
if _BY_HAND:
    w = torch.zeros(_D, 1, dtype=torch.float64)
    b = torch.zeros(1, dtype=torch.float64)
    lr = _LR
    for epoch in range(_EPOCHS):
        for batch in torch.randperm(len(X), generator=generator).split(_BATCH):
            r = X[batch] @ w + b - y[batch]
            # The derivative of the loss with respect to the predictions
            d = 2 * r / len(r) if _MSE else r.clamp(-1, 1) / len(r)
            w, b = w - lr * (X[batch].T @ d), b - lr * d.sum(0)
else:
    order = list(range(len(X)))
    # Usually shuffle=True. Here the order is given, so that both programs get the same batches.
    loader = DataLoader(TensorDataset(X, y), batch_size=_BATCH, sampler=order)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(_D, 1, dtype=torch.float64)

        def forward(self, X):
            return self.linear(X)

    def init(module):
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)

    model = Net()
    model.apply(init)  # calls init on the network and on each module inside it
    loss_function = _LOSS()
    optimizer = torch.optim.SGD(model.parameters(), lr=_LR)
    for epoch in range(_EPOCHS):
        order[:] = torch.randperm(len(X), generator=generator).tolist()
        for features, targets in loader:
            loss = loss_function(model(features), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    w, b = model.linear.weight, model.linear.bias


def digits(value):
    return f"{round(value, 6) + 0.0:.6g}"


print("w", *map(digits, w.flatten().tolist()), "b", digits(b.item()))
