"""Softmax regression and the multilayer perceptron from scratch: parameters, logits, loss, and two optimizers.

Every random number comes from one generator: the weights, then for each epoch the order of the samples, and for each
batch the dropout mask. ``nn.Linear`` and ``nn.Dropout`` draw the same numbers in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


class Model:
    """Layers of widths ``widths`` with ReLU between them, and dropout after each ReLU: with probability ``dropout``, or
    with one probability for each.

    Attributes
    ----------
    parameters : W₁ (hidden, inputs), b₁ (hidden,), W₂ …; with two widths a single layer, softmax regression.
    """

    def __init__(
        self, widths: Sequence[int], *, dropout: float | Sequence[float], dtype: torch.dtype, generator: torch.Generator
    ) -> None:
        self._generator = generator
        self._probabilities = [dropout] * (len(widths) - 2) if isinstance(dropout, float) else dropout
        self.parameters: list[Tensor] = []
        for inputs, outputs in pairwise(widths):
            bound = inputs**-0.5
            for shape in ((outputs, inputs), (outputs,)):
                parameter = torch.empty(shape, dtype=dtype).uniform_(-bound, bound, generator=generator)
                self.parameters.append(parameter.requires_grad_())

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
        return sum(parameter.numel() for parameter in self.parameters)


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


class SGD:
    """θ ← θ − lr · (g + decay · θ)."""

    def __init__(self, parameters: Sequence[Tensor], *, lr: float, decay: float) -> None:
        self._parameters, self._lr, self._decay = parameters, lr, decay

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """One update in place."""
        for parameter, gradient in zip(self._parameters, gradients, strict=True):
            parameter -= self._lr * (gradient + self._decay * parameter)


class Adam:
    """Kingma & Ba, "Adam" (2015), with β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸; ``decay`` is added to the gradient."""

    def __init__(self, parameters: Sequence[Tensor], *, lr: float, decay: float) -> None:
        self._parameters, self._lr, self._decay = parameters, lr, decay
        self._m = [torch.zeros_like(parameter) for parameter in parameters]
        self._v = [torch.zeros_like(parameter) for parameter in parameters]
        self._t = 0

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """One update in place."""
        self._t += 1
        for parameter, gradient, m, v in zip(self._parameters, gradients, self._m, self._v, strict=True):
            g = gradient + self._decay * parameter
            m.mul_(0.9).add_(g, alpha=0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            m_hat, v_hat = m / (1 - 0.9**self._t), v / (1 - 0.999**self._t)
            parameter -= self._lr * m_hat / (v_hat.sqrt() + 1e-8)
