"""The lab in a browser: the grid grows while it trains, Stop keeps it, and a cell opens on the spiral page."""

import re

from playwright.sync_api import Page, expect
from waiting import SLOW, eventually, expect_settled

expect.set_options(timeout=SLOW)

LONG = "v=1&k=10000&n=60&h=8&xv=2~4~8&q=2"  # trains for longer than the test looks at it
BRIEF = "v=1&k=30&n=60&h=8&xv=2~4&y=lr&yv=0.01~0.5&q=1"


def open_lab(page: Page, url: str, link: str) -> None:
    page.goto(f"{url}/lab?{link}")
    expect(page.locator(".st-key-lab-grid img")).to_be_visible()
    expect_settled(page)


def press(page: Page, name: str) -> None:
    page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True).click()


def picture(page: Page) -> str:
    return page.locator(".st-key-lab-grid img").get_attribute("src") or ""


def share(page: Page) -> int:
    """Return the percentage that is trained."""
    return int(re.sub(r"\D", "", page.locator(".st-key-epoch strong").first.inner_text()))


def test_the_grid_grows_in_place_and_stop_keeps_it(page: Page, playground: str) -> None:
    open_lab(page, playground, LONG)
    blank = picture(page)
    page.evaluate("document.querySelector('.st-key-lab-grid img').dataset.kept = 'yes'")
    press(page, "Play")
    seen = {blank}

    def grew() -> None:
        seen.add(picture(page))
        assert len(seen) > 5

    eventually(page, grew)
    expect(page.locator(".st-key-lab-grid .loss")).to_have_count(6)
    assert page.locator(".st-key-lab-grid img").get_attribute("data-kept") == "yes", "the image was replaced"
    press(page, "Stop")
    expect(page.locator(".st-key-epoch")).to_contain_text("then stopped")
    expect_settled(page)
    kept, done = picture(page), share(page)
    assert kept != blank
    assert done < 100
    page.wait_for_timeout(500)
    assert (picture(page), share(page)) == (kept, done)


def test_a_cell_opens_on_the_spiral_page(page: Page, playground: str) -> None:
    open_lab(page, playground, BRIEF)
    press(page, "Play")
    expect(page.locator(".st-key-epoch")).to_contain_text("100%")
    expect_settled(page)
    expect(page.locator(".st-key-lab-grid .loss")).to_have_count(4)
    cells = page.get_by_role("combobox", name=re.compile("Cell"))
    option = page.get_by_role("option", name="4 · 0.5")

    def unfolded() -> None:  # the page scrolls to the menu at first, which folds it again
        cells.click()
        expect(option).to_be_visible(timeout=2_000)

    eventually(page, unfolded)
    option.click()
    expect(cells).to_have_value("4 · 0.5")
    expect_settled(page)
    press(page, "Open on the spiral page")
    expect(page.get_by_role("heading", name="Spiral classification")).to_be_visible()
    expect(page).to_have_url(re.compile(r"h=4\b.*r=0\.5\b|r=0\.5\b.*h=4\b"))


def test_the_grid_is_above_the_fold(page: Page, playground: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_lab(page, playground, "v=1&x=activation&y=optimizer&q=1&n=60&h=8&k=20")

    def whole() -> None:
        box = page.locator(".st-key-lab-grid").bounding_box()
        assert box
        assert box["y"] + box["height"] <= 720

    eventually(page, whole)
