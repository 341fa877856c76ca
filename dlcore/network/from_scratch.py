"""Softmax regression and the multilayer perceptron from scratch: parameters, logits, loss.

All random numbers come from one generator: first the weights, then the order of the samples for each epoch and the
dropout mask for each batch. ``nn.Linear`` and ``nn.Dropout`` draw the same numbers in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


class Model:
    """A multilayer perceptron: linear layers with ReLU between them and dropout after each ReLU.

    Parameters
    ----------
    sizes : layer sizes from inputs to classes; two of them make softmax regression.
    dropout : the probability to drop a hidden unit: one for all hidden layers, or one for each.

    Attributes
    ----------
    theta : all parameters in one flat vector, for an optimizer.
    parameters : views of ``theta``: W₁ (hidden, inputs), b₁ (hidden,), W₂ …
    """

    def __init__(
        self, sizes: Sequence[int], *, dropout: float | Sequence[float], dtype: torch.dtype, generator: torch.Generator
    ) -> None:
        self._generator = generator
        self._probabilities = [dropout] * (len(sizes) - 2) if isinstance(dropout, float) else dropout
        shapes = [shape for inputs, outputs in pairwise(sizes) for shape in ((outputs, inputs), (outputs,))]
        self.theta = torch.empty(sum(map(math.prod, shapes)), dtype=dtype)
        vectors = torch.split(self.theta, list(map(math.prod, shapes)))
        self.parameters = [vector.view(shape) for vector, shape in zip(vectors, shapes, strict=True)]
        for i, parameter in enumerate(self.parameters):
            bound = sizes[i // 2] ** -0.5
            parameter.uniform_(-bound, bound, generator=generator).requires_grad_()

    def gradient(self, loss: Tensor) -> Tensor:
        """Return the gradient of ``loss`` with respect to ``theta``, as one flat vector."""
        return torch.cat([gradient.flatten() for gradient in torch.autograd.grad(loss, self.parameters)])

    def logits(self, X: Tensor, *, training: bool = False) -> Tensor:
        """Return the logits (n, classes) of inputs (n, features); hidden units are dropped if ``training``."""
        *hidden, last = range(0, len(self.parameters), 2)
        for i, p in zip(hidden, self._probabilities, strict=True):
            X = (X @ self.parameters[i].T + self.parameters[i + 1]).relu()  # (n, hidden)
            if training and p:
                X = X * mask(X, p, generator=self._generator)
        return X @ self.parameters[last].T + self.parameters[last + 1]

    @property
    def size(self) -> int:
        """Return the number of parameters."""
        return self.theta.numel()


def mask(like: Tensor, p: float, *, generator: torch.Generator) -> Tensor:
    """Return an inverted dropout mask of the shape of ``like``: 0 with probability p, else 1 / (1 − p).

    A product with it keeps its expected value.
    """
    if p == 1:  # 1 / (1 − p) is infinite; nn.Dropout draws no numbers for it either
        return torch.zeros_like(like)
    return torch.empty_like(like).bernoulli_(1 - p, generator=generator).div_(1 - p)


def cross_entropy(logits: Tensor, y: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return the mean over samples of LogSumExp(z) − z_y, which does not overflow.

    Parameters
    ----------
    logits : (n, classes).
    y : (n,), the classes.
    weight : (classes,), for a mean weighted by each sample's class; at least one class in ``y`` has a weight above 0.
    """
    losses = logits.logsumexp(1) - logits.gather(1, y[:, None]).squeeze(1)  # (n,)
    if weight is None:
        return losses.mean()
    w = weight[y]
    return (w * losses).sum() / w.sum()
