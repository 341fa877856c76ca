"""Changes by hand, held to an ``nn.Sequential`` that is changed in the same way."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import configs
from torch import nn

from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.edits import Edits
from dlcore.spiral.training import Run, prepare


@settings(max_examples=25)
@given(configs(cheap=True, only={"model.hidden": st.sampled_from([(3,), (4, 2), (5, 3, 2)])}), st.data())
def test_a_unit_is_off_as_if_its_output_were_zero_and_a_weight_is_as_set(config, data):
    prepared = prepare(config)
    network = prepared.engine().network
    hidden = config.model.hidden
    layer = data.draw(st.integers(0, len(hidden) - 1))
    unit = data.draw(st.integers(0, hidden[layer] - 1))
    into = data.draw(st.integers(0, len(network.W) - 1))
    row, column = (data.draw(st.integers(0, size - 1)) for size in network.W[into].shape)
    before = network.theta.clone()
    edited = Edits({(layer, unit)}, {(into, row, column): 2.5}).apply(network)

    model = prepared.model.eval()
    linear = [module for module in model if isinstance(module, nn.Linear)]
    with torch.no_grad():
        changed = linear[into]
        if column < changed.in_features:
            changed.weight[row, column] = 2.5
        else:
            changed.bias[row] = 2.5

    def silence(module: nn.Module, inputs: tuple[torch.Tensor]) -> torch.Tensor:
        return inputs[0].index_fill(1, torch.tensor([unit]), 0.0)

    linear[layer + 1].register_forward_pre_hook(silence)  # what the next layer sees of the unit
    X = prepared.inputs(prepared.train)
    with torch.no_grad():
        torch.testing.assert_close(edited.logits(X), model(X), rtol=1e-4, atol=1e-5)
    assert torch.equal(network.theta, before)


def test_without_changes_it_is_the_network_itself() -> None:
    network = prepare(RunConfig()).engine().network
    edits = Edits({(0, 1)}, {(0, 0, 0): 1.0})
    assert edits.apply(network) is not network
    edits.clear()
    assert not edits
    assert edits.apply(network) is network


def test_a_run_goes_on_from_other_weights() -> None:
    run = Run(replace_field(RunConfig(), "training.epochs", 40))
    run.advance(20)
    theta = torch.zeros_like(run.engine.network.theta)
    run.replace_weights(theta)
    assert (run.history[-1].epoch, run.history[-1].train_loss) == (20, run.measure().train_loss)
    assert abs(run.measure().train_loss - float(torch.tensor(3.0).log())) < 1e-6
    assert run.changes == [(20, "weights")]
    run.advance(20)
    assert run.finished
    assert [record.epoch for record in run.history] == sorted({record.epoch for record in run.history})
    assert float(theta.abs().max()) == 0
