"""The learning path: next and visited pages."""

import pytest
from driver import go, open_page
from streamlit.testing.v1 import AppTest

from pages.ui.language import LANGUAGES, labels
from pages.ui.registry import PAGES, SECTIONS


def links(app: AppTest) -> dict[str, str]:
    """Return the targets of a page's links by label."""
    return {element.proto.label: element.proto.page for element in app.get("page_link")}


def test_sections_in_the_order_of_the_course() -> None:
    order = ("start", "basics", "learning", "spiral", "lab")
    assert tuple(section for section in order if section in SECTIONS) == SECTIONS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", PAGES)
def test_the_foot_links_to_the_next_page(id: str, language: str) -> None:
    app, words, ids = open_page(id, language), labels(language), list(PAGES)
    after = ids[ids.index(id) + 1 :][:1]
    leads = [label for label in links(app) if label.startswith(words["path.next"].partition("{")[0])]
    assert leads == [words["path.next"].format(title=words[f"page.{next_id}"]) for next_id in after]


def test_home_marks_visited_pages() -> None:
    app = open_page("home")
    assert not [label for label in links(app) if "✓" in label]
    app = go(go(go(app, "tensors"), "spiral"), "home")
    assert {label for label in links(app) if "✓" in label} == {"Tensors ✓", "Spiral classification ✓"}
    titles = {labels("en")[f"page.{id}"] for id in PAGES if id != "home"}
    assert {label.removesuffix(" ✓") for label in links(app)} >= titles


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_keep_the_language(language: str) -> None:
    app = open_page("tensors", language)
    (onward,) = [element.proto for element in app.get("page_link")]
    assert f"lang={language}" in onward.query_string
