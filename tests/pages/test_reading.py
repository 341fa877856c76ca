"""Further reading: every lesson has some, in both languages, by unique and safe addresses."""

from urllib.parse import urlsplit

import pytest
from driver import open_page

from pages.ui.language import LANGUAGES, labels
from pages.ui.reading import sources
from pages.ui.registry import PAGES

BOTH = pytest.mark.parametrize("language", LANGUAGES)


@BOTH
def test_every_lesson_has_two_to_four_texts(language: str) -> None:
    assert {id: len(found) for id, found in sources(language).items() if not 2 <= len(found) <= 4} == {}
    assert [*sources(language)] == [page.id for page in PAGES.values() if not page.default]


@BOTH
def test_addresses_are_unique_and_safe(language: str) -> None:
    found = [source for of_page in sources(language).values() for source in of_page]
    assert len({source.url for source in found}) == len(found)
    for source in found:
        address = urlsplit(source.url)
        assert (address.scheme, bool(address.hostname), address.query) == ("https", True, ""), source.url
        assert not set("()[] <>") & set(source.url), "would end a link of Markdown"
        assert source.title.strip()
        assert source.author.strip()


def test_chinese_editions_are_of_the_same_text() -> None:
    """An edition has another address; every other text is the same for both languages."""
    en, zh = ([source for of_page in sources(language).values() for source in of_page] for language in ("en", "zh"))
    translated = [(one, other) for one, other in zip(en, zh, strict=True) if one != other]
    assert len(translated) >= 10
    assert all(one.url.startswith("https://d2l.ai/") for one, _ in translated)
    assert all(other.url.startswith("https://zh.d2l.ai/") for _, other in translated)


@BOTH
@pytest.mark.parametrize("id", ["tensors", "spiral", "home"])
def test_the_foot_lists_them(id: str, language: str) -> None:
    app = open_page(id, language)
    folded = [box for box in app.expander if box.label == labels(language)["reading.title"]]
    if id == "home":
        assert not folded
        return
    (box,) = folded
    assert not box.proto.expanded
    for source in sources(language)[id]:
        assert f"[{source.title}]({source.url}) · {source.author}" in box.markdown[0].value
