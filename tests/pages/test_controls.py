"""Controls: each setting has one, which changes only that setting; invalid runs are rejected."""

from collections.abc import Mapping
from typing import Any

import pytest
from driver import SMALL, open_groups, open_spiral, press, session, sliders, sound, warnings
from streamlit.testing.v1 import AppTest

from dlcore.network.device import devices
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Number, OneOf, Setting, Some, Violation
from dlcore.spiral.config import DATASETS, SETTINGS, RunConfig, get_field, replace_field
from pages.ui.language import LANGUAGES, labels
from pages.ui.lesson import State
from pages.ui.messages import plain

# A value other than the default, for every setting with a native Streamlit widget.
CHANGES: dict[str, Any] = {
    "data.kind": "moons",
    "data.seed": 7,
    "data.features": ("x1", "x2", "sin_x1"),
    "model.activation": "tanh",
    "model.embedding": True,
    "model.init": "xavier_normal",
    "training.optimizer": "rmsprop",
    "training.schedule": "cosine",
}
ELSEWHERE = {"model.draw", "data.drawn"}  # by a button of the toolbar, and on the plane


@pytest.fixture
def app() -> AppTest:
    return open_groups(open_spiral(**SMALL))


def shown(app: AppTest) -> set[str]:
    native = (app.selectbox, app.toggle, app.number_input, app.pills)
    return {element.label for kind in native for element in kind} | set(sliders(app))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_has_a_control(language: str) -> None:
    app = open_groups(open_spiral(language, **SMALL, o="momentum"))
    missing = {name for name in SETTINGS if labels(language)[f"spiral.setting.{name}"] not in shown(app)}
    assert missing == ELSEWHERE
    words = labels(language)
    assert {words["spiral.control.layers"], words["spiral.control.hidden_units"], words["control.preset"]} <= shown(app)


def test_settings_without_effect_are_hidden(app: AppTest) -> None:
    words = labels("en")
    assert words["spiral.setting.training.momentum"] not in shown(app)
    session(app).set("data.kind", "xor")
    assert words["spiral.setting.data.classes"] not in shown(sound(app.run()))
    assert words["spiral.setting.data.points"] in shown(app)
    assert words["spiral.control.layer"].format(number=1) not in shown(app)
    session(app).set("model.hidden", (8, 9))
    sound(app.run())
    assert [sliders(app)[words["spiral.control.layer"].format(number=i)]["value"] for i in (1, 2)] == [8, 9]


@pytest.mark.parametrize("kind", [kind for kind in DATASETS if kind != "csv"])
def test_a_data_set_that_always_has_two_classes_has_no_slider_for_them(app: AppTest, kind: str) -> None:
    session(app).set("data.kind", kind)
    sound(app.run())
    least, most = DATASETS[kind]
    assert (labels("en")["spiral.setting.data.classes"] in shown(app)) is (least < most)


def test_a_moved_slider_is_validated_once(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Mapping[str, Any]] = []
    broken = Lesson.broken
    monkeypatch.setattr(Lesson, "broken", lambda lesson, values: asked.append(values) or broken(lesson, values))
    for count, (name, value) in enumerate({"model.hidden": (9,), "training.lr": 0.05, "data.noise": 2.0}.items(), 1):
        session(app).set(name, value)  # a new run, a continued run, and an invalid setting
        assert len(asked) == count


def test_joint_rules_are_checked_on_every_page() -> None:
    """A lesson can have joint rules on several settings, like the spiral."""
    setting = [Setting(name, name, Number(0, 10, 1, integer=True), 1) for name in "ab"]
    high = Violation("a", "sum", 0, {}, "a + b must be at most 10")
    s = State(
        lesson := Lesson("any", *setting, joint_rules=lambda v: [high] if v["a"] + v["b"] > 10 else []),
        lesson.defaults(),
    )
    s.set("a", 9)
    assert (s.values, s.problems) == ({"a": 9, "b": 1}, [])
    s.apply({"a": 8, "b": 8})
    assert (s.values, s.problems, s.problem) == ({"a": 9, "b": 1}, [high], "problem.refused")
    s.set("b", 11)
    assert [problem.rule for problem in s.problems] == ["number"]


def test_closed_groups_draw_nothing() -> None:
    app = open_spiral(**SMALL)
    open_labels = {labels("en")[f"spiral.setting.{name}"] for name in ("training.lr", "data.noise", "training.epochs")}
    assert set(sliders(app)) == open_labels | {labels("en")["spiral.control.hidden_units"]}


