"""The way through the course: which pages a person has opened, and which comes next."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.ui.language import QUERY_KEY, language, parameter, t
from pages.ui.registry import PAGES, SECTIONS, Page

_STATE: Final = "visited"
_HERE: Final = "visits"  # how often the person has gone to a page, and to which the last time


def visit(id: str) -> None:
    """A script run on this page: the person has opened it, or is still there."""
    st.session_state[_STATE] = st.session_state.get(_STATE, frozenset()) | {id}
    count, last = st.session_state.get(_HERE, (0, ""))
    if id != last:
        st.session_state[_HERE] = (count + 1, id)
        if count and parameter() and QUERY_KEY not in st.query_params:
            st.query_params.update(parameter())  # the menu's links say nothing of the language


def visits() -> int:
    """How often the person has gone to a page; it stays the same while they stay on one."""
    count, _ = st.session_state.get(_HERE, (0, ""))
    return count


def visited() -> frozenset[str]:
    """The pages that this person has opened in this session."""
    found: frozenset[str] = st.session_state.get(_STATE, frozenset())
    return found


def following(id: str) -> Page | None:
    """The page after this one."""
    ids = list(PAGES)
    at = ids.index(id) + 1
    return PAGES[ids[at]] if at < len(ids) else None


def target(id: str) -> st.Page:
    """Return Streamlit's object of a page, which navigation, links and switches take."""
    page = PAGES[id]
    return st.Page(page.file, title=t(f"page.{page.id}"), icon=page.icon, url_path=id, default=page.default)


def _link(page: Page, label: str) -> None:
    """A link that keeps the language, so that the address can be passed on or loaded again."""
    st.page_link(target(page.id), label=label, icon=page.icon, query_params={QUERY_KEY: language()})


def foot(id: str) -> None:
    """What comes next, at the foot of a page."""
    page = following(id)
    if page:
        with st.container(key="next", horizontal=True, horizontal_alignment="right"):
            _link(page, t("path.next", title=t(f"page.{page.id}")))


def overview() -> None:
    """All pages in their order, those that were opened marked."""
    seen = visited()
    for section in SECTIONS:
        pages = [page for page in PAGES.values() if page.section == section and not page.default]
        if not pages:
            continue
        st.markdown(f"**{t(f'section.{section}')}**")
        with st.container(key=f"path.{section}", horizontal=True, gap="small"):
            for page in pages:
                mark = " ✓" if page.id in seen else ""
                _link(page, t(f"page.{page.id}") + mark)
