"""Template: a network with dropout that learns few digits, by hand or by torch."""

import torch
from sklearn.datasets import load_digits
from torch import nn

from dlcore.network.from_scratch import mask as _mask

_BY_HAND, _TEST, _END, _SEED, _P1, _P2, _EPOCHS, _BATCH = True, 500, 510, 0, 0.2, 0.5, 2, 8
_OPTIONS, _VALIDATED, _BEGIN, _STOP = {"lr": 0.002, "weight_decay": 0.001}, True, 1500, 1600

digits = load_digits()
order = torch.randperm(len(digits.data), generator=torch.Generator().manual_seed(0))
X = torch.tensor(digits.data)[order] / 16  # (n, 64)
y = torch.tensor(digits.target)[order]
if _VALIDATED:
    X_valid, y_valid = X[_BEGIN:_STOP], y[_BEGIN:_STOP]
X_test, X = X[:_TEST], X[_TEST:_END]
y_test, y = y[:_TEST], y[_TEST:_END]

HIDDEN = 16


def layer(inputs, outputs):
    W = torch.empty(outputs, inputs, dtype=torch.float64)
    b = torch.empty(outputs, dtype=torch.float64)
    for parameter in (W, b):
        bound = inputs**-0.5
        parameter.uniform_(-bound, bound, generator=generator).requires_grad_()
    return [W, b]


def dropout(x, p, training):
    return x * _mask(x, p, generator=generator) if training and p else x


def net(X, training=False):
    W1, b1, W2, b2, W3, b3 = parameters
    H = dropout((X @ W1.T + b1).relu(), _P1, training)
    H = dropout((H @ W2.T + b2).relu(), _P2, training)
    return H @ W3.T + b3


cross_entropy = nn.CrossEntropyLoss()
if _BY_HAND:
    generator = torch.Generator().manual_seed(_SEED)
    parameters = layer(64, HIDDEN) + layer(HIDDEN, HIDDEN) + layer(HIDDEN, 10)
    optimizer = torch.optim.Adam(parameters, **_OPTIONS)
    if _VALIDATED:

        def measure(epoch):
            return cross_entropy(net(X_valid), y_valid).item(), epoch, cross_entropy(net(X_test), y_test).item()

        history = [measure(0)]
    for epoch in range(_EPOCHS):
        for rows in torch.randperm(len(X), generator=generator).split(_BATCH):
            optimizer.zero_grad()
            cross_entropy(net(X[rows], training=True), y[rows]).backward()
            optimizer.step()
        if _VALIDATED:
            history.append(measure(epoch + 1))

    logits, train_logits = net(X_test), net(X)
    weights = parameters[::2]
else:
    torch.manual_seed(_SEED)
    model = nn.Sequential(
        nn.Linear(64, HIDDEN, dtype=torch.float64),
        nn.ReLU(),
        nn.Dropout(_P1),
        nn.Linear(HIDDEN, HIDDEN, dtype=torch.float64),
        nn.ReLU(),
        nn.Dropout(_P2),
        nn.Linear(HIDDEN, 10, dtype=torch.float64),
    )
    optimizer = torch.optim.Adam(model.parameters(), **_OPTIONS)
    if _VALIDATED:

        def measure(epoch):
            model.eval()  # dropout does nothing from here ...
            losses = [cross_entropy(model(X), y).item() for X, y in ((X_valid, y_valid), (X_test, y_test))]
            model.train()  # ... to here
            return losses[0], epoch, losses[1]

        history = [measure(0)]
    for epoch in range(_EPOCHS):
        for rows in torch.randperm(len(X)).split(_BATCH):
            optimizer.zero_grad()
            cross_entropy(model(X[rows]), y[rows]).backward()
            optimizer.step()
        if _VALIDATED:
            history.append(measure(epoch + 1))

    model.eval()
    logits, train_logits = model(X_test), model(X)
    parameters = list(model.parameters())
    weights = parameters[::2]
loss = cross_entropy(train_logits, y)
test_loss = cross_entropy(logits, y_test)
accuracy = (logits.argmax(1) == y_test).double().mean()
print(f"train loss {loss:.4f}, test loss {test_loss:.4f}, test accuracy {accuracy:.3f}")
norm = sum(W.square().sum().item() for W in weights) ** 0.5
print(f"parameters {sum(p.numel() for p in parameters)}, norm of W {norm:.3f}")
if _VALIDATED:
    validation_loss, epoch, test_loss = min(history)  # chosen by validation, reported by test
    print(f"epoch {epoch}, validation loss {validation_loss:.4f}, test loss {test_loss:.4f}")
