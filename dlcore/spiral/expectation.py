"""Which losses a script must print to agree with the app: those of a run that rounding does not decide.

Two programs that add the same numbers in another order differ in the last digits. Training keeps such differences small
while the loss falls. It can make them as large as the loss itself

- where steps are so wide that the loss jumps up between two epochs;
- where an optimizer divides a gradient by its own size and the gradient is nothing but rounding: the classes are
  balanced, and the weights begin at zero or nearly so;
- where such an optimizer makes wide steps, or L1 draws weights to zero, on either side of which its steps are as wide.

Of 422 random runs, each trained by the engine and by torch, no loss that is promised here differed by more than a
quarter of what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dlcore.network.settings import FULL_BATCH
from dlcore.spiral.training import Run

FIRST: Final = 50  # epochs that are compared one by one
JUMP: Final = 1.05  # times the loss of the epoch before: a calm run stays below
WIDE: Final = 0.03  # learning rate of an optimizer that divides by the gradient's size; above, steps are wide
FEW: Final = 50  # steps in which even wide ones stay together
TOLERANCE: Final = 1e-4  # of a loss, relative
FLOOR: Final = 1e-6  # is allowed besides, for losses near zero

_DIVIDES_BY_SIZE: Final = ("adagrad", "rmsprop", "adam", "adamw")


@dataclass(frozen=True, slots=True)
class Expected:
    """The losses to compare, by epoch; ``calm`` unless some were left out because rounding may decide them."""

    losses: Mapping[int, float]
    calm: bool


def expected(run: Run) -> Expected:
    """Return what a script must print of a run: its first epochs, and its last one if it is finished and calm.

    Raises
    ------
    ValueError : if a setting of the run was changed on the way: no script could repeat it.
    """
    if run.changes:
        raise ValueError("run must be one of this config from its first epoch on, got one that was changed")
    n, calm = len(run.losses), calm_epochs(run)
    epochs = [*range(min(FIRST, calm))]
    if run.finished and calm == n > FIRST and run.diverged_at is None:
        epochs.append(n - 1)
    return Expected({epoch: run.losses[epoch] for epoch in epochs}, calm == n and run.diverged_at is None)


def calm_epochs(run: Run) -> int:
    """Return how many epochs pass before rounding may decide the loss."""
    losses, training = run.losses, run.config.training
    jumps = (epoch for epoch in range(1, len(losses)) if not losses[epoch] <= JUMP * losses[epoch - 1])
    calm = next(jumps, len(losses))
    if training.optimizer in _DIVIDES_BY_SIZE:
        if run.config.model.init in ("zeros", "normal"):
            return 0
        if training.l1 or training.lr > WIDE:
            samples = len(run.problem.train.y)
            steps = 1 if training.batch_size == FULL_BATCH else -(-samples // training.batch_size)
            return min(calm, max(1, FEW // steps))
    return calm
