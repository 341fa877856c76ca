"""Base classes of runs that can be played: their progress, and advancing epoch by epoch."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod


class Progress(ABC):
    """The progress of a run. A subclass defines how the run begins and advances.

    Attributes
    ----------
    epoch : number of epochs done.
    epochs : number of epochs of the whole run.
    diverged : whether the numbers are no longer finite or beyond the subclass's limit, which ends the run.
    """

    epoch: int
    epochs: int
    diverged: bool = False

    @abstractmethod
    def _begin(self) -> None:
        """Set the state before the first epoch."""

    @property
    def finished(self) -> bool:
        """Return whether all epochs are done or the run has diverged."""
        return self.epoch >= self.epochs or self.diverged

    @property
    def train_loss(self) -> float | None:
        """Return the present loss on the training samples, or None for a run of several models."""
        return None

    def restart(self) -> None:
        """Go back to epoch 0, with the same data, initial weights and shuffles as before."""
        self.epoch, self.diverged = 0, False
        self._begin()


class Stepping(Progress):
    """A run that advances by whole epochs; a subclass defines an epoch."""

    @abstractmethod
    def _one_epoch(self) -> None:
        """Do the next epoch and set ``diverged`` if it diverged."""

    def advance(self, epochs: int) -> None:
        """Do ``epochs`` more epochs, or as many as are left."""
        for _ in range(epochs):
            if self.finished:
                return
            self._one_epoch()
            self.epoch += 1

    def advance_for(self, seconds: float, epochs: int | None = None) -> None:
        """Advance for about ``seconds``: by at least one epoch, and at most ``epochs`` or to the end."""
        deadline = time.perf_counter() + seconds
        end = self.epoch + epochs if epochs else self.epochs
        while not self.finished and self.epoch < end:
            self.advance(1)
            if time.perf_counter() >= deadline:
                return
