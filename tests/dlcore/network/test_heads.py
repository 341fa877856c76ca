"""The mean squared error by hand, held to nn.MSELoss and autograd; the labels choose the head."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from pairwise import covering
from sklearn.metrics import r2_score
from torch import nn

from dlcore.network import passes
from dlcore.network.engine import Engine
from dlcore.network.heads import CROSS_ENTROPY, SQUARED_ERROR, head_of
from dlcore.network.model import build, draw_mask
from dlcore.network.passes import Batch, Network, with_ones
from dlcore.network.plain import PlainLoop
from dlcore.network.replicas import Replicas
from dlcore.network.settings import ACTIVATIONS, OPTIMIZERS, ModelConfig, TrainingConfig
from dlcore.spiral.config import DataConfig, RunConfig
from dlcore.spiral.training import prepare

TOLERANCES = {torch.float64: 1e-10, torch.float32: 1e-5}
RATES = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02}
BATCHES = {"full": (0, 40), "ragged": (32, 8)}  # batch size and epochs: 150 samples are four batches of 32 and 22
REGULARISERS = {"none": {}, "l1+l2": {"l1": 1e-3, "l2": 1e-2}, "dropout": {"dropout": 0.3}}
CELLS = covering((ACTIVATIONS, OPTIMIZERS, REGULARISERS, BATCHES))


def run_of(activation: str, optimizer: str, regulariser: str, batch: str) -> RunConfig:
    size, epochs = BATCHES[batch]
    place = list(ACTIVATIONS).index(activation) + OPTIMIZERS.index(optimizer)
    return RunConfig(
        data=DataConfig(kind="plane" if place % 2 else "hills", points=150, test_share=0.0, seed=place),
        model=ModelConfig(hidden=((8,), (8, 8), ())[place % 3], activation=activation, embedding=place % 4 == 0),
        training=TrainingConfig(
            optimizer=optimizer,
            lr=RATES.get(optimizer, 0.01),
            batch_size=size,
            epochs=epochs,
            **{"l2": 0.0, **REGULARISERS[regulariser]},
        ),
    )


def twins(config: RunConfig, dtype: torch.dtype) -> tuple[Engine, PlainLoop]:
    prepared, again = prepare(config), prepare(config)
    X, y = again.inputs(again.train), again.train.y
    plain = PlainLoop(again.model, config.training, X, y, generator=again.generator, dtype=dtype)
    return prepared.engine(dtype=dtype), plain


@pytest.mark.parametrize("dtype", TOLERANCES, ids=["float64", "float32"])
@pytest.mark.parametrize(("activation", "optimizer", "regulariser", "batch"), CELLS)
def test_a_regression_trains_as_with_torchs_mse_loss(activation, optimizer, regulariser, batch, dtype):
    engine, plain = twins(run_of(activation, optimizer, regulariser, batch), dtype)
    assert isinstance(plain.criterion, nn.MSELoss)
    epochs = BATCHES[batch][1]
    ours, theirs = engine.run(epochs).double(), plain.run(epochs).double()
    torch.testing.assert_close(ours, theirs, rtol=0, atol=TOLERANCES[dtype])
    assert not torch.allclose(ours[0], ours[-1], rtol=0, atol=1e-6), "nothing was trained"
    assert torch.equal(engine.generator.get_state(), plain.generator.get_state())
    assert engine.gradient_norms() == pytest.approx(plain.gradient_norms(), rel=1e-2, abs=1e-5)


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("p", [0.0, 0.4])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_equals_that_of_autograd_over_several_tiles(monkeypatch, activation, p, outputs):
    monkeypatch.setattr(passes, "TILE_VALUES", 7)
    monkeypatch.setattr(passes, "MIN_TILE", 7)
    stream = torch.Generator().manual_seed(1)
    model = build(ModelConfig((5,), activation), TrainingConfig(), n_inputs=2, n_classes=outputs, generator=stream)
    model.double()
    X = torch.randn(20, 2, generator=stream, dtype=torch.float64)
    y = torch.randn(20, outputs, generator=stream, dtype=torch.float64)
    net = Network(model, activation, dtype=torch.float64, device=torch.device("cpu"), head=SQUARED_ERROR)
    mask = draw_mask(torch.Size((5, 20)), p, stream, dtype=torch.float64)
    masks = [mask] if p else []
    batch = Batch(net.tiles(with_ones(X), SQUARED_ERROR.targets(y, outputs), masks), masks, X.new_tensor(1 / 20))
    assert len(batch.tiles) == 3
    for _ in range(2):  # the second pass overwrites used buffers
        log_likelihood = X.new_zeros(())
        net.compute_gradient(batch, log_likelihood)
    hidden = model[1](model[0](X))
    loss = nn.functional.mse_loss(model[2](hidden * mask.t() if p else hidden), y)
    loss.backward()
    torch.testing.assert_close(-log_likelihood / 20, loss.detach(), rtol=1e-10, atol=1e-10)
    for dw, layer in zip(net.dW, (model[0], model[2]), strict=True):
        torch.testing.assert_close(dw[:, :-1], layer.weight.grad, rtol=1e-7, atol=1e-9)
        torch.testing.assert_close(dw[:, -1], layer.bias.grad, rtol=1e-7, atol=1e-9)


def test_the_labels_choose_the_head():
    assert head_of(torch.tensor([0, 1])) is CROSS_ENTROPY
    assert head_of(torch.tensor([[0.0], [1.0]])) is SQUARED_ERROR
    regression = run_of("tanh", "adam", "none", "full")
    assert prepare(regression).engine().network.head is SQUARED_ERROR
    classes = replace(regression, data=replace(regression.data, kind="moons"))
    assert prepare(classes).engine().network.head is CROSS_ENTROPY


def test_loss_and_r2_equal_those_of_torch_and_scikit_learn():
    stream = torch.Generator().manual_seed(0)
    outputs, y = torch.randn(2, 30, 1, generator=stream)
    loss, r2 = map(float, SQUARED_ERROR.measure(outputs, y))
    assert loss == pytest.approx(float(nn.functional.mse_loss(outputs, y)), rel=1e-5)
    assert r2 == pytest.approx(r2_score(y, outputs), rel=1e-4)
    assert SQUARED_ERROR.measure(y, y) == (0.0, 1.0)
    alone, no_r2 = SQUARED_ERROR.measure(outputs, torch.ones(30, 1))
    assert alone > 0
    assert no_r2.isnan(), "there is no variance to explain"
    assert all(value.isnan() for value in SQUARED_ERROR.measure(outputs[:0], y[:0]))
    together = SQUARED_ERROR.measure(torch.stack([outputs, y]), torch.stack([y, y]))
    torch.testing.assert_close(torch.stack(together, 1), torch.tensor([[loss, r2], [0.0, 1.0]]))


@pytest.mark.parametrize("batch", BATCHES)
def test_replicas_of_a_regression_train_as_each_alone(batch):
    config = run_of("tanh", "adam", "none", batch)
    configs = [replace(config, data=replace(config.data, seed=seed, noise=0.1 * seed)) for seed in (1, 2, 3)]
    alone = [prepare(each).engine(dtype=torch.float64) for each in configs]
    together = Replicas([prepare(each).engine(dtype=torch.float64) for each in configs])
    losses = together.run(5)
    torch.testing.assert_close(losses, torch.stack([engine.run(5) for engine in alone], 1), rtol=0, atol=1e-10)
    thetas = torch.stack([engine.network.theta for engine in alone])
    torch.testing.assert_close(together.network.theta, thetas, rtol=0, atol=1e-8)
