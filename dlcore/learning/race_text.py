"""The programs that the page on optimisers shows, with what they print."""

from __future__ import annotations

from dlcore.learning.network_race import NetworkRace
from dlcore.learning.race import Hyper, Walker
from dlcore.snippet import Snippet

# The state before the first step, and the lines of one step, of each rule; theta, g, lr and t are there.
_RULES = {
    "sgd": ("", "theta = theta - lr * g"),
    "momentum": ("v = 0", "v = {momentum!r} * v + g\ntheta = theta - lr * v"),
    "nesterov": ("v = 0", "v = {momentum!r} * v + g\ntheta = theta - lr * (g + {momentum!r} * v)"),
    "adagrad": ("s = 0", "s = s + g**2\ntheta = theta - lr * g / (s.sqrt() + {eps!r})"),
    "rmsprop": (
        "s = 0",
        "s = {alpha!r} * s + (1 - {alpha!r}) * g**2\ntheta = theta - lr * g / (s.sqrt() + {eps!r})",
    ),
}
_ADAM = """m = {beta1!r} * m + (1 - {beta1!r}) * g
v = {beta2!r} * v + (1 - {beta2!r}) * g**2
m_hat = m / (1 - {beta1!r} ** t)
v_hat = v / (1 - {beta2!r} ** t)
theta = theta - lr * m_hat / (v_hat.sqrt() + {eps!r})"""
_RULES["adam"] = ("m = v = 0", _ADAM)
_RULES["adamw"] = ("m = v = 0", "theta = theta - lr * {decay!r} * theta\n" + _ADAM)

_PRINT = 'print(" ".join(f"{round(value, 6) + 0.0:.6g}" for value in theta.tolist()))\n'


def _indented(text: str, levels: int = 1) -> str:
    return "".join(f"{'    ' * levels}{line}\n" for line in text.splitlines())


def _head(walker: Walker) -> str:
    program = walker.surface.program
    body = _indented(f"{program.code}\nreturn {program.result}")
    return f"import torch\n\ndef f(x, y):\n{body}\n"


def _start(walker: Walker) -> str:
    x, y, _ = walker.path[0]
    return f"theta = torch.tensor([{x!r}, {y!r}], dtype=torch.float64, requires_grad=True)\n"


def _prints(walker: Walker) -> str:
    return " ".join(f"{round(value, 6) + 0.0:.6g}" for value in walker.place)


def scratch(walker: Walker) -> Snippet:
    """The rule by hand, for as many steps as the walker has done."""
    state, step = (text.format(**_values(walker.hyper)) for text in _RULES[walker.id])
    code = f"{_head(walker)}{_start(walker)}lr = {walker.lr!r}\n"
    code += f"{state}\n" if state else ""
    code += f"for t in range(1, {walker.steps + 1}):\n"
    code += _indented("(g,) = torch.autograd.grad(f(*theta), theta)\nwith torch.no_grad():")
    code += _indented(step, 2) + _indented("theta.requires_grad_()")
    return Snippet(f"{code}\n{_PRINT}", _prints(walker))


def concise(walker: Walker) -> Snippet:
    """The same by ``torch.optim``."""
    code = f"""{_head(walker)}{_start(walker)}optimiser = {torch_call(walker.id, "[theta]", walker.lr, walker.hyper)}
for t in range({walker.steps}):
    optimiser.zero_grad()
    f(*theta).backward()
    optimiser.step()

{_PRINT}"""
    return Snippet(code, _prints(walker))


def torch_call(id: str, parameters: str, lr: float, hyper: Hyper) -> str:
    """The line that makes an optimiser of ``torch.optim``."""
    values = _values(hyper)
    nesterov = ", nesterov=True" if hyper.momentum else ""  # torch refuses it without momentum, where it is SGD
    name, arguments = {
        "sgd": ("SGD", ""),
        "momentum": ("SGD", ", momentum={momentum!r}"),
        "nesterov": ("SGD", ", momentum={momentum!r}" + nesterov),
        "adagrad": ("Adagrad", ", eps={eps!r}"),
        "rmsprop": ("RMSprop", ", alpha={alpha!r}, eps={eps!r}"),
        "adam": ("Adam", ", betas=({beta1!r}, {beta2!r}), eps={eps!r}"),
        "adamw": ("AdamW", ", betas=({beta1!r}, {beta2!r}), eps={eps!r}, weight_decay={decay!r}"),
    }[id]
    return f"torch.optim.{name}({parameters}, lr={lr!r}{arguments.format(**values)})"


def _values(hyper: Hyper) -> dict[str, float]:
    return {name: getattr(hyper, name) for name in ("momentum", "beta1", "beta2", "alpha", "eps", "decay")}


_DATA = {
    "spiral": """t = torch.linspace(0, 1, {points})
arms = []
for c in range(3):
    start, end = 2 * math.pi / 3 * c, 2 * math.pi / 3 * (c + 2)
    angle = torch.linspace(start, end, {points}) + {noise!r} * torch.randn({points}, generator=g)
    arms.append(torch.stack((t * angle.sin(), t * angle.cos()), 1))
X = torch.cat(arms)
""",
    "moons": """angle = torch.linspace(0, math.pi, {points})
upper = torch.stack((angle.cos(), angle.sin()), 1)
lower = torch.stack((1 - angle.cos(), 0.5 - angle.sin()), 1)
X = (torch.cat((upper, lower)) - torch.tensor([0.5, 0.25])) / 1.5
X = X + 0.5 * {noise!r} * torch.randn(X.shape, generator=g)
""",
}


def network(race: NetworkRace, id: str) -> Snippet:
    """One optimiser's training by torch. In float32 its last digits are the machine's, so nothing is foretold."""
    data = race.data
    classes, points = data.n_classes, data.points
    make = _DATA[data.kind].format(points=points, noise=data.noise)
    hyper = Hyper(momentum=race.momentum, decay=race.decay)
    code = f"""import math

import torch
from torch import nn

g = torch.Generator().manual_seed({data.seed})
{make}y = torch.arange({classes}).repeat_interleave({points})

model = nn.Sequential(nn.Linear(2, {race.hidden}), nn.ReLU(), nn.Linear({race.hidden}, {classes}))
for layer in (model[0], model[2]):
    bound = layer.in_features**-0.5
    nn.init.uniform_(layer.weight, -bound, bound, generator=g)
    nn.init.uniform_(layer.bias, -bound, bound, generator=g)
optimiser = {torch_call(id, "model.parameters()", race.rates[id], hyper)}
for epoch in range({race.epoch}):
    loss = nn.functional.cross_entropy(model(X), y)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

with torch.no_grad():
    print(f"loss {{nn.functional.cross_entropy(model(X), y):.4f}}")
"""
    return Snippet(code)
