"""Tests of every lesson: its page opens with any settings, its code prints the shown output, its link is complete."""

from __future__ import annotations

from typing import Any

import pytest
from driver import go, open_page, shown_code, sound
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from programs import printed
from strategies import values
from streamlit.testing.v1 import AppTest

from dlcore.lessons import all_lessons
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Flag, Number, OneOf, Some, Text
from pages.ui.language import LANGUAGES, labels
from pages.ui.lesson import State

BY_ID = {lesson.id: lesson for lesson in all_lessons()}


def state(app: AppTest, id: str) -> State:
    found: State = app.session_state[f"{id}.state"]
    return found


def check_code(app: AppTest) -> None:
    """Run all code on the page and compare its output."""
    for code, output in shown_code(app):
        got = printed(code)
        if output is not None:
            assert got.rstrip() == output.rstrip(), code


def walk(lesson: Lesson) -> list[dict[str, Any]]:
    """Return settings with every option of every choice once, the others at their defaults; then all range ends."""
    found: list[dict[str, Any]] = [{}]
    for setting in lesson.settings.values():
        match setting.rule:
            case OneOf(options=options):
                found += [{setting.name: id} for id in options if id != setting.default]
            case Flag():
                found.append({setting.name: not setting.default})
            case Number(integer=whole, low=low, high=high):
                found += [{setting.name: int(end) if whole else float(end)} for end in (low, high)]
            case Some(options=options):
                found.append({setting.name: options})
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", BY_ID)
def test_code_is_shown_and_runs(id: str, language: str) -> None:
    app = open_page(id, language)
    assert shown_code(app)
    check_code(app)


@pytest.mark.parametrize(
    "lesson",
    # The largest size of vectorisation loops over a million elements, which is slow.
    [pytest.param(one, marks=pytest.mark.long if one.id == "vectorisation" else ()) for one in all_lessons()],
    ids=lambda lesson: lesson.id,
)
def test_every_option_and_both_ends(lesson: Lesson) -> None:
    app = open_page(lesson.id)
    for chosen in walk(lesson):
        s = state(app, lesson.id)
        s.values = {**lesson.defaults(), **chosen}
        try:
            sound(app.run())
            check_code(app)
        except AssertionError as error:
            raise AssertionError(f"{lesson.id} with {chosen}: {error}") from error


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.id)
def test_links(lesson: Lesson) -> None:
    """Valid values survive a link, and the page opens with them, even with meaningless text."""

    @settings(max_examples=60, deadline=None)
    @given(st.fixed_dictionaries({s.name: values(s.rule) for s in lesson.settings.values()}))
    def round_trip(chosen: dict[str, Any]) -> None:
        assert lesson.decode(lesson.encode(chosen)) == (chosen, [])

    app = open_page(lesson.id)
    s = state(app, lesson.id)

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.fixed_dictionaries({s.name: values(s.rule) for s in lesson.settings.values()}))
    def opens(chosen: dict[str, Any]) -> None:
        s.values = chosen
        sound(app.run())

    round_trip()
    opens()


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.id)
def test_settings_survive_leaving_and_come_by_link(lesson: Lesson) -> None:
    chosen = lesson.defaults()
    for name, setting in lesson.settings.items():
        match setting.rule:
            case OneOf(options=options) if len(options) > 1:
                chosen[name] = next(id for id in options if id != setting.default)
                break
    app = open_page(lesson.id, "en", **lesson.encode(chosen))
    assert state(app, lesson.id).values == chosen
    app = go(go(app, "home"), lesson.id)
    assert state(app, lesson.id).values == chosen
    written = {key: [value] if isinstance(value, str) else value for key, value in app.query_params.items()}
    assert {key: values for key, values in written.items() if key != "lang"} == {
        key: [value] for key, value in lesson.encode(chosen).items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.id)
def test_an_invalid_parameter_is_reported_and_the_others_kept(lesson: Lesson, language: str) -> None:
    app = open_page(lesson.id, language, nonsense="1", v="9")
    assert state(app, lesson.id).values == lesson.defaults()
    assert labels(language)["problem.replaced"] in app.warning[0].value
    assert "`nonsense`" in app.warning[0].value
    assert "`9`" in app.warning[0].value


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.id)
def test_ids_and_keys_are_unique(lesson: Lesson) -> None:
    keys = [setting.key for setting in lesson.settings.values()]
    assert len({*keys, "v", "lang", "play"}) == len(keys) + 3
    for setting in lesson.settings.values():
        assert setting.rule.allows(setting.default), setting.name
        assert not isinstance(setting.rule, Text) or setting.default.strip(), setting.name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.id)
def test_the_foot_has_things_to_try_and_the_link(lesson: Lesson, language: str) -> None:
    app = open_page(lesson.id, language)
    assert any("1. **" in element.value for element in app.markdown)
    app.session_state[f"{lesson.id}.foot.{language}"] = labels(language)["lesson.share"]
    sound(app.run())
    assert any(element.value.endswith("?v=1") for element in app.code)


@pytest.mark.parametrize("typed", ["3，4", "（3，4）", "[3, 4]", "3,4,", "３, ４"])
def test_a_shape_may_be_typed_in_full_width_characters(typed: str) -> None:
    app = open_page("broadcasting")
    sound(app.text_input(key="broadcasting.left").set_value(typed).run())
    assert state(app, "broadcasting")["left"] == (3, 4)
    assert not app.warning


@pytest.mark.parametrize("typed", ["3, x", "1, 2, 3, 4, 5", "3 4", "99", "-1", "1e3", "𝟛²"])
def test_an_invalid_shape_is_rejected_and_the_old_one_kept(typed: str) -> None:
    app = open_page("broadcasting")
    before = state(app, "broadcasting")["left"]
    sound(app.text_input(key="broadcasting.left").set_value(typed).run())
    assert state(app, "broadcasting")["left"] == before
    assert "separated by commas" in app.warning[0].value


def test_edits_of_a_grid_survive_leaving_the_page() -> None:
    app = open_page("tensors", "en", p="operations")
    s = state(app, "tensors")
    s.set("first", ((9.0, 8.0), (7.0, 6.0)))
    sound(app.run())
    app = go(go(app, "home"), "tensors")
    assert state(app, "tensors")["first"] == ((9.0, 8.0), (7.0, 6.0))
    shown = [element.value for element in app.dataframe if list(element.value.columns) == ["0", "1"]]
    assert [[9.0, 8.0], [7.0, 6.0]] in [frame.to_numpy().tolist() for frame in shown]
