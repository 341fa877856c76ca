"""The past of a run on the page: scrubbing, training on from a moment, the pin, in both languages."""

import json
import math
import time
from typing import Any

import pytest
import torch
from driver import SMALL, charts, frame, open_spiral, open_view, picture, press, session, sound
from hypothesis import given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from dlcore.network.passes import Network
from dlcore.spiral.diagram import columns
from dlcore.spiral.training import Record, Run
from pages.spiral.spiral import live, scrubber
from pages.ui.language import LANGUAGES, labels


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "REST", 0)


def data(app: AppTest) -> dict[str, Any]:
    """Return the data of the mounted scrubber."""
    (found,) = [one for one in map(_data, app.get("bidi_component")) if "moments" in one]
    return found


def diagram(app: AppTest) -> dict[str, Any]:
    """Return the data of the mounted diagram of the network."""
    (found,) = [one for one in map(_data, app.get("bidi_component")) if "columns" in one]
    return found


def _data(element: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(element.proto.json)
    return parsed


def send(app: AppTest, message: object) -> AppTest:
    app.session_state[scrubber.KEY] = {"moment": message}
    return sound(app.run())


def scrub(app: AppTest, epoch: object) -> AppTest:
    """Send what the browser sends when the slider is moved."""
    n = max(int(time.time() * 1000), data(app)["seen"] + 1)
    return send(app, {"epoch": data(app)["epoch"], "n": n, "value": epoch})


def click(app: AppTest, name: str) -> AppTest:
    return sound(app.button(key=f"spiral.time.{name}").click().run())


def trained(language: str = "en", **link: str) -> AppTest:
    return press(open_spiral(language, **{**SMALL, **link}), "play")


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def network_at(app: AppTest, epoch: int) -> Network:
    twin = Run(session(app).config)
    twin.advance(epoch)
    return twin.engine.network


# --- scrubbing ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_follows_the_scrubber(language: str) -> None:
    app, words = trained(language), labels(language)
    end = picture(app).tobytes()
    assert (data(app)["at"], data(app)["moments"]) == (50, list(range(51)))
    assert data(app)["words"]["label"] == words["spiral.time.label"]
    assert data(app)["words"]["epoch"] == words["spiral.time.epoch"]
    app = scrub(app, 20)
    s = session(app)
    assert (s.moment, s.epoch, s.run.epoch, data(app)["at"]) == (20, 20, 50, 20)
    assert torch.equal(s.network.theta, network_at(app, 20).theta)
    record = s.run.history[20]
    assert s.record == record
    assert f"{record.train_loss:.4f}" in texts(app)
    assert f"[EPOCH]: 19, [LOSS]: {s.run.losses[19]:.6f}, [ACCURACY]: " in texts(app)
    assert words["status.epoch"].split("{epoch}")[0] + "\u2060" not in texts(app)
    assert any("20" in element.value and "50" in element.value for element in app.markdown)
    assert picture(app).tobytes() != end
    app = click(app, "to_present")
    assert (session(app).moment, data(app)["at"]) == (None, 50)
    assert picture(app).tobytes() == end


def test_the_diagram_shows_the_same_units_at_every_moment() -> None:
    app = trained(h="30")

    def units() -> list[int]:
        return [unit["index"] for unit in diagram(app)["columns"][1]["units"]]

    present = units()
    for epoch in (0, 20):
        app = scrub(app, epoch)
        assert units() == present
        assert list(columns(session(app).trained, [])[1].units) != present


@pytest.mark.parametrize(("sent", "shown"), [(0, 0), (7.4, 7), (49.6, None), (50, None)])
def test_the_nearest_kept_moment_is_shown(sent: float, shown: int | None) -> None:
    assert session(scrub(trained(), sent)).moment == shown


def test_moments_between_records() -> None:
    app = open_spiral(**{**SMALL, "k": "1000"})
    session(app).run.advance(12)
    app = sound(app.run())
    assert data(app)["moments"] == [0, 5, 10, 12]
    assert session(scrub(app, 8)).moment == 10
    assert session(scrub(app, 11.5)).moment is None


def test_the_curves_mark_the_moment() -> None:
    app = scrub(open_view(trained(), "curves"), 20)
    words = labels("en")
    for quantity in ("loss", "accuracy"):
        shown = frame(charts(app)[words[f"alt.{quantity}"]])
        assert list(shown["epoch"][shown["mark"]]) == [20]
    app = click(app, "to_present")
    assert "mark" not in frame(charts(app)[words["alt.loss"]])


def test_scrubbing_pauses_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "train", lambda view, session: None)
    app = press(open_spiral(**SMALL), "play")
    session(app).run.advance(30)
    app = scrub(sound(app.run()), 10)
    assert (session(app).mode, session(app).moment) == ("paused", 10)
    assert not data(app)["playing"]


