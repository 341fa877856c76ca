"""The programs that the page on softmax shows, with what they print."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcore.lessons.softmax.model import gradient, naive_steps, softmax, stable_steps
from dlcore.network.from_scratch import cross_entropy
from dlcore.programs.snippet import Snippet


def _list(values: Tensor) -> str:
    return "[" + ", ".join(f"{round(value, 4) + 0.0:.4f}" for value in values.tolist()) + "]"


def _literal(values: Tensor) -> str:
    return f"torch.tensor({values.tolist()}, dtype={values.dtype})"


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
z = {_literal(logits)} / {temperature!r}
m = z.max()
log_sum_exp = m + (z - m).exp().sum().log()
p = (z - log_sum_exp).exp()
losses = log_sum_exp - z
y = torch.zeros({len(logits)}, dtype=torch.float64)
y[{y}] = 1
weight = {_literal(weight)}

show("p", p)
show("loss", losses)
show("gradient", (p - y) / {temperature!r})
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
every = (z / {temperature!r}).expand({len(logits)}, -1)
losses = F.cross_entropy(every, classes, reduction="none")
losses[{y}].backward(retain_graph=True)
weight = {_literal(weight)}

show("p", F.softmax(z / {temperature!r}, dim=0))
show("loss", losses)
show("gradient", z.grad)
print(f"weighted mean {{F.cross_entropy(every, classes, weight=weight):.4f}}")
"""
    return Snippet(code, _output(logits, y, temperature, weight))


def overflow_scratch(logits: Tensor, y: int) -> Snippet:
    """The loss by its definition and by LogSumExp, in the dtype of ``logits``."""
    code = f"""import torch

z = {_literal(logits)}
p = z.exp() / z.exp().sum()
print("by the definition:", -p[{y}].log().item())

shifted = z - z.max()
loss = shifted.exp().sum().log() - shifted[{y}]
print("by LogSumExp:", loss.item())
"""
    naive, stable = naive_steps(logits, y)[-1].values[0], stable_steps(logits, y)[-1].values[0]
    return Snippet(code, f"by the definition: {naive}\nby LogSumExp: {stable}")


def overflow_concise(logits: Tensor, y: int) -> Snippet:
    """The same loss by ``logsumexp``, which adds the largest logit back, and by ``F.cross_entropy``, which does not."""
    code = f"""import torch
import torch.nn.functional as F

z = {_literal(logits)}
loss = z.logsumexp(0) - z[{y}]  # large logits cost the last digits
print("by logsumexp:", loss.item())

loss = F.cross_entropy(z, torch.tensor({y}))  # and here they do not
print("by cross_entropy:", loss.item())
"""
    by_sum, by_loss = logits.logsumexp(0) - logits[y], F.cross_entropy(logits, torch.tensor(y))
    return Snippet(code, f"by logsumexp: {by_sum.item()}\nby cross_entropy: {by_loss.item()}")
