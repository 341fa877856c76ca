"""The programs that the page on images shows, with what they print: the run from scratch, by torch, and the batches."""

from __future__ import annotations

import torch

from dlcore.images import download
from dlcore.images.data import CLASSES, DIGITS_TEST, MEASURED, Images
from dlcore.lessons.images.model import ImagesRun
from dlcore.programs.snippet import Snippet

_DIGITS = f"""digits = load_digits()
order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
X = torch.tensor(digits.data)[order] / 16  # (1797, 64)
y = torch.tensor(digits.target)[order]
X, X_test = X[:-{DIGITS_TEST}], X[-{DIGITS_TEST}:]
y, y_test = y[:-{DIGITS_TEST}], y[-{DIGITS_TEST}:]
"""


def _load(images: Images) -> tuple[str, str]:
    """Imports, and the lines that make X, y, X_test and y_test."""
    if images.name == "digits":
        return "import torch\nfrom sklearn.datasets import load_digits\n", _DIGITS
    X, y, X_test, y_test = (file.name for file in download.FASHION)
    lines = f"""cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
folder = Path(cache) / "deep-learning-playground" / "fashion-mnist"

def read(name, header):
    content = gzip.decompress((folder / name).read_bytes())
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=header)

X = read("{X}", 16).reshape(-1, {images.side**2})[:{len(images.train)}] / {images.levels}
y = read("{y}", 8)[:{len(images.train)}].long()
X_test = read("{X_test}", 16).reshape(-1, {images.side**2})[:{MEASURED}] / {images.levels}
y_test = read("{y_test}", 8)[:{MEASURED}].long()
"""
    return "import gzip\nimport os\nfrom pathlib import Path\n\nimport torch\n", lines


_PRINT = """print(f"epoch {epochs}: test loss {loss:.4f}, accuracy {accuracy:.4f}")
"""


def _prints(run: ImagesRun) -> str:
    if run.images.dtype != torch.float64:
        return ""  # the last digits of single precision are the machine's
    last = run.history[-1]
    return f"epoch {last.epoch}: test loss {last.test_loss:.4f}, accuracy {last.test_accuracy:.4f}"


def scratch(run: ImagesRun) -> Snippet:
    """The run with tensors and autograd alone, as far as it has come in whole epochs."""
    t, images = run.training, run.images
    imports, data = _load(images)
    parts = "sum" if t.kind == "softmax" else "hidden"
    widths = f"{images.side**2}, {CLASSES}"
    if parts == "sum":
        make = f"parameters = layer({widths})"
        network = """def net(X):
    W, b = parameters
    return X @ W.T + b  # the logits
"""
    else:
        make = f"parameters = layer({images.side**2}, {t.hidden}) + layer({t.hidden}, {CLASSES})"
        if t.drop_probability:
            keep = 1 - t.drop_probability
            network = f"""def net(X, training=False):
    W1, b1, W2, b2 = parameters
    H = (X @ W1.T + b1).relu()  # (n, {t.hidden})
    if training:  # drop units, and scale the others up
        H = H * torch.empty_like(H).bernoulli_({keep!r}, generator=generator) / {keep!r}
    return H @ W2.T + b2  # the logits
"""
        else:
            network = f"""def net(X):
    W1, b1, W2, b2 = parameters
    H = (X @ W1.T + b1).relu()  # (n, {t.hidden})
    return H @ W2.T + b2  # the logits
"""
    decay = f" + {t.decay!r} * p" if t.decay else ""
    if t.optimizer == "sgd":
        state = ""
        update = f"""            for p, g in zip(parameters, gradients):
                p -= {t.lr!r} * (g{decay})
"""
    else:
        state = "m, v = ([torch.zeros_like(p) for p in parameters] for _ in range(2))\nstep = 0\n"
        gradient = f"                g = g{decay}\n" if decay else ""
        update = f"""            step += 1
            for i, (p, g) in enumerate(zip(parameters, gradients)):
{gradient}                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g**2
                m_hat, v_hat = m[i] / (1 - 0.9**step), v[i] / (1 - 0.999**step)
                p -= {t.lr!r} * m_hat / (v_hat.sqrt() + 1e-8)
"""
    call = "net(X[rows], training=True)" if t.drop_probability else "net(X[rows])"
    code = f"""{imports}
{data}
generator = torch.Generator().manual_seed({t.seed})

def layer(inputs, outputs):
    W = torch.empty(outputs, inputs, dtype={images.dtype})
    b = torch.empty(outputs, dtype={images.dtype})
    for p in (W, b):
        p.uniform_(-(inputs**-0.5), inputs**-0.5, generator=generator).requires_grad_()
    return [W, b]

{network}
def cross_entropy(logits, y):
    return (logits.logsumexp(1) - logits[torch.arange(len(y)), y]).mean()

{make}
{state}epochs = {run.history[-1].epoch}
for epoch in range(epochs):
    for rows in torch.randperm(len(X), generator=generator).split({t.batch}):
        loss = cross_entropy({call}, y[rows])
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
{update}
with torch.no_grad():
    logits = net(X_test)
    loss = cross_entropy(logits, y_test)
    accuracy = (logits.argmax(1) == y_test).double().mean()
{_PRINT}"""
    return Snippet(code, _prints(run))


def concise(run: ImagesRun) -> Snippet:
    """The same with modules, a loss and an optimizer of torch."""
    t, images = run.training, run.images
    imports, data = _load(images)
    double = ", dtype=torch.float64" if images.dtype == torch.float64 else ""
    inputs = images.side**2
    if t.kind == "softmax":
        model = f"model = nn.Sequential(nn.Linear({inputs}, {CLASSES}{double}))"
    else:
        drop = f"    nn.Dropout({t.drop_probability!r}),\n" if t.drop_probability else ""
        model = f"""model = nn.Sequential(
    nn.Linear({inputs}, {t.hidden}{double}),
    nn.ReLU(),
{drop}    nn.Linear({t.hidden}, {CLASSES}{double}),
)"""
    rule = {"sgd": "SGD", "adam": "Adam"}[t.optimizer]
    decay = f", weight_decay={t.decay!r}" if t.decay else ""
    code = f"""{imports.rstrip()}
from torch import nn

{data}
torch.manual_seed({t.seed})
{model}
cross_entropy = nn.CrossEntropyLoss()
optimizer = torch.optim.{rule}(model.parameters(), lr={t.lr!r}{decay})

epochs = {run.history[-1].epoch}
model.train()
for epoch in range(epochs):
    for rows in torch.randperm(len(X)).split({t.batch}):
        optimizer.zero_grad()
        cross_entropy(model(X[rows]), y[rows]).backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    logits = model(X_test)
    loss = cross_entropy(logits, y_test)
    accuracy = (logits.argmax(1) == y_test).double().mean()
{_PRINT}"""
    return Snippet(code, _prints(run))


def batches(images: Images, batch: int, seed: int, X: torch.Tensor, y: torch.Tensor) -> Snippet:
    """The loader and its first batch, (X, y)."""
    imports, data = _load(images)
    code = f"""{imports.rstrip()}
from torch.utils.data import DataLoader, TensorDataset

{data}
loader = DataLoader(
    TensorDataset(X, y), batch_size={batch}, shuffle=True, generator=torch.Generator().manual_seed({seed})
)
print(len(loader), "batches")
X_batch, y_batch = next(iter(loader))
print(X_batch.shape, y_batch.shape)
print(y_batch[:8])
"""
    count = -(-len(images.train) // batch)
    return Snippet(code, f"{count} batches\n{X.shape} {y.shape}\n{y[:8]}")