@pytest.mark.parametrize("button", ["play", "step", "restart", "stop", "to_end", "new_weights"])
def test_every_button_of_training_returns_to_the_present(button: str) -> None:
    app = open_spiral(**SMALL)
    session(app).run.advance(30)
    app = press(scrub(app, 10), button)
    assert session(app).moment is None
    assert data(app)["at"] == session(app).run.epoch == {"step": 31, "play": 50, "to_end": 50}.get(button, 0)


def test_a_new_run_has_a_new_past() -> None:
    app = scrub(trained(), 10)
    session(app).set("data.noise", 0.3)
    app = sound(app.run())
    assert (session(app).moment, data(app)["moments"], data(app)["curve"]) == (None, [0], [0, 0])


def test_the_link_does_not_carry_the_moment() -> None:
    app = trained()
    before = dict(app.query_params)
    assert dict(scrub(app, 10).query_params) == before


# --- training on ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_training_on_gives_the_numbers_of_the_first_time(language: str) -> None:
    app = trained(language)
    run = session(app).run
    losses, theta = list(run.losses), run.engine.network.theta.clone()
    assert app.button(key="spiral.time.train_on").disabled
    app = click(scrub(app, 20), "train_on")
    assert session(app).run is run
    assert (run.epoch, run.changes, session(app).moment) == (50, [], None)
    assert run.losses == losses
    assert torch.equal(run.engine.network.theta, theta)


def test_training_on_under_other_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    app = scrub(trained(), 20)
    session(app).set("training.lr", 0.1)
    app = sound(app.run())
    assert session(app).moment == 20
    app = click(app, "train_on")
    assert session(app).run.changes == [(20, "training.lr")]
    twin = Run(Run(session(app).config).config)
    assert session(app).run.losses[:20] != twin.losses
    assert len(session(app).run.losses) == 50


def test_training_on_where_the_epochs_are_over_by_now_waits() -> None:
    app = scrub(trained(), 20)
    session(app).set("training.epochs", 10)
    app = click(sound(app.run()), "train_on")
    s = session(app)
    assert (s.run.epoch, s.mode, s.moment) == (20, "paused", None)


# --- the pin --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_two_moments_side_by_side(language: str) -> None:
    app, words = click(scrub(trained(language), 5), "pin"), labels(language)
    app = click(app, "to_present")
    assert words["spiral.time.pinned"].format(epoch=5) in texts(app)
    assert f"{session(app).run.history[5].train_loss:.4f}" in texts(app)
    images = [image for element in app.get("image") for image in element.proto.imgs]
    assert len(images) == 2
    assert images[0].url != images[1].url
    assert data(app)["pinned"] == 5
    app = click(app, "unpin")
    assert len(app.get("image")) == 1
    assert data(app)["pinned"] is None


# --- messages -------------------------------------------------------------------------------------------------------
anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def test_any_message_is_survived() -> None:
    app = trained()

    @settings(max_examples=25)
    @given(anything, some.booleans())
    def check(value: object, well_formed: bool) -> None:
        nonlocal app
        app = scrub(app, value) if well_formed else send(app, value)
        s = session(app)
        assert s.moment is None or s.moment in s.run.timeline.epochs
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if well_formed and number and 0 <= value <= 50:
            assert abs(s.epoch - value) <= 0.5

    check()
    assert session(scrub(app, 30)).moment == 30


# --- the curve ------------------------------------------------------------------------------------------------------
def records(losses: dict[int, float]) -> list[Record]:
    return [Record(epoch, loss, 0.5, math.nan, math.nan) for epoch, loss in losses.items()]


@pytest.mark.parametrize(
    ("losses", "start", "points"),
    [
        ({0: 1.0}, 0, [0, 0]),
        ({0: 1.0, 5: 0.1, 10: 0.01}, 0, [0, 0, 500, 50, 1000, 100]),
        ({0: 9.0, 5: 0.1, 10: 0.01}, 5, [0, 0, 1000, 100]),
        ({0: 1.0, 5: 1.0, 10: 1.0}, 0, [0, 0, 500, 0, 1000, 0]),
        ({0: 1.0, 5: math.inf, 10: 0.0}, 0, [0, 0, 1000, 100]),
        ({0: math.nan}, 0, []),
    ],
)
def test_curve(losses: dict[int, float], start: int, points: list[int]) -> None:
    assert scrubber.curve(records(losses), start, 10) == points


def test_what_a_frame_of_training_sends_is_small() -> None:
    run = Run(session(open_spiral(n="20")).config)
    run.advance(1000)
    message = scrubber._grown(run)
    assert len(run.history) == 202
    assert len(message["curve"]) // 2 <= scrubber.MOST_POINTS
    assert (message["curve"][0], message["curve"][-2]) == (0, 1000)
    assert len(json.dumps(message)) < 1000
