"""Linear regression from scratch and with torch's modules, both trained on the same batches.

>>> data = make(2, 1000, w=(2.0, -3.4), b=4.2, noise=0.01, seed=0)
>>> run = Regression(data, lr=0.03, batch_size=10, epochs=3, loss="mse", seed=0)
>>> run.advance(run.epochs)
>>> [round(value, 1) for value in run.scratch.parameters]
[2.0, -3.4, 4.2]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcore.network.stepping import Stepping

LIMIT: Final = 1e9  # of |parameter|: beyond it the descent has diverged


@dataclass(frozen=True, slots=True, eq=False)
class RegressionData:
    """``X`` (n, features) from N(0, 1), ``y`` (n, 1) = X·w + b + noise, both float64, and the true ``w`` and ``b``."""

    X: Tensor
    y: Tensor
    w: tuple[float, ...]
    b: float


def make(features: int, n: int, *, w: tuple[float, ...], b: float, noise: float, seed: int) -> RegressionData:
    """Make ``n`` samples of a line (1 feature) or plane (2); ``noise`` is the standard deviation added to y."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, features, generator=generator, dtype=torch.float64)
    y = X @ torch.tensor(w[:features], dtype=torch.float64)[:, None] + b
    y = y + noise * torch.randn(n, 1, generator=generator, dtype=torch.float64)
    return RegressionData(X, y, w[:features], b)


# Each loss: its value and its derivative by the predictions, both of residuals r = ŷ − y of shape (batch, 1).
LOSSES: Final[Mapping[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]]] = {
    "mse": (lambda r: (r**2).mean(), lambda r: 2 * r / len(r)),
    "smooth_l1": (
        lambda r: torch.where(r.abs() < 1, r**2 / 2, r.abs() - 0.5).mean(),
        lambda r: r.clamp(-1, 1) / len(r),
    ),
}
MODULES: Final = {"mse": "MSELoss", "smooth_l1": "SmoothL1Loss"}


class Scratch:
    """The model from scratch: parameters as tensors, gradients by the chain rule, updates by hand."""

    def __init__(self, features: int, lr: float, loss: str) -> None:
        self.w = torch.zeros(features, 1, dtype=torch.float64)
        self.b = torch.zeros(1, dtype=torch.float64)
        self.lr, (self._loss, self._derivative) = lr, LOSSES[loss]
        self.gradients = [0.0] * (features + 1)

    @property
    def parameters(self) -> list[float]:
        """Return the weights, then the bias."""
        return [*self.w.flatten().tolist(), *self.b.tolist()]

    def update(self, X: Tensor, y: Tensor) -> float:
        """Take one step on a batch and return the loss before it."""
        r = X @ self.w + self.b - y  # (batch, 1)
        d = self._derivative(r)
        grad_w, grad_b = X.t() @ d, d.sum(0)
        self.gradients = [*grad_w.flatten().tolist(), *grad_b.tolist()]
        self.w = self.w - self.lr * grad_w
        self.b = self.b - self.lr * grad_b
        return float(self._loss(r))


class Concise:
    """The model as a module, a loss and an optimizer of torch."""

    def __init__(self, features: int, lr: float, loss: str) -> None:
        # Made on "meta" first, so that no parameters are drawn from torch's global random state; they begin at 0.
        self.model = nn.Linear(features, 1, dtype=torch.float64, device="meta").to_empty(device="cpu")
        for parameter in self.model.parameters():
            nn.init.zeros_(parameter)
        self._loss: nn.Module = getattr(nn, MODULES[loss])()
        self._optimizer = torch.optim.SGD(self.model.parameters(), lr=lr)
        self.gradients = [0.0] * (features + 1)

    @property
    def parameters(self) -> list[float]:
        """Return the weights, then the bias."""
        return [*self.model.weight.flatten().tolist(), *self.model.bias.tolist()]

    def update(self, X: Tensor, y: Tensor) -> float:
        """Take one step on a batch and return the loss before it."""
        loss = self._loss(self.model(X), y)
        self._optimizer.zero_grad()
        loss.backward()
        weight, bias = self.model.weight.grad, self.model.bias.grad
        assert weight is not None
        assert bias is not None
        self.gradients = [*weight.flatten().tolist(), *bias.tolist()]
        self._optimizer.step()
        return float(loss.detach())


@dataclass(frozen=True, slots=True)
class BatchUpdate:
    """The loss of a batch, the parameters before its update (weights, then bias) and their gradients."""

    loss: float
    parameters: list[float]
    gradients: list[float]


class Regression(Stepping):
    """Both models trained side by side; each step is one update, so ``epoch`` and ``epochs`` count updates here.

    Attributes
    ----------
    scratch, concise : the two models.
    n_epochs : passes over the data.
    updates : a :class:`BatchUpdate` for each update of the model from scratch.
    difference : largest difference so far between a parameter or gradient of the two models.
    """

    def __init__(self, data: RegressionData, *, lr: float, batch_size: int, epochs: int, loss: str, seed: int) -> None:
        self.data, self.lr, self.batch_size, self.loss, self.seed = data, lr, min(batch_size, len(data.X)), loss, seed
        self.updates_per_epoch = -(-len(data.X) // self.batch_size)
        self.n_epochs, self.epochs = epochs, epochs * self.updates_per_epoch
        self.restart()

    def _begin(self) -> None:
        features = self.data.X.shape[1]
        self.scratch, self.concise = Scratch(features, self.lr, self.loss), Concise(features, self.lr, self.loss)
        self._generator = torch.Generator().manual_seed(self.seed)
        self._batches: list[Tensor] = []
        self.updates: list[BatchUpdate] = []
        self.difference = 0.0

    def _one_epoch(self) -> None:
        if not self._batches:
            order = torch.randperm(len(self.data.X), generator=self._generator)
            self._batches = list(torch.split(order, self.batch_size))
        rows = self._batches.pop(0)
        X, y = self.data.X[rows], self.data.y[rows]
        before = self.scratch.parameters
        loss = self.scratch.update(X, y)
        self.concise.update(X, y)
        self.updates.append(BatchUpdate(loss, before, self.scratch.gradients))
        ours = [*self.scratch.parameters, *self.scratch.gradients]
        theirs = [*self.concise.parameters, *self.concise.gradients]
        self.difference = max(self.difference, *(abs(a - b) for a, b in zip(ours, theirs, strict=True)))
        self.diverged = max(map(abs, self.scratch.parameters)) > LIMIT

    @property
    def train_loss(self) -> float:
        """Return the loss of the current parameters over all samples."""
        return self.full_loss()

    def full_loss(self) -> float:
        """Return the loss of the current parameters over all samples."""
        module: nn.Module = getattr(nn, MODULES[self.loss])()
        return float(module(self.data.X @ self.scratch.w + self.scratch.b, self.data.y))


def best_fit(data: RegressionData) -> list[float]:
    """Return the weights and bias of least squared error, by ``torch.linalg.lstsq``."""
    X = F.pad(data.X, (0, 1), value=1.0)
    solution: Tensor = torch.linalg.lstsq(X, data.y).solution
    return solution.flatten().tolist()
