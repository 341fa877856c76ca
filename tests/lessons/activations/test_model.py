"""Tests of activation functions against torch, and of the flow of signal and gradient through deep networks."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed

from dlcore.drawing import formats
from dlcore.lessons.activations import charts as activation_charts
from dlcore.lessons.activations import programs as activation_programs
from dlcore.lessons.activations.flow.model import CURES, NORM_AXES, PRESETS, LayerFlow, SignalFlow, _draw, compute_flow
from dlcore.lessons.activations.functions.model import FUNCTIONS
from dlcore.lessons.activations.settings import LESSON
from dlcore.network import settings as config
from pages.ui.language import LANGUAGES, labels, prose

INITS = LESSON.settings["init"].rule.options
NAMESPACE = {"torch": torch, "F": F}


def parameters(name: str) -> st.SearchStrategy[float]:
    setting = FUNCTIONS[name].parameter
    rule = LESSON.settings[setting].rule if setting else None
    return st.floats(rule.min, rule.max) if rule else st.just(0.0)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
def test_value_and_derivative_equal_torchs(name: str, data: st.DataObject) -> None:
    a = data.draw(parameters(name))
    values = data.draw(st.lists(st.floats(-30, 30).filter(lambda x: abs(x) > 1e-6), min_size=1, max_size=9))
    x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    theirs = eval(FUNCTIONS[name].call.format(repr(a)), {**NAMESPACE, "x": x})
    theirs.sum().backward()
    # torch replaces softplus by the identity where βx > 20, which is off by e^-20
    torch.testing.assert_close(FUNCTIONS[name].value(x.detach(), a), theirs.detach(), rtol=1e-7, atol=1e-8)
    torch.testing.assert_close(FUNCTIONS[name].derivative(x.detach(), a), x.grad, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivative_at_zero_equals_torchs(name: str) -> None:
    setting = FUNCTIONS[name].parameter
    a = LESSON.settings[setting].default if setting else 0.0
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    eval(FUNCTIONS[name].call.format(repr(a)), {**NAMESPACE, "x": x}).backward()
    assert x.grad is not None
    assert FUNCTIONS[name].derivative(x.detach(), a).item() == pytest.approx(x.grad.item())


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
def test_both_programs_of_a_function_print_the_shown_output(name: str, data: st.DataObject) -> None:
    a = data.draw(parameters(name))
    x = data.draw(st.just(0.0) | st.floats(-5, 5))
    for write in (activation_programs.scratch, activation_programs.concise):
        snippet = write(name, a, x)
        assert printed(snippet.code) == snippet.output


def test_lesson_has_every_network_activation_and_prelu() -> None:
    assert list(FUNCTIONS) == [*config.ACTIVATIONS, "prelu"] == list(LESSON.settings["shown"].rule.options)
    assert list(LESSON.settings["activation"].rule.options) == list(config.ACTIVATIONS)
    assert set(INITS) == set(config.INITS)
    assert LESSON.settings["cure"].rule.options == CURES


@pytest.mark.parametrize("name", config.ACTIVATIONS)
def test_network_activations_have_the_lessons_default_parameters(name: str) -> None:
    setting, (_, arguments) = FUNCTIONS[name].parameter, config.ACTIVATIONS[name]
    assert not arguments or arguments == (LESSON.settings[setting].default,)


def preset(id: str, seed: int = 0) -> SignalFlow:
    return compute_flow(**{"sigma": 0.01, "seed": seed, **PRESETS[id]})  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_presets_vanish_explode_or_are_stable(seed: int) -> None:
    assert preset("twenty_sigmoids", seed).gradient_ratio < 1e-6
    for saved in ("xavier_saves_tanh", "kaiming_saves_relu"):
        flow = preset(saved, seed)
        assert 0.1 < flow.signal_ratio < 10
        assert 0.1 < flow.gradient_ratio < 10
    assert preset("small_normal", seed).signal_ratio < 1e-10
    assert preset("exploding", seed).signal_ratio > 1e10


def test_zero_weights_pass_no_gradient() -> None:
    flow = preset("all_zeros")
    assert all(layer.signal == 0 for layer in flow.layers)
    assert [layer.gradient == 0 for layer in flow.layers] == [True] * 19 + [False]
    assert math.isnan(flow.signal_ratio)
    assert flow.gradient_ratio == 0


def test_only_relu_has_dead_units() -> None:
    flow = compute_flow(depth=20, width=4, activation="relu", init="normal", sigma=1.0, seed=5)
    assert sum(layer.dead for layer in flow.layers) > 40
    for never in ("sigmoid", "tanh", "identity"):
        flow = compute_flow(depth=5, width=16, activation=never, init="xavier_normal", sigma=1.0, seed=0)
        assert sum(layer.dead for layer in flow.layers) == 0


def check_flow(depth: int, **settings: object) -> SignalFlow:
    """Compute the flow with subnormal numbers flushed, as the app does, and compare it with both programs."""
    torch.set_flush_denormal(True)
    flow = compute_flow(depth=depth, **settings)  # type: ignore[arg-type]
    torch.set_flush_denormal(False)
    for write in (activation_programs.flow_scratch, activation_programs.flow_concise):
        snippet = write(flow, **settings)  # type: ignore[arg-type]
        assert printed(snippet.code) == snippet.output
    return flow


@pytest.mark.parametrize("activation", config.ACTIVATIONS)
@pytest.mark.parametrize("init", INITS)
def test_both_programs_of_the_flow_print_the_shown_output(activation: str, init: str) -> None:
    check_flow(4, width=12, activation=activation, init=init, sigma=0.2, seed=3)


@pytest.mark.parametrize("init", ["default", "normal", "zeros"])
@pytest.mark.parametrize("cure", CURES)
def test_both_programs_of_a_cure_print_the_shown_output(cure: str, init: str) -> None:
    check_flow(4, width=12, activation="tanh", init=init, sigma=0.2, seed=3, cure=cure, max_norm=0.5)


# --- cures ------------------------------------------------------------------------------------------------------------
def cured(cure: str, activation: str, seed: int = 0, **others: Any) -> SignalFlow:
    """Return the flow of 20 layers of 64 units with torch's default init."""
    common = {"depth": 20, "width": 64, "init": "default", "sigma": 0.01}
    return compute_flow(**{**common, **others}, activation=activation, cure=cure, seed=seed)


