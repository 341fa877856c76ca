"""Experiments with the results that they must reproduce, and the presets of the spiral page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dlcore.network.settings import ModelConfig, TrainingConfig
from dlcore.spiral.config import DataConfig, RunConfig
from dlcore.spiral.training import Run

TOLERANCE: Final = 1e-5  # absolute, of a reproduced loss on the CPU in float32


@dataclass(frozen=True, slots=True)
class Published:
    """An experiment and the last line that its notebook prints: ``[EPOCH]: epoch, [LOSS]: loss, …``.

    ``loss`` is the mean cross-entropy in nats after ``epoch`` updates, ``accuracy`` the accuracy on the training
    samples to three decimals.
    """

    id: str
    config: RunConfig
    epoch: int
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The loss and accuracy of a published experiment on this machine."""

    published: Published
    loss: float
    accuracy: float

    @property
    def difference(self) -> float:
        """Return our loss minus the published one."""
        return self.loss - self.published.loss

    @property
    def agrees(self) -> bool:
        """Return whether the loss is within ``TOLERANCE`` and the accuracy equal to three decimals."""
        return abs(self.difference) <= TOLERANCE and f"{self.accuracy:.3f}" == f"{self.published.accuracy:.3f}"


# "Spiral classification" of the one-week PyTorch lab: 3 arms of 1000 points, seed 12345, no test samples. The linear
# model (no activation, SGD) is drawn first and the ReLU network (Adam) second from the same random stream.
_LECTURE: Final = RunConfig(data=DataConfig(test_share=0.0))
_LINEAR: Final = replace(_LECTURE, model=ModelConfig(activation="identity"), training=TrainingConfig(optimizer="sgd"))
_RELU: Final = replace(_LECTURE, model=ModelConfig(draw=2))
_OLDER: Final = DataConfig(noise=0.1, test_share=0.0)
# The newer edition: 5 arms of radius 0.2…1, Adam and 2000 epochs throughout, each model from a separate stream.
_NEWER: Final = RunConfig(data=DataConfig(kind="ring", classes=5, test_share=0.0), training=TrainingConfig(epochs=2000))

PUBLISHED: Final[Mapping[str, Published]] = {
    p.id: p
    for p in (
        Published("lecture_linear", _LINEAR, 999, 0.861541, 0.504),
        Published("lecture_relu", _RELU, 999, 0.178407, 0.949),
        Published("older_linear", replace(_LINEAR, data=_OLDER), 999, 0.854276, 0.503),
        Published("older_relu", replace(_RELU, data=_OLDER), 999, 0.162179, 0.956),
        Published("newer_linear", replace(_NEWER, model=ModelConfig(activation="identity")), 1999, 0.900009, 0.503),
        Published("newer_relu", _NEWER, 1999, 0.063875, 0.992),
        Published("newer_embedding", replace(_NEWER, model=ModelConfig(embedding=True)), 1999, 0.034937, 0.995),
    )
}

# The run of one student's notes: a spiral without noise, SGD and ten times as many epochs; then the same with Adam.
# Not published: these are the numbers of the notebook's loop on the first draw of seed 12345.
_CLEAN: Final = RunConfig(data=DataConfig(noise=0.0, test_share=0.0))
_PATIENT: Final = TrainingConfig(optimizer="sgd", epochs=10_000)
STUDENT: Final[Mapping[str, Published]] = {
    p.id: p
    for p in (
        Published("student_sgd", replace(_CLEAN, training=_PATIENT), 9999, 0.719394, 0.534),
        Published("student_adam", _CLEAN, 999, 0.144925, 0.962),
    )
}
EXPERIMENTS: Final[Mapping[str, Published]] = {**PUBLISHED, **STUDENT}

# Presets of the spiral page, each of which shows one effect.
PRESETS: Final[Mapping[str, RunConfig]] = {
    "default": RunConfig(),
    **{id: experiment.config for id, experiment in EXPERIMENTS.items()},
    # No activation: the regions stay wedges, whatever the number of units.
    "linear_cannot": RunConfig(model=ModelConfig(hidden=(100, 100), activation="identity")),
    # Few ReLUs: the fold of each unit can be seen as a crease of the regions.
    "relu_folds": RunConfig(
        data=DataConfig(points=300, noise=0.1), model=ModelConfig(hidden=(8,)), training=TrainingConfig(lr=0.03)
    ),
    # Few ReLUs again, beside a curve: the boundary is made of straight pieces.
    "straight_pieces": RunConfig(
        data=DataConfig(kind="sine", points=300, noise=0.0),
        model=ModelConfig(hidden=(6,)),
        training=TrainingConfig(lr=0.03),
    ),
    # Three folds, after which a line cuts off the inner circle; the 2 units before the output can be drawn as they are.
    "folds_then_line": RunConfig(
        data=DataConfig(kind="circles", points=300, noise=0.1),
        model=ModelConfig(hidden=(3, 2)),
        training=TrainingConfig(lr=0.01),
    ),
    # Five arms, laid side by side in the plane of the embedding until straight lines lie between them.
    "arms_unrolled": RunConfig(
        data=DataConfig(classes=5, points=300, noise=0.1),
        model=ModelConfig(hidden=(16,), embedding=True),
        training=TrainingConfig(lr=0.02, epochs=500),
    ),
    # A regression: three hills and three hollows, and as many tanh units as they need.
    "hills": RunConfig(
        data=DataConfig(kind="hills", points=500, noise=0.1),
        model=ModelConfig(hidden=(8,), activation="tanh"),
        training=TrainingConfig(lr=0.03),
    ),
    # Gradient descent with steps so large that the loss jumps about instead of falling.
    "too_wide_a_step": RunConfig(
        data=DataConfig(points=300), training=TrainingConfig(optimizer="sgd", lr=10.0, l2=0.0, epochs=300)
    ),
    "zeros": RunConfig(model=ModelConfig(init="zeros"), training=TrainingConfig(lr=0.01)),
    # Few noisy points and a large network: the training loss falls, the test loss rises.
    "overfitting": RunConfig(
        data=DataConfig(points=40, noise=0.4, test_share=0.5),
        model=ModelConfig(hidden=(128, 128)),
        training=TrainingConfig(lr=0.01, l2=0.0),
    ),
    # The same on clouds that overlap: their boundary is simple, so that weight decay and fewer layers help as well.
    "noisy_clouds": RunConfig(
        data=DataConfig(kind="gaussians", points=40, noise=0.7, test_share=0.5),
        model=ModelConfig(hidden=(128, 128)),
        training=TrainingConfig(lr=0.01, l2=0.0),
    ),
}


def reproduce(published: Published) -> Reproduction:
    """Train a published experiment up to its last printed line and return the result."""
    run = Run(published.config)
    run.advance(published.epoch)
    record = run.measure()
    return Reproduction(published, record.train_loss, record.train_accuracy)
