"""What a network's outputs are compared with: classes, by the cross-entropy, or numbers, by the mean squared error.

The labels decide: class indices (n,) are classified, numbers (n, outputs) are regressed. A head has the loss of a whole
pass, its derivative and, for the plain loop, torch's module for the same loss.

Samples and outputs are the last two dimensions; replicas (:mod:`dlcore.network.replicas`) stand before them.
Both losses are negative log-likelihoods. That of the squared error is the one of a normal distribution of variance ½
around the outputs, without its constant.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from dlcore.network.passes import PassBuffers


class Head(ABC):
    """The loss on the outputs of a network."""

    @abstractmethod
    def targets(self, y: Tensor, outputs: int) -> Tensor:
        """Return the labels y of n samples as the other methods read them, (outputs, n)."""

    @abstractmethod
    def log_likelihood(self, Y: Tensor, buffers: PassBuffers) -> Tensor:
        """Return −n times the loss of ``buffers.logits`` at targets Y, in ``buffers.log_likelihood``.

        What :meth:`delta` needs is left in ``buffers.p``; ``buffers.logits`` is overwritten.
        """

    @abstractmethod
    def delta(self, Y: Tensor, buffers: PassBuffers, scale: Tensor) -> Tensor:
        """Return ``scale`` · the derivative of the summed loss by the outputs, in place of ``buffers.p``."""

    @abstractmethod
    def criterion(self) -> nn.Module:
        """Return torch's module for the loss."""

    @abstractmethod
    def measure(self, outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return the losses and the scores (…) of outputs (…, n, units); NaN without samples."""


class CrossEntropy(Head):
    """Softmax and the cross-entropy in nats; the score is the accuracy."""

    def targets(self, y: Tensor, outputs: int) -> Tensor:
        """Return the labels y (n,) one-hot."""
        return nn.functional.one_hot(y, outputs).t().contiguous()

    def log_likelihood(self, Y: Tensor, buffers: PassBuffers) -> Tensor:
        """Return Σ log p(label) over the samples; the class probabilities are left in ``buffers.p``."""
        log_p = torch.log_softmax(buffers.logits, -2, out=buffers.p)  # (classes, n); subtracts the largest logit first
        torch.sum(torch.mul(log_p, Y, out=buffers.logits), dim=(-2, -1), out=buffers.log_likelihood)
        log_p.exp_()
        return buffers.log_likelihood

    def delta(self, Y: Tensor, buffers: PassBuffers, scale: Tensor) -> Tensor:
        """Return ``scale`` · (P − Y)."""
        return buffers.p.sub_(Y).mul_(scale)

    def criterion(self) -> nn.Module:
        """Return ``nn.CrossEntropyLoss()``."""
        return nn.CrossEntropyLoss()

    def measure(self, outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean cross-entropy and the accuracy of logits (…, n, classes) for classes y (…, n)."""
        if outputs.shape[-2] == 0:
            return _nothing(outputs)
        z = outputs.mT  # (…, classes, n), as in the engine: softmax is fast along that dimension
        y = y.to(z.device)
        loss = -torch.log_softmax(z, -2).gather(-2, y.unsqueeze(-2)).squeeze(-2).mean(-1)
        # max instead of argmax, which takes 20 times as long along this dimension of (3, 3000)
        accuracy = (z.max(-2).indices == y).to(torch.float32).mean(-1)
        return loss, accuracy


class SquaredError(Head):
    """The mean squared error, over samples and outputs; the score is R²."""

    def targets(self, y: Tensor, outputs: int) -> Tensor:
        """Return the labels y (n, outputs), transposed."""
        return y.t().contiguous()

    def log_likelihood(self, Y: Tensor, buffers: PassBuffers) -> Tensor:
        """Return −Σ (z − y)² / outputs over the samples; z − y is left in ``buffers.p``."""
        error = torch.sub(buffers.logits, Y, out=buffers.p)
        torch.sum(torch.mul(error, error, out=buffers.logits), dim=(-2, -1), out=buffers.log_likelihood)
        return buffers.log_likelihood.mul_(-1 / Y.shape[-2])

    def delta(self, Y: Tensor, buffers: PassBuffers, scale: Tensor) -> Tensor:
        """Return ``scale`` · 2 (z − y) / outputs."""
        return buffers.p.mul_(scale).mul_(2 / Y.shape[-2])

    def criterion(self) -> nn.Module:
        """Return ``nn.MSELoss()``."""
        return nn.MSELoss()

    def measure(self, outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean squared error and R² = 1 − SS_res / SS_tot; R² is NaN if all of y is one number."""
        if outputs.shape[-2] == 0:
            return _nothing(outputs)
        y = y.to(outputs)
        loss, variance = (outputs - y).square().mean((-2, -1)), y.var(-2, correction=0).mean(-1)
        return loss, torch.where(variance > 0, 1 - loss / variance, math.nan)


def _nothing(outputs: Tensor) -> tuple[Tensor, Tensor]:
    nothing = outputs.new_full(outputs.shape[:-2], math.nan)
    return nothing, nothing


CROSS_ENTROPY: Final = CrossEntropy()
SQUARED_ERROR: Final = SquaredError()


def head_of(y: Tensor) -> Head:
    """Return the head for labels y: class indices are integers, the targets of a regression are not."""
    return SQUARED_ERROR if y.is_floating_point() else CROSS_ENTROPY
