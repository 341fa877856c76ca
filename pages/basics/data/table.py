"""The controls of the table on the data page: edit it in place, type it as text, or upload it.

Its text is a setting, so it is in the link. A table that is too long for a link is kept beside it, in ``s.memo``.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dlcore.lessons.data.table import LIMITS, NEW_CELL, TextTable, edited, read
from dlcore.settings.rules import Text
from dlcore.typed.csv_table import TableError
from pages.ui import messages
from pages.ui.controls import control
from pages.ui.language import t
from pages.ui.lesson import State

MAX_HEIGHT = 320  # pixels of the editor


def draw_table(s: State) -> TextTable:
    """Draw the chosen way to change the table; return the last valid table."""
    match s["edit"]:
        case "text":
            _text(s)
            found = _table(s)
        case "file":
            _file(s)
            found = _table(s)
            _editor(s, found)
        case _:
            found = _table(s)
            _editor(s, found)
    if _own(s) is not None:
        st.caption(t("data.kept", max=_most(s)))
    return found


def _most(s: State) -> int:
    rule = s.settings["table"].rule
    assert isinstance(rule, Text)
    return rule.max_chars


def _own(s: State) -> str | None:
    """Return the text of a table that no link can hold; None once a link or an edit has set another table."""
    kept = s.memo.get("own")
    return kept[0] if kept and kept[1] == s["table"] else None


def _save(s: State, text: str) -> None:
    if s.settings["table"].rule.allows(text) and (_own(s) is None or _is_valid(text)):
        s.memo.pop("own", None)
        s.set("table", text)
    else:
        s.memo["own"] = (text, s["table"])
        s.address.touch()


def _is_valid(text: str) -> bool:
    try:
        read(text)
    except TableError:
        return False
    return True


def _table(s: State) -> TextTable:
    """Return the table of the current text; if it is invalid, draw the error and return the last valid table."""
    try:
        found = read(_own(s) or s["table"])
    except TableError as error:
        st.warning(messages.describe_error(error), icon=":material/error:")
        good: TextTable = s.memo.get("good") or read(s.settings["table"].default)
        return good
    s.memo["good"] = found
    return found


def _editor(s: State, table: TextTable) -> None:
    """Draw the cells, to be edited in place.

    The editor stores edits as differences from its first table, so it is given that table for as long as the edits
    lead to the current text, and a new table under a new key if the text came from elsewhere.
    """
    slot, text = "data.editor", _own(s) or s["table"]
    begun = st.session_state.get(slot)
    # An editor that was not drawn in between, as on another page, has lost its differences.
    lost = begun is not None and f"{slot}.{begun['count']}" not in st.session_state
    if begun is None or lost or begun["now"] != text:
        begun = st.session_state[slot] = {"first": table, "now": text, "count": begun["count"] + 1 if begun else 0}
    first: TextTable = begun["first"]
    key = f"{slot}.{begun['count']}"

    def changed() -> None:
        begun["now"] = edited(first, st.session_state[key]).csv()
        _save(s, begun["now"])

    columns = [str(i) for i in range(len(first.names))]
    height = min(MAX_HEIGHT, 35 * (len(first.rows) + 2) + 3)
    st.data_editor(
        pd.DataFrame(list(first.rows), columns=columns, dtype=object),
        key=key,
        on_change=changed,
        num_rows="dynamic",
        hide_index=True,
        height=height,
        column_config={
            column: st.column_config.TextColumn(name, max_chars=LIMITS.cell, default=NEW_CELL)
            for column, name in zip(columns, first.names, strict=True)
        },
    )
    st.caption(t("data.edit_help"))


def _text(s: State) -> None:
    if _own(s) is None:
        control(s, "table")
        return
    st.info(t("data.too_long_to_type", max=_most(s)), icon=":material/info:")
    st.button(t("data.back"), key="data.back", on_click=lambda: s.memo.pop("own", None))


def _file(s: State) -> None:
    file = st.file_uploader(
        t("data.upload", rows=LIMITS.rows[1], columns=LIMITS.columns[1], kilobytes=LIMITS.bytes // 1000),
        type=["csv", "tsv", "txt"],
        key="data.csv",
        help=t("data.upload_help"),
    )
    if file and s.memo.get("seen") != file.file_id:
        s.memo["seen"], s.memo["refused"] = file.file_id, None
        try:
            _save(s, read(file.getvalue()).csv())
        except TableError as error:
            s.memo["refused"] = error
    if not file:
        s.memo["refused"] = None
    if error := s.memo.get("refused"):
        st.error(f"{t('data.refused')}\n- {messages.describe_error(error)}", icon=":material/error:")
