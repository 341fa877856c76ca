"""The losses that an exported script must print to agree with the app: those that do not depend on rounding.

Two programs that add the same numbers in a different order differ in the last digits. Training keeps such differences
small while the loss falls, but it can make them as large as the loss itself

- if the steps are so large that the loss jumps up between two epochs;
- if the optimizer divides the gradient by its magnitude and the gradient is only rounding errors, because the classes
  are balanced and the initial weights are zero or almost zero;
- if such an optimizer makes large steps, or L1 pulls weights to zero, around which its steps stay large;
- if it learns a few points by heart that no rule describes, as points drawn at will;
- if such an optimizer follows a regression, whose loss falls from plateau to plateau.

Of 422 random runs, each trained by the engine and by torch, no loss selected here differed by more than a quarter of
the tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dlcore.network.settings import FULL_BATCH
from dlcore.spiral.training import Run

FIRST: Final = 50  # epochs that are all compared
JUMP: Final = 1.05  # times the loss of the epoch before: the limit in a calm run
WIDE: Final = 0.03  # learning rate above which the steps of a normalising optimizer count as large
FEW: Final = 50  # number of such steps after which two programs still agree
TOLERANCE: Final = 1e-4  # of a loss, relative
FLOOR: Final = 1e-6  # absolute tolerance in addition, for losses near zero

_NORMALISING: Final = ("adagrad", "rmsprop", "adam", "adamw")  # divide the gradient by its magnitude


@dataclass(frozen=True, slots=True)
class Expected:
    """The losses to compare, by epoch; not ``calm`` if losses that may depend on rounding were left out."""

    losses: Mapping[int, float]
    calm: bool


def expected(run: Run) -> Expected:
    """Return the losses of a run's first epochs, and of its last one if the run is finished and calm.

    Raises
    ------
    ValueError : if a setting was changed during the run, which a script cannot repeat.
    """
    if run.changes:
        raise ValueError("run must be one of this config from its first epoch on, got one that was changed")
    n, calm = len(run.losses), calm_epochs(run)
    epochs = [*range(min(FIRST, calm))]
    if run.finished and calm == n > FIRST and run.diverged_at is None:
        epochs.append(n - 1)
    return Expected({epoch: run.losses[epoch] for epoch in epochs}, calm == n and run.diverged_at is None)


def calm_epochs(run: Run) -> int:
    """Return the number of epochs before the loss may depend on rounding."""
    losses, training = run.losses, run.config.training
    jumps = (epoch for epoch in range(1, len(losses)) if not losses[epoch] <= JUMP * losses[epoch - 1])
    calm = next(jumps, len(losses))
    if training.optimizer in _NORMALISING:
        if run.config.model.init in ("zeros", "normal"):
            return 0
        data = run.config.data
        if training.l1 or training.lr > WIDE or data.kind == "points" or data.regression:
            samples = len(run.prepared.train.y)
            steps = 1 if training.batch_size == FULL_BATCH else -(-samples // training.batch_size)
            return min(calm, max(1, FEW // steps))
    return calm
