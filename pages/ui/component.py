"""Register Streamlit components: a module's script and style sheet lie beside it, under its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st


def register(module: str) -> Callable[..., Any]:
    """Register a component and return the function that mounts it; call this once per process.

    Parameters
    ----------
    module : the ``__file__`` of the module. Its stem is the component's name and the id of the element that the
        script fills; the script gets the style sheet as the constant ``CSS``.
    """
    here = Path(module)
    css = here.with_suffix(".css").read_text("utf-8")
    js = here.with_suffix(".js").read_text("utf-8")
    mount: Callable[..., Any] = st.components.v2.component(
        here.stem, html=f'<div id="{here.stem}"></div>', js=f"const CSS = {json.dumps(css)};\n{js}"
    )
    return mount
