"""Further reading at the foot of a page: open texts by title and author, in a Chinese edition where there is one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.language import language, t


@dataclass(frozen=True, slots=True)
class Source:
    """An open text."""

    title: str
    author: str
    url: str


@cache
def sources(language: str) -> Mapping[str, tuple[Source, ...]]:
    """Return the texts of each page by its id: in the edition of a language, or in English if it has none."""

    def edition(entry: dict[str, Any]) -> Source:
        chosen = entry.get(language, entry)
        return Source(chosen["title"], chosen["author"], chosen["url"])

    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {id: tuple(map(edition, entries)) for id, entries in table.items()}


def foot(id: str) -> None:
    """Draw the texts of a page in a closed expander; nothing if it has none."""
    found = sources(language()).get(id)
    if found:
        with st.expander(t("reading.title"), icon=":material/menu_book:"):
            st.markdown("\n".join(f"- [{source.title}]({source.url}) · {source.author}" for source in found))
