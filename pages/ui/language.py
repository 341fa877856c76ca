"""The reader's language: chosen once per session, looked up by id.

Short labels are in ``pages/<section>/<id>/<language>.toml``, prose in ``<language>.md`` beside it, a heading for each
part; labels that belong to no page are in ``pages/ui/<language>.toml``. The language is the link's (``?lang=``), then
the session's, then the browser's, then English.
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
    """Return all labels of a language, under dotted ids; those of a page's own file begin with the page's id."""

    def flatten(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
        flat: dict[str, str] = {}
        for key, value in table.items():
            flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        return flat

    found = flatten(tomllib.loads((_PAGES / "ui" / f"{language}.toml").read_text("utf-8")))
    for path in sorted(_PAGES.glob(f"*/*/{language}.toml")):
        found |= flatten({path.parent.name: tomllib.loads(path.read_text("utf-8"))})
    return found


@cache
def prose(language: str) -> dict[str, str]:
    """Return all prose of a language, in Markdown, by page and part: ``{"tensors/create": "…"}``."""
    found: dict[str, str] = {}
    for path in sorted(_PAGES.glob(f"*/*/{language}.md")):
        _, *parts = _HEADING.split(path.read_text("utf-8"))
        for part, text in zip(parts[::2], parts[1::2], strict=True):
            found[f"{path.parent.name}/{part}"] = text.strip()
    return found


def settle() -> None:
    """Decide the session's language; called once by the frame, before anything is drawn."""
    asked = st.query_params.get(QUERY_KEY)
    if asked in LANGUAGES:
        st.session_state[_STATE] = asked
    elif _STATE not in st.session_state:
        st.session_state[_STATE] = _of_browser()


def parameter() -> dict[str, str]:
    """What an address has to say of the language, so that it is the same when the page is loaded again."""
    named = QUERY_KEY in st.query_params or language() != _of_browser()
    return {QUERY_KEY: language()} if named else {}


def _of_browser() -> str:
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def language() -> str:
    """The session's language."""
    chosen: str = st.session_state.get(_STATE, "en")
    return chosen


def t(id: str, **values: object) -> str:
    """The label of an id, its ``{names}`` filled in."""
    text = labels(language())[id]
    return text.format(**values) if values else text


def content(id: str) -> str:
    """Return a page's prose by page and part, such as ``tensors/create``, in Markdown."""
    return prose(language())[id]


def switch() -> None:
    """The language switch. Nothing else changes: state is kept by id, under keys that have no words in them."""
    key = "language.switch"

    def choose() -> None:
        chosen = st.session_state[key]
        if chosen:
            st.session_state[_STATE] = st.query_params[QUERY_KEY] = chosen
        else:  # a second click on the chosen one would clear it
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
