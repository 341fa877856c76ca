"""The engine compared with a notebook's loop and with scikit-learn, in one process and one thread, taking turns.

On a CPU processor time is measured: it equals wall time on an idle machine and does not count other work on a busy one.
"""

from __future__ import annotations

import argparse
import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.common import Goal, NotHereError, Result, medians
from dlcore.network.engine import Engine
from dlcore.network.settings import ModelConfig, TrainingConfig
from dlcore.spiral import regions
from dlcore.spiral.config import DataConfig, RunConfig
from dlcore.spiral.training import Run, prepare

CPU = time.process_time
REGION = 200  # cells along the side of a region


@dataclass(frozen=True, slots=True)
class Size:
    """A run to be timed."""

    name: str
    config: RunConfig
    epochs: int  # of one timed call
    goal: float  # for the speed of the engine relative to the notebook's loop


def _size(name: str, points: int, hidden: tuple[int, ...], epochs: int, goal: float, batch_size: int = 0) -> Size:
    config = RunConfig(
        DataConfig(points=points, test_share=0.0), ModelConfig(hidden=hidden), TrainingConfig(batch_size=batch_size)
    )
    return Size(name, config, epochs, goal)


SIZES = (
    _size("3000 samples, 100 units", 1000, (100,), 100, 5.0),
    _size("300 samples, 8 units", 100, (8,), 500, 10.0),
    _size("3000 samples, 32-32-32 units", 1000, (32, 32, 32), 60, 3.0),
    _size("3000 samples, 100 units, batch 128", 1000, (100,), 15, 4.0, batch_size=128),
)


