"""What a browser sends to a component may be anything: nothing raises, and nothing stops what comes after."""

import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import streamlit as st
import torch
from hypothesis import given
from hypothesis import strategies as some

from dlcore.drawing import grid
from dlcore.spiral.config import SETTINGS
from pages.spiral.spiral import own_points
from pages.spiral.spiral.session import Session
from pages.ui import component, drawing, live_slider, tensor_view
from pages.ui.lesson import State

KEY = "component"
EPOCH = "e5"

numbers = some.integers() | some.sampled_from([10**400, -(10**400), 2**53, component.LATEST]) | some.floats()
scalars = some.none() | some.booleans() | numbers | some.text(max_size=5)
json = some.recursive(
    scalars, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3)
)
messages = json | some.fixed_dictionaries({}, optional={"epoch": some.just(EPOCH) | json, "n": json, "value": json})


def states(name: str) -> some.SearchStrategy[object]:
    return json | some.fixed_dictionaries({name: messages})


@pytest.fixture
def _no_browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    mount: Callable[..., None] = lambda **_: None  # noqa: E731
    monkeypatch.setattr(live_slider, "_mounts", (mount, mount))
    monkeypatch.setattr(drawing, "_mount", mount)
    monkeypatch.setattr(own_points, "_mount", mount)
    yield
    st.session_state.clear()


def genuine(inbox: component.Inbox, value: object) -> dict[str, Any]:
    """Return the next message of an honest browser, by the rule of live_slider.js and drawing.js."""
    return {"epoch": inbox.epoch, "n": max(inbox.seen + 1, round(1000 * time.time())), "value": value}


def after(
    state: object, name: str, inbox: component.Inbox, kept: str, draw: Callable[[], object], value: object
) -> None:
    """Draw the component with a hostile state, then with an honest message."""
    st.session_state[kept] = inbox
    st.session_state[KEY] = state
    draw()
    st.session_state[KEY] = {name: genuine(inbox, value)}
    draw()


@pytest.mark.usefixtures("_no_browser")
def test_any_message_to_the_live_slider() -> None:
    @given(states("pick"))
    def check(state: object) -> None:
        got: list[float] = []

        def draw() -> None:
            live_slider.live_slider("x", key=KEY, value=8, min_value=1, max_value=256, on_change=got.append)

        after(state, "pick", live_slider._Picks(epoch=EPOCH), f"{KEY}.picks", draw, 40)
        assert got[-1] == 40
        assert all(type(value) is int and 1 <= value <= 256 for value in got)

    check()


@pytest.mark.usefixtures("_no_browser")
def test_any_message_to_the_drawing() -> None:
    @given(states("stroke"))
    def check(state: object) -> None:
        got: list[str] = []

        def draw() -> None:
            drawing.drawing("x", key=KEY, value="", size=2, pen=1, clear="c", on_change=got.append)

        after(state, "stroke", component.Inbox(epoch=EPOCH), f"{KEY}.strokes", draw, "0f0f")
        assert got[-1] == "0f0f"
        assert all(drawing.read(value, 2) == value for value in got)

    check()


drawings = json | some.text("ABab_-9", max_size=12) | some.just("A" * 804)


@pytest.mark.usefixtures("_no_browser")
def test_any_message_to_the_plane_of_own_points() -> None:
    @given(states("points") | drawings.map(lambda value: {"points": {"epoch": EPOCH, "n": 1, "value": value}}))
    def check(state: object) -> None:
        s = Session()
        s.set("data.kind", "points")

        st.session_state[f"{own_points.KEY}.inbox"] = inbox = component.Inbox(epoch=EPOCH)
        st.session_state[own_points.KEY] = state
        own_points.receive(s)
        assert SETTINGS["data.drawn"].rule.allows(s.config.data.drawn)
        st.session_state[own_points.KEY] = {"points": genuine(inbox, "AGJXBFF_")}
        own_points.receive(s)
        assert s.config.data.drawn == ((0.25, -0.5, 0), (-1.0, 1.0, 7))

    check()
    assert own_points.read("A" * 800) == ((-1.0, -1.0, 0),) * 200
    assert own_points.read("A" * 804) is None