def test_sliders_have_the_rules_of_the_config(app: AppTest) -> None:
    for name, setting in SETTINGS.items():
        slider = sliders(app).get(labels("en")[f"spiral.setting.{name}"])
        if slider and isinstance(setting.rule, Number):
            assert (slider["min"], slider["max"]) == (setting.rule.min, setting.rule.max), name
            assert slider["integer"] == setting.rule.integer, name
            assert slider["value"] == pytest.approx(get_field(session(app).config, name)), name


def test_menus_have_every_option(app: AppTest) -> None:
    assert set(CHANGES) == {
        name
        for name, setting in SETTINGS.items()
        if isinstance(setting.rule, OneOf | Flag | Some) or name == "data.seed"
    } - {"device"}
    for name, setting in SETTINGS.items():
        if isinstance(setting.rule, OneOf) and name != "device":
            words = [labels("en")[f"spiral.option.{name}.{id}"] for id in setting.rule.options]
            assert app.selectbox(key=f"spiral.{name}").options == words
    available = [labels("en")[f"spiral.option.device.{device.id}"] for device in devices() if device.available]
    assert app.selectbox(key="spiral.device").options == available


@pytest.mark.parametrize("name", CHANGES)
def test_a_control_changes_its_setting_and_nothing_else(app: AppTest, name: str) -> None:
    before, value, key = session(app).config, CHANGES[name], f"spiral.{name}"
    match SETTINGS[name].rule:
        case OneOf():
            app.selectbox(key=key).select(value)
        case Flag():
            app.toggle(key=key).set_value(value)
        case Some():
            app.pills(key=key).set_value(list(value))
        case Number():
            app.number_input(key=key).set_value(value)
    sound(app.run())
    assert session(app).config == replace_field(before, name, value) != before
    assert not app.warning
    app.button(key="spiral.step").click()
    assert session(sound(app.run())).run.epoch == 1


def test_the_last_feature_stays(app: AppTest) -> None:
    sound(app.pills(key="spiral.data.features").set_value([]).run())
    assert session(app).config.data.features == ("x1", "x2")
    assert not app.warning
    assert app.pills(key="spiral.data.features").value == ["x1", "x2"]


@pytest.mark.parametrize("name", ["show_points", "show_test", "hard_edges", "log_loss"])
def test_view_toggles_leave_the_run_alone(app: AppTest, name: str) -> None:
    press(app, "step")
    before, run = getattr(session(app).view, name), session(app).run
    sound(app.toggle(key=f"spiral.view.{name}").set_value(not before).run())
    assert getattr(session(app).view, name) is not before
    assert session(app).run is run
    assert run.epoch == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("changes", "rule", "got"),
    [
        ({"data.points": 5000}, "samples", "15,000"),
        ({"data.points": 3000, "model.hidden": (256, 256)}, "epoch_work", None),
        ({"data.points": 3000, "training.epochs": 10_000, "model.hidden": (100, 100)}, "run_work", None),
        ({"data.noise": 2.0}, "number", "2.0"),
        ({"data.classes": 9}, "integer", "9"),
        ({"model.hidden": (1000,)}, "widths", "1000"),
        ({"model.activation": "magic"}, "one_of", "magic"),
        ({"data.kind": "csv"}, "no_table", None),
    ],
)
def test_invalid_settings_are_rejected_with_a_message(
    language: str, changes: dict[str, Any], rule: str, got: str | None
) -> None:
    app = press(open_spiral(language, **SMALL), "step")
    before, run = session(app).config, session(app).run
    session(app).apply(changes)
    assert session(app).config is before
    assert session(app).values == before.values()
    sound(app.run())
    words = labels(language)
    assert words["problem.refused"] in warnings(app)
    assert words[f"problem.{rule}"].partition("{")[0].strip() in warnings(app)
    if got:
        assert plain(got) in warnings(app)
    assert session(app).run is run
    assert run.epoch == 1
    session(app).set("training.lr", 0.01)
    assert not sound(app.run()).warning


def test_there_can_be_zero_to_six_hidden_layers() -> None:
    for widths in ((), (4,) * 6):
        app = open_groups(open_spiral(**SMALL))
        session(app).set("model.hidden", widths)
        press(app, "to_end")
        assert session(app).config.model.hidden == widths
        assert session(app).run.finished
        assert sliders(app)[labels("en")["spiral.control.hidden_units"]]["disabled"] is (not widths)


def test_defaults_are_the_configs() -> None:
    assert session(open_spiral()).config == RunConfig()
