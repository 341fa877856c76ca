"""Repair the first deep link after a server start.

Streamlit takes a folder ``pages/`` for its old kind of multipage app until ``st.navigation`` has been called once in
the process. A first visitor who opens ``/spiral`` therefore gets a dialog over the page that says the page does not
exist. From the second script run on the address works, so the browser loads it again.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import streamlit as st

_RELOAD: Final = "export default function () { window.location.reload() }"

_warm = False  # one per process: modules are imported once


def load_again_if_cold() -> None:
    """Reload the page in the browser if this is the first run of the process and the address names a page."""
    global _warm
    if _warm:
        return
    _warm = True
    if urlsplit(st.context.url or "").path.strip("/"):
        st.components.v2.component("reload", js=_RELOAD)(key="reload")
