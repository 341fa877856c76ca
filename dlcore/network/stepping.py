"""What can be played: how far a run has come, and one that advances epoch by epoch."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod


class Progress(ABC):
    """How far a run has come. A subclass says how it begins, and how it advances.

    Attributes
    ----------
    epoch : epochs done, from 0.
    epochs : of the whole run.
    diverged : whether no epoch can follow, because the numbers are no longer finite or beyond the subclass's limit.
    """

    epoch: int
    epochs: int
    diverged: bool = False

    @abstractmethod
    def _begin(self) -> None:
        """Take everything back to before the first epoch."""

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or none can follow."""
        return self.epoch >= self.epochs or self.diverged

    def restart(self) -> None:
        """Back to epoch 0: the same data, the same first weights, the same shuffles."""
        self.epoch, self.diverged = 0, False
        self._begin()


class Stepping(Progress):
    """A run whose epochs are short enough to be done in one go. A subclass says what an epoch is."""

    @abstractmethod
    def _one_epoch(self) -> None:
        """Do the next epoch; it may set ``diverged``."""

    def advance(self, epochs: int) -> None:
        """Do ``epochs`` more, or as many as are left."""
        for _ in range(epochs):
            if self.finished:
                return
            self._one_epoch()
            self.epoch += 1

    def advance_for(self, seconds: float, epochs: int | None = None) -> None:
        """Go on for about ``seconds``: one epoch at least, ``epochs`` or to the end at most."""
        deadline = time.perf_counter() + seconds
        end = self.epoch + epochs if epochs else self.epochs
        while not self.finished and self.epoch < end:
            self.advance(1)
            if time.perf_counter() >= deadline:
                return
