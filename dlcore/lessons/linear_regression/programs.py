"""The programs that the page on linear regression shows, with what they print."""

from __future__ import annotations

from dlcore.lessons.linear_regression.model import MODULES, Regression
from dlcore.programs.snippet import Snippet


def _data(run: Regression, seed: int, noise: float, imports: str = "import torch\n") -> str:
    d, n = run.data.X.shape[1], len(run.data.X)
    true = ", ".join(f"[{value!r}]" for value in run.data.w)
    return f"""{imports}
generator = torch.Generator().manual_seed({seed})
X = torch.randn({n}, {d}, generator=generator, dtype=torch.float64)
y = X @ torch.tensor([{true}], dtype=torch.float64) + {run.data.b!r}
y += {noise!r} * torch.randn({n}, 1, generator=generator, dtype=torch.float64)

generator = torch.Generator().manual_seed({run.seed})
"""


# Six digits: the last bits are the machine's, and a run that is about to diverge has large numbers.
_PRINT = """def digits(value):
    return f"{round(value, 6) + 0.0:.6g}"

print("w", *map(digits, w.flatten().tolist()), "b", digits(b.item()))
"""


def _output(run: Regression, parameters: list[float]) -> str:
    if run.epoch < run.epochs:
        return ""
    *w, b = (f"{round(value, 6) + 0.0:.6g}" for value in parameters)
    return f"w {' '.join(w)} b {b}"


def scratch(run: Regression, seed: int, noise: float) -> Snippet:
    """The training from scratch, all of it; its output is that of ``run`` at its end."""
    derivative = "2 * r / len(r)" if run.loss == "mse" else "r.clamp(-1, 1) / len(r)"
    code = f"""{_data(run, seed, noise)}w = torch.zeros({run.data.X.shape[1]}, 1, dtype=torch.float64)
b = torch.zeros(1, dtype=torch.float64)
lr = {run.lr!r}
for epoch in range({run.passes}):
    for batch in torch.randperm(len(X), generator=generator).split({run.batch}):
        r = X[batch] @ w + b - y[batch]
        d = {derivative}  # of the loss, with respect to the predictions
        w, b = w - lr * (X[batch].T @ d), b - lr * d.sum(0)

{_PRINT}"""
    return Snippet(code, _output(run, run.scratch.parameters))


def concise(run: Regression, seed: int, noise: float) -> Snippet:
    """The same with torch's module, loss, optimizer and loader."""
    imports = "import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, TensorDataset\n"
    code = f"""{_data(run, seed, noise, imports)}order = list(range(len(X)))
# Usually shuffle=True. Here the order is given, so that both programs get the same batches.
loader = DataLoader(TensorDataset(X, y), batch_size={run.batch}, sampler=order)

model = nn.Linear({run.data.X.shape[1]}, 1, dtype=torch.float64)
nn.init.zeros_(model.weight)
nn.init.zeros_(model.bias)
loss_function = nn.{MODULES[run.loss]}()
optimizer = torch.optim.SGD(model.parameters(), lr={run.lr!r})
for epoch in range({run.passes}):
    order[:] = torch.randperm(len(X), generator=generator).tolist()
    for features, targets in loader:
        loss = loss_function(model(features), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

w, b = model.weight, model.bias
{_PRINT}"""
    return Snippet(code, _output(run, run.concise.parameters))