class Notebook:
    """Training as in the lecture's notebook, with its printed line, which is made but not printed.

    Mini-batches, which the lecture does not have, are indexed by a permutation; a ``DataLoader`` would be slower.
    """

    def __init__(self, model: nn.Module, settings: TrainingConfig, X: Tensor, y: Tensor) -> None:
        self.model, self.X, self.y, self.batch_size = model, X, y, settings.batch_size
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr, weight_decay=settings.l2)
        self.printed = ""

    def run(self, epochs: int) -> None:
        model, criterion, optimizer = self.model, self.criterion, self.optimizer
        for t in range(epochs):
            for X, y in self._batches():
                y_pred = model(X)
                loss = criterion(y_pred, y)
                _, predicted = torch.max(y_pred, 1)
                acc = (y == predicted).sum().float() / len(y)
                self.printed = f"[EPOCH]: {t}, [LOSS]: {loss.item():.6f}, [ACCURACY]: {acc:.3f}"
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    def _batches(self) -> list[tuple[Tensor, Tensor]]:
        if not self.batch_size:
            return [(self.X, self.y)]
        order = torch.randperm(len(self.y), device=self.y.device)
        return [(self.X[rows], self.y[rows]) for rows in torch.split(order, self.batch_size)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="timed pieces of each kind (%(default)s)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="what trains (%(default)s)")


def measure(args: argparse.Namespace) -> list[Result]:
    """Return all results, in the order of the table."""
    torch.set_num_threads(1)
    if args.device == "cuda":
        return [on_cuda(args.rounds)]
    results = [against_notebook(size, args.rounds) for size in SIZES]
    results.append(whole_run(SIZES[0], args.rounds))
    results += [against_sklearn(size, max(3, args.rounds // 3)) for size in SIZES]
    return [*results, draw_region(args.rounds * 5)]


def make_engine(config: RunConfig, device: str = "cpu") -> Engine:
    """Return an engine at epoch 0."""
    prepared = prepare(config)
    return Engine(
        prepared.model,
        config.model.activation,
        config.training,
        prepared.inputs(prepared.train),
        prepared.train.y,
        generator=prepared.generator,
        device=device,
    )


def make_notebook(config: RunConfig, device: str = "cpu") -> Notebook:
    """Return the notebook's loop for the same run."""
    prepared = prepare(config)
    X, y = prepared.inputs(prepared.train).to(device), prepared.train.y.to(device)
    return Notebook(prepared.model.to(device), config.training, X, y)


def against_notebook(size: Size, rounds: int) -> Result:
    """Compare the epochs per second of the engine and of the notebook's loop."""
    engine, notebook = make_engine(size.config), make_notebook(size.config)
    ours, theirs = medians([lambda: engine.run(size.epochs), lambda: notebook.run(size.epochs)], rounds, CPU)
    return Result(
        f"{size.name}: engine / notebook's loop",
        size.epochs / ours,
        "epochs/s",
        size.epochs / theirs,
        Goal(size.goal, "×"),
    )


def whole_run(size: Size, rounds: int) -> Result:
    """Compare a whole run on the page, with its 200 records of loss and accuracy, with the notebook's loop."""
    epochs = size.config.training.epochs
    ours, theirs = medians(
        [lambda: Run(size.config).advance(epochs), lambda: make_notebook(size.config).run(epochs)],
        max(1, rounds // 3),
        CPU,
    )
    return Result(
        f"{size.name}: whole run, with its history / notebook's loop", epochs / ours, "epochs/s", epochs / theirs
    )


def against_sklearn(size: Size, rounds: int) -> Result:
    """Compare the epochs per second of the engine and of scikit-learn's MLPClassifier."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits

    config = size.config
    prepared = prepare(config)
    X, y = (
        prepared.inputs(prepared.train).numpy(),
        prepared.train.y.numpy(),
    )  # float32, with which scikit-learn is fastest
    engine = make_engine(config)
    classifier = MLPClassifier(
        hidden_layer_sizes=config.model.hidden,
        solver="adam",
        learning_rate_init=config.training.lr,
        alpha=config.training.l2,
        batch_size=config.training.batch_size or len(y),
        max_iter=size.epochs,
        tol=0.0,
        n_iter_no_change=size.epochs + 1,
        random_state=0,
    )
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping at max_iter is intended
        ours, theirs = medians([lambda: engine.run(size.epochs), lambda: classifier.fit(X, y)], rounds, CPU)
    if classifier.n_iter_ != size.epochs:
        raise RuntimeError(f"scikit-learn must train {size.epochs} epochs, got {classifier.n_iter_}")
    return Result(f"{size.name}: engine / scikit-learn", size.epochs / ours, "epochs/s", size.epochs / theirs)


def draw_region(rounds: int, config: RunConfig | None = None) -> Result:
    """Measure the milliseconds to make the PNG of a trained network's regions."""
    config = config or SIZES[0].config
    run = Run(config)
    run.advance(300)
    half = regions.limit(run.prepared.train)
    draw: Callable[[], Any] = lambda: regions.region(  # noqa: E731
        run.engine, half=half, names=config.data.features, size=REGION, factor=1
    )
    (duration,) = medians([draw], rounds, CPU)
    name = f"region of {REGION} × {REGION} cells, {'-'.join(map(str, config.model.hidden))} units"
    return Result(f"{name}: compute and encode", 1000 * duration, "ms", goal=Goal(6.0, "ms", at_least=False))


def on_cuda(rounds: int) -> Result:
    """Compare the epochs per second of the engine and of the notebook's loop on a CUDA GPU.

    Raises
    ------
    NotHereError : without a CUDA GPU.
    """
    if not torch.cuda.is_available():
        raise NotHereError("--device cuda needs a CUDA GPU and a torch built for it; none was found")
    size = SIZES[0]
    engine, notebook, epochs = make_engine(size.config, "cuda"), make_notebook(size.config, "cuda"), 200

    def synchronised(run: Callable[[int], object]) -> Callable[[], None]:
        def timed() -> None:
            run(epochs)
            torch.cuda.synchronize()

        return timed

    ours, theirs = medians([synchronised(engine.run), synchronised(notebook.run)], rounds)
    if not math.isfinite(float(engine.run(1)[-1])):
        raise RuntimeError("the engine's loss on the GPU must be finite")
    name = f"{size.name}, {torch.cuda.get_device_name()}: engine / notebook's loop"
    return Result(name, epochs / ours, "epochs/s", epochs / theirs, Goal(20.0, "×"))
