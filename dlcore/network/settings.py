"""Ids, ranges and defaults of the network and of its training.

Each field carries the rule for its value and its short key in links; menus, sliders, links, exported scripts and tests
are made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from dlcore.settings.rules import Flag, LayerSizes, Number, OneOf, setting_field

# Activations: the torch.nn class of each and its arguments. Models, exported scripts and tests are made from these.
LEAKY_RELU_SLOPE: Final = 0.01
ACTIVATIONS: Final[Mapping[str, tuple[str, tuple[float, ...]]]] = {
    "relu": ("ReLU", ()),
    "leaky_relu": ("LeakyReLU", (LEAKY_RELU_SLOPE,)),
    "elu": ("ELU", ()),
    "gelu": ("GELU", ()),
    "silu": ("SiLU", ()),
    "tanh": ("Tanh", ()),
    "sigmoid": ("Sigmoid", ()),
    "softplus": ("Softplus", ()),
    "identity": ("Identity", ()),
}

# Initial weights: the function of torch.nn.init for each and its arguments. Models, exported scripts and lessons are
# made from these. "default" keeps the initial weights of nn.Linear: U(-1/√in, 1/√in) for weights and bias.
INIT_NORMAL_STD: Final = 0.01  # the textbook's N(0, 0.01²); biases are zero under every init but "default"
INITS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "default": ("", {}),
    "zeros": ("zeros_", {}),
    "normal": ("normal_", {"std": INIT_NORMAL_STD}),
    "xavier_uniform": ("xavier_uniform_", {}),
    "xavier_normal": ("xavier_normal_", {}),
    "kaiming_uniform": ("kaiming_uniform_", {"nonlinearity": "relu"}),
    "kaiming_normal": ("kaiming_normal_", {"nonlinearity": "relu"}),
}

OPTIMIZERS: Final[tuple[str, ...]] = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
USES_MOMENTUM: Final[tuple[str, ...]] = ("momentum", "nesterov")

SCHEDULES: Final[tuple[str, ...]] = ("constant", "step", "cosine", "exponential")
STEP_MILESTONES: Final = (0.5, 0.75)  # shares of the run after which "step" multiplies the learning rate by STEP_GAMMA
STEP_GAMMA: Final = 0.1
EXPONENTIAL_END: Final = 0.01  # "exponential" ends at this share of the initial learning rate

DEVICES: Final[tuple[str, ...]] = ("cpu", "cuda", "mps")

FULL_BATCH: Final = 0  # the batch size that means all training samples
EMBEDDING_UNITS: Final = 2  # two, so that the layer before the logits can be drawn as a plane
MAX_SAMPLES: Final = 10_000  # of a data set, before the split


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The network between features and logits; ``hidden=()`` is a linear model."""

    hidden: tuple[int, ...] = setting_field((100,), "h", LayerSizes(6, 1, 256))
    activation: str = setting_field("relu", "a", OneOf(tuple(ACTIVATIONS)))
    embedding: bool = setting_field(False, "e", Flag())  # a 2-unit linear layer before the output
    init: str = setting_field("default", "i", OneOf(tuple(INITS)))
    # The number of this network among those drawn from the run's random stream. The lecture draws its linear model
    # first and its ReLU network second; "new weights" asks for the next draw.
    draw: int = setting_field(1, "w", Number(1, 100, 1, integer=True))

    def parameters(self, n_inputs: int, n_classes: int) -> int:
        """Return the number of weights and biases."""
        return sum((n_in + 1) * n_out for n_in, n_out in self._layers(n_inputs, n_classes))

    def multiply_adds(self, n_inputs: int, n_classes: int) -> int:
        """Return the multiplications, each with an addition, of the forward pass of a sample: one for each weight."""
        return sum(n_in * n_out for n_in, n_out in self._layers(n_inputs, n_classes))

    def _layers(self, n_inputs: int, n_classes: int) -> Iterator[tuple[int, int]]:
        """Return the inputs and outputs of each linear layer."""
        return pairwise([n_inputs, *self.hidden, *([EMBEDDING_UNITS] if self.embedding else []), n_classes])


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How the network is trained. The defaults are the lecture's: Adam, lr 1e-3, L2 1e-5, 1000 epochs, full batch."""

    optimizer: str = setting_field("adam", "o", OneOf(OPTIMIZERS))
    lr: float = setting_field(1e-3, "r", Number(1e-5, 10.0, 0.0, log=True))
    momentum: float = setting_field(0.9, "m", Number(0.0, 0.999, 0.01))
    schedule: str = setting_field("constant", "u", OneOf(SCHEDULES))
    batch_size: int = setting_field(FULL_BATCH, "b", Number(0, MAX_SAMPLES, 1, integer=True, unit="samples"))
    epochs: int = setting_field(1000, "k", Number(1, 10_000, 1, integer=True, log=True, unit="epochs"))
    l1: float = setting_field(0.0, "l1", Number(0.0, 1.0, 0.0, log=True))
    l2: float = setting_field(1e-5, "l2", Number(0.0, 1.0, 0.0, log=True))
    dropout: float = setting_field(0.0, "p", Number(0.0, 0.9, 0.05))
