"""Tests of the activations page: charts, parameters, presets and verdicts."""

import pytest
from driver import charts, frame, open_page, sliders, sound
from numerals import read
from streamlit.testing.v1 import AppTest

from dlcore.lessons.activations.flow.model import PRESETS
from pages.ui.language import LANGUAGES, labels, prose


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_function_can_be_shown_with_its_parameter(language: str) -> None:
    app, words = open_page("activations", language), labels(language)
    assert words["activations.setting.alpha"] not in sliders(app)
    everything = app.session_state["activations.state"].settings["shown"].rule.options
    sound(app.pills(key="activations.shown").set_value(list(everything)).run())
    shown = frame(charts(app)[words["activations.alt_derivative"]])
    assert set(shown["name"]) == set(everything)
    for name in ("leaky_slope", "prelu_slope", "alpha", "beta"):
        assert words[f"activations.setting.{name}"] in sliders(app)


def test_the_table_has_value_and_derivative_at_x() -> None:
    table = open_page("activations", "en", x="-1", f="relu-leaky_relu").table[0].value
    assert table["f(−1)"].tolist() == ["0", "−0.01"]
    assert table["f′(−1)"].tolist() == ["0", "0.01"]


def test_deselecting_every_function_keeps_the_last_choice() -> None:
    app = open_page("activations")
    sound(app.pills(key="activations.shown").set_value([]).run())
    assert app.session_state["activations.state"]["shown"] == ("relu", "sigmoid", "tanh")
    assert app.pills(key="activations.shown").value == ["relu", "sigmoid", "tanh"]
    assert not app.warning


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("preset", "verdict"),
    [
        ("twenty_sigmoids", "vanishes"),
        ("xavier_saves_tanh", "stable"),
        ("kaiming_saves_relu", "stable"),
        ("exploding", "explodes"),
        ("all_zeros", "nothing"),
        ("residual_sigmoids", "stable"),
        ("layer_norm_tanh", "stable"),
        ("layer_norm_sigmoids", "vanishes"),
        ("batch_norm_relu", "explodes"),
    ],
)
def test_presets_and_their_verdicts(preset: str, verdict: str, language: str) -> None:
    app, words = open_page("activations", language, p="flow"), labels(language)
    app.selectbox(key="activations.preset").set_value(preset)
    sound(app.run())
    assert words[f"activations.verdict_{verdict}"] in texts(app)
    s = app.session_state["activations.state"]
    assert all(s[name] == value for name, value in PRESETS[preset].items())
    bars = frame(charts(app)[words["activations.alt_gradient"]])
    assert len(bars) == 20


def test_other_settings_select_no_preset() -> None:
    app = open_page("activations", "en", p="flow", d="7")
    assert app.selectbox(key="activations.preset").value is None
    assert len(frame(charts(app)[labels("en")["activations.alt_signal"]])) == 7


@pytest.mark.parametrize("activation", ["relu", "identity", "softplus"])
def test_largest_gradients_get_the_exploding_verdict(activation: str) -> None:
    app = open_page("activations", "en", p="flow", d="50", w="128", ac=activation, i="normal", z="2")
    assert labels("en")["activations.verdict_explodes"] in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_function_whose_code_is_shown_can_be_chosen(language: str) -> None:
    app = open_page("activations", language)
    look = app.segmented_control(key="activations.look")
    assert look.label == labels(language)["activations.setting.look"]
    assert look.value == "relu"
    assert any("F.relu" in element.value for element in app.code)
    sound(look.set_value("tanh").run())
    assert any("torch.tanh" in element.value for element in app.code)
    sound(app.pills(key="activations.shown").set_value(["gelu"]).run())
    assert app.segmented_control(key="activations.look").value == "gelu"
    assert any("F.gelu" in element.value for element in app.code)


