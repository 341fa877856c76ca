"""The spiral page with points of one's own, as the browser sends them: empty, drawn, changed in training, in links."""

from __future__ import annotations

import time

import pytest
import torch
from driver import (
    charts,
    frame,
    go,
    open_groups,
    open_panel,
    open_spiral,
    open_view,
    picture,
    press,
    session,
    sliders,
    sound,
    warnings,
)
from links import encode
from streamlit.testing.v1 import AppTest

from dlcore.settings.points import Point, pack
from dlcore.spiral.codegen import script
from pages.spiral.spiral.own_points import KEY
from pages.spiral.spiral.views import PANELS as VIEWS
from pages.ui.language import LANGUAGES, labels

CROSS: tuple[Point, ...] = ((0.5, 0.5, 0), (-0.5, -0.5, 0), (0.5, -0.5, 1), (-0.5, 0.5, 1))
LINK = {"v": "1", "d": "points", "h": "8", "r": "0.03", "k": "200"}
PANELS = ("predictions", "code", "share")


def draw(app: AppTest, *points: Point) -> AppTest:
    """Send all points of a drawing, as own_points.js does."""
    inbox = app.session_state[f"{KEY}.inbox"]
    n = max(inbox.seen + 1, round(1000 * time.time()))
    app.session_state[KEY] = {"points": {"epoch": inbox.epoch, "n": n, "value": pack(points)}}
    sound(app.run())  # reads the message on the way, where a browser's callback comes before the script
    return sound(app.run())


def weights(app: AppTest) -> torch.Tensor:
    return torch.cat([tensor.flatten() for tensor in session(app).run.engine.state_dict().values()])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_plane_says_what_is_missing(language: str) -> None:
    app = open_spiral(language, **LINK)
    empty = labels(language)["spiral.drawn.empty"]
    assert not warnings(app)
    assert empty in [element.value for element in app.markdown]
    for view in VIEWS:
        open_view(app, view)
    for panel in PANELS:
        open_panel(app, panel)
        assert empty in [element.value for element in app.caption]
    open_panel(app, "try")
    for button in ("play", "to_end", "restart", "new_weights"):
        press(app, button)
        assert session(app).run.epoch == 0
    assert app.button(key="spiral.step").disabled
    assert session(app).half == 1.1


@pytest.mark.parametrize("language", LANGUAGES)
def test_points_are_learned_and_shown_everywhere(language: str) -> None:
    app = draw(open_spiral(language, **LINK), *CROSS)
    press(app, "to_end")
    run = session(app).run
    assert (run.epoch, run.measure().train_accuracy, run.changes) == (200, 1.0, [])
    for view in VIEWS:
        open_view(app, view)
    open_view(app, "curves")
    assert len(frame(charts(app)[labels(language)["alt.loss"]])) == len(run.history)
    for panel in PANELS:
        open_panel(app, panel)
    twin = open_spiral(language, **encode(session(app).config))
    press(twin, "to_end")
    assert session(twin).config == session(app).config
    assert torch.equal(weights(twin), weights(app)), "the link gives the same run"


def test_the_network_learns_while_one_draws() -> None:
    app = press(open_spiral(**LINK), "play")  # before there is a point
    draw(app, *CROSS[:2])
    s = session(app)
    assert (s.run.epoch, s.run.changes) == (200, [])
    first = weights(app)
    draw(app, *CROSS)
    assert (s.run.epoch, s.run.changes) == (200, [(0, "data.drawn")])
    assert not torch.equal(first, weights(app))
    open_panel(app, "code")
    text = labels("en")["spiral.code.changed"]
    assert text.format(epoch=0) in [element.value for element in app.caption]
    assert script(s.config).strip() in [element.value for element in app.code]
    press(app, "restart")
    assert s.run.changes == []
    draw(app)
    assert s.run.empty
    draw(app, *CROSS)
    assert (s.run.epoch, s.run.changes) == (200, []), "an empty plane begins anew, and Play was pressed"


def test_points_drawn_while_it_pauses_wait() -> None:
    app = draw(open_spiral(**LINK), *CROSS[:1])
    press(app, "step")
    before = weights(app)
    draw(app, *CROSS)
    assert session(app).run.epoch == 1
    assert torch.equal(weights(app), before)
    press(app, "step")
    assert not torch.equal(weights(app), before)


def test_the_picture_has_the_points_that_there_are() -> None:
    app = open_spiral(**LINK)
    for drawn in (CROSS[:2], CROSS, CROSS[1:]):
        draw(app, *drawn)
        twin = picture(open_spiral(**encode(session(app).config)))
        assert picture(app).tobytes() == twin.tobytes()


def test_the_points_stay_when_the_data_set_or_the_classes_change() -> None:
    app = draw(open_spiral(**LINK), *CROSS, (0.0, 0.9, 2))
    s = session(app)
    open_groups(app)
    for kind in ("moons", "points"):
        sound(app.selectbox(key="spiral.data.kind").select(kind).run())
    assert len(s.run.prepared.train.y) == 5
    s.set("data.classes", 2)
    sound(app.run())
    assert len(s.run.prepared.train.y) == 4
    s.set("data.classes", 3)
    assert len(s.run.prepared.train.y) == 5
    go(app, "softmax")
    go(app, "spiral")
    assert s.config.data.drawn == (*CROSS, (0.0, 0.9, 2))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["AGJ", "AGJ?", "____", pack(CROSS) * 51])
def test_a_hostile_link_is_refused_with_the_rule_and_the_value(language: str, text: str) -> None:
    app = open_spiral(language, **{**LINK, "xy": text})
    assert session(app).run.empty
    rule = labels(language)["problem.points"].partition("{max_points}")[2].partition("{")[0]
    assert "200" + rule in warnings(app)
    assert f"`{text[:10]}" in warnings(app)
    draw(app, *CROSS)
    assert len(session(app).run.prepared.train.y) == 4


def test_what_only_samples_from_a_shape_have_is_not_offered() -> None:
    words = labels("en")
    app = open_groups(open_spiral(**LINK))
    assert words["spiral.setting.data.classes"] in sliders(app)
    assert sliders(app)[words["spiral.setting.data.noise"]]["disabled"]
    for name in ("points", "test_share", "validation_share"):
        assert words[f"spiral.setting.data.{name}"] not in sliders(app)
