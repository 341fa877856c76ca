"""What keeps people out: axe-core looks at every page and part, in both themes, on a desk and on a phone."""

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from waiting import SLOW, eventually

from dlcore.lessons import all_lessons
from dlcore.settings.rules import OneOf
from pages.ui.language import labels
from pages.ui.registry import PAGES

expect.set_options(timeout=20_000)
SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
BETWEEN = [  # a laptop at 200 %, a tablet upright, and across or a laptop at 150 %
    {"width": 640, "height": 400},
    {"width": 820, "height": 1180},
    {"width": 1024, "height": 640},
]
QUICK = ("", "softmax?v=1", "spiral")  # the others are marked long

# What Streamlit draws and no option changes: the rule, a selector of what breaks it, and why it is not ours to mend.
STREAMLITS = {
    ("list", "[data-testid='stSidebarNavItems']"): "the menu of narrow windows has its sections in divs in its list",
    ("listitem", "[data-testid='stSidebarNavItems'] *"): "the same menu",
    ("scrollable-region-focusable", ".stTable > div"): "a wide table scrolls in a box that gets no tab stop",
}


def addresses() -> Iterator[str]:
    """Yield every page, once for each of its parts, and the plane for points of one's own."""
    lessons = {lesson.id: lesson for lesson in all_lessons()}
    for id, page in PAGES.items():
        lesson = lessons.get(id)
        part = lesson.settings.get("part") if lesson else None
        if lesson is None or part is None:
            yield "" if page.default else id
            continue
        assert isinstance(part.rule, OneOf)
        for option in part.rule.options:
            yield f"{id}?{lesson.link(lesson.defaults() | {'part': option})}"
    yield "spiral?v=1&d=points&xy=AAAAAGJXBO6H"


ADDRESSES = [pytest.param(a, marks=[] if a in QUICK else pytest.mark.long) for a in addresses()]


def violations(page: Page) -> list[str]:
    """Return what axe-core finds on the page, without what is Streamlit's own."""
    found: list[str] = []
    for violation in Axe().run(page).response["violations"]:
        for node in violation["nodes"]:
            selector: Any = node["target"][0]  # a list, of hosts and then the element, in a shadow tree
            if isinstance(selector, str) and any(
                rule == violation["id"] and page.locator(selector).first.evaluate("(e, s) => e.matches(s)", theirs)
                for rule, theirs in STREAMLITS
            ):
                continue
            found.append(f"{violation['id']}: {node['target']} {node['failureSummary']} {node['html'][:200]}")
    return found


# Every column of controls, pictures and further content, with its left, top, right and bottom.
COLUMNS = """() => [...document.querySelectorAll('[class*="st-key-stage-"] [data-testid="stColumn"]')]
    .filter((one) => one.parentElement.closest('[data-testid="stColumn"]') === null)
    .filter((one) => one.getClientRects().length)  // on a phone some dissolve into their elements
    .map((one) => one.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom])"""


def fits(page: Page) -> None:
    """Hold that the page does not scroll to the side, and that no column lies on another or is too narrow."""
    main = page.locator(".stMain")
    assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
    columns = page.evaluate(COLUMNS)
    for left, _, right, _ in columns:
        assert 0 <= left <= right - 200
        assert right <= page.evaluate("innerWidth")
    for one, other in combinations(columns, 2):
        apart = [one[side] >= other[side + 2] - 1 or other[side] >= one[side + 2] - 1 for side in (0, 1)]
        assert any(apart), (one, other)


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.xdist_group("dark"))])
@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing_of_ours_and_the_page_fits_every_size(
    visit: Callable[..., Page], address: str, theme: str
) -> None:
    page = visit(address, color_scheme=theme)
    for size in SIZES.values() if theme == "light" else [SIZES["desk"]]:  # on a phone the colours are the same
        page.set_viewport_size(size)

        def sound() -> None:
            found = violations(page)
            assert not found, "\n".join(found)

        eventually(page, sound)  # what fades in is pale at first
    for size in BETWEEN if theme == "light" else ():
        page.set_viewport_size(size)
        eventually(page, lambda: fits(page))


def test_the_quick_part_exists() -> None:
    assert set(QUICK) <= set(addresses())


@pytest.mark.parametrize("size", SIZES)
def test_the_document_has_the_language_and_the_title_of_its_page(visit: Callable[..., Page], size: str) -> None:
    page = visit("softmax?v=1", viewport=SIZES[size])
    app = {language: labels(language)["page.home"] for language in ("en", "zh")}

    def says(language: str, title: str) -> None:
        expect(page).to_have_title(title, timeout=SLOW)
        expect(page.locator("html")).to_have_attribute("lang", language, timeout=SLOW)

    says("en", f"{labels('en')['page.softmax']} · {app['en']}")
    page.get_by_role("radio", name="中文").or_(page.get_by_text("中文", exact=True)).first.click()
    says("zh", f"{labels('zh')['page.softmax']} · {app['zh']}")
    page.locator(".st-key-next a").click()
    says("zh", f"{labels('zh')['page.images']} · {app['zh']}")


def test_a_run_is_announced_now_and_then_and_its_end_at_once(visit: Callable[..., Page]) -> None:
    page = visit("gradient_descent?v=1&p=descent&k=500")  # at an epoch a frame, no less than half a minute
    region = page.get_by_role("status").and_(page.locator("#announcements"))
    page.evaluate(
        """() => {
            window.said = [];
            const region = document.getElementById('announcements');
            new MutationObserver(() => region.textContent && window.said.push([performance.now(), region.textContent]))
                .observe(region, { childList: true });
        }"""
    )
    began = page.evaluate("performance.now()")
    page.get_by_role("button", name="Play").click()
    expect(region).to_contain_text(re.compile(r"^epoch [\d,]+, loss "), timeout=SLOW)
    page.wait_for_timeout(11_000)
    said = page.evaluate("window.said")
    # A busy machine may bring two late announcements close together, but never more of them than the time allows.
    assert 1 <= len(said) <= 1 + (page.evaluate("performance.now()") - began) / 5000


def test_the_end_of_a_run_is_announced(visit: Callable[..., Page]) -> None:
    page = visit("gradient_descent?v=1&p=descent&k=5", "lang=zh")
    page.get_by_role("button", name=labels("zh")["run.to_end"]).click()
    ending = labels("zh")["announce.finished"].partition("{")[0]
    expect(page.locator("#announcements")).to_contain_text(ending, timeout=SLOW)
