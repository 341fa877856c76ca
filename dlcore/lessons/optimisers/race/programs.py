"""The programs that the page on optimizers shows, with what they print.

Two programs round differently. What they print is said only where the shadows of an optimizer (see
:data:`~dlcore.lessons.optimisers.race.model.KICKS`) would print it too: elsewhere it is the last digit's to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dlcore.lessons.optimisers.network.model import HIDDEN, Learner, NetworkRace
from dlcore.lessons.optimisers.race.model import Vector2, Walker
from dlcore.network.optimizers import RULES, Hyper, torch_arguments
from dlcore.programs.snippet import Snippet

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


def _foretold(copies: Sequence[Vector2], text: Callable[[Vector2], str], digit: float) -> str:
    """What the first of some copies says, or nothing if not all say so, or one is near to saying something else.

    ``digit`` is the last that is said; a hundredth of it is near enough for numbers to be taken as equal.
    """
    mine, *shadows = copies
    pairs = [pair for shadow in shadows for pair in zip(mine, shadow, strict=True)]
    same = all(abs(a - b) <= digit / 100 * max(1.0, abs(a)) for a, b in pairs)  # false for NaN
    return text(mine) if same and len(set(map(text, copies))) == 1 else ""


def _prints(walker: Walker) -> str:
    def text(place: Vector2) -> str:
        return " ".join(f"{round(value, 6) + 0.0:.6g}" for value in place)

    return _foretold((walker.place, *walker.shadows), text, 1e-6)


def _by_hand(racer: Walker | Learner, loss: str) -> str:
    """Return the steps that it has done, on theta, by its rule."""
    rule = RULES[racer.id]
    values = {"lr": racer.lr} | {name: getattr(racer.hyper, name) for name in rule.hyper}
    code = f"{', '.join(values)} = {', '.join(map(repr, values.values()))}\n"
    code += f"{rule.state}\n" if rule.state else ""
    code += f"for t in range(1, {racer.steps + 1}):\n"
    code += _indented(f"(g,) = torch.autograd.grad({loss}, theta)\nwith torch.no_grad():")
    return code + _indented(rule.code, 2) + _indented("theta.requires_grad_()")


def scratch(walker: Walker) -> Snippet:
    """The rule by hand, for as many steps as the walker has done."""
    code = f"{_head(walker)}{_start(walker)}{_by_hand(walker, 'f(*theta)')}"
    return Snippet(f"{code}\n{_PRINT}", _prints(walker))


def concise(walker: Walker) -> Snippet:
    """The same by ``torch.optim``."""
    code = f"""{_head(walker)}{_start(walker)}optimizer = {torch_call(walker.id, "[theta]", walker.lr, walker.hyper)}
for t in range({walker.steps}):
    optimizer.zero_grad()
    f(*theta).backward()
    optimizer.step()

{_PRINT}"""
    return Snippet(code, _prints(walker))


def torch_call(id: str, parameters: str, lr: float, hyper: Hyper) -> str:
    """Return the expression that makes an optimizer of ``torch.optim``."""
    arguments = torch_arguments(hyper.settings(id, lr), hyper)
    return f"torch.optim.{RULES[id].torch}({parameters}, {', '.join(f'{k}={v!r}' for k, v in arguments.items())})"


# The data of dlcore.spiral.data on the same stream, bit for bit.
_DATA = {
    "spiral": """t = torch.linspace(0, 1, {points})
arms = []
for c in range({classes}):
    start, end = 2 * math.pi / {classes} * c, 2 * math.pi / {classes} * (c + 2)
    angle = torch.linspace(start, end, {points}) + {noise!r} * torch.randn({points}, generator=generator)
    angle = angle.double()
    arms.append(torch.stack((t * angle.sin().float(), t * angle.cos().float()), 1))
X = torch.cat(arms).double()
""",
    "moons": """angle = torch.linspace(0, math.pi, {points})
upper = torch.stack((angle.cos(), angle.sin()), 1)
lower = torch.stack((1 - angle.cos(), 0.5 - angle.sin()), 1)
X = (torch.cat((upper, lower)) - torch.tensor([0.5, 0.25])) / 1.5
X = (X + 0.5 * {noise!r} * torch.randn(X.shape, generator=generator)).double()
""",
}
_MEASURE = """accuracy = (logits.argmax(1) == y).double().mean()
print(f"loss {loss:.4f}, accuracy {accuracy:.1%}")
"""


def network_scratch(race: NetworkRace, id: str) -> Snippet:
    """One optimizer's training with the rule by hand, on all weights as one vector."""
    learner, data = race.learners[id], race.data
    hidden, classes = HIDDEN, data.n_classes
    code = f"""{_network_head(race, "import torch")}
def net(theta):
    W1, b1, W2, b2 = theta.split(({hidden} * 2, {hidden}, {classes} * {hidden}, {classes}))
    hidden = (X @ W1.view({hidden}, 2).T + b1).relu()
    return hidden @ W2.view({classes}, {hidden}).T + b2

def cross_entropy(logits):
    return (logits.logsumexp(1) - logits[range(len(y)), y]).mean()

parts = []
for inputs, outputs in ((2, {hidden}), ({hidden}, {classes})):
    for size in (outputs * inputs, outputs):
        bound = inputs**-0.5
        parts.append(torch.empty(size).uniform_(-bound, bound, generator=generator))
theta = torch.cat(parts).double().requires_grad_()
"""
    code += _by_hand(learner, "cross_entropy(net(theta))")
    code += f"\nlogits = net(theta).detach()\nloss = cross_entropy(logits)\n{_MEASURE}"
    return Snippet(code, _network_prints(learner))


def network_concise(race: NetworkRace, id: str) -> Snippet:
    """The same by ``torch.optim``."""
    learner, hidden = race.learners[id], HIDDEN
    code = f"""{_network_head(race, "import torch", "from torch import nn")}
model = nn.Sequential(nn.Linear(2, {hidden}), nn.ReLU(), nn.Linear({hidden}, {race.data.n_classes}))
for layer in (model[0], model[2]):
    bound = layer.in_features**-0.5
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
model.double()
optimizer = {torch_call(id, "model.parameters()", learner.lr, learner.hyper)}
for epoch in range({learner.steps}):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(X), y).backward()
    optimizer.step()

logits = model(X).detach()
loss = nn.functional.cross_entropy(logits, y)
{_MEASURE}"""
    return Snippet(code, _network_prints(learner))


def _network_head(race: NetworkRace, *imports: str) -> str:
    data, lines = race.data, "\n".join(imports)
    make = _DATA[data.kind].format(classes=data.n_classes, points=data.points, noise=data.noise)
    return f"""import math

{lines}

generator = torch.Generator().manual_seed({data.seed})
{make}y = torch.arange({data.n_classes}).repeat_interleave({data.points})
"""


def _network_prints(learner: Learner) -> str:
    return _foretold(learner.measured(), lambda pair: f"loss {pair[0]:.4f}, accuracy {pair[1]:.1%}", 1e-4)
