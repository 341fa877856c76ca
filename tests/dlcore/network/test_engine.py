"""The engine compared with the notebook's loop under every choice of settings, and its gradients with autograd."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pairwise import covering
from strategies import configs
from torch import nn

from dlcore.network import passes
from dlcore.network.engine import Engine
from dlcore.network.model import build, draw_mask
from dlcore.network.optimizers import torch_optimizer
from dlcore.network.passes import Batch, Network, with_ones
from dlcore.network.plain import PlainLoop
from dlcore.network.settings import ACTIVATIONS, OPTIMIZERS, SCHEDULES, ModelConfig, TrainingConfig
from dlcore.spiral.config import DataConfig, RunConfig
from dlcore.spiral.training import prepare

CPU = torch.device("cpu")

REGULARISERS = {
    "none": {},
    "l1": {"l1": 1e-3},
    "l2": {"l2": 1e-2},
    "l1+l2": {"l1": 1e-3, "l2": 1e-2},
    "dropout": {"dropout": 0.3},
}
BATCHES = {"full": (0, 50), "ragged": (32, 10)}  # batch size and epochs: 150 samples are four batches of 32 and 22
# Low enough that no run overshoots: after an overshoot float32 is precise to 1e-4 only (with AdaGrad at 0.03 the plain
# loop on the same samples in another order differs by 2e-4), which is more than the tolerance.
RATES = {"sgd": 0.3, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.01, "rmsprop": 0.002, "adam": 0.02, "adamw": 0.02}
TOLERANCES = {torch.float64: 1e-10, torch.float32: 1e-5}


def cell(activation: str, optimizer: str, regulariser: str, batch: str) -> RunConfig:
    """Return a run of 50 steps on 150 samples; depth, embedding, features and schedule vary with the arguments."""
    place = (
        list(ACTIVATIONS).index(activation)
        + 3 * OPTIMIZERS.index(optimizer)
        + list(REGULARISERS).index(regulariser)
        + list(BATCHES).index(batch)
    )
    size, epochs = BATCHES[batch]
    return RunConfig(
        data=DataConfig(
            kind="spiral" if place % 2 else "ring",
            points=50,
            test_share=0.0,
            seed=place,
            features=("x1", "x2", "sin_x1") if place % 5 == 0 else ("x1", "x2"),
        ),
        model=ModelConfig(hidden=((8,), (8, 8), (12, 5, 3))[place % 3], activation=activation, embedding=place % 4 < 2),
        training=TrainingConfig(
            optimizer=optimizer,
            lr=RATES.get(optimizer, 0.01),
            schedule=SCHEDULES[place // 2 % len(SCHEDULES)],
            batch_size=size,
            epochs=epochs,
            **{"l2": 0.0, **REGULARISERS[regulariser]},
        ),
    )


def twins(config: RunConfig, dtype: torch.dtype) -> tuple[Engine, PlainLoop]:
    """Return engine and plain loop for the same run, prepared twice from one seed."""
    prepared, again = prepare(config), prepare(config)
    X, y = again.inputs(again.train), again.train.y
    plain = PlainLoop(again.model, config.training, X, y, generator=again.generator, dtype=dtype)
    return prepared.engine(dtype=dtype), plain


PAIRS = covering((ACTIVATIONS, OPTIMIZERS, REGULARISERS, BATCHES))  # every two of them meet: 63 cells of 630


def assert_trains_like_the_plain_loop(config: RunConfig, dtype: torch.dtype) -> None:
    """Train engine and plain loop; check that losses, logits and random stream are equal."""
    engine, plain = twins(config, dtype)
    ours = engine.run(config.training.epochs).double()
    theirs = plain.run(config.training.epochs).double()
    torch.testing.assert_close(ours, theirs, rtol=0, atol=TOLERANCES[dtype])
    assert not torch.allclose(ours[0], ours[-1], rtol=0, atol=1e-6), "nothing was trained"
    X = plain.X[:40]
    torch.testing.assert_close(engine.logits(X), plain.logits(X), rtol=1e-3, atol=1e4 * TOLERANCES[dtype])
    assert torch.equal(engine.generator.get_state(), plain.generator.get_state())


@pytest.mark.parametrize("dtype", TOLERANCES, ids=["float64", "float32"])
@pytest.mark.parametrize(("activation", "optimizer", "regulariser", "batch"), PAIRS)
def test_training_equals_the_plain_loop_for_every_pair_of_choices(activation, optimizer, regulariser, batch, dtype):
    assert_trains_like_the_plain_loop(cell(activation, optimizer, regulariser, batch), dtype)


@pytest.mark.long
@pytest.mark.parametrize("dtype", TOLERANCES, ids=["float64", "float32"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_training_equals_the_plain_loop_for_all_choices(activation, dtype):
    for chosen in product(OPTIMIZERS, REGULARISERS, BATCHES):
        assert_trains_like_the_plain_loop(cell(activation, *chosen), dtype)


# --- gradients ------------------------------------------------------------------------------------------------------
@pytest.fixture
def small_tiles(monkeypatch):
    """Set tiles of 7 samples, so that a few dozen samples make several tiles, the last one smaller."""
    monkeypatch.setattr(passes, "TILE_VALUES", 7)
    monkeypatch.setattr(passes, "MIN_TILE", 7)


def random_model(config: RunConfig, seed: int, n_classes: int = 4) -> nn.Sequential:
    """Return a float64 network with weights so large that no layer's gradient is negligible."""
    stream = torch.Generator().manual_seed(seed)
    plain = replace(config.training, dropout=0.0)
    n_inputs = len(config.data.features)
    model = build(config.model, plain, n_inputs=n_inputs, n_classes=n_classes, generator=stream).double()
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(generator=stream).mul_(0.7)
    return model


