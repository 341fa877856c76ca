"""The live slider in a real browser: it sends while it moves, never fights the hand, and the app has the last word."""

import ast
import re
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect
from waiting import eventually, expect_settled

APP = Path(__file__).parent / "apps" / "live_slider_app.py"


@pytest.fixture
def app(page: Page, serve: Callable[[Path], str]) -> Page:
    page.goto(serve(APP))
    expect(page.get_by_text("got {")).to_be_visible()
    return page


def thumb(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name)


def number(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name)


def expect_value(page: Page, name: str, value: float) -> None:
    """Python has it, and both the thumb and the number show it."""
    expect(page.get_by_text("got {")).to_contain_text(re.compile(rf"'{name}': {re.escape(repr(value))}[,}}]"))
    label = {"units": re.compile("Hidden units|隐藏单元"), "rate": "Rate"}.get(name, name.capitalize())
    shown = str(value).replace("-", "−")
    expect(thumb(page, label)).to_have_attribute("aria-valuetext", re.compile(rf"^{shown}0?( |$)"))
    expect(number(page, label)).to_have_value(re.compile(rf"^{shown}0?$"))


def values(page: Page) -> dict[str, float]:
    return ast.literal_eval(page.get_by_text("got {").inner_text().removeprefix("got "))


def rerun(page: Page, times: int = 1) -> None:
    for _ in range(times):
        page.get_by_role("button", name="Rerun").click()
        page.wait_for_timeout(100)


