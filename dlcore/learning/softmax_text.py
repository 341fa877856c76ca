"""The programs that the page on softmax shows, with what they print."""

from __future__ import annotations

import torch
from torch import Tensor

from dlcore.learning.softmax import cross_entropy, gradient, naive_steps, softmax, stable_steps
from dlcore.snippet import Snippet


def _list(values: Tensor) -> str:
    return "[" + ", ".join(f"{round(value, 4) + 0.0:.4f}" for value in values.tolist()) + "]"


def _literal(values: Tensor) -> str:
    return "torch.tensor([" + ", ".join(f"{value:g}" for value in values.tolist()) + "], dtype=torch.float64)"


_SHOW = """
def show(name, values):
    print(name, "[" + ", ".join(f"{round(value, 4) + 0.0:.4f}" for value in values.tolist()) + "]")

"""


def _output(logits: Tensor, y: int, temperature: float, weight: Tensor) -> str:
    classes = torch.arange(len(logits))
    z = (logits / temperature)[None].expand(len(logits), -1)
    losses = torch.stack([cross_entropy(z[i : i + 1], classes[i : i + 1]) for i in range(len(logits))])
    mean = cross_entropy(z, classes, weight)
    return (
        f"p {_list(softmax(logits, temperature))}\n"
        f"loss {_list(losses)}\n"
        f"gradient {_list(gradient(logits, y, temperature))}\n"
        f"weighted mean {float(mean):.4f}"
    )


def scratch(logits: Tensor, y: int, temperature: float, weight: Tensor) -> Snippet:
    """Probabilities, the loss of every class, and the gradient of one, by hand."""
    code = f"""import torch
{_SHOW}
z = {_literal(logits)} / {temperature:g}
m = z.max()
log_sum_exp = m + (z - m).exp().sum().log()
p = (z - log_sum_exp).exp()
losses = log_sum_exp - z
y = torch.zeros({len(logits)}, dtype=torch.float64)
y[{y}] = 1
weight = {_literal(weight)}

show("p", p)
show("loss", losses)
show("gradient", (p - y) / {temperature:g})
print(f"weighted mean {{(weight * losses).sum() / weight.sum():.4f}}")
"""
    return Snippet(code, _output(logits, y, temperature, weight))


def concise(logits: Tensor, y: int, temperature: float, weight: Tensor) -> Snippet:
    """The same by torch's functions and autograd."""
    code = f"""import torch
import torch.nn.functional as F
{_SHOW}
z = {_literal(logits)}.requires_grad_()
classes = torch.arange({len(logits)})
every = (z / {temperature:g}).expand({len(logits)}, -1)
losses = F.cross_entropy(every, classes, reduction="none")
losses[{y}].backward(retain_graph=True)
weight = {_literal(weight)}

show("p", F.softmax(z / {temperature:g}, dim=0))
show("loss", losses)
show("gradient", z.grad)
print(f"weighted mean {{F.cross_entropy(every, classes, weight=weight):.4f}}")
"""
    return Snippet(code, _output(logits, y, temperature, weight))


def overflow(logits: Tensor, y: int) -> Snippet:
    """The loss by its definition and by LogSumExp, in the dtype of ``logits``."""
    dtype = str(logits.dtype)
    values = ", ".join(f"{value:g}" for value in logits.tolist())
    code = f"""import torch

z = torch.tensor([{values}], dtype={dtype})
p = z.exp() / z.exp().sum()
print("by the definition:", -p[{y}].log().item())

shifted = z - z.max()
print("by LogSumExp:", (shifted.exp().sum().log() - shifted[{y}]).item())
"""
    naive, stable = naive_steps(logits, y)[-1].values[0], stable_steps(logits, y)[-1].values[0]
    return Snippet(code, f"by the definition: {naive}\nby LogSumExp: {stable}")
