"""Initial weights and dropout masks compared with torch's draws from the same stream; shapes and counts."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import values
from torch import nn

from dlcore.network.model import Dropout, activation_module, build, linear_layers
from dlcore.network.settings import ACTIVATIONS, EMBEDDING_UNITS, INIT_NORMAL_STD, INITS, ModelConfig, TrainingConfig
from dlcore.spiral.config import SETTINGS

TORCH_INITS = {
    "zeros": nn.init.zeros_,
    "normal": lambda weight: nn.init.normal_(weight, mean=0, std=INIT_NORMAL_STD),
    "xavier_uniform": nn.init.xavier_uniform_,
    "xavier_normal": nn.init.xavier_normal_,
    "kaiming_uniform": lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
    "kaiming_normal": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
}

models = st.builds(
    ModelConfig,
    hidden=st.lists(st.integers(1, 40), max_size=6).map(tuple),
    activation=values(SETTINGS["model.activation"].rule),
    embedding=st.booleans(),
    init=values(SETTINGS["model.init"].rule),
    draw=st.integers(1, 4),
)


def stream(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def by_hand(config: ModelConfig, n_inputs: int, n_classes: int) -> nn.Sequential:
    """Return the network as a notebook makes it, drawn from torch's global stream."""
    widths = [n_inputs, *config.hidden]
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), activation_module(config.activation)]
    if config.embedding:
        layers.append(nn.Linear(widths[-1], EMBEDDING_UNITS))
        widths.append(EMBEDDING_UNITS)
    layers.append(nn.Linear(widths[-1], n_classes))
    model = nn.Sequential(*layers)
    if config.init != "default":
        for layer in model:
            if isinstance(layer, nn.Linear):
                TORCH_INITS[config.init](layer.weight)
                nn.init.zeros_(layer.bias)
    return model


def assert_same_weights(model: nn.Module, other: nn.Module) -> None:
    mine, theirs = model.state_dict(), other.state_dict()
    assert list(mine) == list(theirs)
    for name, value in mine.items():
        assert torch.equal(value, theirs[name]), name


def test_tables_have_the_same_inits():
    assert {"default", *TORCH_INITS} == set(INITS)


@settings(max_examples=100)
@given(models, st.integers(1, 7), st.integers(2, 8), st.integers(0, 2**31 - 1))
def test_weights_equal_those_drawn_from_the_global_stream(config, n_inputs, n_classes, seed):
    generator = stream(seed)
    model = build(config, TrainingConfig(), n_inputs=n_inputs, n_classes=n_classes, generator=generator)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for _ in range(config.draw):
            expected = by_hand(config, n_inputs, n_classes)
        assert_same_weights(model, expected)
        assert torch.equal(torch.get_rng_state(), generator.get_state())  # what follows agrees as well
    assert [type(m) for m in model] == [type(m) for m in expected]


@pytest.mark.parametrize("init", INITS)
def test_draw_k_is_the_kth_from_one_stream(init):
    one = stream(7)
    sizes = {"n_inputs": 3, "n_classes": 4}
    for k in range(1, 5):
        following = build(ModelConfig((6, 5), init=init), TrainingConfig(), **sizes, generator=one)
        drawn = build(ModelConfig((6, 5), init=init, draw=k), TrainingConfig(), **sizes, generator=stream(7))
        assert_same_weights(drawn, following)


@pytest.mark.parametrize("init", sorted(TORCH_INITS))
def test_scale_and_biases_of_an_init(init):
    model = build(ModelConfig((200, 150), init=init), TrainingConfig(), n_inputs=100, n_classes=8, generator=stream(1))
    scales = {
        "zeros": lambda n_in, n_out: 0,
        "normal": lambda n_in, n_out: 0.01,
        "xavier": lambda n_in, n_out: (2 / (n_in + n_out)) ** 0.5,
        "kaiming": lambda n_in, n_out: (2 / n_in) ** 0.5,
    }
    for layer in linear_layers(model):
        expected = scales[init.partition("_")[0]](layer.in_features, layer.out_features)
        assert float(layer.weight.detach().std()) == pytest.approx(expected, rel=0.08)
        assert not layer.bias.any()


@pytest.mark.parametrize("embedding", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("depth", range(7))
def test_shapes_modules_and_number_of_parameters(depth, dropout, embedding):
    config = ModelConfig(tuple(range(3, 3 + depth)), embedding=embedding)
    model = build(config, TrainingConfig(dropout=dropout), n_inputs=5, n_classes=4, generator=stream(0))
    assert model(torch.zeros(9, 5)).shape == (9, 4)
    widths = [5, *config.hidden, *[2] * embedding, 4]
    assert [tuple(layer.weight.shape) for layer in linear_layers(model)] == [(b, a) for a, b in pairwise(widths)]
    block = [nn.Linear, nn.ReLU, *([Dropout] if dropout else [])]
    assert [type(m) for m in model] == [*block * depth, *[nn.Linear] * embedding, nn.Linear]
    assert config.parameters(5, 4) == sum(p.numel() for p in model.parameters())


@settings(max_examples=50)
@given(models, st.integers(1, 7), st.integers(2, 8))
def test_number_of_parameters(config, n_inputs, n_classes):
    model = build(config, TrainingConfig(), n_inputs=n_inputs, n_classes=n_classes, generator=stream(0))
    assert config.parameters(n_inputs, n_classes) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@settings(max_examples=50)
@given(p=st.floats(0.01, 0.9), n=st.integers(1, 60), width=st.integers(1, 60), seed=st.integers(0, 2**31 - 1))
def test_dropout_equals_nn_dropout_on_the_same_stream(dtype, p, n, width, seed):
    x = torch.randn(n, width, generator=stream(seed), dtype=dtype)
    mine = Dropout(p, stream(seed))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        theirs = nn.Dropout(p)
        for _ in range(3):
            assert torch.equal(mine(x), theirs(x))


@pytest.mark.parametrize("p", [0.0, 0.5])
def test_dropout_off_draws_nothing(p):
    generator, x = stream(3), torch.ones(4, 5)
    before = generator.get_state()
    module = Dropout(p, generator)
    assert torch.equal(module.eval()(x), x)
    assert torch.equal(generator.get_state(), before)
    assert torch.equal(module.train()(x), x) == (p == 0)


@pytest.mark.parametrize("id", ACTIVATIONS)
def test_activation_module_is_the_registered_one(id):
    name, arguments = ACTIVATIONS[id]
    x = torch.linspace(-3, 3, 50)
    assert torch.equal(activation_module(id)(x), getattr(nn, name)(*arguments)(x))