def drag(page: Page, name: str, path: list[float], *, ms: int = 300, release: bool = True) -> None:
    """Move the thumb over positions counted in stops, from where the first one is, in `ms` a leg."""
    target = thumb(page, name)
    box, last = target.bounding_box(), float(target.get_attribute("max"))
    size = 12  # px, the thumb's diameter: its centre runs over the rest of the width

    def x(at: float) -> float:
        return box["x"] + size / 2 + at / last * (box["width"] - size)

    y = box["y"] + box["height"] / 2
    page.mouse.move(x(path[0]), y)
    page.mouse.down()
    for start, end in pairwise(path):
        steps = max(1, ms // 20)
        for step in range(1, steps + 1):
            page.mouse.move(x(start + (end - start) * step / steps), y)
            page.wait_for_timeout(ms / steps)
    if release:
        page.mouse.up()


def message_times(page: Page) -> list[float]:
    """The times of the websocket messages the page sends, from a reload on."""
    sent: list[float] = []

    def watch(socket: WebSocket) -> None:
        socket.on("framesent", lambda _: sent.append(time.monotonic()))

    page.on("websocket", watch)
    page.reload()
    expect(page.get_by_text("got {")).to_be_visible()
    page.wait_for_timeout(500)
    sent.clear()
    return sent


def test_a_drag_is_sent_while_it_lasts_and_throttled(app: Page) -> None:
    sent = message_times(app)
    start = time.monotonic()
    drag(app, "Hidden units", [7, 199], ms=2000, release=False)
    seconds = time.monotonic() - start  # more than two: the driver takes its time over each move
    app.wait_for_timeout(300)
    assert 5 <= len(sent) <= seconds / 0.08 + 2, f"{len(sent)} messages in {seconds:.1f} s"
    expect_value(app, "units", 200)  # the last one has arrived, and the button is still down
    before = len(sent)
    app.mouse.up()
    app.wait_for_timeout(300)
    assert len(sent) == before


@pytest.mark.parametrize("slow", [False, True])
def test_the_thumb_is_never_pulled_back(app: Page, slow: bool) -> None:
    if slow:
        app.get_by_text("Slow", exact=True).click()
        expect(app.get_by_text("frame")).to_be_visible()
    thumb(app, "Hidden units").evaluate(
        """node => {
            window.node = node; window.seen = [];
            const look = () => { window.seen.push(Number(node.value)); requestAnimationFrame(look); };
            look();
        }"""
    )
    drag(app, "Hidden units", [7, 149], ms=1500)
    app.wait_for_timeout(1000)  # late answers are still coming in
    seen = app.evaluate("window.seen")
    assert seen == sorted(seen)
    expect_value(app, "units", 150)
    assert thumb(app, "Hidden units").evaluate("node => node === window.node"), "the thumb was built anew"


def test_the_app_has_the_last_word(app: Page) -> None:
    drag(app, "Hidden units", [7, 39])
    expect_value(app, "units", 40)
    app.get_by_role("button", name="Preset").click()
    expect_value(app, "units", 8)
    rerun(app, 3)
    expect_value(app, "units", 8)
    drag(app, "Hidden units", [7, 59])
    expect_value(app, "units", 60)
    rerun(app, 3)
    expect_value(app, "units", 60)


def test_a_preset_right_after_a_drag_with_runs_on_their_way(app: Page) -> None:
    app.get_by_text("Slow", exact=True).click()
    drag(app, "Hidden units", [7, 99])
    app.get_by_role("button", name="Preset").click()
    expect_value(app, "units", 8)
    app.wait_for_timeout(1000)
    expect_value(app, "units", 8)


def test_a_value_the_app_refuses_goes_back(app: Page) -> None:
    number(app, "Hidden units").fill("201")
    number(app, "Hidden units").press("Enter")
    expect_value(app, "units", 200)


def test_a_refusal_waits_until_the_thumb_is_let_go(app: Page) -> None:
    drag(app, "Hidden units", [7, 200], release=False)
    expect(app.get_by_text("got {")).to_contain_text("'units': 200,")
    expect(thumb(app, "Hidden units")).to_have_attribute("aria-valuetext", "201")
    app.mouse.up()
    expect_value(app, "units", 200)


def test_cleared_state_stays_cleared(app: Page) -> None:
    drag(app, "Noise", [20, 80])
    expect_value(app, "noise", 0.8)
    app.get_by_role("button", name="Reset all").click()
    expect_value(app, "noise", 0.2)
    rerun(app, 3)
    expect_value(app, "noise", 0.2)
    drag(app, "Noise", [20, 50])
    expect_value(app, "noise", 0.5)


def test_leaving_the_page_and_coming_back(app: Page) -> None:
    drag(app, "Hidden units", [7, 39])
    expect_value(app, "units", 40)

    def leave_and_return() -> None:
        app.get_by_role("link", name="Elsewhere").click()
        expect(app.get_by_text("nothing here")).to_be_visible()
        app.get_by_role("link", name="Sliders").click()
        expect(app.get_by_text("nothing here")).to_have_count(0)

    for _ in range(2):
        leave_and_return()
        expect_value(app, "units", 40)
    app.get_by_role("button", name="Preset").click()
    expect_value(app, "units", 8)
    leave_and_return()
    expect_value(app, "units", 8)
    drag(app, "Hidden units", [7, 59])
    expect_value(app, "units", 60)


def test_the_code_is_not_sent_again_once_it_has_arrived(app: Page) -> None:
    received: list[int] = []
    app.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    app.reload()
    drag(app, "Hidden units", [7, 39])
    expect_value(app, "units", 40)
    app.wait_for_timeout(300)
    expect_settled(app)
    received.clear()
    rerun(app)

    def answered() -> None:
        assert received

    eventually(app, answered)
    expect_settled(app)
    expect_value(app, "units", 40)
    assert sum(received) < 20_000, f"{sum(received)} bytes for a run with four sliders"


def test_the_code_is_asked_for_when_the_page_has_lost_it(app: Page) -> None:
    drag(app, "Hidden units", [7, 39])
    expect_value(app, "units", 40)
    app.evaluate("delete globalThis[Symbol.for('live_slider')]")
    app.get_by_role("link", name="Elsewhere").click()
    expect(app.get_by_text("nothing here")).to_be_visible()
    app.evaluate("delete globalThis[Symbol.for('live_slider')]")
    app.get_by_role("link", name="Sliders").click()
    expect_value(app, "units", 40)
    drag(app, "Hidden units", [39, 59])
    expect_value(app, "units", 60)


def test_a_language_switch_keeps_value_and_node(app: Page) -> None:
    drag(app, "Hidden units", [7, 39])
    expect_value(app, "units", 40)
    thumb(app, "Hidden units").evaluate("node => { node.mark = 1 }")
    app.get_by_text("中文").click()
    expect(thumb(app, "隐藏单元")).to_be_visible()
    expect_value(app, "units", 40)
    assert thumb(app, "隐藏单元").evaluate("node => node.mark") == 1
    drag(app, "隐藏单元", [39, 69])
    expect_value(app, "units", 70)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("units", "ArrowRight", 9),
        ("units", "ArrowDown", 7),
        ("units", "PageUp", 34),
        ("units", "Home", 1),
        ("units", "End", 256),
        ("noise", "ArrowLeft", 0.19),
        ("rate", "ArrowRight", 0.015),  # 0.0123 is between two stops
        ("rate", "ArrowLeft", 0.01),
        ("rate", "Home", 1e-05),
        ("epochs", "ArrowUp", 1500),
        ("epochs", "End", 10_000),
    ],
)
def test_keys(app: Page, name: str, key: str, value: float) -> None:
    label = "Hidden units" if name == "units" else name.capitalize()
    thumb(app, label).focus()
    app.keyboard.press(key)
    if value == 1e-05:
        expect(number(app, label)).to_have_value("0.00001")
        expect(app.get_by_text("got {")).to_contain_text("'rate': 1e-05")
    else:
        expect_value(app, name, value)
    expect(thumb(app, label)).to_be_focused()