@pytest.mark.parametrize("part", ["functions", "flow"])
def test_both_programs_are_shown_with_the_same_output(part: str) -> None:
    app = open_page("activations", "en", p=part)
    programs = [element.value for element in app.code if element.language == "python"]
    outputs = [element.value for element in app.code if element.language != "python"]
    assert len(programs) == 2
    assert "grad" not in programs[0].replace("gradient", "")  # by hand
    assert "grad" in programs[1].replace("gradient", "")
    assert outputs[0] == outputs[1]


def test_x_is_marked_in_both_charts() -> None:
    app, words = open_page("activations", "en", x="-2"), labels("en")
    for alt in ("alt_value", "alt_derivative"):
        shown = frame(charts(app)[words[f"activations.{alt}"]])
        assert shown[shown["marked"]]["x"].tolist() == [-2.0] * 3


# --- the tasks --------------------------------------------------------------------------------------------------------
def flow_page(language: str, preset: str) -> AppTest:
    app = open_page("activations", language, p="flow")
    return sound(app.selectbox(key="activations.preset").set_value(preset).run())


def change(app: AppTest, **values: object) -> AppTest:
    app.session_state["activations.state"].apply(values)
    assert not app.session_state["activations.state"].problems
    return sound(app.run())


def ratio(app: AppTest, quantity: str, language: str) -> float:
    """Return a ratio that the page shows."""
    head = labels(language)[f"activations.{quantity}_ratio"].partition("**")[0]
    (line,) = (element.value for element in app.markdown if element.value.startswith(head))
    return read(line.split("**")[1])


def says(app: AppTest, verdict: str, language: str) -> bool:
    return labels(language)[f"activations.verdict_{verdict}"] in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_task_of_twenty_sigmoids(language: str) -> None:
    app = flow_page(language, "twenty_sigmoids")
    assert ratio(app, "signal", language) == pytest.approx(1, abs=0.1)
    assert ratio(app, "gradient", language) == pytest.approx(1e-12, rel=0.2)
    assert says(app, "vanishes", language)
    change(app, depth=2)
    assert ratio(app, "gradient", language) == pytest.approx(1 / 5, abs=0.02)
    assert says(app, "stable", language)
    verdict = labels(language)["activations.verdict_stable"].strip("*").partition("*")[0].strip(".。")
    assert verdict in prose(language)["activations/try"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_xavier_instead_of_kaiming_for_relu(language: str) -> None:
    app = change(flow_page(language, "kaiming_saves_relu"), init="xavier_normal")
    for quantity in ("signal", "gradient"):
        assert 1 / 2000 < ratio(app, quantity, language) < 1 / 500


def test_task_of_dead_units() -> None:
    table = open_page("activations", "en", x="-1", f="relu-leaky_relu").table[0].value
    assert table["f′(−1)"].tolist() == ["0", "0.01"]
    app = change(flow_page("en", "exploding"), width=4)
    dead = [says(change(app, seed=seed), "nothing", "en") for seed in range(10)]
    assert 1 < sum(dead) < 9


@pytest.mark.parametrize("language", LANGUAGES)
def test_task_of_one_cure_and_two_activations(language: str) -> None:
    app, task = flow_page(language, "layer_norm_tanh"), prose(language)["activations/try"]
    assert f" {ratio(app, 'weight', language)} " in task.replace(",", " ").replace("：", " ")
    change(app, activation="sigmoid")
    assert ratio(app, "weight", language) == pytest.approx(24e-9)
    change(app, cure="residual")
    assert f"{ratio(app, 'weight', language)}" in task
    change(app, cure="batch_norm", activation="relu")
    assert f"{ratio(app, 'weight', language):.0f}" in task
    assert says(app, "explodes", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_clipping_is_shown_with_both_norms(language: str) -> None:
    app = change(flow_page(language, "exploding"), cure="clipping", max_norm=2.0)
    words = labels(language)
    assert words["activations.clipped"].format(norm="3.4·10¹⁷", clipped="2") in texts(app)
    assert words["activations.setting.max_norm"] in sliders(app)
    assert words["numbers.size"].format(parameters="81,920", products="81,920") in texts(app)
