"""The Python side of the live slider: scales, picks of the browser, and the native fallback."""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui import live_slider as module
from pages.ui.live_slider import _Scale, decades


def page() -> None:
    import streamlit as st

    from pages.ui.live_slider import decades, live_slider

    held = st.session_state.setdefault("held", {"units": 8, "noise": 0.2, "rate": 0.0123})
    held["units"] = live_slider("Units", key="units", value=held["units"], min_value=1, max_value=256, unit="units")
    held["noise"] = live_slider("Noise", key="noise", value=held["noise"], min_value=0.0, max_value=1.0, step=0.01)
    held["rate"] = live_slider("Rate", key="rate", value=held["rate"], stops=decades(1e-5, 10.0))


def run(script: Callable[[], None] = page) -> AppTest:
    test = AppTest.from_function(script).run()
    assert not test.exception
    return test


def test_without_a_pick_it_returns_its_value() -> None:
    test = run()
    assert len(test.get("bidi_component")) == 3
    assert test.session_state["held"] == {"units": 8, "noise": 0.2, "rate": 0.0123}
    test.session_state["held"]["units"] = 40
    test.run()
    assert test.session_state["held"]["units"] == 40


def test_decades() -> None:
    stops = decades(1, 10_000)
    assert stops[0] == 1
    assert stops[-1] == 10_000
    assert all(isinstance(stop, int) for stop in stops)
    rates = decades(1e-5, 10.0)
    assert (rates[0], rates[1], rates[-1]) == (1e-5, 1.5e-5, 10.0)
    assert list(rates) == sorted(set(rates))
    assert decades(3, 40, marks=(1, 2)) == (3, 10, 20, 40)
    with pytest.raises(ValueError, match="0 < min_value < max_value"):
        decades(0, 1)


@pytest.mark.parametrize(
    ("scale", "rule"),
    [
        ((1, 1, None, None), "min_value must be below max_value"),
        ((None, 1, None, None), "min_value must be below max_value"),
        ((0, 1, 2, None), "step must be"),
        ((None, None, None, (1, 1)), "growing"),
        ((0, None, None, (1, 2)), "either stops"),
    ],
)
def test_an_invalid_scale_raises(scale: tuple[Any, ...], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        _Scale.of(*scale)


def test_values_of_the_browser_are_checked_and_converted() -> None:
    whole, real = _Scale.of(1, 256, None, None), _Scale.of(None, None, None, decades(1e-5, 10.0))
    assert [whole.read(sent) for sent in (8, 8.0, 0, 257, 2.5, "8", None, True, [8])] == [8, 8] + [None] * 7
    assert type(whole.read(8.0)) is int
    assert type(real.read(1)) is float
    assert real.read(float("nan")) is None
    assert real.rule == "A number from 0.00001 to 10.0"
    assert whole.rule == "A whole number from 1 to 256"


class Browser:
    """A stand-in for the mounted component that stores the data it gets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data: dict[str, Any] = {}
        self.meanwhile: list[dict[str, Any]] = []  # picks that the next run's callback takes while this run still draws
        monkeypatch.setattr(module, "_mounts", (self, self))

    def __call__(self, *, key: str, data: dict[str, Any], on_pick_change: Callable[[], None]) -> None:
        self.data[key] = data
        if self.meanwhile:
            st.session_state[key] = {"pick": self.meanwhile.pop()}
            on_pick_change()

    def pick(self, test: AppTest, key: str, n: int, value: object, epoch: str | None = None) -> AppTest:
        test.session_state[key] = {"pick": {"epoch": epoch or self.data[key]["epoch"], "n": n, "value": value}}
        return test.run()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(monkeypatch)


def test_a_pick_counts_once_even_without_its_callback(browser: Browser) -> None:
    test = run()
    browser.pick(test, "units", 5, 40)
    assert test.session_state["held"]["units"] == 40
    assert (browser.data["units"]["value"], browser.data["units"]["seen"]) == (40, 5)
    test.session_state["held"]["units"] = 8  # a preset
    test.run()
    assert test.session_state["held"]["units"] == 8
    browser.pick(test, "units", 4, 99)  # late
    assert test.session_state["held"]["units"] == 8
    browser.pick(test, "units", 6, 60)
    assert test.session_state["held"]["units"] == 60


def test_a_pick_taken_while_the_run_before_still_draws_is_not_lost(browser: Browser) -> None:
    test = run()
    browser.meanwhile = [{"epoch": browser.data["units"]["epoch"], "n": 6, "value": 60}]
    browser.pick(test, "units", 5, 40)
    assert test.session_state["held"]["units"] == 40
    test.run()
    assert test.session_state["held"]["units"] == 60
    test.session_state["held"]["units"] = 8
    test.run()
    assert test.session_state["held"]["units"] == 8


@pytest.mark.parametrize("value", [0, 300, "9", None, 1.5, {"x": 1}])
def test_a_forged_pick_is_ignored(browser: Browser, value: object) -> None:
    test = browser.pick(run(), "units", 5, value)
    assert test.session_state["held"]["units"] == 8
    assert browser.data["units"]["seen"] == 5


def test_picks_from_before_the_state_was_cleared_are_void(browser: Browser) -> None:
    test = run()
    old = browser.data["units"]["epoch"]
    del test.session_state["units.picks"]
    browser.pick(test, "units", 7, 40, epoch=old)
    assert test.session_state["held"]["units"] == 8
    assert browser.data["units"]["epoch"] != old


def with_callback() -> None:
    import streamlit as st

    from pages.ui.live_slider import live_slider

    def keep(units: float) -> None:
        if "fail" in st.session_state:
            del st.session_state["fail"]
            st.stop()  # like a newer run that interrupts on_change
        st.session_state["units stored"] = units

    st.session_state.setdefault("units stored", 8)
    st.session_state["returned"] = live_slider(
        "Units", key="units", value=st.session_state["units stored"], min_value=1, max_value=256, on_change=keep
    )


def test_an_interrupted_on_change_is_repeated(browser: Browser) -> None:
    test = run(with_callback)
    test.session_state["fail"] = True
    browser.pick(test, "units", 5, 40)
    assert test.session_state["units stored"] == 8
    test.run()
    assert test.session_state["units stored"] == 40
    assert test.session_state["returned"] == 40


def test_streamlits_own_sliders_are_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_mounts", None)
    test = run()
    units, noise, rate = (
        test.slider(key="units.native"),
        test.slider(key="noise.native"),
        test.select_slider(key="rate.native"),
    )
    assert (units.value, noise.value, rate.value) == (8, 0.2, 0.0123)
    assert units.label == "Units (units)"
    units.set_value(40).run()
    rate.set_value(0.1).run()
    assert test.session_state["held"] == {"units": 40, "noise": 0.2, "rate": 0.1}
    test.session_state["held"].update(units=8, rate=0.02, noise=2.0)  # a preset; one value is out of range
    test.run()
    assert test.slider(key="units.native").value == 8
    assert test.select_slider(key="rate.native").value == 0.02
    assert test.session_state["held"] == {"units": 8, "noise": 2.0, "rate": 0.02}


@pytest.mark.parametrize("trouble", ["missing", "raises"])
def test_a_failing_component_is_logged_and_replaced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    if trouble == "missing":
        monkeypatch.delattr(st.components.v2, "component")
    else:
        monkeypatch.setattr(st.components.v2, "component", refuse)
    assert module._register() is None
    assert "live_slider is not available" in caplog.text
