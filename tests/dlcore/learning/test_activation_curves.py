"""Activations equal torch's, value and derivative; signals vanish, explode and are saved as they should be."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from programs import printed

from dlcore.learning import activation_charts, activation_text
from dlcore.learning.activation_curves import CURVES
from dlcore.learning.config import ACTIVATIONS
from dlcore.learning.signal import INITS, MODULES, PRESETS, Flow, flow

NAMESPACE = {"torch": torch, "F": F}


def parameters(name: str) -> st.SearchStrategy[float]:
    setting = CURVES[name].parameter
    rule = ACTIVATIONS.settings[setting].rule if setting else None
    return st.floats(rule.low, rule.high) if rule else st.just(0.0)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", CURVES)
@given(data=st.data())
def test_value_and_derivative_equal_torchs(name: str, data: st.DataObject) -> None:
    a = data.draw(parameters(name))
    values = data.draw(st.lists(st.floats(-30, 30).filter(lambda x: abs(x) > 1e-6), min_size=1, max_size=9))
    x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    theirs = eval(CURVES[name].call.format(repr(a)), {**NAMESPACE, "x": x})
    theirs.sum().backward()
    # torch replaces softplus by the identity where βx > 20, which is off by e^-20
    torch.testing.assert_close(CURVES[name].value(x.detach(), a), theirs.detach(), rtol=1e-7, atol=1e-8)
    torch.testing.assert_close(CURVES[name].derivative(x.detach(), a), x.grad, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", CURVES)
def test_at_zero_the_derivative_is_torchs_choice(name: str) -> None:
    setting = CURVES[name].parameter
    a = ACTIVATIONS.settings[setting].default if setting else 0.0
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    eval(CURVES[name].call.format(repr(a)), {**NAMESPACE, "x": x}).backward()
    assert x.grad is not None
    assert CURVES[name].derivative(x.detach(), a).item() == pytest.approx(x.grad.item())


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("x", [-2.5, 0.0, 1.0])
def test_the_curve_runs_as_shown(name: str, x: float) -> None:
    setting = CURVES[name].parameter
    snippet = activation_text.curve(name, ACTIVATIONS.settings[setting].default if setting else 0.0, x)
    assert printed(snippet.code) == snippet.output


def preset(id: str, seed: int = 0) -> Flow:
    return flow(**{"sigma": 0.01, "seed": seed, **PRESETS[id]})  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_the_courses_presets(seed: int) -> None:
    assert preset("twenty_sigmoids", seed).gradient_ratio < 1e-6
    for saved in ("xavier_saves_tanh", "kaiming_saves_relu"):
        made = preset(saved, seed)
        assert 0.1 < made.signal_ratio < 10
        assert 0.1 < made.gradient_ratio < 10
    assert preset("small_normal", seed).signal_ratio < 1e-10
    assert preset("exploding", seed).signal_ratio > 1e10


def test_all_zeros_learn_nothing() -> None:
    made = preset("all_zeros")
    assert all(layer.signal == 0 for layer in made.layers)
    assert [layer.gradient == 0 for layer in made.layers] == [True] * 19 + [False]
    assert math.isnan(made.signal_ratio)
    assert made.gradient_ratio == 0


@pytest.mark.parametrize("init", INITS)
def test_inits_have_the_scale_they_promise(init: str) -> None:
    n, sigma = 400, 0.3
    w = torch.empty(n, n)
    INITS[init](w, sigma, torch.Generator().manual_seed(0))
    promised = {"zeros": 0.0, "normal": sigma}.get(init, math.sqrt((1 if init.startswith("xavier") else 2) / n))
    assert float(w.std()) == pytest.approx(promised, rel=0.02)


def test_a_dead_unit_is_off_for_every_sample() -> None:
    assert (
        sum(layer.dead for layer in flow(depth=20, width=4, activation="relu", init="normal", sigma=1.0, seed=5).layers)
        > 40
    )
    for never in ("sigmoid", "tanh", "identity"):
        made = flow(depth=5, width=16, activation=never, init="xavier_normal", sigma=1.0, seed=0)
        assert sum(layer.dead for layer in made.layers) == 0


@pytest.mark.parametrize("activation", MODULES)
@pytest.mark.parametrize("init", INITS)
def test_the_flow_runs_as_shown(activation: str, init: str) -> None:
    settings = {"width": 12, "activation": activation, "init": init, "sigma": 0.2, "seed": 3}
    snippet = activation_text.signal(flow(depth=4, **settings), **settings)  # type: ignore[arg-type]
    assert printed(snippet.code) == snippet.output


def test_frames_draw_what_is_off_the_axis_at_its_end() -> None:
    frame = activation_charts.flow_frame(preset("exploding"))
    assert frame["signal_shown"].max() == activation_charts.HIGH < frame["signal"].max()
    zeros = activation_charts.flow_frame(preset("all_zeros"))
    assert zeros["gradient_shown"].isna().tolist() == [True] * 19 + [False]
