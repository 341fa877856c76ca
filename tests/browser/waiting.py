"""How long the browser tests wait, and for what."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

SLOW = 60_000  # ms: the machine may be slow and busy, and nothing here is timed


def expect_settled(page: Page) -> None:
    """The app's script has run to its end: what is on the page stays there."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SLOW)


def eventually(page: Page, check: Callable[[], None]) -> None:
    """``check`` holds, if not at once: fonts and charts come after the text, and move what lies below them."""
    deadline = time.monotonic() + SLOW / 1000
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        page.wait_for_timeout(100)
