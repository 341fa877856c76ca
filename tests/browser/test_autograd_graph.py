"""The compute graph in a real browser: whatever its size and the screen's, the step that is taken is in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from waiting import SLOW, eventually, expect_settled

from dlcore.lessons.autograd.walk.inputs import EXAMPLES

LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
FORMULAS = {
    "default": ("", ""),
    "micrograd": (EXAMPLES["micrograd"].expression, EXAMPLES["micrograd"].inputs),
    "57 nodes": ("+".join(["a*b"] * 28), "a=2, b=-3"),
    "a long chain": ("h = tanh(a)\n" + "h = tanh(tanh(h))\n" * 20, "a=2"),
}

# The boxes at both ends of the edge as they are seen, the graph's own frame, and the height of their letters.
SEEN = """() => {
    const parts = [];
    const look = (root) => root.querySelectorAll('*').forEach((node) => {
        parts.push(node);
        if (node.shadowRoot) look(node.shadowRoot);
    });
    look(document);
    const rect = (node) => {
        const { x, y, right, bottom } = node.getBoundingClientRect();
        return [x, y, right, bottom];
    };
    const graph = parts.find((node) => node.id === 'graph_view');
    const text = graph.querySelector('svg[role=img] text');
    return {
        graph: rect(graph),
        ends: [...graph.querySelectorAll('.ends rect')].map(rect),
        letters: 11 * text.getScreenCTM().a,
        current: graph.querySelectorAll('.edge.current').length,
    };
}"""


def inside(inner: list[float], outer: list[float]) -> bool:
    return all(a >= b - 1 for a, b in zip(inner[:2], outer[:2], strict=True)) and all(
        a <= b + 1 for a, b in zip(inner[2:], outer[2:], strict=True)
    )


def overlap(a: list[float], b: list[float]) -> bool:
    return a[0] < b[2] - 3 and b[0] < a[2] - 3 and a[1] < b[3] - 3 and b[1] < a[3] - 3


def check(page: Page, size: dict[str, int], step: int) -> None:
    """Both ends of the edge, their numbers and the step's text are on the screen, with the buttons."""
    title = page.get_by_text(f"Step {step} of")
    expect(title).to_be_visible(timeout=SLOW)
    expect_settled(page)
    screen = [0, 0, size["width"], size["height"]]
    lines = page.locator(".katex:visible").filter(has=page.locator(".mfrac"))

    def in_sight() -> None:
        if size is PHONE:
            page.locator(".st-key-toolbar").evaluate("bar => bar.scrollIntoView()")
            page.locator(".stMain").evaluate("main => main.scrollBy(0, -64)")  # from below the app's own bar
        seen: dict[str, Any] = page.evaluate(SEEN)
        assert len(seen["ends"]) == (2 if step > 1 else 1)
        assert seen["current"] == (step > 1)
        for end in seen["ends"]:
            assert inside(end, seen["graph"]), (step, seen)
            assert inside(end, screen), (step, seen)
        assert step < 2 or not overlap(*seen["ends"]), (step, seen)
        assert seen["letters"] >= 7.5
        for box in (title.bounding_box(), page.get_by_role("button", name="Next").bounding_box()):
            assert box is not None
            assert inside([box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]], screen)
        if step > 1:
            first = lines.first.bounding_box()
            assert first is not None
            assert first["y"] + first["height"] <= size["height"]

    eventually(page, in_sight)


@pytest.mark.parametrize(
    ("formula", "size"),
    [
        ("57 nodes", PHONE),
        ("a long chain", LAPTOP),
        *[pytest.param(*case, marks=pytest.mark.long) for case in (("57 nodes", LAPTOP), ("a long chain", PHONE))],
        pytest.param("micrograd", PHONE, marks=pytest.mark.long),
    ],
    ids=lambda value: value if isinstance(value, str) else "laptop" if value is LAPTOP else "phone",
)
def test_the_edge_and_its_numbers_are_in_sight(
    formula: str, size: dict[str, int], playground: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(viewport=size, reduced_motion="reduce")
    expression, inputs = FORMULAS[formula]
    link = urlencode({"wx": expression, "wi": inputs}) if expression else ""
    for start in (1, 5) if formula == "default" else (20,):
        page.goto(f"{playground}/autograd?lang=en&ws={start}&{link}")
        expect(page.locator("svg[role=img]")).to_be_visible(timeout=SLOW)
        expect_settled(page)
        check(page, size, start)
        page.get_by_role("button", name="Next").click()
        check(page, size, start + 1)
    page.get_by_role("button", name="Back").click()
    check(page, size, start)
