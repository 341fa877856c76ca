"""On a phone: what is moved stands right below what it moves, and no part of a picture is out of reach."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from waiting import SLOW, eventually, expect_settled

expect.set_options(timeout=20_000)
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(playground: str, open_page: Callable[..., Page]) -> Callable[[str], Page]:
    def go(address: str) -> Page:
        page = open_page(viewport=PHONE)
        page.goto(f"{playground}/{address}")
        expect(page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").first).to_be_visible(timeout=SLOW)
        expect_settled(page)
        return page

    return go


def top(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box["y"]


@pytest.mark.parametrize(
    ("address", "control"),
    [
        ("tensors?lang=en", ".st-key-tensors-constructor"),
        ("tensors?lang=en&p=index", ".st-key-tensors-expression"),
        ("tensors?lang=en&p=operations", ".st-key-tensors-operation"),
        ("tensors?lang=en&p=reductions", ".st-key-tensors-reduced_shape"),
        ("tensors?lang=en&p=memory", ".st-key-tensors-derivation"),
        ("tensors?lang=en&p=memory&mv=in_place", ".st-key-tensors-update"),
        ("broadcasting?lang=en", ".st-key-broadcasting-left"),
    ],
)
def test_picture_then_control_then_code(phone: Callable[[str], Page], address: str, control: str) -> None:
    page = phone(address)

    def in_order() -> None:
        picture, moved, code = (top(page, selector) for selector in (".stVegaLiteChart", control, ".stCode"))
        assert picture < moved < code
        assert moved < PHONE["height"]

    eventually(page, in_order)


@pytest.mark.parametrize(
    "address",
    [
        "linear_algebra?lang=en&p=products&o=mv",
        "linear_algebra?lang=en&p=products&o=mm&s=6",
        "linear_algebra?lang=en&p=products&o=bmm&s=6",
        "broadcasting?lang=en",
        "tensors?lang=en&ck=randn&cs=12",
    ],
)
def test_all_of_a_picture_of_cells_is_in_sight(phone: Callable[[str], Page], address: str) -> None:
    page = phone(address)

    def in_sight() -> None:
        for box in page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").evaluate_all(
            "drawn => drawn.map(one => one.getBoundingClientRect().toJSON())"
        ):
            assert box["left"] >= 0
            assert box["right"] <= PHONE["width"]

    eventually(page, in_sight)
