"""The learning path: the pages opened in this session, and the next one."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.ui.language import QUERY_KEY, language, parameter, t
from pages.ui.registry import PAGES, SECTIONS, Page

_STATE: Final = "visited"
_HERE: Final = "visits"  # number of page changes, and the id of the last page


def visit(id: str) -> None:
    """Note a script run of a page, which the user opened or still has open."""
    st.session_state[_STATE] = st.session_state.get(_STATE, frozenset()) | {id}
    count, last = st.session_state.get(_HERE, (0, ""))
    if id != last:
        st.session_state[_HERE] = (count + 1, id)
        if count and parameter() and QUERY_KEY not in st.query_params:
            st.query_params.update(parameter())  # links of the menu have no language


def visits() -> int:
    """Return the number of page changes in this session."""
    count, _ = st.session_state.get(_HERE, (0, ""))
    return count


def visited() -> frozenset[str]:
    """Return the ids of the pages opened in this session."""
    ids: frozenset[str] = st.session_state.get(_STATE, frozenset())
    return ids


def following(id: str) -> Page | None:
    """Return the page after this one, or None after the last."""
    ids = list(PAGES)
    i = ids.index(id) + 1
    return PAGES[ids[i]] if i < len(ids) else None


def target(id: str) -> st.Page:
    """Return Streamlit's page object, for navigation and links."""
    page = PAGES[id]
    return st.Page(page.file, title=t(f"page.{page.id}"), icon=page.icon, url_path=id, default=page.default)


def _link(page: Page, label: str) -> None:
    """Draw a link that keeps the language, so that its address can be shared or reloaded."""
    st.page_link(target(page.id), label=label, icon=page.icon, query_params={QUERY_KEY: language()})


def foot(id: str) -> None:
    """Draw the link to the next page at the foot of a page."""
    page = following(id)
    if page:
        with st.container(key="next", horizontal=True, horizontal_alignment="right"):
            _link(page, t("path.next", title=t(f"page.{page.id}")))


def overview() -> None:
    """Draw links to all pages in order, with a mark at those opened in this session."""
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
