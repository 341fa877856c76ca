"""The browser's Back and Forward on one page, and messages that come with an address of before."""

import pytest
from driver import go, open_page, sound
from streamlit.testing.v1 import AppTest

from pages.ui import address


def values(app: AppTest) -> tuple[int, float]:
    s = app.session_state["softmax.state"]
    return s["classes"], s["temperature"]


def params(app: AppTest) -> dict[str, str]:
    return {key: value[0] for key, value in app.query_params.items() if key != "lang"}


def move(app: AppTest, **settings: object) -> None:
    """A person moves controls."""
    for name, value in settings.items():
        app.session_state["softmax.state"].set(name, value)
    sound(app.run())


def travel(app: AppTest, **to: str) -> None:
    """The browser's Back or Forward button leads to an address of this page."""
    app.query_params = {"lang": "en", **to}
    sound(app.run())


@pytest.fixture
def app() -> AppTest:
    return open_page("softmax", "en")


def test_back_to_the_bare_address_takes_back_what_was_set(app: AppTest) -> None:
    first = values(app)
    move(app, classes=5)
    move(app, temperature=2.0)
    assert params(app) == {"v": "1", "c": "5", "t": "2"}
    travel(app, v="1", c="5")
    assert values(app) == (5, first[1])
    travel(app)
    assert values(app) == first
    assert params(app) == {}
    sound(app.run())
    assert params(app) == {}, "a new step of the history traps the Back button"
    travel(app, v="1", c="5")
    assert values(app) == (5, first[1])


def test_a_walk_keeps_what_was_set_and_back_keeps_it_too(app: AppTest) -> None:
    move(app, classes=5)
    go(app, "home")
    go(app, "softmax")
    assert values(app)[0] == 5
    assert params(app) == {"v": "1", "c": "5"}
    move(app, classes=6)
    travel(app, v="1", c="5")
    travel(app)
    assert values(app)[0] == 5
    assert params(app) == {}, "a new step of the history traps the Back button"
    move(app, classes=4)
    assert params(app) == {"v": "1", "c": "4"}


def test_a_message_sent_before_the_address_arrived_changes_nothing(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "ECHO_SECONDS", 60.0)
    move(app, classes=5)
    travel(app)  # what a click brings that left the browser a moment too early
    assert values(app)[0] == 5
    assert params(app) == {"v": "1", "c": "5"}
    monkeypatch.setattr(address, "ECHO_SECONDS", 0.0)
    travel(app)
    assert values(app)[0] != 5
