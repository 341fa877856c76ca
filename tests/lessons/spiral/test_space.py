"""The view of space: its picture, words and slider, what it is seen from, and the play through the layers."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from driver import open_spiral, open_view, press, session, sliders, sound
from PIL import Image
from streamlit.testing.v1 import AppTest

from dlcore.drawing.image import data_url
from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.space_picture import picture
from pages.spiral.spiral import view_space
from pages.spiral.spiral.view_space import AT_REST, LIVE, Walk, walk
from pages.ui import player
from pages.ui.language import LANGUAGES, labels


def opened(language: str = "en", **settings: Any) -> AppTest:
    app = open_view(open_spiral(language, v="1", n="30", h="6-2", k="30"), "space")
    for name, value in settings.items():
        session(app).set(name, value)
    return sound(app.run())


def words(app: AppTest) -> str:
    """Return the name of the stage and what its plane shows."""
    return next(element.value for element in app.markdown if element.value.startswith("**") and "  \n" in element.value)


def shown(app: AppTest) -> str:
    sheet, _region = [image for element in app.get("image") for image in element.proto.imgs]
    return str(sheet.url)


def side(image: str) -> int:
    """Return the pixels along a side of the picture at a ``data:`` URL."""
    return Image.open(io.BytesIO(base64.b64decode(image.partition(",")[2]))).size[0]


def depth(app: AppTest) -> float:
    return float(sliders(app)[labels(app.session_state["language"])["spiral.space.depth"]]["value"])


def go_to(app: AppTest, depth: float) -> AppTest:
    walk(session(app)).move(depth)
    return sound(app.run())


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the depth of each frame that a play draws, and let no time pass between them."""
    noted: list[float] = []
    step: Callable[..., None] = Walk.step

    def noting(self: Walk, camera: Any) -> None:
        noted.append(self.at(camera))
        step(self, camera)

    monkeypatch.setattr(Walk, "step", noting)
    monkeypatch.setattr(player, "FRAME_SECONDS", 0.0)
    return noted


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_stage_is_named_and_its_plane_described(language: str) -> None:
    app, text = opened(language), labels(language)
    camera = walk(session(app)).camera
    assert camera is not None
    expected = [
        (0.0, text["spiral.space.input"], 2),
        (0.5, text["spiral.space.linear"].format(layer=1), 6),
        (1.05, text["spiral.space.activation"].format(layer=1, activation="ReLU"), 6),
        (3.0, text["spiral.space.linear"].format(layer=2), 2),
        (4.0, text["spiral.space.activation"].format(layer=2, activation="ReLU"), 2),
        (5.0, text["spiral.space.logits"].format(layer=3), 3),
    ]
    for at, stage, units in expected:
        go_to(app, at)
        share = f"{camera.frame(session(app).network, at).share:.0%}"
        plane = text["spiral.space.whole" if units == 2 else "spiral.space.plane"].format(units=units, share=share)
        assert words(app) == f"**{stage}**  \n{plane}"
        assert depth(app) == at


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("settings", "lesson", "straight"),
    [
        ({}, "folds", "exact"),
        ({"model.activation": "tanh", "model.hidden": (5,)}, "bends", "slice"),
        ({"model.activation": "leaky_relu", "model.embedding": True}, "folds", "exact"),
        ({"model.activation": "identity"}, "flat", "exact"),
        ({"model.hidden": ()}, "flat", "exact"),
    ],
)
def test_the_sentence_is_that_of_the_network(
    settings: dict[str, Any], lesson: str, straight: str, language: str
) -> None:
    app, text = opened(language, **settings), labels(language)
    option = text[f"spiral.option.model.activation.{session(app).config.model.activation}"]
    assert text[f"spiral.space.{lesson}"].format(activation=option) in [element.value for element in app.markdown]
    assert text[f"spiral.space.{straight}"] in [element.value for element in app.caption]


