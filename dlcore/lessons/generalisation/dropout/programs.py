"""The programs that the page on generalisation shows for dropout, with what they print."""

from __future__ import annotations

from torch import Tensor

from dlcore.images.data import CLASSES
from dlcore.lessons.generalisation.dropout.model import BATCH, LR, N_TEST, DropoutFit
from dlcore.programs.snippet import Snippet

_DROPOUT = """def dropout(x, p, training):
    if not training or p == 0:
        return x
    if p == 1:
        return torch.zeros_like(x)
    mask = torch.empty_like(x).bernoulli_(1 - p, generator=generator)  # 1 with probability 1 - p
    return x * (mask / (1 - p))
"""


# --- one tensor -------------------------------------------------------------------------------------------------------
def _x(x: Tensor) -> str:
    rows, columns = x.shape
    return f"x = torch.arange(1.0, {x.numel() + 1}, dtype=torch.float64).reshape({rows}, {columns})\n"


def _printed(output: Tensor, mean: Tensor) -> str:
    return f"{output}\n{mean}"


def mask_scratch(x: Tensor, p: float, draws: int, seed: int, training: bool, output: Tensor, mean: Tensor) -> Snippet:
    """Dropout by hand on ``x``, whose elements count from 1: one draw, ``output``, and the ``mean`` of several."""
    code = f"""import torch

generator = torch.Generator()

{_DROPOUT}
{_x(x)}generator.manual_seed({seed})
print(dropout(x, {p!r}, training={training}))
generator.manual_seed({seed})
print(torch.stack([dropout(x, {p!r}, training={training}) for _ in range({draws})]).mean(0))
"""
    return Snippet(code, _printed(output, mean))


def mask_concise(x: Tensor, p: float, draws: int, seed: int, training: bool, output: Tensor, mean: Tensor) -> Snippet:
    """The same with ``nn.Dropout``."""
    code = f"""import torch

dropout = torch.nn.Dropout({p!r}).{"train" if training else "eval"}()

{_x(x)}torch.manual_seed({seed})
print(dropout(x))
torch.manual_seed({seed})
print(torch.stack([dropout(x) for _ in range({draws})]).mean(0))
"""
    return Snippet(code, _printed(output, mean))


# --- a net ------------------------------------------------------------------------------------------------------------
def _pixels(run: DropoutFit) -> int:
    return run.train[0].shape[1]


def _data(run: DropoutFit) -> str:
    end = N_TEST + run.n_train
    return f"""digits = load_digits()
order = torch.randperm(len(digits.data), generator=torch.Generator().manual_seed(0))
X = torch.tensor(digits.data)[order] / 16  # (n, {_pixels(run)})
y = torch.tensor(digits.target)[order]
X_test, X = X[:{N_TEST}], X[{N_TEST}:{end}]
y_test, y = y[:{N_TEST}], y[{N_TEST}:{end}]
"""


_PRINT = """    loss = cross_entropy(net(X), y)
    logits = net(X_test)
    test_loss = cross_entropy(logits, y_test)
    accuracy = (logits.argmax(1) == y_test).double().mean()
print(f"train loss {loss:.4f}, test loss {test_loss:.4f}, test accuracy {accuracy:.3f}")
"""


def _output(run: DropoutFit) -> str:
    last = run.history[-1]
    return f"train loss {last.train_loss:.4f}, test loss {last.test_loss:.4f}, test accuracy {last.test_accuracy:.3f}"


def scratch(run: DropoutFit) -> Snippet:
    """The net with dropout by hand, as far as ``run`` has come."""
    p1, p2 = run.p
    code = f"""import torch
from sklearn.datasets import load_digits

{_data(run)}
generator = torch.Generator().manual_seed({run.seed})

{_DROPOUT}
def layer(inputs, outputs):
    W = torch.empty(outputs, inputs, dtype=torch.float64)
    b = torch.empty(outputs, dtype=torch.float64)
    for parameter in (W, b):
        bound = inputs**-0.5
        parameter.uniform_(-bound, bound, generator=generator).requires_grad_()
    return [W, b]

parameters = layer({_pixels(run)}, {run.hidden}) + layer({run.hidden}, {run.hidden}) + layer({run.hidden}, {CLASSES})

def net(X, training=False):
    W1, b1, W2, b2, W3, b3 = parameters
    H = dropout((X @ W1.T + b1).relu(), {p1!r}, training)
    H = dropout((H @ W2.T + b2).relu(), {p2!r}, training)
    return H @ W3.T + b3

cross_entropy = torch.nn.functional.cross_entropy
optimizer = torch.optim.Adam(parameters, lr={LR!r})
for epoch in range({run.epoch}):
    for rows in torch.randperm(len(X), generator=generator).split({BATCH}):
        optimizer.zero_grad()
        cross_entropy(net(X[rows], training=True), y[rows]).backward()
        optimizer.step()

with torch.no_grad():
{_PRINT}"""
    return Snippet(code, _output(run))


def concise(run: DropoutFit) -> Snippet:
    """The same with torch's modules."""
    p1, p2 = run.p
    code = f"""import torch
from sklearn.datasets import load_digits
from torch import nn

{_data(run)}
torch.manual_seed({run.seed})
net = nn.Sequential(
    nn.Linear({_pixels(run)}, {run.hidden}, dtype=torch.float64),
    nn.ReLU(),
    nn.Dropout({p1!r}),
    nn.Linear({run.hidden}, {run.hidden}, dtype=torch.float64),
    nn.ReLU(),
    nn.Dropout({p2!r}),
    nn.Linear({run.hidden}, {CLASSES}, dtype=torch.float64),
)
cross_entropy = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr={LR!r})
for epoch in range({run.epoch}):
    for rows in torch.randperm(len(X)).split({BATCH}):
        optimizer.zero_grad()
        cross_entropy(net(X[rows]), y[rows]).backward()
        optimizer.step()

net.eval()
with torch.no_grad():
{_PRINT}"""
    return Snippet(code, _output(run))
