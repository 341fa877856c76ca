"""The first deep link of a server's life, set right.

Streamlit takes a folder ``pages/`` for its old kind of multipage app until ``st.navigation`` has been called once in
the process. A first visitor who opens ``/spiral`` is therefore told in a dialog that the page does not exist, over the
page itself. From the second run on the address is understood, so the remedy is to load it again.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import streamlit as st

_RELOAD: Final = "export default function () { window.location.reload() }"

_warm = False  # of the process: modules are imported once


def load_again_if_cold() -> None:
    """Reload the browser's page if this is the process's first run and was asked for a page by its address."""
    global _warm
    if _warm:
        return
    _warm = True
    if urlsplit(st.context.url or "").path.strip("/"):
        st.components.v2.component("reload", js=_RELOAD)(key="reload")
