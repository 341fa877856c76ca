"""What a generated script must print to agree with the app, and how far rounding alone may carry it away.

Two programs that compute the same sums in another order differ in the last digit, and training can amplify that: by
nothing in a calm run, to the size of the loss itself in a chaotic one. How much is measured for each run: a twin is
trained with the same shuffles and masks, in which every weight is pushed by one unit in the last place, up or down at
random, before every epoch, as another order of summation would push it. So is, once, every label's target 1: where
balanced classes make a gradient cancel to nothing but rounding, Adam makes whole steps of that.

>>> from dlcore.spiral.config import replace_field
>>> expected(replace_field(RunConfig(), "training.epochs", 3)).final_epoch
2
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from dlcore.spiral.config import RunConfig
from dlcore.spiral.table import Table
from dlcore.spiral.training import Run, prepare

FIRST: Final = 50  # epochs compared one by one
TOLERANCE: Final = 1e-5  # where rounding is not amplified
# Times the twin's largest distance. Of 205 random runs, trained by torch as scripts do, none ended farther from the app
# than 10 times that (or TOLERANCE); by the last tenth of the epochs alone, one would have.
FACTOR: Final = 20
CHAOTIC: Final = 0.5  # of the first loss: a wider tolerance at the end says nothing, and the end is not compared
ULP: Final = 2.0**-23  # one unit in the last place of a float32, relative to it
SIGNS_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """The losses that a run printed, and how nearly another program must print them.

    Attributes
    ----------
    losses : of the first epochs, at most ``FIRST``, and only as far as rounding leaves them within ``first_tolerance``.
    first_tolerance : of each of these, times ``max(1, loss)``.
    final_epoch, final_loss, final_tolerance : of the last epoch; None where the run is unfinished or diverged. The
        tolerance alone is None where rounding decides how the run ends.
    twin_distance : how far the twin came to be from the run at any epoch, of which ``final_tolerance`` is a multiple.
    diverged_at : the first epoch whose loss is not finite, where run and twin come to one at nearly the same time.
    """

    losses: tuple[float, ...]
    first_tolerance: float = TOLERANCE
    final_epoch: int | None = None
    final_loss: float | None = None
    final_tolerance: float | None = None
    twin_distance: float | None = None
    diverged_at: int | None = None


class Expectation:
    """Measures an :class:`Expected` in pieces: the run, unless it is given, and then its twin.

    Parameters
    ----------
    run : a run of this config, finished or not, of which nothing was changed on the way. It is read, not advanced. An
        unfinished one yields an expectation of its beginning.

    Raises
    ------
    ValueError : if a setting of ``run`` was changed on the way: no script could repeat it.
    """

    def __init__(self, config: RunConfig, table: Table | None = None, *, run: Run | None = None) -> None:
        if run is not None and (run.changes or run.config != config):
            raise ValueError("run must be one of this config from its first epoch on, got one that was changed")
        self._own = Run(config, table) if run is None else None
        self._given = run
        self._losses: list[float] = []
        self._finished, self._diverged = False, False
        if run is not None:
            self._take(run)
        self._config = config
        self._twin = prepare(config, table).engine()
        self._twin_losses: list[float] = []
        self._signs = torch.Generator().manual_seed(SIGNS_SEED)
        self._twin_stopped = False  # its loss is no longer finite
        self._push(self._twin.Y)

    @property
    def done(self) -> bool:
        """Whether ``result`` is there."""
        return self._own is None and self._twin_done

    @property
    def progress(self) -> float:
        """Share of the epochs trained, 0…1."""
        if self.done:
            return 1.0
        epochs = self._config.training.epochs
        trained = (self._own.epoch if self._own else epochs) if self._given is None else 0
        whole = 2 * epochs if self._given is None else max(1, self._twin_end)
        return min(1.0, (trained + len(self._twin_losses)) / whole)

    def advance_for(self, seconds: float) -> None:
        """Train for about ``seconds``, at least one epoch, at most to the end."""
        deadline = time.perf_counter() + seconds
        if self._own is not None:
            self._own.advance(1)  # whatever time there is
            self._own.advance_for(deadline - time.perf_counter())
            if not self._own.finished:
                return
            self._take(self._own)
            self._own = None
        while not self.done:
            self._advance_twin()
            if time.perf_counter() >= deadline:
                return

    @property
    def result(self) -> Expected:
        """The expectation.

        Raises
        ------
        RuntimeError : if it is not ``done``.
        """
        if not self.done:
            raise RuntimeError(f"an expectation must be done before it is read, got one at {self.progress:.0%}")
        distances = [abs(a - b) for a, b in zip(self._losses, self._twin_losses, strict=False)]
        relative = [d / max(1.0, loss) for d, loss in zip(distances, self._losses, strict=False)]
        first = FACTOR * relative[0] if relative else 0.0  # above the least where the first epoch has many wide steps
        if not first <= CHAOTIC:
            relative, first = [], 0.0
        first_tolerance = _round_up(max(TOLERANCE, first))
        steady = next((t for t, d in enumerate(relative) if not FACTOR * d <= first_tolerance), len(relative))
        begun = Expected(tuple(self._losses[: min(steady, FIRST)]), first_tolerance)
        if not self._finished:
            return begun
        if self._diverged or len(distances) < len(self._losses):
            apart = abs(len(self._twin_losses) - len(self._losses))
            sure = self._diverged and self._twin_stopped and apart <= max(2, len(self._losses) // 20)
            return replace(begun, diverged_at=len(self._losses) if sure else None)
        distance = max(distances)  # not the last one: after a chaotic beginning, twins may end side by side by chance
        chaotic = not FACTOR * distance <= CHAOTIC * self._losses[0]
        return replace(
            begun,
            final_epoch=len(self._losses) - 1,
            final_loss=self._losses[-1],
            final_tolerance=None if chaotic else _round_up(max(TOLERANCE, FACTOR * distance)),
            twin_distance=distance,
        )

    def _take(self, run: Run) -> None:
        self._losses = list(run.losses)
        self._finished, self._diverged = run.finished, run.diverged_at is not None

    @property
    def _twin_end(self) -> int:
        """Epochs of the twin: the run's own, and after a divergence as many again in which to diverge too."""
        n = len(self._losses)
        return min(self._config.training.epochs, 2 * n + 10) if self._diverged else n

    @property
    def _twin_done(self) -> bool:
        return len(self._twin_losses) >= self._twin_end or self._twin_stopped

    def _push(self, x: Tensor) -> None:
        """Each number by one unit in the last place, up or down."""
        signs = torch.randint(0, 2, x.shape, generator=self._signs, dtype=x.dtype).mul_(2).sub_(1)
        x.mul_((1 + ULP * signs).to(x.device))

    def _advance_twin(self) -> None:
        self._push(self._twin.network.theta)
        loss = float(self._twin.run(1))
        if math.isfinite(loss):
            self._twin_losses.append(loss)
        else:
            self._twin_stopped = True


def expected(config: RunConfig, table: Table | None = None, *, run: Run | None = None) -> Expected:
    """Measure the whole :class:`Expected` at once: trains the run, unless it is given, and its twin."""
    expectation = Expectation(config, table, run=run)
    while not expectation.done:
        expectation.advance_for(1.0)
    return expectation.result


def _round_up(x: float) -> float:
    """``x`` rounded up to one significant digit, as it is stated: 3.2e-5 -> 4e-5."""
    digits = -math.floor(math.log10(x))
    up = math.ceil(round(x * 10.0**digits, 6)) / 10.0**digits
    return float(f"{up:.0e}")
