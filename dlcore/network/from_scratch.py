"""Softmax regression and the multilayer perceptron from scratch: parameters, logits, loss.

Every random number comes from one generator: the weights, then for each epoch the order of the samples, and for each
batch the dropout mask. ``nn.Linear`` and ``nn.Dropout`` draw the same numbers in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


class Model:
    """Layers of widths ``widths`` with ReLU between them, and dropout after each ReLU: with probability ``dropout``, or
    with one probability for each.

    Attributes
    ----------
    theta : all parameters in one flat vector, for an optimizer.
    parameters : views of it: W₁ (hidden, inputs), b₁ (hidden,), W₂ …; two widths make one layer, softmax regression.
    """

    def __init__(
        self, widths: Sequence[int], *, dropout: float | Sequence[float], dtype: torch.dtype, generator: torch.Generator
    ) -> None:
        self._generator = generator
        self._probabilities = [dropout] * (len(widths) - 2) if isinstance(dropout, float) else dropout
        shapes = [shape for inputs, outputs in pairwise(widths) for shape in ((outputs, inputs), (outputs,))]
        self.theta = torch.empty(sum(map(math.prod, shapes)), dtype=dtype)
        parts = torch.split(self.theta, list(map(math.prod, shapes)))
        self.parameters = [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]
        for i, parameter in enumerate(self.parameters):
            bound = widths[i // 2] ** -0.5
            parameter.uniform_(-bound, bound, generator=generator).requires_grad_()

    def gradient(self, loss: Tensor) -> Tensor:
        """Return the gradient of ``loss`` with respect to ``theta``, as one flat vector."""
        return torch.cat([gradient.flatten() for gradient in torch.autograd.grad(loss, self.parameters)])

    def logits(self, X: Tensor, *, training: bool = False) -> Tensor:
        """(n, classes) of inputs (n, features); a forward pass in training drops hidden units."""
        *hidden, last = range(0, len(self.parameters), 2)
        for at, p in zip(hidden, self._probabilities, strict=True):
            X = (X @ self.parameters[at].T + self.parameters[at + 1]).relu()  # (n, hidden)
            if training and p:
                X = X * mask(X, p, generator=self._generator)
        return X @ self.parameters[last].T + self.parameters[last + 1]

    @property
    def size(self) -> int:
        """How many numbers there are to learn."""
        return self.theta.numel()


def mask(like: Tensor, p: float, *, generator: torch.Generator) -> Tensor:
    """The inverted dropout mask, of the shape of ``like``: 0 with probability p, else 1 / (1 − p).

    The mean stays what it was.
    """
    if p == 1:  # nothing to scale up; nn.Dropout draws no numbers for it either
        return torch.zeros_like(like)
    return torch.empty_like(like).bernoulli_(1 - p, generator=generator).div_(1 - p)


def cross_entropy(logits: Tensor, y: Tensor, weight: Tensor | None = None) -> Tensor:
    """The mean over samples of LogSumExp(z) − z_y, weighted by the weight of each sample's class. Nothing overflows.

    Parameters
    ----------
    logits : (n, classes).
    y : (n,), classes.
    weight : (classes,), of which at least one of those in ``y`` is above 0. The mean is divided by the weights' sum.
    """
    losses = logits.logsumexp(1) - logits.gather(1, y[:, None]).squeeze(1)  # (n,)
    if weight is None:
        return losses.mean()
    w = weight[y]
    return (w * losses).sum() / w.sum()