def test_an_n_beyond_every_clock_is_not_taken_but_the_next_one_always_is() -> None:
    for seen, n, taken in [(0, 0, False), (0, component.LATEST + 1, False), (5, 5, False), (5, 6, True)]:
        st.session_state[KEY] = {"pick": {"epoch": EPOCH, "n": n, "value": 1}}
        assert (component.Inbox(EPOCH, seen).new(KEY, "pick") is not None) is taken
    st.session_state[KEY] = {"pick": {"epoch": EPOCH, "n": component.LATEST + 1, "value": 1}}
    assert component.Inbox(EPOCH, component.LATEST).new(KEY, "pick") == (component.LATEST + 1, 1)


cells = some.lists(some.fixed_dictionaries({"index": json | some.sampled_from(["0", "3", "20", "", "-1"])}), max_size=2)


@pytest.mark.parametrize("tensor", [torch.arange(20), torch.tensor(1.0)])
def test_any_click_on_a_tensor(monkeypatch: pytest.MonkeyPatch, tensor: torch.Tensor) -> None:
    """Only cells that are drawn can be chosen; of the vector, 4 to 15 and the gap in their place are not."""
    clicked: list[Callable[[], None]] = []

    def chart(_: pd.DataFrame, __: object, *, on_select: Callable[[], None], **___: object) -> None:
        clicked.append(on_select)

    got: list[tuple[int, ...]] = []
    monkeypatch.setattr(st, "vega_lite_chart", chart)
    tensor_view.cells_view(grid.cells(tensor), key=KEY, alt="", on_click=got.append)

    def click(state: object) -> None:
        st.session_state[KEY] = state
        clicked[0]()

    check = given(json | some.fixed_dictionaries({"selection": json | some.fixed_dictionaries({"cell": json | cells})}))
    check(click)()
    allowed = [(i,) for i in grid.shown(20) if i is not None] if tensor.dim() else [()]
    assert set(got) <= set(allowed)
    for index in allowed:
        click({"selection": {"cell": [{"index": ", ".join(map(str, index))}]}})
        assert got[-1] == index


@given(json)
def test_numbers_of_a_message(sent: object) -> None:
    number = component.number_between(sent, -3.0, 3.0)
    assert number is None or (number is sent and -3 <= number <= 3)
    assert component.number_between(True, 0, 3) is None


# --- two script runs at once ------------------------------------------------------------------------------------------
class Overlapping:
    """Work of two threads of which the first takes until the second waits for it, or half a second."""

    def __init__(self) -> None:
        self.entered, self.go_on = threading.Event(), threading.Event()

    def slow(self, *_: object) -> list[object]:
        """Wait, the first time that it is called."""
        if not self.entered.is_set():
            self.entered.set()
            self.go_on.wait(10)
        return []

    def run(self, first: Callable[[], object], second: Callable[[], object]) -> None:
        threads = [threading.Thread(target=work, daemon=True) for work in (first, second)]
        threads[0].start()
        assert self.entered.wait(10)
        threads[1].start()
        threads[1].join(0.05)
        self.go_on.set()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def test_two_changes_of_settings_at_once_are_both_kept() -> None:
    """The callback of a superseded script run may wait for the gate while the next one changes another setting."""
    both = Overlapping()
    lesson: Any = SimpleNamespace(validate=both.slow)
    state = State(lesson, {"a": 0, "b": 0})
    both.run(lambda: state.set("a", 1), lambda: state.set("b", 1))
    assert state.values == {"a": 1, "b": 1}


@pytest.mark.usefixtures("_no_browser")
def test_the_later_of_two_picks_at_once_is_kept() -> None:
    both, got = Overlapping(), list[float]()
    inbox = live_slider._Picks(epoch=EPOCH)
    st.session_state[f"{KEY}.picks"] = inbox

    def keep(value: float) -> None:
        both.slow()
        got.append(value)

    def draw(n: int, value: int) -> Callable[[], object]:
        def run() -> None:
            st.session_state[KEY] = {"pick": {"epoch": EPOCH, "n": n, "value": value}}
            live_slider.live_slider("x", key=KEY, value=8, min_value=1, max_value=256, on_change=keep)

        return run

    both.run(draw(5, 40), draw(6, 60))
    assert got == [40, 60]
    assert inbox.seen == 6