def test_the_picture_is_that_of_the_network_and_begins_where_lines_are_straight() -> None:
    app = opened()
    s = session(app)
    camera = walk(s).camera
    assert camera is not None
    assert depth(app) == camera.depth - 1
    for at in (4.0, 1.5):
        go_to(app, at)
        expected = picture(camera.frame(s.network, at), camera.sheet.y, pixels=AT_REST, smooth=True)
        assert shown(app) == data_url(expected)


def test_a_network_with_fewer_stages_is_shown_at_its_last() -> None:
    app = go_to(opened(), 5.0)
    session(app).set("model.hidden", (4,))
    sound(app.run())
    assert depth(app) == 3


# --- what it is seen from --------------------------------------------------------------------------------------------
def test_the_planes_are_chosen_when_training_stops_and_kept_after_that() -> None:
    app = opened()
    s = session(app)
    at_first = walk(s).camera
    sound(app.run())
    assert walk(s).camera is at_first
    press(app, "play")
    assert s.run.finished
    trained = walk(s).camera
    assert trained is not at_first
    s.stop()  # back to epoch 0
    sound(app.run())
    assert walk(s).camera is trained
    s.set("training.lr", 0.02)
    sound(app.run())
    assert walk(s).camera is trained
    press(app, "play")
    assert walk(s).camera is not trained, "it ended with other weights"
    s.set("data.seed", 3)
    sound(app.run())
    assert walk(s).run is s.run


def test_while_it_trains_the_planes_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    app, seen = opened(), []
    drawn = view_space._image

    def noting(place: Any, data: Any) -> Any:
        seen.append((data.camera, side(data.image)))
        return drawn(place, data)

    monkeypatch.setattr(view_space, "_image", noting)
    session(app).speed = 5
    press(app, "play")
    *training, last, at_rest = seen
    assert len(training) >= 6
    assert {pixels for _, pixels in training} == {LIVE}
    assert len({id(camera) for camera, _ in training}) == 1
    assert last == at_rest == (walk(session(app)).camera, AT_REST)


# --- the play --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_play_goes_from_the_input_to_the_logits(language: str, frames: list[float]) -> None:
    app, text = opened(language), labels(language)
    button = app.button(key="spiral.space.play")
    assert button.label == text["spiral.space.play"]
    sound(button.click().run())
    assert frames == pytest.approx(np.arange(0, 5, view_space.STEP))
    assert depth(app) == 5
    assert app.button(key="spiral.space.play").label == text["spiral.space.play"]
    assert not walk(session(app)).playing


def test_the_play_goes_on_from_where_it_was_left(frames: list[float]) -> None:
    app = go_to(opened(), 2.5)
    sound(app.button(key="spiral.space.play").click().run())
    assert frames[0] == 2.5


def test_the_play_stops_at_a_click_and_at_a_move(frames: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened()
    s = session(app)
    monkeypatch.setattr(view_space.Space, "play", lambda self, s: None)
    sound(app.button(key="spiral.space.play").click().run())
    assert app.button(key="spiral.space.play").label == labels("en")["spiral.space.stop"]
    assert labels("en")["spiral.space.depth"] not in sliders(app), "the thumb would stand still"
    assert side(shown(app)) == LIVE
    sound(app.button(key="spiral.space.play").click().run())
    assert not walk(s).playing
    sound(app.button(key="spiral.space.play").click().run())
    walk(s).move(1.0)
    assert not walk(s).playing
    assert depth(sound(app.run())) == 1


def test_the_play_goes_on_while_the_network_trains(frames: list[float]) -> None:
    app = opened(**{"training.epochs": 500})
    s = session(app)
    s.speed = 1
    walk(s).toggle(walk(s).camera)
    press(app, "play")
    assert s.run.finished
    assert max(frames) == pytest.approx(5 - view_space.STEP)
    assert depth(app) == 5


def test_a_newer_script_run_ends_the_play(frames: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    s = view_space.Session()
    s.apply(replace_field(RunConfig(), "data.points", 20).values())
    view = view_space.Space()
    walk(s).look(s)
    walk(s).toggle(walk(s).camera)
    monkeypatch.setattr(view_space.st, "session_state", {s.state_key: None})
    view.play(s)
    assert frames == []
