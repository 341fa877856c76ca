"""Template: the batches of an image data set, or a classifier trained on them, by hand or by torch."""

import gzip

import pooch
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from dlcore.network.from_scratch import mask as _mask

_HOW, _FASHION, _HIDDEN, _P, _ADAM = "scratch", False, True, 0.5, False
_X, _Y, _X_TEST, _Y_TEST, _TRAIN, _TEST, _LEVELS = ("", ""), ("", ""), ("", ""), ("", ""), 2, 360, 16
_SEED, _DTYPE, _OPTIONS, _BATCH, _DECAY = 0, torch.float64, {"dtype": torch.float64}, 32, 0.001
_VALID = 100


def _begin():
    return 0.1


def _update(theta, g, lr):
    return theta - lr * g


URL = "https://"
FOLDER = pooch.os_cache("images") / "fashion-mnist"
INPUTS = 64
HIDDEN = 16
CLASSES = 10


def read(name, md5, header):  # fetched if it is not in the folder
    with gzip.open(pooch.retrieve(URL + name, f"md5:{md5}", name, FOLDER)) as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=header)


def cross_entropy(logits, y):
    return (logits.logsumexp(1) - logits[torch.arange(len(y)), y]).mean()


if _FASHION:
    X = read(*_X, 16)
    y = read(*_Y, 8)[:_TRAIN].long()
    X_test = read(*_X_TEST, 16)
    y_test = read(*_Y_TEST, 8)[:_TEST].long()
    X = X.reshape(-1, INPUTS)[:_TRAIN] / _LEVELS
    X_test = X_test.reshape(-1, INPUTS)[:_TEST] / _LEVELS
else:
    digits = load_digits()
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
    X = torch.tensor(digits.data)[order] / _LEVELS  # (1797, 64)
    y = torch.tensor(digits.target)[order]
    X, X_test = X[:-_TEST], X[-_TEST:]
    y, y_test = y[:-_TEST], y[-_TEST:]
if _VALID:
    X, X_valid = X[:-_VALID], X[-_VALID:]
    y, y_valid = y[:-_VALID], y[-_VALID:]

if _HOW == "batches":
    generator = torch.Generator().manual_seed(_SEED)
    loader = DataLoader(TensorDataset(X, y), batch_size=_BATCH, shuffle=True, generator=generator)
    print(len(loader), "batches")
    X_batch, y_batch = next(iter(loader))
    print(X_batch.shape, y_batch.shape)
    print(y_batch[:8])
elif _HOW == "scratch":
    if not _HIDDEN:

        def net(theta, X):
            W, b = theta.split((CLASSES * INPUTS, CLASSES))
            return X @ W.view(CLASSES, INPUTS).T + b  # the logits

    elif not _P:

        def net(theta, X):
            W1, b1, W2, b2 = theta.split((HIDDEN * INPUTS, HIDDEN, CLASSES * HIDDEN, CLASSES))
            H = (X @ W1.view(HIDDEN, INPUTS).T + b1).relu()  # (n, HIDDEN)
            return H @ W2.view(CLASSES, HIDDEN).T + b2  # the logits

    else:

        def net(theta, X, training=False):
            W1, b1, W2, b2 = theta.split((HIDDEN * INPUTS, HIDDEN, CLASSES * HIDDEN, CLASSES))
            H = (X @ W1.view(HIDDEN, INPUTS).T + b1).relu()  # (n, HIDDEN)
            if training:
                H = H * _mask(H, _P, generator=generator)
            return H @ W2.view(CLASSES, HIDDEN).T + b2  # the logits

    generator = torch.Generator().manual_seed(_SEED)
    parts = []
    for inputs, outputs in ((INPUTS, HIDDEN), (HIDDEN, CLASSES)) if _HIDDEN else ((INPUTS, CLASSES),):
        for size in (outputs * inputs, outputs):  # of W and b
            part = torch.empty(size, dtype=_DTYPE)
            parts.append(part.uniform_(-(inputs**-0.5), inputs**-0.5, generator=generator))
    theta = torch.cat(parts).requires_grad_()

    epochs = 2
    lr = _begin()
    if _ADAM:
        t = 0
    if _VALID:

        def measure(epoch):
            losses = [cross_entropy(net(theta.detach(), X), y) for X, y in ((X_valid, y_valid), (X_test, y_test))]
            return losses[0].item(), epoch, losses[1].item()

        history = [measure(0)]
    for epoch in range(epochs):
        for rows in torch.randperm(len(X), generator=generator).split(_BATCH):
            if _ADAM:
                t += 1
            logits = net(theta, X[rows], training=True) if _HIDDEN and _P else net(theta, X[rows])
            (g,) = torch.autograd.grad(cross_entropy(logits, y[rows]), theta)
            with torch.no_grad():
                if _DECAY:
                    g = g + _DECAY * theta
                theta = _update(theta, g, lr)
            theta.requires_grad_()
        if _VALID:
            history.append(measure(epoch + 1))

    logits = net(theta.detach(), X_test)
    loss = cross_entropy(logits, y_test)
    accuracy = (logits.argmax(1) == y_test).double().mean()
    print(f"epoch {epochs}: test loss {loss:.4f}, accuracy {accuracy:.4f}")
    print("parameters", len(theta))
else:
    torch.manual_seed(_SEED)
    if not _HIDDEN:
        model = nn.Sequential(nn.Linear(INPUTS, CLASSES, **_OPTIONS))
    elif not _P:
        model = nn.Sequential(
            nn.Linear(INPUTS, HIDDEN, **_OPTIONS),
            nn.ReLU(),
            nn.Linear(HIDDEN, CLASSES, **_OPTIONS),
        )
    else:
        model = nn.Sequential(
            nn.Linear(INPUTS, HIDDEN, **_OPTIONS),
            nn.ReLU(),
            nn.Dropout(_P),
            nn.Linear(HIDDEN, CLASSES, **_OPTIONS),
        )
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    epochs = 2
    if _VALID:

        def measure(epoch):
            model.eval()
            with torch.no_grad():
                losses = [criterion(model(X), y).item() for X, y in ((X_valid, y_valid), (X_test, y_test))]
            model.train()
            return losses[0], epoch, losses[1]

        history = [measure(0)]
    model.train()
    for epoch in range(epochs):
        for rows in torch.randperm(len(X)).split(_BATCH):
            optimizer.zero_grad()
            criterion(model(X[rows]), y[rows]).backward()
            optimizer.step()
        if _VALID:
            history.append(measure(epoch + 1))

    model.eval()
    with torch.no_grad():
        logits = model(X_test)
        loss = criterion(logits, y_test)
        accuracy = (logits.argmax(1) == y_test).double().mean()
    print(f"epoch {epochs}: test loss {loss:.4f}, accuracy {accuracy:.4f}")
    print("parameters", sum(p.numel() for p in model.parameters()))
if _VALID and _HOW != "batches":
    validation_loss, epoch, test_loss = min(history)  # chosen by validation, reported by test
    print(f"best on validation: epoch {epoch}, loss {validation_loss:.4f}, on test {test_loss:.4f}")