def random_samples(n: int, n_features: int, seed: int, n_classes: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    stream = torch.Generator().manual_seed(seed)
    X = torch.randn(n, n_features, generator=stream, dtype=torch.float64)
    return X, torch.randint(n_classes, (n,), generator=stream)


def batch_of(net: Network, X: torch.Tensor, y: torch.Tensor, masks=()) -> Batch:
    Y = nn.functional.one_hot(y, net.sizes[-1]).t().to(X.dtype).contiguous()
    return Batch(net.tiles(with_ones(X), Y, masks), masks, X.new_tensor(1 / len(y)))


def loss_of(net: Network, batch: Batch, n: int) -> torch.Tensor:
    log_likelihood = net.theta.new_zeros(())
    net.compute_gradient(batch, log_likelihood)
    return -log_likelihood / n


class EngineLoss(torch.autograd.Function):
    """The engine's loss as a function of θ, its hand-written gradient as the backward pass."""

    @staticmethod
    def forward(ctx, theta, net, batch, n):
        net.theta.copy_(theta)
        loss = loss_of(net, batch, n)
        ctx.save_for_backward(net.grad.clone())
        return loss

    @staticmethod
    def backward(ctx, upstream):
        return upstream * ctx.saved_tensors[0], None, None, None


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("n", [1, 6, 7, 8, 20])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradcheck(activation, n):
    config = RunConfig(model=ModelConfig((4, 3), activation, embedding=n % 2 == 0))
    net = Network(random_model(config, n), activation, dtype=torch.float64, device=CPU)
    assert net.tile == 7
    X, y = random_samples(n, 2, n)
    theta = net.theta.clone().requires_grad_()
    assert torch.autograd.gradcheck(EngineLoss.apply, (theta, net, batch_of(net, X, y), n))


@pytest.mark.usefixtures("small_tiles")
@settings(max_examples=150)
@given(configs(cheap=True), st.integers(1, 40), st.integers(0, 1000), st.sampled_from([0.0, 0.4]))
def test_gradient_equals_that_of_autograd(config, n, seed, p):
    model = random_model(config, seed)
    net = Network(model, config.model.activation, dtype=torch.float64, device=CPU)
    X, y = random_samples(n, len(config.data.features), seed)
    stream = torch.Generator().manual_seed(seed)
    masks = [
        draw_mask(torch.Size((units, n)), p, stream, dtype=torch.float64) if activated else None
        for units, activated in zip(net.sizes[1:-1], net.activated, strict=True)
        if p
    ]
    for _ in range(2):  # the second pass overwrites used buffers
        loss = loss_of(net, batch_of(net, X, y, masks), n)
    hidden, at = X, 0
    modules = list(model)
    for i, module in enumerate(modules):
        hidden = module(hidden)
        if not isinstance(module, nn.Linear):
            hidden = hidden * masks[at].t() if masks else hidden
            at += 1
        elif i + 1 < len(modules) and isinstance(modules[i + 1], nn.Linear):
            at += 1
    expected = nn.functional.cross_entropy(hidden, y)
    expected.backward()
    torch.testing.assert_close(loss, expected.detach(), rtol=1e-10, atol=1e-10)
    linear = [module for module in model if isinstance(module, nn.Linear)]
    # Above 20 torch replaces softplus by the identity, whose slope is larger by 2e-9.
    close = {"rtol": 1e-7, "atol": 1e-7} if config.model.activation == "softplus" else {"rtol": 1e-9, "atol": 1e-10}
    for dw, layer in zip(net.dW, linear, strict=True):
        torch.testing.assert_close(dw[:, :-1], layer.weight.grad, **close)
        torch.testing.assert_close(dw[:, -1], layer.bias.grad, **close)


@pytest.mark.parametrize("regulariser", REGULARISERS)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_small_tiles_give_the_same_losses(small_tiles, activation, batch, regulariser):
    config = cell(activation, "adam", regulariser, batch)
    engine, plain = twins(config, torch.float64)
    assert engine.network.tile == 7
    torch.testing.assert_close(engine.run(5), plain.run(5), rtol=0, atol=1e-10)


@pytest.mark.parametrize("regulariser", REGULARISERS)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("tiles", ["large", "small"])
def test_gradient_norms_equal_those_of_the_plain_loop(request, tiles, batch, regulariser):
    if tiles == "small":
        request.getfixturevalue("small_tiles")
    engine, plain = twins(cell("gelu", "adam", regulariser, batch), torch.float64)
    for epochs in (0, 3):
        engine.run(epochs)
        plain.run(epochs)
        before = engine.save()
        norms = engine.gradient_norms()
        assert norms == pytest.approx(plain.gradient_norms(), rel=1e-9)
        assert len(norms) == len(engine.network.sizes) - 1
        assert min(norms) > 0
        assert_same_state(engine.save(), before)
    torch.testing.assert_close(engine.run(2), plain.run(2), rtol=0, atol=1e-10)


# --- logits and state -----------------------------------------------------------------------------------------------
def assert_same_state(state, other) -> None:
    assert torch.equal(state["theta"], other["theta"])
    assert torch.equal(state["generator"], other["generator"])
    assert (state["steps"], state["epoch"]) == (other["steps"], other["epoch"])
    assert len(state["buffers"]) == len(other["buffers"])
    assert all(map(torch.equal, state["buffers"], other["buffers"]))


@pytest.mark.usefixtures("small_tiles")
@settings(max_examples=75)
@given(configs(cheap=True, only={"training.lr": st.floats(1e-5, 0.1)}), st.sampled_from([1, 6, 7, 8, 30]))
def test_state_dict_loads_into_the_module_and_gives_the_same_logits(config, n):
    prepared = prepare(config)
    engine = prepared.engine(dtype=torch.float64)
    engine.run(min(2, config.training.epochs))
    prepared.model.double().load_state_dict(engine.state_dict())
    X, _ = random_samples(n, len(config.data.features), n)
    logits = engine.logits(X)
    assert logits.shape == (n, engine.network.sizes[-1])
    with torch.no_grad():
        torch.testing.assert_close(logits, prepared.model.eval()(X), rtol=1e-9, atol=1e-9)


def test_state_dict_is_a_copy():
    engine, _ = twins(cell("relu", "adam", "none", "full"), torch.float32)
    before = engine.state_dict()
    copies = {name: value.clone() for name, value in before.items()}
    engine.run(3)
    assert all(torch.equal(before[name], value) for name, value in copies.items())
    assert not torch.equal(engine.state_dict()["0.weight"], copies["0.weight"])


def test_training_does_not_change_the_model_and_the_data():
    prepared = prepare(cell("relu", "adam", "dropout", "ragged"))
    weights = {name: value.clone() for name, value in prepared.model.state_dict().items()}
    X = prepared.train.X.clone()
    prepared.engine().run(3)
    assert all(torch.equal(prepared.model.state_dict()[name], value) for name, value in weights.items())
    assert torch.equal(prepared.train.X, X)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_restored_state_trains_to_the_same_numbers(optimizer, batch):
    engine, _ = twins(cell("tanh", optimizer, "dropout", batch), torch.float32)
    engine.run(2)
    saved = engine.save()
    first = engine.run(3)
    end = engine.save()
    assert not torch.equal(saved["theta"], end["theta"]), "a save is a copy"
    engine.restore(saved)
    assert_same_state(engine.save(), saved)
    assert torch.equal(engine.run(3), first)
    assert_same_state(engine.save(), end)
    other, _ = twins(cell("tanh", optimizer, "dropout", batch), torch.float32)
    other.restore(saved)  # into a fresh engine
    assert torch.equal(other.run(3), first)
    assert_same_state(other.save(), end)


@pytest.mark.parametrize("dtype", TOLERANCES, ids=["float64", "float32"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_extreme_logits_have_a_finite_loss(activation, dtype):
    prepared = prepare(cell(activation, "sgd", "none", "full"))
    with torch.no_grad():
        for p in prepared.model.parameters():
            p.mul_(1e4)
    engine = prepared.engine(dtype=dtype)
    X, y = prepared.inputs(prepared.train), prepared.train.y
    plain = PlainLoop(prepared.model, prepared.config.training, X, y, generator=prepared.generator, dtype=dtype)
    loss = engine.run(1)
    assert loss.isfinite().all()
    assert float(loss) > 100
    assert engine.network.theta.isfinite().all()
    assert float(loss) == pytest.approx(float(plain.run(1)), rel=1e-4)


def test_a_loss_that_is_not_finite_does_not_stop_the_loop():
    config = replace(cell("relu", "sgd", "none", "full"), training=TrainingConfig(optimizer="sgd", lr=10.0, l2=1.0))
    engine, _ = twins(config, torch.float32)
    losses = engine.run(200)
    assert losses.shape == (200,)
    assert losses[0].isfinite()
    assert not losses[-1].isfinite()


@pytest.mark.parametrize("size", [1, 149, 150, 151, 10_000])
def test_batches_of_any_size(size):
    config = cell("tanh", "adam", "dropout", "full")
    engine, plain = twins(replace(config, training=replace(config.training, batch_size=size)), torch.float64)
    torch.testing.assert_close(engine.run(3), plain.run(3), rtol=0, atol=1e-10)


def test_changed_settings_apply_to_the_next_epochs():
    config = cell("tanh", "momentum", "none", "ragged")
    config = replace(config, training=replace(config.training, schedule="constant"))
    engine, plain = twins(config, torch.float64)
    torch.testing.assert_close(engine.run(3), plain.run(3), rtol=0, atol=1e-10)
    later = replace(config.training, lr=0.01, momentum=0.5, l1=1e-3, l2=1e-2)
    engine.settings = plain.settings = later
    assert engine.settings is later
    for new, old in zip(torch_optimizer(plain.model, later).param_groups, plain.optimizer.param_groups, strict=True):
        old.update({name: new[name] for name in ("lr", "momentum", "weight_decay")})
    torch.testing.assert_close(engine.run(3), plain.run(3), rtol=0, atol=1e-10)
