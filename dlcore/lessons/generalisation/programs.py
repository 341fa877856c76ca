"""The programs that the page on generalisation shows for its linear models, with what they print."""

from __future__ import annotations

from dlcore.lessons.generalisation.model import COEFFICIENTS, DECAY_NOISE, TRUE_BIAS, TRUE_WEIGHT, LinearFit
from dlcore.programs.snippet import Snippet

# Six digits: the last bits are the machine's, and a run that is about to diverge has large numbers.
_DIGITS = """def digits(value):
    return f"{round(value, 6) + 0.0:.6g}"
"""
_ERRORS = 'print("train", digits(error(X, y)), "test", digits(error(X_test, y_test)))\n'


def _digits(value: float) -> str:
    return f"{round(value, 6) + 0.0:.6g}"


def _errors(run: LinearFit) -> str:
    last = run.history[-1]
    return f"train {_digits(last.train_error)} test {_digits(last.test_error)}"


# --- a polynomial -----------------------------------------------------------------------------------------------------
def _samples(run: LinearFit, noise: float, imports: str = "import torch\n") -> str:
    p = run.problem
    a, b, c, d = COEFFICIENTS
    return f"""import math

{imports}
generator = torch.Generator().manual_seed({run.seed})

def samples(n):
    x = torch.randn(n, generator=generator, dtype=torch.float64)
    y = {a!r} + {b!r} * x - {-c!r} * x**2 / 2 + {d!r} * x**3 / 6
    y += {noise!r} * torch.randn(n, generator=generator, dtype=torch.float64)
    return torch.stack([x**i / math.factorial(i) for i in range({len(p.start)})], 1), y

X_test, y_test = samples({len(p.y_test)})
X, y = samples({len(p.y_train)})  # X: ({len(p.y_train)}, {len(p.start)})

generator.manual_seed({run.seed})
"""


_WEIGHTS = 'print("w", *map(digits, w.tolist()))\n'


def _polynomial_output(run: LinearFit) -> str:
    if run.diverged:
        return ""
    return f"w {' '.join(map(_digits, run.w.tolist()))}\n{_errors(run)}"


def polynomial_scratch(run: LinearFit, noise: float) -> Snippet:
    """The descent of a polynomial's weights as far as ``run`` has come, by hand."""
    code = f"""{_samples(run, noise)}w = torch.zeros({len(run.problem.start)}, dtype=torch.float64)
lr = {run.lr!r}
for epoch in range({run.epoch}):
    for rows in torch.randperm(len(X), generator=generator).split({run.batch}):
        r = X[rows] @ w - y[rows]
        w = w - lr * 2 * (r @ X[rows]) / len(rows)

def error(X, y):
    return (X @ w - y).square().mean().item()

{_DIGITS}
{_WEIGHTS}{_ERRORS}"""
    return Snippet(code, _polynomial_output(run))


def polynomial_concise(run: LinearFit, noise: float) -> Snippet:
    """The same with torch's module, loss, optimizer and loader."""
    imports = "import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, TensorDataset\n"
    code = f"""{_samples(run, noise, imports)}order = list(range(len(X)))
# Usually shuffle=True. Here the order is given, so that both programs get the same batches.
loader = DataLoader(TensorDataset(X, y[:, None]), batch_size={run.batch}, sampler=order)

model = nn.Linear({len(run.problem.start)}, 1, bias=False, dtype=torch.float64)
nn.init.zeros_(model.weight)
loss = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr={run.lr!r})
for epoch in range({run.epoch}):
    order[:] = torch.randperm(len(X), generator=generator).tolist()
    for features, targets in loader:
        optimizer.zero_grad()
        loss(model(features), targets).backward()
        optimizer.step()

def error(X, y):
    return loss(model(X), y[:, None]).item()

w = model.weight[0]
{_DIGITS}
{_WEIGHTS}{_ERRORS}"""
    return Snippet(code, _polynomial_output(run))


# --- weight decay -----------------------------------------------------------------------------------------------------
def _many_inputs(run: LinearFit) -> str:
    p = run.problem
    n_train, n, d = len(p.y_train), len(p.y_train) + len(p.y_test), len(p.start)
    return f"""import torch

generator = torch.Generator().manual_seed({run.seed})
w = torch.randn({d}, generator=generator, dtype=torch.float64)  # to begin with
X = torch.randn({n}, {d}, generator=generator, dtype=torch.float64)
noise = torch.randn({n}, generator=generator, dtype=torch.float64)
y = {TRUE_WEIGHT!r} * X.sum(1) + {TRUE_BIAS!r} + {DECAY_NOISE!r} * noise
X, X_test, y, y_test = X[:{n_train}], X[{n_train}:], y[:{n_train}], y[{n_train}:]

generator.manual_seed({run.seed})
"""


_NORM = 'print("norm of w", digits(w.norm().item()))\n'


def _decay_output(run: LinearFit) -> str:
    return "" if run.diverged else f"{_errors(run)}\nnorm of w {_digits(run.history[-1].norm)}"


def decay_scratch(run: LinearFit) -> Snippet:
    """The descent with weight decay as far as ``run`` has come, by hand."""
    code = f"""{_many_inputs(run)}b, lr, decay = 0.0, {run.lr!r}, {run.decay!r}
for epoch in range({run.epoch}):
    for rows in torch.randperm(len(X), generator=generator).split({run.batch}):
        r = X[rows] @ w + b - y[rows]
        w = w - lr * (2 * (r @ X[rows]) / len(rows) + decay * w)
        b = b - lr * 2 * r.mean()

def error(X, y):
    return (X @ w + b - y).square().mean().item()

{_DIGITS}
{_ERRORS}{_NORM}"""
    return Snippet(code, _decay_output(run))


def decay_concise(run: LinearFit) -> Snippet:
    """The same with the optimizer's own weight decay, on the weights only."""
    code = f"""{_many_inputs(run)}model = torch.nn.Linear({len(run.problem.start)}, 1, dtype=torch.float64)
with torch.no_grad():
    model.weight.copy_(w)
    model.bias.zero_()
groups = [{{"params": model.weight, "weight_decay": {run.decay!r}}}, {{"params": model.bias}}]
optimizer = torch.optim.SGD(groups, lr={run.lr!r})
loss = torch.nn.MSELoss()
for epoch in range({run.epoch}):
    for rows in torch.randperm(len(X), generator=generator).split({run.batch}):
        optimizer.zero_grad()
        loss(model(X[rows]), y[rows, None]).backward()
        optimizer.step()

def error(X, y):
    return loss(model(X), y[:, None]).item()

w = model.weight
{_DIGITS}
{_ERRORS}{_NORM}"""
    return Snippet(code, _decay_output(run))