RATIOS = {  # of the gradient of the weights, first layer over last, for sigmoid, tanh and ReLU
    "none": (1e-16, 2e-4, 5e-7),
    "residual": (0.3, 1.7, 0.3),
    "layer_norm": (2e-8, 3.0, 1.2),
    "batch_norm": (1.8, 6.0, 45.0),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cure", RATIOS)
def test_no_cure_cures_all(cure: str, seed: int) -> None:
    for activation, expected in zip(("sigmoid", "tanh", "relu"), RATIOS[cure], strict=True):
        assert expected / 3 < cured(cure, activation, seed).weight_ratio < expected * 3


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("max_norm", [0.01, 1.0, 1e9])
def test_clipping_bounds_the_norm_and_keeps_the_ratio(max_norm: float, seed: int) -> None:
    plain, clipped = cured("none", "relu", seed), cured("clipping", "relu", seed, max_norm=max_norm)
    assert clipped.layers == plain.layers, "the cure comes after the way back"
    assert clipped.clipped_norm == min(plain.norm, max_norm)
    assert plain.clipped_norm == plain.norm > 10


@pytest.mark.parametrize("cure", NORM_AXES)
def test_a_norm_keeps_the_signal_whatever_the_weights(cure: str) -> None:
    for sigma in (0.1, 2.0):
        assert cured(cure, "tanh", init="normal", sigma=sigma).signal_ratio == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("init", "biases"), [("default", 1), ("xavier_normal", 0)])
def test_parameters_are_those_of_linear_layers(init: str, biases: int) -> None:
    layers = [torch.nn.Linear(12, 12, bias=bool(biases)) for _ in range(5)]
    flow = compute_flow(depth=5, width=12, activation="relu", init=init, sigma=0.1, seed=0)
    assert flow.parameters == sum(p.numel() for layer in layers for p in layer.parameters())


def test_default_init_is_that_of_linear_layers() -> None:
    torch.manual_seed(4)
    layer = torch.nn.Linear(8, 8, dtype=torch.float64)
    w, b = _draw(8, "default", 0.0, torch.Generator().manual_seed(4))
    assert b is not None
    assert torch.equal(w, layer.weight)
    torch.testing.assert_close(b, layer.bias.detach())


@pytest.mark.parametrize("language", LANGUAGES)
def test_table_of_the_cures_has_the_computed_numbers(language: str) -> None:
    text, words = prose(language)["activations/cures"], labels(language)
    for cure in RATIOS:
        cells = [formats.text(cured(cure, name).weight_ratio, 2) for name in ("sigmoid", "tanh", "relu")]
        assert f"| {' | '.join([words[f'activations.option.cure.{cure}'], *cells])} |" in text
    assert f" {cured('residual', 'relu').signal_ratio:.0f} " in text


@given(
    st.integers(2, 50),
    st.fixed_dictionaries(
        {
            "width": st.integers(1, 16).map(lambda n: 4 * n),
            "activation": st.sampled_from(list(config.ACTIVATIONS)),
            "init": st.sampled_from(INITS),
            "sigma": st.floats(0.001, 2.0),
            "seed": st.integers(0, 9999),
            "cure": st.sampled_from(CURES),
            "max_norm": st.floats(0.01, 100),
        }
    ),
)
@settings(max_examples=60)
def test_both_programs_print_the_shown_output_of_any_flow(depth: int, chosen: dict[str, object]) -> None:
    check_flow(depth, **chosen)


