"""Hidden units: marks by their stated rules, and what it costs to switch one off, compared with PyTorch."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import configs
from torch import nn

from dlcore.network.model import activation_module, linear_layers
from dlcore.network.passes import Network, with_ones
from dlcore.network.settings import ACTIVATIONS
from dlcore.spiral import units
from dlcore.spiral.config import RunConfig
from dlcore.spiral.edits import Edits
from dlcore.spiral.training import PreparedRun, prepare

CLASSES = {"data.kind": st.sampled_from(["spiral", "ring", "xor", "gaussians", "moons", "abs", "points"])}
WITH_UNITS = {"model.hidden": st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple)}


def network(prepared: PreparedRun, epochs: int = 2) -> Network:
    """Return the network after some epochs in float64, whose sums have no near ties."""
    engine = prepared.engine(dtype=torch.float64)
    engine.run(epochs)
    return engine.network


def inputs(prepared: PreparedRun) -> torch.Tensor:
    return prepared.inputs(prepared.train).double()


def modules(prepared: PreparedRun, net: Network) -> nn.Sequential:
    model = copy.deepcopy(prepared.model).double()
    model.load_state_dict(net.state_dict())
    return model.eval()


def by_hand(weights_in, biases, weights_out, activation: str) -> Network:
    """Return a network of one feature and one hidden layer with these weights."""
    hidden = nn.Linear(1, len(weights_in))
    out = nn.Linear(len(weights_in), 2)
    with torch.no_grad():
        hidden.weight.copy_(torch.tensor(weights_in)[:, None])
        hidden.bias.copy_(torch.tensor(biases))
        out.weight.copy_(torch.tensor(weights_out))
    model = nn.Sequential(hidden, activation_module(activation), out)
    return Network(model, activation, dtype=torch.float32, device=torch.device("cpu"))


def marked(net: Network, X: torch.Tensor) -> list[tuple[str, ...]]:
    (layer,) = units.describe(net, with_ones(X))
    return [layer.marks(unit) for unit in range(len(layer.active))]


@given(config=configs(cheap=True, only=WITH_UNITS | CLASSES))
@settings(max_examples=40)
def test_a_unit_that_is_off_is_a_column_of_zeros(config: RunConfig) -> None:
    """The logits are those of an nn.Sequential with that column 0; the costs are those of its predictions."""
    prepared = prepare(config)
    net, X, y = network(prepared), inputs(prepared), prepared.train.y
    model = modules(prepared, net)
    with torch.no_grad():
        before = model(X).argmax(1)
    for layer, linear in enumerate(linear_layers(model)[1:]):
        found = units.costs(net, with_ones(X), y, layer)
        for unit in range(linear.in_features):
            column = linear.weight[:, unit].clone()
            with torch.no_grad():
                linear.weight[:, unit] = 0
                logits = model(X)
                linear.weight[:, unit] = column
            assert torch.allclose(Edits(off={(layer, unit)}).apply(net).logits(X), logits, rtol=1e-9, atol=1e-9)
            # A sample on a boundary, up to rounding, may fall on either side.
            top = logits.topk(2, 1).values
            unsure = int((top[:, 0] - top[:, 1] < 1e-9).sum())
            assert abs(int(found.changed[unit]) - int((logits.argmax(1) != before).sum())) <= unsure
            lost = float((before == y).double().mean() - (logits.argmax(1) == y).double().mean())
            assert float(found.accuracy[unit]) == pytest.approx(lost, abs=1e-6 + unsure / len(y))


@pytest.mark.parametrize("piece", [1, 1000, 10**9])
def test_costs_do_not_depend_on_the_pieces(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = prepare(RunConfig())
    net, X, y = network(prepared, 5), with_ones(inputs(prepared)), prepared.train.y
    whole = units.costs(net, X, y, 0)
    monkeypatch.setattr(units, "_PIECE", piece)
    chosen = [7, 3, 99]
    some = units.costs(net, X, y, 0, chosen)
    assert torch.equal(some.changed, whole.changed[chosen])
    assert torch.equal(some.accuracy, whole.accuracy[chosen])
    assert len(units.costs(net, X, y, 0, []).changed) == 0


@given(config=configs(cheap=True, only=WITH_UNITS))
@settings(max_examples=30)
def test_units_are_described_as_torch_computes_them(config: RunConfig) -> None:
    prepared = prepare(config)
    net, X = network(prepared), inputs(prepared)
    model = modules(prepared, net)
    linear = linear_layers(model)
    a, described = X, units.describe(net, with_ones(X))
    assert len(described) == len(linear) - 1
    for i, layer in enumerate(described):
        z = linear[i](a).detach().requires_grad_()
        act = activation_module(config.model.activation) if net.activated[i] else nn.Identity()
        a = act(z)
        (slope,) = torch.autograd.grad(a.sum(), z)
        assert torch.allclose(layer.active.double(), (z > 0).double().mean(0), atol=1e-6)
        share = (slope.abs() < 0.01).double().mean(0)
        dead = (slope == 0).all(0) & (a == 0).all(0)
        sure = (share - 0.95).abs() > 1e-6
        assert torch.equal(layer.dead, dead)
        assert torch.equal(layer.saturated[sure], ((share > 0.95) & ~dead)[sure])
        for found, weights in ((layer.weight_in, linear[i].weight), (layer.weight_out, linear[i + 1].weight.t())):
            largest = weights.abs().argmax(1)
            assert torch.equal(found, weights.detach()[torch.arange(len(weights)), largest])
        outputs = a.detach().t().numpy()
        if len(outputs) > 1 and (np.ptp(outputs, axis=1) > 1e-3).all():
            alike = np.abs(np.corrcoef(outputs)) - np.eye(len(outputs))
            if (np.abs(alike - 0.999) > 1e-6).all():
                assert layer.twin.tolist() == (alike > 0.999).any(1).tolist()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_zeros_make_all_units_twins(activation: str) -> None:
    """All units are equal and stay equal, whatever the activation; a ReLU of 0 is dead as well."""
    net = by_hand([0.0] * 4, [0.0] * 4, [[0.0] * 4] * 2, activation)
    expected = ("dead", "twin") if activation == "relu" else ("twin",)
    assert marked(net, torch.linspace(-1, 1, 50)[:, None]) == [expected] * 4


def test_dead_saturated_and_twin_units_by_hand() -> None:
    X = torch.linspace(-1, 1, 201)[:, None]
    # A ReLU that is never on, one on for 4 % of the samples, one on for 6 %, a unit, its mirror image, its multiple.
    net = by_hand([1.0, 1.0, 1.0, 1.0, -1.0, 2.0], [-2.0, -0.92, -0.88, 0.1, 0.1, 0.2], [[1.0] * 6] * 2, "relu")
    assert marked(net, X) == [("dead",), ("saturated",), (), ("twin",), (), ("twin",)]
    # Constant outputs have no correlation: two dead units with other weights are no twins, two with the same are.
    net = by_hand([1.0, 0.5, 1.0], [-2.0, -3.0, -2.0], [[1.0] * 3] * 2, "relu")
    assert marked(net, X) == [("dead", "twin"), ("dead",), ("dead", "twin")]
    # A tanh at its end is flat and not dead; of two opposite units each is the other's twin.
    net = by_hand([1.0, 1.0, -1.0], [9.0, 0.0, 0.0], [[1.0] * 3] * 2, "tanh")
    assert marked(net, X) == [("saturated",), ("twin",), ("twin",)]


def test_a_unit_has_no_twin_in_itself() -> None:
    assert marked(by_hand([1.0], [0.0], [[1.0], [1.0]], "tanh"), torch.linspace(-1, 1, 9)[:, None]) == [()]


def test_an_embedding_has_units_without_an_end() -> None:
    prepared = prepare(RunConfig.of({**RunConfig().values(), "model.hidden": (), "model.embedding": True}))
    (layer,) = units.describe(network(prepared), with_ones(inputs(prepared)))
    assert not layer.dead.any()
    assert not layer.saturated.any()


def test_the_table_has_a_row_for_each_shown_unit() -> None:
    values = {**RunConfig().values(), "data.points": 50, "model.hidden": (5, 4)}
    prepared = prepare(RunConfig.of(values))
    net, X, y = network(prepared, 20), with_ones(inputs(prepared)), prepared.train.y
    whole = units.table(net, X, y)
    assert list(zip(whole["layer"], whole["unit"], strict=True)) == [
        (i, j) for i, n in ((1, 5), (2, 4)) for j in range(1, n + 1)
    ]
    described = units.describe(net, X)
    for row in whole.itertuples():
        layer, unit = described[row.layer - 1], row.unit - 1
        cost = units.costs(net, X, y, row.layer - 1, [unit])
        weights = [float(layer.weight_in[unit]), float(layer.weight_out[unit])]
        assert row.weight in weights
        assert abs(row.weight) == max(map(abs, weights))
        assert (row.active, row.mark) == (float(layer.active[unit]), " ".join(layer.marks(unit)))
        assert (row.accuracy_lost, row.changed) == (float(cost.accuracy), int(cost.changed))
    some = units.table(net, X, y, [[2], [3, 0]])
    assert some[["layer", "unit"]].to_numpy().tolist() == [[1, 3], [2, 4], [2, 1]]
    assert units.table(by_hand([1.0], [0.0], [[1.0], [1.0]], "relu"), X[[0, -1]].float(), y).columns.tolist() == [
        "layer",
        "unit",
        "weight",
        "active",
        "accuracy_lost",
        "changed",
        "mark",
    ]


def test_a_linear_model_has_no_hidden_units() -> None:
    prepared = prepare(RunConfig.of({**RunConfig().values(), "model.hidden": ()}))
    net, X = network(prepared), with_ones(inputs(prepared))
    assert units.describe(net, X) == []
    assert len(units.table(net, X, prepared.train.y)) == 0
