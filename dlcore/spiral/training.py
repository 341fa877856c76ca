"""Training runs: data, network and engine, which can be advanced in chunks, measured, paused and resumed.

Epochs are counted as in the notebook: epoch *t* is the state after *t* epochs, and the loss that a notebook prints as
``[EPOCH]: t`` is the loss of that state. A run of 1000 epochs therefore ends in epoch 1000, one update after the
notebook's last line, ``[EPOCH]: 999``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Final, Protocol

import torch
from torch import Tensor, nn

from dlcore.network.engine import Engine
from dlcore.network.heads import head_of
from dlcore.network.model import build
from dlcore.network.passes import State
from dlcore.network.schedules import learning_rate
from dlcore.spiral import data, features
from dlcore.spiral.config import RunConfig, check, get_field
from dlcore.spiral.data import Dataset
from dlcore.spiral.table import Table
from dlcore.spiral.timeline import Timeline

# Number of evenly spaced epochs of a run that are recorded.
RECORDS: Final = 200

# Settings that can change during a run; a change of any other begins a new run.
CHANGEABLE: Final = (
    "training.lr",
    "training.momentum",
    "training.schedule",
    "training.epochs",
    "training.l1",
    "training.l2",
)

_FIRST_CHUNK: Final = 5  # epochs, before the speed is known
_REPLAY_SECONDS: Final = 0.03  # of a piece of a replay


class Trainer(Protocol):
    """The interface of the engine and of the plain loop."""

    @property
    def epoch(self) -> int: ...
    def run(self, epochs: int) -> Tensor: ...
    def logits(self, X: Tensor) -> Tensor: ...
    def gradient_norms(self) -> list[float]: ...
    def state_dict(self) -> dict[str, Tensor]: ...


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """The split data and the initial network of a run, before its first step."""

    config: RunConfig
    train: Dataset
    validation: Dataset
    test: Dataset
    model: nn.Sequential
    generator: torch.Generator

    def engine(self, *, dtype: torch.dtype = torch.float32) -> Engine:
        """Return an engine at epoch 0 on the config's device; it draws from ``generator``."""
        return Engine(
            self.model,
            self.config.model.activation,
            self.config.training,
            self.inputs(self.train),
            self.train.y,
            generator=self.generator,
            dtype=dtype,
            device=self.config.device,
        )

    @property
    def held_out(self) -> Dataset:
        """Return the test samples and, after them, those for validation."""
        X, y = (torch.cat(parts) for parts in ((self.test.X, self.validation.X), (self.test.y, self.validation.y)))
        return Dataset(X, y, self.test.n_classes)

    def inputs(self, subset: Dataset) -> Tensor:
        """Return the input features of the samples, (n, features)."""
        return features.expand(subset.X, self.config.data.features)


def prepare(config: RunConfig, table: Table | None = None) -> PreparedRun:
    """Draw data and network from one stream: data first, then the model, as the lecture does.

    Raises
    ------
    ConfigError : if the config breaks its rules, or if it is a ``csv`` run without a table.
    """
    check(config, table)
    generator = torch.Generator().manual_seed(config.data.seed)
    if config.data.kind == "csv" and table is not None:
        dataset = table.dataset
    else:
        dataset = data.make(config.data, generator=generator)
    train, validation, test = data.split(dataset, config.data)
    model = build(
        config.model,
        config.training,
        n_inputs=len(config.data.features),
        n_classes=dataset.n_classes,
        generator=generator,
    )
    return PreparedRun(config, train, validation, test, model, generator)


