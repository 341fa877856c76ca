"""Training as in a notebook: a module, a loss, an optimizer from ``torch.optim`` and a loop over batches.

It has the interface of :class:`dlcore.network.engine.Engine`. The tests compare the engine with it, and exported
scripts contain this loop.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from dlcore.network.heads import head_of
from dlcore.network.model import linear_layers
from dlcore.network.optimizers import torch_optimizer
from dlcore.network.schedules import scheduler
from dlcore.network.settings import FULL_BATCH, TrainingConfig


class PlainLoop:
    """Trainer of a copy of ``model`` on samples X (n, features) with labels y; parameters as of the engine."""

    def __init__(
        self,
        model: nn.Sequential,
        settings: TrainingConfig,
        X: Tensor,
        y: Tensor,
        *,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.model = _copy(model, generator).to(device, dtype)
        self.settings = settings
        self.X, self.y = X.to(device, dtype), y.to(device, dtype if y.is_floating_point() else y.dtype)
        self.generator = generator
        self.criterion = head_of(y).criterion()
        self.optimizer = torch_optimizer(self.model, settings)
        self.scheduler = scheduler(settings, self.optimizer)
        self.epoch = 0

    def run(self, epochs: int) -> Tensor:
        """Train for ``epochs`` more and return their losses, (epochs,): the mean over the samples of each."""
        losses = []
        n = len(self.y)
        for _ in range(epochs):
            total = 0.0
            for rows in self._batches():
                X, y = self.X[rows], self.y[rows]
                loss = self.criterion(self.model(X), y)
                total += loss.item() * len(y) / n
                if self.settings.l1:
                    loss = loss + self.settings.l1 * sum(p.abs().sum() for p in self.model.parameters())
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            if self.scheduler:
                self.scheduler.step()
            losses.append(total)
            self.epoch += 1
        return torch.tensor(losses, dtype=self.X.dtype)

    def _batches(self) -> list[Any]:
        if self.settings.batch_size == FULL_BATCH:
            return [slice(None)]
        return list(torch.split(torch.randperm(len(self.y), generator=self.generator), self.settings.batch_size))

    def gradient_norms(self) -> list[float]:
        """Return ‖∂loss/∂(W, b)‖₂ of each linear layer at the current weights, over all samples, without dropout."""
        self.model.eval()
        self.model.zero_grad()
        self.criterion(self.model(self.X), self.y).backward()
        self.model.train()
        return [
            float(torch.cat([p.grad.flatten() for p in layer.parameters() if p.grad is not None]).norm())
            for layer in linear_layers(self.model)
        ]

    @torch.no_grad()
    def logits(self, X: Tensor) -> Tensor:
        """Return the logits (n, classes) of samples X (n, features) in evaluation mode."""
        self.model.eval()
        logits: Tensor = self.model(X.to(self.X.device, self.X.dtype))
        self.model.train()
        return logits

    def state_dict(self) -> dict[str, Tensor]:
        """Return the weights, on the CPU."""
        return {key: value.cpu() for key, value in self.model.state_dict().items()}


def _copy(model: nn.Sequential, generator: torch.Generator) -> nn.Sequential:
    """Return a deep copy whose dropout draws from ``generator`` itself and not from a copy of it."""
    return copy.deepcopy(model, {id(module.generator): generator for module in model if hasattr(module, "generator")})
