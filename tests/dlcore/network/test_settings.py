"""The size of a network, from its settings alone."""

import pytest
import torch

from dlcore.network.model import build
from dlcore.network.settings import INITS, ModelConfig, TrainingConfig


@pytest.mark.parametrize(
    ("hidden", "embedding", "n_inputs", "n_classes", "parameters"),
    [
        ((), False, 2, 3, (2 + 1) * 3),
        ((), True, 2, 3, (2 + 1) * 2 + (2 + 1) * 3),
        ((100,), False, 2, 3, (2 + 1) * 100 + (100 + 1) * 3),
        ((4, 5), False, 7, 8, (7 + 1) * 4 + (4 + 1) * 5 + (5 + 1) * 8),
        ((4,), True, 1, 2, (1 + 1) * 4 + (4 + 1) * 2 + (2 + 1) * 2),
    ],
)
def test_the_number_of_parameters_equals_that_of_torch(hidden, embedding, n_inputs, n_classes, parameters):
    config = ModelConfig(hidden=hidden, embedding=embedding)
    model = build(config, TrainingConfig(), n_inputs=n_inputs, n_classes=n_classes, generator=torch.Generator())
    assert config.parameters(n_inputs, n_classes) == parameters
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters


def test_the_defaults_are_those_of_the_lecture():
    assert ModelConfig() == ModelConfig((100,), "relu", False, "default", 1)
    assert TrainingConfig() == TrainingConfig("adam", 1e-3, 0.9, "constant", 0, 1000, 0.0, 1e-5, 0.0)


@pytest.mark.parametrize("init", INITS)
def test_every_init_names_a_function_of_torch(init):
    name, arguments = INITS[init]
    if name:
        W = getattr(torch.nn.init, name)(torch.empty(300, 200), **arguments)
        std = {
            "zeros": 0.0,
            "normal": 0.01,
            "xavier_uniform": (2 / 500) ** 0.5,
            "xavier_normal": (2 / 500) ** 0.5,
            "kaiming_uniform": (2 / 200) ** 0.5,
            "kaiming_normal": (2 / 200) ** 0.5,
        }[init]
        assert float(W.std()) == pytest.approx(std, rel=0.03)
