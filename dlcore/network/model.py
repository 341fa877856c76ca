"""Networks as ``nn.Sequential``: their layers, initial weights and dropout."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from dlcore.network.settings import ACTIVATIONS, EMBEDDING_UNITS, INIT_NORMAL_STD, INITS, ModelConfig, TrainingConfig


def initialise(weight: Tensor, id: str, generator: torch.Generator, std: float = INIT_NORMAL_STD) -> None:
    """Fill ``weight`` with initial weights, as the entry ``id`` of ``INITS`` says; ``std`` is used by "normal" only."""
    name, arguments = INITS[id]
    options: dict[str, Any] = {**arguments, "std": std} if "std" in arguments else {**arguments}
    if id != "zeros":
        options["generator"] = generator
    getattr(nn.init, name)(weight, **options)


def activation_module(id: str) -> nn.Module:
    """Return a new PyTorch module of the activation ``id``."""
    name, arguments = ACTIVATIONS[id]
    module: nn.Module = getattr(nn, name)(*arguments)
    return module


class Dropout(nn.Module):
    """Inverted dropout whose mask is drawn from a given generator.

    On the CPU it draws what ``nn.Dropout`` draws from the global stream in the same state, so that exported scripts
    use ``nn.Dropout`` and still print the app's numbers.
    """

    def __init__(self, p: float, generator: torch.Generator) -> None:
        super().__init__()
        self.p, self.generator = p, generator

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        # The mask is drawn on the CPU, so that a seed gives the same run on every device.
        mask = draw_mask(x.shape, self.p, self.generator, dtype=x.dtype)
        return x * mask.to(x.device)


def draw_mask(shape: torch.Size, p: float, generator: torch.Generator, *, dtype: torch.dtype) -> Tensor:
    """Return an inverted dropout mask on the CPU: 0 with probability ``p``, else 1 / (1 − p)."""
    return torch.empty(shape, dtype=dtype).bernoulli_(1 - p, generator=generator).div_(1 - p)


def _linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """Return an ``nn.Linear`` whose initial numbers, the same as usual, are drawn from ``generator``.

    Both bounds are 1/√n_in; for the weight nn.Linear gets it from ``kaiming_uniform_(a=√5)``.
    """
    layer = nn.Linear(n_in, n_out, device="meta").to_empty(device="cpu")
    nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=generator)
    bound = n_in**-0.5
    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return layer


def build(
    config: ModelConfig, training: TrainingConfig, *, n_inputs: int, n_classes: int, generator: torch.Generator
) -> nn.Sequential:
    """Return the ``config.draw``-th network that is drawn from ``generator``, in float32 on the CPU.

    Returns
    -------
    nn.Sequential : (n, n_inputs) -> logits (n, n_classes). If ``training.dropout`` is above 0, a dropout module
        follows each activation and draws from ``generator`` too.
    """
    for _ in range(config.draw - 1):
        _draw(config, training, n_inputs, n_classes, generator)
    return _draw(config, training, n_inputs, n_classes, generator)


def _draw(
    config: ModelConfig, training: TrainingConfig, n_inputs: int, n_classes: int, generator: torch.Generator
) -> nn.Sequential:
    layers: list[nn.Module] = []
    size = n_inputs
    for units in config.hidden:
        layers += [_linear(size, units, generator), activation_module(config.activation)]
        if training.dropout:
            layers.append(Dropout(training.dropout, generator))
        size = units
    if config.embedding:
        layers.append(_linear(size, EMBEDDING_UNITS, generator))
        size = EMBEDDING_UNITS
    layers.append(_linear(size, n_classes, generator))
    if config.init != "default":  # after the default draw, as in a script that calls nn.init after nn.Linear
        for layer in linear_layers(layers):
            initialise(layer.weight, config.init, generator)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def linear_layers(model: Any) -> list[nn.Linear]:
    """Return the linear layers of a network, first to last."""
    return [layer for layer in model if isinstance(layer, nn.Linear)]