@pytest.mark.parametrize("activation", config.ACTIVATIONS)
@pytest.mark.parametrize("width", [8, 64])
def test_gradient_of_the_smallest_weights_vanishes_but_is_not_zero(activation: str, width: int) -> None:
    flow = check_flow(50, width=width, activation=activation, init="normal", sigma=0.001, seed=1)
    assert flow.verdict == "vanishes"
    assert flow.layers[0].gradient > 0


@pytest.mark.parametrize("activation", ["relu", "identity", "softplus"])
def test_gradient_of_the_largest_weights_explodes(activation: str) -> None:
    flow = check_flow(50, width=128, activation=activation, init="normal", sigma=2.0, seed=0)
    assert flow.verdict == "explodes"
    assert math.isfinite(flow.signal_ratio)
    assert flow.gradient_ratio > 1e8


def test_sizes_that_overflow_count_as_exploding() -> None:
    for lost in (math.inf, math.nan):
        assert SignalFlow([LayerFlow(1.0, lost, 0), LayerFlow(lost, 1.0, 0)]).verdict == "explodes"


@pytest.mark.parametrize(
    ("signal", "gradient", "verdict"),
    [
        (1.0, 1.0, "stable"),
        (0.1, 10.0, "stable"),
        (10.0, 0.1, "stable"),
        (0.099, 1.0, "vanishes"),
        (1.0, 0.099, "vanishes"),
        (10.1, 1.0, "explodes"),
        (1.0, 10.1, "explodes"),
        (100.0, 0.01, "vanishes"),  # the gradient's way back is what learning needs
        (0.0, 1.0, "vanishes"),
        (1.0, 0.0, "nothing"),
    ],
)
def test_verdict_is_stable_within_a_factor_of_ten(signal: float, gradient: float, verdict: str) -> None:
    """The signal counts from the first layer to the last, the gradient from the last to the first."""
    flow = SignalFlow([LayerFlow(1.0, gradient, 0), LayerFlow(1e-9, 1e9, 0), LayerFlow(signal, 1.0, 0)])
    assert (flow.signal_ratio, flow.gradient_ratio, flow.verdict) == (signal, gradient, verdict)


def test_infinite_sizes_are_drawn_at_the_end_and_zeros_not_at_all() -> None:
    layers = [
        LayerFlow(math.inf, math.inf, 0),
        LayerFlow(1e-20, 1e20, 1),
        LayerFlow(0.0, 0.5, 2),
        LayerFlow(math.nan, math.nan, 3),
    ]
    frame = activation_charts.flow_frame(SignalFlow(layers))
    assert frame["layer"].tolist() == [1, 2, 3, 4]
    assert frame["dead"].tolist() == [0, 1, 2, 3]
    smallest, largest = activation_charts.MIN_SHOWN, activation_charts.MAX_SHOWN
    assert frame["gradient_shown"].tolist()[:3] == [largest, largest, 0.5]
    assert frame["signal_shown"].tolist()[:2] == [largest, smallest]
    assert frame["signal_shown"].isna().tolist() == [False, False, True, True]
    assert frame["gradient"].tolist()[:2] == [math.inf, 1e20], "the tooltip has the numbers themselves"


def test_curves_frame_marks_each_function_at_x() -> None:
    frame = activation_charts.curves_frame({"relu": 0.0, "elu": 2.0}, -1.0)
    marked = frame[frame["marked"]].set_index("name")
    assert marked["x"].tolist() == [-1.0, -1.0]
    assert marked["value"].to_dict() == pytest.approx({"relu": 0.0, "elu": 2 * math.expm1(-1)})
    assert marked["derivative"].to_dict() == pytest.approx({"relu": 0.0, "elu": 2 * math.exp(-1)})


def test_a_derivative_that_jumps_is_nan_there() -> None:
    parameters = {"relu": 0.0, "leaky_relu": 0.1, "elu": 1.0, "tanh": 0.0, "identity": 0.0}
    for at in (0.0, 1.0):
        frame = activation_charts.curves_frame(parameters, at)
        broken = frame[frame["derivative"].isna()]
        assert sorted(broken["name"]) == ["leaky_relu", "relu"]
        assert broken["x"].tolist() == [0.0, 0.0]
        assert not broken["marked"].any()  # torch takes a number there, and the table shows it
        assert frame["value"].notna().all()


def test_sizes_off_the_axis_are_drawn_at_its_end() -> None:
    frame = activation_charts.flow_frame(preset("exploding"))
    assert frame["signal_shown"].max() == activation_charts.MAX_SHOWN < frame["signal"].max()
    zeros = activation_charts.flow_frame(preset("all_zeros"))
    assert zeros["gradient_shown"].isna().tolist() == [True] * 19 + [False]


def test_legend_has_four_columns() -> None:
    names = tuple((name, name) for name in FUNCTIONS)
    spec = activation_charts.curves_spec("value", names, -2.0, 4.0, "x", "f(x)", 300)
    (legend,) = (
        layer["encoding"]["strokeDash"]["legend"] for layer in spec["layer"] if layer["mark"]["type"] == "line"
    )
    assert legend["columns"] == 4  # five words in a row are wider than the narrower picture
