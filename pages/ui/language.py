"""Labels and prose in the session's language, by id.

Labels are in ``pages/<section>/<id>/<language>.toml``, prose in ``<language>.md`` beside it under a heading for each
part; labels of no single page are in ``pages/ui/<language>.toml``. The language is that of the link (``?lang=``), else
of the session, else of the browser, else English.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

LANGUAGES: Final = {"en": "English", "zh": "中文"}
QUERY_KEY: Final = "lang"

_STATE: Final = "language"
_PAGES: Final = Path(__file__).parent.parent
_HEADING: Final = re.compile(r"^# (\w+)\n", re.MULTILINE)


@cache
def labels(language: str) -> dict[str, str]:
    """Return all labels of a language by dotted id; ids of a page's file start with the page's id."""

    def flatten(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
        flat: dict[str, str] = {}
        for key, value in table.items():
            flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        return flat

    result = flatten(tomllib.loads((_PAGES / "ui" / f"{language}.toml").read_text("utf-8")))
    for path in sorted(_PAGES.glob(f"*/*/{language}.toml")):
        result |= flatten({path.parent.name: tomllib.loads(path.read_text("utf-8"))})
    return result


@cache
def prose(language: str) -> dict[str, str]:
    """Return all prose of a language as Markdown, by page and part: ``{"tensors/create": "…"}``."""
    result: dict[str, str] = {}
    for path in sorted(_PAGES.glob(f"*/*/{language}.md")):
        _, *parts = _HEADING.split(path.read_text("utf-8"))
        for part, text in zip(parts[::2], parts[1::2], strict=True):
            result[f"{path.parent.name}/{part}"] = text.strip()
    return result


def settle() -> None:
    """Set the session's language; the frame calls this before it draws anything."""
    asked = st.query_params.get(QUERY_KEY)
    if asked in LANGUAGES:
        st.session_state[_STATE] = asked
    elif _STATE not in st.session_state:
        st.session_state[_STATE] = _of_browser()


def parameter() -> dict[str, str]:
    """Return the query parameter that keeps the language when the page is reloaded; empty if none is needed."""
    named = QUERY_KEY in st.query_params or language() != _of_browser()
    return {QUERY_KEY: language()} if named else {}


def _of_browser() -> str:
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def language() -> str:
    """Return the id of the session's language."""
    chosen: str = st.session_state.get(_STATE, "en")
    return chosen


def t(id: str, **values: object) -> str:
    """Return the label of an id with its placeholders filled in."""
    text = labels(language())[id]
    return text.format(**values) if values else text


def content(id: str) -> str:
    """Return prose as Markdown by page and part, such as ``tensors/create``."""
    return prose(language())[id]


def switch() -> None:
    """Draw the language switch. It changes no other state, whose keys and ids contain no words."""
    key = "language.switch"

    def choose() -> None:
        chosen = st.session_state[key]
        if chosen:
            st.session_state[_STATE] = st.query_params[QUERY_KEY] = chosen
        else:  # a second click on the chosen option would clear the choice
            st.session_state[key] = language()

    st.session_state[key] = language()
    st.segmented_control(
        t("language"),
        list(LANGUAGES),
        format_func=LANGUAGES.get,
        key=key,
        on_change=choose,
        label_visibility="collapsed",
    )