@dataclass(frozen=True, slots=True)
class Record:
    """Loss (mean cross-entropy, nats) and accuracy (0…1) after ``epoch`` epochs, in evaluation mode.

    In a regression they are the mean squared error and R² = 1 − SS_res / SS_tot, at most 1, NaN if all targets of a
    subset are equal.
    The test and validation values are NaN without such samples.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    validation_loss: float = math.nan
    validation_accuracy: float = math.nan


class Run:
    """A training run that can be advanced, measured, paused (by not advancing it) and changed while it trains."""

    def __init__(self, config: RunConfig, table: Table | None = None) -> None:
        self.config, self._table = config, table
        self.prepared = prepare(config, table)
        self._start = self.prepared.generator.get_state()
        self.engine = self.prepared.engine()
        subsets = self.prepared.train, self.prepared.validation, self.prepared.test
        self.X_train, self.X_validation, self.X_test = map(self.prepared.inputs, subsets)
        self.losses: list[float] = []  # of each epoch, as a notebook prints them
        self.history: list[Record] = []
        self.updates: dict[int, list[float]] = {}  # the engine's update ratios in the epoch that ends at each record
        self.diverged_at: int | None = None  # the first epoch whose loss is not finite; the run stops one before it
        self.changes: list[tuple[int, str]] = []  # (epoch, setting) of each change during the run
        self._epoch_seconds = 0.0
        self.timeline = Timeline(self.engine)
        self._record()

    @property
    def epoch(self) -> int:
        """Return the number of epochs done."""
        return self.engine.epoch

    @property
    def empty(self) -> bool:
        """Return whether there is no point to train on, as long as none of the own points is drawn."""
        return not len(self.prepared.train.y)

    @property
    def finished(self) -> bool:
        """Return whether there is nothing to train: all epochs are done, the run has diverged or has no point."""
        return self.empty or self.epoch >= self.config.training.epochs or self.diverged_at is not None

    @property
    def diverged(self) -> bool:
        """Return whether the loss is no longer finite, which ends the run."""
        return self.diverged_at is not None

    @property
    def train_loss(self) -> float:
        """Return the last measured loss on the training samples."""
        return self.history[-1].train_loss

    @property
    def learning_rate(self) -> float:
        """Return the learning rate of the next epoch."""
        return learning_rate(self.config.training, self.epoch)

    def restart(self) -> None:
        """Go back to epoch 0, with the same data, initial weights, shuffles and masks as before."""
        self.prepared.generator.set_state(self._start)
        self.engine = self.prepared.engine()
        self.engine.settings = self.config.training
        self.losses, self.history, self.updates, self.diverged_at, self.changes = [], [], {}, None, []
        self.timeline = Timeline(self.engine)
        self._record()

    def change(self, config: RunConfig) -> bool:
        """Continue under ``config`` if only settings of ``CHANGEABLE`` differ, or the own points; return whether so.

        When own points come or go, the weights, the state of the optimizer and the random stream are kept, and training
        goes on with the points there are now. A run that was over counts its epochs from 0 again. The first point
        begins a new run, and so does an empty plane.

        Raises
        ------
        ConfigError : if it does, and ``config`` breaks its rules.
        """
        changed = [name for name, value in config.values().items() if value != get_field(self.config, name)]
        redrawn = (
            changed == ["data.drawn"] and config.data.kind == "points" and not self.empty and config.data.own_points
        )
        if not redrawn and not set(changed) <= set(CHANGEABLE):
            return False
        check(config, self._table)
        before, self.config = self.config, config
        if redrawn:
            self._redraw()
        else:
            self._use_settings(before)
        return True

    def _redraw(self) -> None:
        """Go on with the own points of the config, and note the change; see :meth:`change`."""
        over, state = self.finished, self.engine.save()
        train = data.make(self.config.data, generator=self.prepared.generator)
        self.prepared = replace(self.prepared, config=self.config, train=train)
        self.X_train = self.prepared.inputs(train)
        self.engine = self.prepared.engine()
        self.engine.restore(state | {"epoch": 0} if over else state)
        if over:
            self.losses, self.updates, self.diverged_at, self.changes = [], {}, None, []
        self.timeline = Timeline(self.engine)  # what was before was trained on other points
        self.history = [record for record in self.history if record.epoch < self.epoch]
        if over or self.epoch:
            self.changes.append((self.epoch, "data.drawn"))
        self._record()

    def _use_settings(self, before: RunConfig) -> None:
        """Train on under the config, which was ``before`` until now, and note what of it changed."""
        self.engine.settings = self.timeline.settings[self.epoch] = self.config.training
        if self.epoch:
            old, new = before.values(), self.config.values()
            # With a constant learning rate, the number of epochs does not affect the epochs already done.
            constant = self.config.training.schedule == "constant"
            changed = [name for name in CHANGEABLE if new[name] != old[name]]
            self.changes += [(self.epoch, name) for name in changed if name != "training.epochs" or not constant]

    def rewind(self, epoch: int) -> None:
        """Go back to a kept epoch; see :meth:`rewinding`."""
        for _ in self.rewinding(epoch):
            pass

    def rewinding(self, epoch: int) -> Iterator[None]:
        """Go back to a kept epoch, in pieces of some 30 ms with a yield after each; the run changes after the last.

        The epochs since the full state before ``epoch`` are repeated under the settings that were in force then. From
        there on the present settings hold. If none has changed since, all later numbers are those of the first time,
        bit for bit on a CPU; if some have, they count as changed at ``epoch``. Nothing happens if the run goes on or is
        restarted meanwhile.

        Raises
        ------
        ValueError : if ``epoch`` is not one of ``timeline.epochs``.
        """
        timeline, now = self.timeline, self.epoch
        timeline.theta(epoch)
        engine = replace(self.prepared, generator=torch.Generator()).engine()
        fitting = int(_REPLAY_SECONDS / self._epoch_seconds) if self._epoch_seconds else _FIRST_CHUNK
        for _ in timeline.replay(engine, epoch, max(1, fitting)):
            yield
        if timeline is not self.timeline or now != self.epoch:
            return
        before = replace(self.config, training=timeline.settings_at(max(timeline.start, epoch - 1)))
        timeline.cut(epoch)
        self.engine.restore(engine.save())
        self.losses, self.diverged_at = self.losses[:epoch], None
        self.history = [record for record in self.history if record.epoch <= epoch]
        beginnings = [(epoch, name) for name in ("weights", "data.drawn")]
        self.changes = [change for change in self.changes if change[0] < epoch or change in beginnings]
        self._use_settings(before)

    def replace_weights(self, theta: Tensor) -> None:
        """Continue from other weights, laid out as :attr:`Network.theta`; optimizer and random stream stay.

        The timeline begins anew: what was before cannot be trained to these weights.
        """
        self.engine.network.theta.copy_(theta)
        self.changes.append((self.epoch, "weights"))
        self.timeline = Timeline(self.engine)
        self.history = [record for record in self.history if record.epoch < self.epoch]
        self._record()

    def advance(self, epochs: int) -> None:
        """Train ``epochs`` more, or to the end of the run, and record the epochs that are due."""
        if self.empty:
            return
        end = min(self.epoch + epochs, self.config.training.epochs)
        while self.epoch < end and self.diverged_at is None:
            self._chunk(min(end, self.next_record()) - self.epoch)

    def advance_for(self, seconds: float, epochs: int | None = None) -> None:
        """Train for about ``seconds``: at least one epoch, and at most ``epochs`` or to the end."""
        deadline = time.perf_counter() + seconds
        end = self.epoch + epochs if epochs else self.config.training.epochs
        while not self.finished and self.epoch < end:
            left = deadline - time.perf_counter()
            fitting = int(left / self._epoch_seconds) if self._epoch_seconds else _FIRST_CHUNK
            self.advance(max(1, min(fitting, min(end, self.next_record()) - self.epoch)))
            if time.perf_counter() >= deadline:
                return

    def measure(self) -> Record:
        """Return loss and accuracy at the current weights."""
        if self.history and self.history[-1].epoch == self.epoch:
            return self.history[-1]
        return Record(
            self.epoch,
            *loss_and_accuracy(self.engine.logits(self.X_train), self.prepared.train.y),
            *loss_and_accuracy(self.engine.logits(self.X_test), self.prepared.test.y),
            *loss_and_accuracy(self.engine.logits(self.X_validation), self.prepared.validation.y),
        )

    def best(self) -> Record | None:
        """Return the record of lowest validation loss, which chooses the epoch; None without validation samples."""
        measured = [record for record in self.history if math.isfinite(record.validation_loss)]
        return min(measured, key=lambda record: record.validation_loss, default=None)

    def next_record(self) -> int:
        """Return the next epoch to record."""
        return following_record(self.epoch, self.config.training.epochs)

    def _record(self) -> None:
        record = self.measure()
        if not self.history or self.history[-1].epoch != record.epoch:  # equal if a run diverged at once
            self.history.append(record)
            self.timeline.record(self.engine)
        # Weights set by hand begin a timeline. A run that diverged has gone back to before its last epoch.
        if self.epoch > self.timeline.start and self.diverged_at is None:
            self.updates[self.epoch] = self.engine.update_ratios()

    def _chunk(self, epochs: int) -> None:
        """Train ``epochs``; if the loss becomes non-finite, stop in the epoch before."""
        began, saved = time.perf_counter(), self.engine.save()
        losses = self.engine.run(epochs)
        self._epoch_seconds = (time.perf_counter() - began) / epochs
        if not (losses.isfinite().all() and self._is_finite()):
            losses = self._rerun_until_divergence(saved, epochs)
        self.losses += losses.tolist()
        if self._record_due() or self.diverged_at is not None:
            self._record()

    def _record_due(self) -> bool:
        total = self.config.training.epochs
        every = -(-total // RECORDS)
        return self.epoch % every == 0 or self.epoch >= total - 1

    def _is_finite(self) -> bool:
        loss, _ = loss_and_accuracy(self.engine.logits(self.X_train), self.prepared.train.y)
        return math.isfinite(loss)

    def _rerun_until_divergence(self, saved: State, epochs: int) -> Tensor:
        """Repeat a chunk epoch by epoch and stop in the last state whose loss is finite."""
        self.engine.restore(saved)
        losses: list[Tensor] = []
        for _ in range(epochs):
            saved = self.engine.save()
            loss = self.engine.run(1)
            if not (loss.isfinite().all() and self._is_finite()):
                self.diverged_at = self.engine.epoch
                self.engine.restore(saved)
                break
            losses.append(loss)
        return torch.cat(losses) if losses else torch.empty(0)


def following_record(epoch: int, total: int) -> int:
    """Return the next epoch to record of a run: every (total / RECORDS)-th, the notebook's last, and the end."""
    every = -(-total // RECORDS)
    following = (epoch // every + 1) * every
    return min(max(total, epoch + 1), following, total - 1 if epoch < total - 1 else total)


def loss_and_accuracy(outputs: Tensor, y: Tensor) -> tuple[float, float]:
    """Return loss and score of a network's outputs (n, units), as in a :class:`Record`; NaN, NaN without samples."""
    if not len(y):
        return math.nan, math.nan  # this object, so that records without samples are equal
    loss, score = losses_and_accuracies(outputs, y)
    return float(loss), float(score)


def losses_and_accuracies(outputs: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return losses and scores (…) of outputs (…, n, units) and labels (…, n) or (…, n, 1); NaN without samples."""
    return head_of(y).measure(outputs, y)


def named(record: Record, *, regression: bool) -> dict[str, float]:
    """Return a record's values by name; those of a regression are named r2 and not accuracy."""
    values = asdict(record)
    return {key.replace("accuracy", "r2"): value for key, value in values.items()} if regression else values
