"""The address: the browser's Back and Forward on a page, and messages that carry an older address."""

from types import SimpleNamespace

import pytest
from driver import ROOT, go, open_page, sound
from streamlit.testing.v1 import AppTest

from pages.ui import address
from pages.ui.language import labels
from pages.ui.registry import PAGES

REAL = {name: getattr(address, name) for name in ("ECHO_SECONDS", "LINK_SECONDS")}  # other tests set them to 0


def values(app: AppTest) -> tuple[int, float]:
    s = app.session_state["softmax.state"]
    return s["classes"], s["temperature"]


def address_of(app: AppTest) -> dict[str, str]:
    """Return the parameters of the address; AppTest has those set by the app as text, those of a test as lists."""
    return {key: value if isinstance(value, str) else value[-1] for key, value in app.query_params.items()}


def params(app: AppTest) -> dict[str, str]:
    """Return the parameters of the address without the language."""
    return {key: value for key, value in address_of(app).items() if key != "lang"}


def move(app: AppTest, **settings: object) -> None:
    """Move controls."""
    for name, value in settings.items():
        app.session_state["softmax.state"].set(name, value)
    sound(app.run())


def travel(app: AppTest, **to: str) -> None:
    """Go to an address of this page by the browser's Back or Forward button."""
    app.query_params = {"lang": "en", **to}
    sound(app.run())


@pytest.fixture
def app() -> AppTest:
    return open_page("softmax", "en")


def test_back_to_the_bare_address_restores_the_settings(app: AppTest) -> None:
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


def test_navigation_and_back_keep_the_settings(app: AppTest) -> None:
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
    travel(app)  # a click that left the browser before the new address arrived
    assert values(app)[0] == 5
    assert params(app) == {"v": "1", "c": "5"}
    monkeypatch.setattr(address, "ECHO_SECONDS", 0.0)
    travel(app)
    assert values(app)[0] != 5


class Clock:
    """A clock that advances only by sleep() or when it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Run the app with its real waits on a fake clock."""
    for name, seconds in REAL.items():
        monkeypatch.setattr(address, name, seconds)
    clock = Clock()
    monkeypatch.setattr(address, "time", clock)
    return clock


@pytest.mark.parametrize(("later", "follows"), [(0.0, False), (0.29, False), (0.31, True), (5.0, True)])
def test_the_previous_address_is_ignored_shortly_after_a_write(clock: Clock, later: float, follows: bool) -> None:
    app = open_page("softmax", "en")
    first = values(app)[0]
    move(app, classes=5)
    assert params(app) == {"v": "1", "c": "5"}
    clock.now += later
    travel(app)
    assert values(app)[0] == (first if follows else 5)
    assert params(app) == ({} if follows else {"v": "1", "c": "5"})


def test_only_the_previous_address_is_ignored(clock: Clock) -> None:
    app = open_page("softmax", "en")
    move(app, classes=5)
    travel(app, v="1", c="6")
    assert values(app)[0] == 6


def test_settings_are_written_once_they_rest(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    a = address.Address()
    written: list[dict[str, str]] = []
    query = SimpleNamespace(items=lambda: {}.items(), from_dict=written.append)
    monkeypatch.setattr(address, "st", SimpleNamespace(query_params=query, session_state={}))
    monkeypatch.setattr(address.language, "parameter", dict)
    a.touch()
    clock.now += 0.69
    assert not a.rested
    a.write({"v": "1", "c": "5"})
    assert written == []
    clock.now += 0.02
    assert a.rested
    a.write({"v": "1", "c": "5"})
    assert written == [{"v": "1", "c": "5"}]
    a.touch()
    began = clock.now
    a.settle(lambda: {"v": "1", "c": "6"})
    assert 0.7 < clock.now - began < 0.8
    assert written[1:] == [{"v": "1", "c": "6"}]


def test_the_menu_keeps_a_language_that_is_not_the_browsers() -> None:
    app = open_page("softmax", "zh")
    app.query_params = {}
    sound(app.switch_page(PAGES["data"].file).run())  # links of Streamlit's menu have no language
    assert address_of(app) == {"lang": "zh"}
    app.query_params = {}
    sound(app.run())
    assert address_of(app) == {}, "a new step of the history traps the Back button"
    assert app.title[0].value == labels("zh")["page.data"]


def test_the_browsers_own_language_is_not_in_the_address() -> None:
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60).run()
    sound(app.switch_page(PAGES["softmax"].file).run())
    move(app, classes=5)
    assert address_of(app) == {"v": "1", "c": "5"}
