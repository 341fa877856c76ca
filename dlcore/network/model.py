"""From a :class:`~dlcore.spiral.config.ModelConfig` to an ``nn.Sequential`` with its initial weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from dlcore.network.settings import ACTIVATIONS, EMBEDDING_UNITS, INIT_NORMAL_STD, INITS, ModelConfig, TrainingConfig


def initialise(weight: Tensor, id: str, generator: torch.Generator, std: float = INIT_NORMAL_STD) -> None:
    """Draw a weight matrix anew as an init of ``INITS`` says; ``std`` counts where that is "normal"."""
    name, arguments = INITS[id]
    given = {**arguments, "std": std} if "std" in arguments else arguments
    drawn = {} if id == "zeros" else {"generator": generator}
    getattr(nn.init, name)(weight, **given, **drawn)


def activation_module(id: str) -> nn.Module:
    """The PyTorch module of an activation id."""
    name, arguments = ACTIVATIONS[id]
    module: nn.Module = getattr(nn, name)(*arguments)
    return module


class Dropout(nn.Module):
    """Inverted dropout whose mask comes from a given generator.

    On CPU it draws exactly what ``nn.Dropout`` would from the global stream in the same state, so that generated
    scripts can use the plain module and still print the app's numbers.
    """

    def __init__(self, p: float, generator: torch.Generator) -> None:
        super().__init__()
        self.p, self.generator = p, generator

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        # The mask is drawn on the CPU, where the generator lives: one seed then means one run on every device.
        mask = draw_mask(x.shape, self.p, self.generator, dtype=x.dtype)
        return x * mask.to(x.device)


def draw_mask(shape: torch.Size, p: float, generator: torch.Generator, *, dtype: torch.dtype) -> Tensor:
    """An inverted dropout mask on the CPU: 0 with probability ``p``, else 1 / (1 − p)."""
    return torch.empty(shape, dtype=dtype).bernoulli_(1 - p, generator=generator).div_(1 - p)


def _linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """``nn.Linear`` with the numbers it would draw from the global stream, drawn from ``generator``.

    Both bounds are 1/√n_in: nn.Linear reaches it for the weight by ``kaiming_uniform_(a=√5)``.
    """
    layer = nn.Linear(n_in, n_out, device="meta").to_empty(device="cpu")
    nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=generator)
    bound = n_in**-0.5
    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return layer


def build(
    config: ModelConfig, training: TrainingConfig, *, n_inputs: int, n_classes: int, generator: torch.Generator
) -> nn.Sequential:
    """The network, the ``config.draw``-th of its kind that ``generator`` yields, in float32 on the CPU.

    Returns
    -------
    nn.Sequential : (n, n_inputs) -> logits (n, n_classes). Dropout modules are there when ``training.dropout`` is
        above 0, one after each activation; they draw from ``generator`` too.
    """
    for _ in range(config.draw - 1):
        _draw(config, training, n_inputs, n_classes, generator)
    return _draw(config, training, n_inputs, n_classes, generator)


def _draw(
    config: ModelConfig, training: TrainingConfig, n_inputs: int, n_classes: int, generator: torch.Generator
) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = n_inputs
    for units in config.hidden:
        layers += [_linear(width, units, generator), activation_module(config.activation)]
        if training.dropout:
            layers.append(Dropout(training.dropout, generator))
        width = units
    if config.embedding:
        layers.append(_linear(width, EMBEDDING_UNITS, generator))
        width = EMBEDDING_UNITS
    layers.append(_linear(width, n_classes, generator))
    if config.init != "default":  # over the default draw, as a script does that calls nn.init after nn.Linear
        for layer in linear_layers(layers):
            initialise(layer.weight, config.init, generator)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def linear_layers(model: Any) -> list[nn.Linear]:
    """The linear layers of a network, first to last."""
    return [layer for layer in model if isinstance(layer, nn.Linear)]
