"""The frame around every page: page configuration, language, navigation."""

from __future__ import annotations

import streamlit as st

from dlcore.network.engine import prepare_thread
from pages.ui import announcer, cold_start, language, layout, memory, path, reading
from pages.ui.language import t
from pages.ui.registry import PAGES, SECTIONS


def run() -> None:
    """Run the app once; called by the entry scripts."""
    prepare_thread()  # every script run has its own thread
    memory.visit()

    st.set_page_config(page_icon="🌀", layout="wide")
    language.settle()
    layout.apply()

    page = st.navigation(
        {
            t(f"section.{section}"): [path.target(id) for id, page in PAGES.items() if page.section == section]
            for section in SECTIONS
        },
        position="top",
    )
    cold_start.load_again_if_cold()
    id = page.url_path or next(page.id for page in PAGES.values() if page.default)
    path.visit(id)
    app = t("page.home")
    st.set_page_config(page_title=app if page.title == app else f"{page.title} · {app}")
    announcer.mount()
    body = st.container()
    reading.foot(id)  # before the page, which may train for a while
    path.foot(id)
    with body:
        page.run()
