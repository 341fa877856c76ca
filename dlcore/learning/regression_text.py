"""The programs that the page on linear regression shows, with what they print."""

from __future__ import annotations

from dlcore.learning.regression import MODULES, Regression
from dlcore.snippet import Snippet


def _data(run: Regression, seed: int, noise: float) -> str:
    d, n = run.data.X.shape[1], len(run.data.X)
    true = ", ".join(f"[{value:g}]" for value in run.data.w)
    return f"""import torch

generator = torch.Generator().manual_seed({seed})
X = torch.randn({n}, {d}, generator=generator, dtype=torch.float64)
y = X @ torch.tensor([{true}], dtype=torch.float64) + {run.data.b:g}
y += {noise:g} * torch.randn({n}, 1, generator=generator, dtype=torch.float64)

generator = torch.Generator().manual_seed({run.seed})
"""


def _output(run: Regression) -> str:
    *w, b = run.scratch.parameters
    return f"w {[round(value, 6) + 0.0 for value in w]} b {round(b, 6) + 0.0}"


def scratch(run: Regression, seed: int, noise: float) -> Snippet:
    """The training from scratch, all of it; its output is that of ``run`` at its end."""
    derivative = "2 * r / len(r)" if run.loss == "mse" else "r.clamp(-1, 1) / len(r)"
    code = f"""{_data(run, seed, noise)}w = torch.zeros({run.data.X.shape[1]}, 1, dtype=torch.float64)
b = torch.zeros(1, dtype=torch.float64)
for epoch in range({run.passes}):
    for batch in torch.randperm(len(X), generator=generator).split({run.batch}):
        r = X[batch] @ w + b - y[batch]
        d = {derivative}  # of the loss, with respect to the predictions
        w, b = w - {run.lr:g} * X[batch].T @ d, b - {run.lr:g} * d.sum(0)

print("w", [round(value, 6) + 0.0 for value in w.flatten().tolist()], "b", round(b.item(), 6) + 0.0)
"""
    return Snippet(code, _output(run) if run.epoch == run.epochs else "")


def concise(run: Regression, seed: int, noise: float) -> Snippet:
    """The same with torch's module, loss, optimiser and loader."""
    code = f"""{_data(run, seed, noise)}dataset = torch.utils.data.TensorDataset(X, y)
model = torch.nn.Linear({run.data.X.shape[1]}, 1, dtype=torch.float64)
torch.nn.init.zeros_(model.weight)
torch.nn.init.zeros_(model.bias)
loss_function = torch.nn.{MODULES[run.loss]}()
optimiser = torch.optim.SGD(model.parameters(), lr={run.lr:g})
for epoch in range({run.passes}):
    order = torch.randperm(len(X), generator=generator).tolist()
    for features, targets in torch.utils.data.DataLoader(dataset, {run.batch}, sampler=order):
        loss = loss_function(model(features), targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

w, b = model.weight.detach(), model.bias.detach()
print("w", [round(value, 6) + 0.0 for value in w.flatten().tolist()], "b", round(b.item(), 6) + 0.0)
"""
    return Snippet(code, _output(run) if run.epoch == run.epochs else "")