def test_held_keys_and_focus_survive_many_reruns(app: Page) -> None:
    thumb(app, "Noise").focus()
    for _ in range(60):
        app.keyboard.press("ArrowRight")
        app.wait_for_timeout(15)
    expect_value(app, "noise", 0.8)
    expect(thumb(app, "Noise")).to_be_focused()


def test_the_clean_up_after_an_overtaken_call_does_no_harm(app: Page) -> None:
    """Streamlit does so when two answers come faster than the module loads: here, after every answer."""
    thumb(app, "Noise").focus()
    app.keyboard.press("ArrowRight")
    expect_value(app, "noise", 0.21)
    app.evaluate(
        """() => {
            const name = Symbol.for("live_slider"), slider = globalThis[name];
            Object.defineProperty(globalThis, name, { get: () => (component) => slider(component)(), set() {} });
        }"""
    )
    rerun(app)
    thumb(app, "Noise").evaluate("node => { window.node = node }")
    thumb(app, "Noise").focus()
    for _ in range(20):
        app.keyboard.press("ArrowRight")
        app.wait_for_timeout(15)
    expect_value(app, "noise", 0.41)
    expect(thumb(app, "Noise")).to_be_focused()
    assert thumb(app, "Noise").evaluate("node => node === window.node")


def test_an_increment_smaller_than_a_stop_still_moves(app: Page) -> None:
    """Screen readers on phones step the native range themselves."""
    for sign, value in ((1, 9), (-1, 8)):
        thumb(app, "Hidden units").evaluate(
            "(node, by) => { node.value = Number(node.value) + by; node.dispatchEvent(new Event('input')); }",
            sign * 0.2,
        )
        expect_value(app, "units", value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("Rate", "0.0456", 0.0456),
        ("Rate", "3e-2", 0.03),
        ("Noise", ".333", 0.333),
        ("Noise", "１", 1.0),
        ("Hidden units", " 77 ", 77),
    ],
)
def test_a_typed_number(app: Page, name: str, text: str, value: float) -> None:
    field = number(app, name)
    field.click()
    app.keyboard.insert_text(text)  # clicking has selected what was there
    app.keyboard.press("Enter")
    key = "units" if name == "Hidden units" else name.lower()
    expect(app.get_by_text("got {")).to_contain_text(f"'{key}': {value}")
    rerun(app)
    assert values(app)[key] == value
    assert type(values(app)[key]) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("Hidden units", "257"), ("Hidden units", "2.5"), ("Rate", "0"), ("Rate", "1,5"), ("Noise", "rc"), ("Noise", "")],
)
def test_what_may_not_be_typed_is_not_sent(app: Page, name: str, text: str) -> None:
    before = values(app)
    field = number(app, name)
    field.fill(text)
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_attribute("title", re.compile("number from"))
    expect(app.get_by_role("alert").filter(has_text="number from")).to_have_count(1)
    rerun(app)
    assert values(app) == before
    expect(field).to_have_value(text)  # to be corrected
    field.press("Escape")
    expect(field).to_have_attribute("aria-invalid", "false")
    expect(field).not_to_have_value(text)


