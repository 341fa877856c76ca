"""Cells of one shape that train together, and which do.

Cells of one shape train together if there are at least ``MIN_REPLICAS`` of them and each has at most ``MAX_VALUES``
values in a step: samples of a batch × units, those of the output included. Above that a network's own work is larger
than that of the calls, and several networks no longer fit the cache. Measured on one core, an epoch of 300 × 16 takes
0.36 of a single engine's time, of 300 × 16-16-16 0.7, of 999 × 32 the same, and of 3000 × 100 two to three times as
much. A part has as many cells as keep it at ``PART_VALUES`` values: 17 of 300 × 16; with 16 it was fastest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import torch
from torch import Tensor

from dlcore.lab.grid import Cell
from dlcore.lab.parts import CellState, Part, Single
from dlcore.network.passes import Network
from dlcore.network.replicas import Replicas, shared
from dlcore.spiral.config import RunConfig, n_test_samples, n_validation_samples
from dlcore.spiral.data import Dataset
from dlcore.spiral.training import PreparedRun, Record, following_record, losses_and_accuracies, prepare

MIN_REPLICAS: Final = 3
MAX_VALUES: Final = 17_000
PART_VALUES: Final = 100_000


class Together:
    """Cells of one shape, trained as :class:`Replicas`; each has the records and the end that its :class:`Run` has."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = tuple(cells)
        self._training: _Training | None = None

    def _begun(self) -> _Training:
        if self._training is None:
            self._training = _Training([cell.config for cell in self.cells])
        return self._training

    @property
    def epoch(self) -> int:
        return 0 if self._training is None else self._training.replicas.epoch

    @property
    def finished(self) -> bool:
        return self._training is not None and all(map(self._training.finished, range(len(self.cells))))

    def advance(self, seconds: float) -> None:
        if self._training is None:
            self._begun()
        else:
            self._training.advance()

    def state(self, index: int) -> CellState:
        training = self._training
        if training is None:
            return CellState(self.cells[index], 0, (), None, False)
        diverged_at = training.diverged_at.get(index)
        epoch = training.replicas.epoch if diverged_at is None else diverged_at - 1
        return CellState(
            self.cells[index], epoch, tuple(training.histories[index]), diverged_at, training.finished(index)
        )

    def prepared(self, index: int) -> PreparedRun:
        return self._begun().prepared[index]

    def network(self, index: int) -> Network:
        return self._begun().network(index)


class _Training:
    """The replicas of a part, their samples and their records."""

    def __init__(self, configs: Sequence[RunConfig]) -> None:
        self.epochs = configs[0].training.epochs
        self.prepared = [prepare(config) for config in configs]
        self.replicas = Replicas([prepared.engine() for prepared in self.prepared])
        self.diverged_at: dict[int, int] = {}
        self.histories: list[list[Record]] = [[] for _ in configs]
        self._last_theta: dict[int, Tensor] = {}  # of the replicas that diverged
        subsets = zip(*((each.train, each.test, each.validation) for each in self.prepared), strict=True)
        self._subsets = [self._stacked(subset) for subset in subsets]
        self._record(self._measure(), range(len(configs)))

    def _stacked(self, subsets: Sequence[Dataset]) -> tuple[Tensor, Tensor]:
        """Return inputs (replicas, n, features) and labels (replicas, n) of one subset of each replica."""
        inputs = [prepared.inputs(subset) for prepared, subset in zip(self.prepared, subsets, strict=True)]
        return torch.stack(inputs), torch.stack([subset.y for subset in subsets])

    def finished(self, index: int) -> bool:
        return index in self.diverged_at or self.replicas.epoch >= self.epochs

    def network(self, index: int) -> Network:
        theta = self._last_theta.get(index)
        return self.replicas.network.at(self.replicas.network.theta[index] if theta is None else theta)

    def advance(self) -> None:
        """Train to the next epoch to record; a replica whose loss becomes non-finite stops in the epoch before."""
        saved, epochs = self.replicas.save(), following_record(self.replicas.epoch, self.epochs) - self.replicas.epoch
        losses = self.replicas.run(epochs)
        measured = self._measure()
        if self._newly_diverged(losses, measured):
            self.replicas.restore(saved)
            for _ in range(epochs):
                before = self.replicas.network.theta.clone()
                losses, measured = self.replicas.run(1), self._measure()
                for index in self._newly_diverged(losses, measured):
                    self._stop(index, before[index])
        self._record(measured, (index for index in range(len(self.prepared)) if index not in self.diverged_at))

    def _newly_diverged(self, losses: Tensor, measured: Tensor) -> list[int]:
        finite = (losses.isfinite().all(0) & measured[0].isfinite()).tolist()
        return [index for index, good in enumerate(finite) if not good and index not in self.diverged_at]

    def _stop(self, index: int, theta: Tensor) -> None:
        """Take a replica out of the training, in its last finite state."""
        self.diverged_at[index] = self.replicas.epoch
        self._last_theta[index] = theta.clone()
        network, epoch = self.network(index), self.replicas.epoch - 1
        if self.histories[index][-1].epoch < epoch:
            results = [losses_and_accuracies(network.logits(X[index]), y[index]) for X, y in self._subsets]
            self.histories[index].append(Record(epoch, *(float(number) for result in results for number in result)))

    def _measure(self) -> Tensor:
        """Return loss and accuracy on each subset, (6, replicas), in the order of the fields of :class:`Record`."""
        results = (losses_and_accuracies(self.replicas.logits(X), y) for X, y in self._subsets)
        return torch.stack([numbers for result in results for numbers in result])

    def _record(self, measured: Tensor, indices: Iterable[int]) -> None:
        columns = measured.t().tolist()
        for index in indices:
            self.histories[index].append(Record(self.replicas.epoch, *columns[index]))


# --- which cells train together ---------------------------------------------------------------------------------------
def parts_of(cells: Sequence[Cell]) -> list[Part]:
    """Return the parts of a grid's training by the rule above, in the order of their first cells."""
    groups: dict[RunConfig, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(shape(cell.config), []).append(cell)
    return [part for config, group in groups.items() for part in _divided(config, group)]


def shape(config: RunConfig) -> RunConfig:
    """Return what the cells of a part have in common: ``config`` without the settings that replicas may differ in."""
    default = RunConfig()
    data = replace(config.data, seed=default.data.seed, noise=default.data.noise)
    model = replace(config.model, init=default.model.init, draw=default.model.draw)
    return replace(config, data=data, model=model, training=shared(config.training))


def step_values(config: RunConfig) -> int:
    """Return the values of a step: samples of a batch × units, those of the output included."""
    total = config.data.n_samples
    samples = total - n_test_samples(config.data, total) - n_validation_samples(config.data, total)
    batch = min(config.training.batch_size or samples, samples)
    return batch * (sum(config.model.hidden) + config.data.n_classes)


def _divided(config: RunConfig, cells: list[Cell]) -> Iterator[Part]:
    """Yield the parts of cells of one shape, all of about the same size."""
    values = step_values(config)
    if config.device != "cpu" or len(cells) < MIN_REPLICAS or values > MAX_VALUES:
        yield from map(Single, cells)
        return
    count = math.ceil(len(cells) * values / PART_VALUES)
    size = math.ceil(len(cells) / count)
    for start in range(0, len(cells), size):
        yield Together(cells[start : start + size])
