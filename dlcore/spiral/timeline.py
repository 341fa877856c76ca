"""What a run keeps of its past: weights of many epochs, to be looked at, and full states of a few, to train on from.

The rule: a record of the run is kept if it is at least a *stride* of epochs after the kept one before it. The stride is
1 epoch until there are more than may be kept; then it becomes about twice the present spacing, and of what was kept
only what obeys it stays. So the kept epochs stay evenly spaced however long the run gets. The start and the newest
record are always kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

from torch import Tensor

from dlcore.network.engine import Engine
from dlcore.network.passes import State
from dlcore.network.settings import TrainingConfig

# A session has one run, whose timeline takes at most 7.9 + 8.05 = 15.95 MB. The default run has 603 parameters: 203
# records of 2.4 kB and 9 states of 12 kB are 0.6 MB. The largest network has 333,064: its weights take 1.33 MB and a
# state with Adam's two buffers 4.0 MB, so that 5 weights and 2 states are kept, 14.7 MB.
MOST_THETAS: Final = 256  # more than the records of a run
MOST_STATES: Final = 9
THETA_BYTES: Final = 7_900_000
STATE_BYTES: Final = 8_050_000

T = TypeVar("T")


class Thinned(Generic[T]):
    """Items at growing epochs after ``start``, at most ``most`` of them, evenly spaced by the rule of the module."""

    def __init__(self, start: int, most: int) -> None:
        self.start, self.most, self.stride = start, most, 1
        self.items: dict[int, T] = {}

    def add(self, epoch: int, make: Callable[[], T]) -> None:
        """Keep the item that ``make`` returns, if one is due at this epoch."""
        if epoch - next(reversed(self.items), self.start) < self.stride:
            return
        self.items[epoch] = make()
        if len(self.items) > self.most:
            self.stride = -(-2 * (epoch - self.start) // (self.most + 1))
            self._thin()

    def _thin(self) -> None:
        last, kept = self.start, {}
        for epoch, item in self.items.items():
            if epoch - last >= self.stride:
                last, kept[epoch] = epoch, item
        self.items = kept

    def cut(self, epoch: int) -> None:
        """Forget what is later than ``epoch``."""
        self.items = {at: item for at, item in self.items.items() if at <= epoch}


class Timeline:
    """The past of a run from the present state of its engine on.

    Attributes
    ----------
    start : the epoch at which it begins.
    settings : the training settings in force from an epoch on, by that epoch.
    """

    def __init__(self, engine: Engine) -> None:
        self.start, self._first = engine.epoch, engine.save()
        self._newest_epoch, self._newest = engine.epoch, _copy(engine)
        thetas = min(MOST_THETAS, THETA_BYTES // count_bytes(self._newest))
        states = min(MOST_STATES, STATE_BYTES // count_bytes(self._first))
        self._thetas: Thinned[Tensor] = Thinned(self.start, thetas - 1)  # beside the newest
        self._states: Thinned[State] = Thinned(self.start, states - 1)  # beside the first
        self.settings: dict[int, TrainingConfig] = {self.start: engine.settings}

    @property
    def epochs(self) -> list[int]:
        """Return the epochs whose weights are kept, in ascending order."""
        return sorted({self.start, *self._thetas.items, self._newest_epoch})

    def theta(self, epoch: int) -> Tensor:
        """Return the weights of a kept epoch, on the CPU; raise ValueError if it is not kept."""
        if epoch == self._newest_epoch:
            return self._newest
        theta = self._first["theta"].cpu() if epoch == self.start else self._thetas.items.get(epoch)
        if theta is None:
            raise ValueError(f"the epoch must be one of the kept ones, got {epoch}")
        return theta

    def settings_at(self, epoch: int) -> TrainingConfig:
        """Return the settings under which the run trained from ``epoch`` to the next."""
        return self.settings[max(start for start in self.settings if start <= epoch)]

    def record(self, engine: Engine) -> None:
        """Keep the present weights as the newest, and weights and state for later if they are due."""
        self._newest_epoch, self._newest = engine.epoch, _copy(engine)
        self._thetas.add(engine.epoch, lambda: self._newest)
        self._states.add(engine.epoch, engine.save)

    def cut(self, epoch: int) -> None:
        """Forget all after ``epoch``, which must be a kept one, and the settings since then."""
        self._newest_epoch, self._newest = epoch, self.theta(epoch)
        self._thetas.cut(epoch)
        self._states.cut(epoch)
        self.settings = {start: settings for start, settings in self.settings.items() if start < epoch}

    def replay(self, engine: Engine, epoch: int, epochs: int) -> Iterator[None]:
        """Bring an engine of the run to ``epoch`` as the run came there, at most ``epochs`` between two yields.

        It begins at the latest full state until then, and trains under the settings that were in force at the time.
        """
        states = {self.start: self._first, **self._states.items}
        engine.restore(states[max(at for at in states if at <= epoch)])
        while (now := engine.epoch) < epoch:
            if engine.settings != self.settings_at(now):
                engine.settings = self.settings_at(now)
            ends = [start for start in self.settings if start > now]
            engine.run(min(epoch, now + epochs, *ends) - now)
            yield

    @property
    def n_bytes(self) -> int:
        """Return the size of all tensors that are kept, in bytes."""
        thetas = {**self._thetas.items, self._newest_epoch: self._newest}  # the newest may be one of the others
        return sum(map(count_bytes, [*thetas.values(), self._first, *self._states.items.values()]))


def _copy(engine: Engine) -> Tensor:
    return engine.network.theta.detach().to("cpu", copy=True)


def count_bytes(value: object) -> int:
    """Return the size of the tensors in a value of tensors, lists and dictionaries, in bytes."""
    if isinstance(value, Tensor):
        return value.nbytes
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(count_bytes, value)) if isinstance(value, list) else 0