def test_a_refusal_is_said_in_the_language_switched_to(app: Page) -> None:
    field = number(app, "Hidden units")
    field.fill("257")
    field.press("Enter")
    expect(field).to_have_attribute("title", "A whole number from 1 to 256")
    app.get_by_text("中文").click()
    field = number(app, "隐藏单元")
    expect(field).to_have_attribute("title", "1 到 256 的整数")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("257")  # to be corrected


def test_letters_typed_are_not_streamlits_hotkeys(app: Page) -> None:
    number(app, "Rate").click()
    app.keyboard.type("cr")
    app.wait_for_timeout(300)
    expect(app.get_by_role("dialog")).to_have_count(0)
    expect(number(app, "Rate")).to_have_value("cr")


def test_reruns_do_not_disturb_typing(app: Page) -> None:
    app.get_by_text("Slow", exact=True).click()
    drag(app, "Noise", [20, 40])
    field = number(app, "Rate")
    field.click()
    for letter in "0.025":
        app.keyboard.type(letter)
        app.wait_for_timeout(150)
    app.keyboard.press("Enter")
    expect_value(app, "rate", 0.025)


def test_a_value_between_stops_is_kept_until_the_thumb_moves(app: Page) -> None:
    expect_value(app, "rate", 0.0123)
    place = float(thumb(app, "Rate").input_value())
    assert place != round(place)
    box = thumb(app, "Noise").bounding_box()
    app.mouse.click(box["x"] + box["width"] / 2, box["y"] + 12)
    expect_value(app, "noise", 0.5)
    expect_value(app, "rate", 0.0123)


def test_a_finger_moves_it(open_page: Callable[..., Page], serve: Callable[[Path], str]) -> None:
    page = open_page(has_touch=True, viewport={"width": 390, "height": 800})
    page.goto(serve(APP))
    box = thumb(page, "Noise").bounding_box()
    touch = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    for kind, x in [("touchStart", 0.2), *(("touchMove", 0.2 + i / 50) for i in range(1, 41)), ("touchEnd", None)]:
        points = [] if x is None else [{"x": box["x"] + 6 + x * (box["width"] - 12), "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(10)
    expect(thumb(page, "Noise")).to_have_attribute("aria-valuetext", "1.00")
    expect(page.get_by_text("got {")).to_contain_text("'noise': 1.0")


def test_names_descriptions_and_size(app: Page) -> None:
    expect(thumb(app, "Hidden units")).to_have_accessible_description("Width of the layer")
    expect(thumb(app, "Epochs")).to_have_attribute("aria-valuetext", "1000 epochs")
    thumb(app, "Hidden units").evaluate("node => node.blur()")
    app.get_by_text("Hidden units").click()  # a real label
    expect(thumb(app, "Hidden units")).to_be_focused()
    for box in (element.bounding_box() for element in app.locator(".stBidiComponent").all()):
        assert box["height"] <= 52
    for element in (thumb(app, "Hidden units"), app.get_by_role("button", name="? Hidden units")):
        assert element.bounding_box()["height"] >= 24


def test_a_minus_is_one_and_either_can_be_typed(app: Page) -> None:
    box = number(app, "Shift")
    expect(box).to_have_value("−1.5")
    for typed, value in [("-2", -2.0), ("−0.5", -0.5)]:
        box.fill(typed)
        box.press("Enter")
        expect_value(app, "shift", value)


def test_help_opens_by_pointer_and_by_keyboard(app: Page) -> None:
    button, tip = app.get_by_role("button", name="? Hidden units"), app.get_by_role("tooltip").first
    button.hover()
    expect(tip).to_be_visible()
    thumb(app, "Noise").hover()
    expect(tip).to_be_hidden()
    button.focus()
    expect(tip).to_be_visible()
    expect(tip).to_have_text("Width of the layer")
    app.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_disabled(app: Page) -> None:
    app.get_by_text("Freeze").click()
    expect(thumb(app, "Epochs")).to_be_disabled()
    expect(number(app, "Epochs")).to_be_disabled()
    app.get_by_text("Freeze").click()
    expect(thumb(app, "Epochs")).to_be_enabled()
