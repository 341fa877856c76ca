"""The programs that the page on gradient descent shows, with what they print."""

from __future__ import annotations

from dlcore.lessons.gradient_descent.model import TRUE_WEIGHT, Descent, Samples, Search
from dlcore.programs.snippet import Snippet


def _data(data: Samples) -> tuple[str, str]:
    """Imports, and the lines that make x_data and y_data."""
    n = len(data.x)
    if n <= 5:
        return "", f"x_data = {list(data.x)}\ny_data = {list(data.y)}\n"
    x = f"x_data = [1.0 + 2.0 * i / {n - 1} for i in range({n})]\n"
    if not data.noise:
        return "", x + f"y_data = [{TRUE_WEIGHT} * x for x in x_data]\n"
    return "import torch\n", (
        f"{x}generator = torch.Generator().manual_seed({data.seed})\n"
        f"draws = torch.randn({n}, generator=generator, dtype=torch.float64).tolist()\n"
        f"y_data = [{TRUE_WEIGHT} * x + {data.noise!r} * draw for x, draw in zip(x_data, draws)]\n"
    )


def _head(imports: str, data: str) -> str:
    return f"{imports}\n{data}" if imports else data


# --- search -----------------------------------------------------------------------------------------------------------
def _found(found: Search) -> str:
    return f"least cost {min(found.costs):.6g} at w = {found.best:.9g}"


def _weights(low: float, step: float, found: Search) -> str:
    return f"weights = [round({low!r} + i * {step!r}, 10) for i in range({len(found.weights)})]\n"


def search_scratch(data: Samples, low: float, step: float, found: Search) -> Snippet:
    """The exhaustive search in plain Python, a weight at a time."""
    code = f"""{_head(*_data(data))}{_weights(low, step, found)}
best = None
for w in weights:
    cost = 0.0
    for x, y in zip(x_data, y_data):
        error = x * w - y
        cost += error * error
    cost /= len(x_data)
    if best is None or cost < best[0]:
        best = cost, w

print(f"least cost {{best[0]:.6g}} at w = {{best[1]:.9g}}")
"""
    return Snippet(code, _found(found))


def search_concise(data: Samples, low: float, step: float, found: Search) -> Snippet:
    """The same with all weights in one tensor.

    The samples are added up one after the other, so that of two weights equally good but for rounding both programs
    find the same.
    """
    _, lines = _data(data)
    code = f"""import torch

{lines}{_weights(low, step, found)}
w = torch.tensor(weights, dtype=torch.float64)
# The cost of every weight at once.
cost = sum((x * w - y) ** 2 for x, y in zip(x_data, y_data))
cost /= len(x_data)
best = cost.argmin()

print(f"least cost {{cost[best]:.6g}} at w = {{w[best]:.9g}}")
"""
    return Snippet(code, _found(found))


# --- descent ----------------------------------------------------------------------------------------------------------
def _prints(w: float) -> str:
    return f"w = {w:.9g}, prediction at x = 4: {4 * w:.9g}"


_PRINT = 'print(f"w = {w:.9g}, prediction at x = 4: {4 * w:.9g}")'


def scratch(run: Descent) -> Snippet:
    """The descent in plain Python, as far as ``run`` has come."""
    by_batch = run.batch < len(run.data.x)
    imports, data = _data(run.data)
    if run.shuffle and by_batch:
        imports = "import torch\n"
    head = f"{_head(imports, data)}w, lr = {run.start!r}, {run.lr!r}\n"
    if not by_batch:
        loop = f"""for epoch in range({run.epoch}):
    gradient = 0.0
    for x, y in zip(x_data, y_data):
        gradient += 2 * x * (x * w - y)
    w = w - lr * gradient / len(x_data)
"""
    else:
        draw = f"generator = torch.Generator().manual_seed({run.seed})\n" if run.shuffle else ""
        rows = "torch.randperm(len(x_data), generator=generator).tolist()" if run.shuffle else "range(len(x_data))"
        loop = f"""{draw}for epoch in range({run.epoch}):
    order = {rows}
    for at in range(0, len(order), {run.batch}):
        batch = order[at : at + {run.batch}]
        gradient = 0.0
        for i in batch:
            gradient += 2 * x_data[i] * (x_data[i] * w - y_data[i])
        w = w - lr * gradient / len(batch)
"""
    return Snippet(f"{head}{loop}\n{_PRINT}\n", _prints(run.w))


def concise(run: Descent) -> Snippet:
    """The same with a module, its loss and an optimizer."""
    by_batch = run.batch < len(run.data.x)
    _, data = _data(run.data)
    head = f"""import torch
from torch import nn

{data}X = torch.tensor(x_data, dtype=torch.float64)[:, None]
Y = torch.tensor(y_data, dtype=torch.float64)[:, None]
model = nn.Linear(1, 1, bias=False, dtype=torch.float64)
nn.init.constant_(model.weight, {run.start!r})
optimizer = torch.optim.SGD(model.parameters(), lr={run.lr!r})
"""
    if run.shuffle and by_batch:
        head += f"generator = torch.Generator().manual_seed({run.seed})\n"
    step = """loss = nn.functional.mse_loss(model(X{0}), Y{0})
optimizer.zero_grad()
loss.backward()
optimizer.step()
"""
    if not by_batch:
        loop = f"for epoch in range({run.epoch}):\n" + _indent(step.format(""), 1)
    else:
        order = "torch.randperm(len(X), generator=generator)" if run.shuffle else "torch.arange(len(X))"
        loop = f"for epoch in range({run.epoch}):\n    for batch in {order}.split({run.batch}):\n" + _indent(
            step.format("[batch]"), 2
        )
    return Snippet(f"{head}{loop}\nw = model.weight.item()\n{_PRINT}\n", _prints(run.w))


def _indent(text: str, levels: int) -> str:
    return "".join(f"{'    ' * levels}{line}\n" for line in text.splitlines())
