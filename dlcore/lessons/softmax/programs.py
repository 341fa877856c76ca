"""Programs that the softmax page shows, with their output."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcore.lessons.softmax.model import gradient, naive_steps, softmax, stable_steps
from dlcore.lessons.softmax.shapes import CASES, LABELS, LOGITS, answer
from dlcore.network.from_scratch import cross_entropy
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import Code, read, render

_LOSS, _OVERFLOW = read(__file__, "loss"), read(__file__, "overflow")


def _list(values: Tensor) -> str:
    return "[" + ", ".join(f"{round(value, 4) + 0.0:.4f}" for value in values.tolist()) + "]"


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


def _loss(logits: Tensor, y: int, temperature: float, weight: Tensor, by_hand: bool) -> Snippet:
    values = {"_LOGITS": logits.tolist(), "_TEMPERATURE": temperature, "_CLASSES": len(logits), "_Y": y}
    code = render(_LOSS, {**values, "_WEIGHT": weight.tolist(), "_BY_HAND": by_hand})
    return Snippet(code, _output(logits, y, temperature, weight))


def scratch(logits: Tensor, y: int, temperature: float, weight: Tensor) -> Snippet:
    """Return the program for the probabilities, the loss of every class and the gradient for class ``y``, by hand."""
    return _loss(logits, y, temperature, weight, True)


def concise(logits: Tensor, y: int, temperature: float, weight: Tensor) -> Snippet:
    """Return the program for the same numbers as :func:`scratch`, by torch's functions and autograd."""
    return _loss(logits, y, temperature, weight, False)


def _overflow(logits: Tensor, y: int, by_hand: bool) -> str:
    values = {"_LOGITS": logits.tolist(), "_DTYPE": Code(str(logits.dtype)), "_Y": y, "_BY_HAND": by_hand}
    return render(_OVERFLOW, values)


def overflow_scratch(logits: Tensor, y: int) -> Snippet:
    """Return the program for the loss by its definition and by LogSumExp, in the dtype of ``logits``."""
    naive, stable = naive_steps(logits, y)[-1].values[0], stable_steps(logits, y)[-1].values[0]
    return Snippet(_overflow(logits, y, True), f"by the definition: {naive}\nby LogSumExp: {stable}")


def overflow_concise(logits: Tensor, y: int) -> Snippet:
    """Return the program for the same loss by torch.

    ``logsumexp`` adds the largest logit back, ``F.cross_entropy`` does not.
    """
    by_sum, by_loss = logits.logsumexp(0) - logits[y], F.cross_entropy(logits, torch.tensor(y))
    return Snippet(_overflow(logits, y, False), f"by logsumexp: {by_sum.item()}\nby cross_entropy: {by_loss.item()}")


def shapes(case: str) -> Snippet:
    """Return the program that gives the loss the tensors of a case; it has no output if torch raises."""
    line, loss = CASES[case][0], answer(case).loss
    code = f"""import torch
from torch import nn

logits = torch.tensor({[list(row) for row in LOGITS]})
labels = torch.tensor({list(LABELS)})
{line}
loss = nn.CrossEntropyLoss()(logits, labels)
print(f"{{loss:.4f}}")"""
    return Snippet(code.replace("\n\nloss", "\nloss"), "" if loss is None else f"{loss:.4f}")
