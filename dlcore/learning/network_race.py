"""The same race on a small real network: the same data and the same first weights for every optimiser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dlcore.config import DataConfig, ModelConfig, RunConfig, TrainingConfig
from dlcore.learning.stepping import Stepping
from dlcore.training import Run

HIDDEN: Final = 16
POINTS: Final = 100  # of each class


class NetworkRace(Stepping):
    """2 → ``HIDDEN`` → classes with ReLU on all samples at once, an epoch of each optimiser in turn.

    Attributes
    ----------
    runs : the :class:`~dlcore.training.Run` of each optimiser; one that diverges stays, the others go on.
    """

    hidden = HIDDEN

    def __init__(
        self,
        rates: Mapping[str, float],
        *,
        kind: str,
        noise: float,
        seed: int,
        epochs: int,
        momentum: float,
        decay: float,
    ) -> None:
        self.rates, self.epochs, self.momentum, self.decay = rates, epochs, momentum, decay
        self.data = DataConfig(kind=kind, classes=3, points=POINTS, noise=noise, test_share=0.0, seed=seed)
        self.runs = {id: Run(self._config(id, lr)) for id, lr in rates.items()}
        self.epoch = 0

    def _config(self, id: str, lr: float) -> RunConfig:
        training = TrainingConfig(
            optimiser=id,
            lr=lr,
            momentum=self.momentum,
            epochs=self.epochs,
            l2=self.decay if id == "adamw" else 0.0,
        )
        return RunConfig(self.data, ModelConfig(hidden=(HIDDEN,)), training)

    def losses(self, id: str) -> list[float]:
        """The mean cross-entropy over all samples before the first epoch and after each."""
        run = self.runs[id]
        return [*run.losses, run.measure().train_loss]

    def accuracy(self, id: str) -> float:
        """The share of samples that are classified right now."""
        return self.runs[id].measure().train_accuracy

    def _begin(self) -> None:
        for run in self.runs.values():
            run.restart()

    def _one_epoch(self) -> None:
        for run in self.runs.values():
            run.advance(1)
        self.diverged = all(run.diverged_at is not None for run in self.runs.values())
