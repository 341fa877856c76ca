"""Uploaded points: two features and a label from a CSV."""

import streamlit as st

from dlcore.drawing import formats
from dlcore.spiral.table import read_csv
from dlcore.typed.csv_table import TableError
from pages.spiral.spiral.session import Session
from pages.ui import messages
from pages.ui.language import t


def upload(s: Session) -> None:
    """Draw the upload control and, below it, why the file was refused or how its numbers were scaled."""
    file = st.file_uploader(
        t("spiral.own.upload"), type=["csv", "tsv", "txt"], key="spiral.csv", help=t("spiral.own.help")
    )
    if file and st.session_state.get("spiral.csv.seen") != file.file_id:
        st.session_state["spiral.csv.seen"] = file.file_id
        try:
            table = read_csv(file.getvalue())
        except TableError as error:
            st.session_state["spiral.csv.error"] = error
        else:
            st.session_state["spiral.csv.error"] = None
            s.use_table(table, file.name)
            st.rerun()  # the controls above belong to the new data
    if error := st.session_state.get("spiral.csv.error"):
        st.error(f"{t('spiral.own.kept')}\n- {messages.describe_error(error)}", icon=":material/error:")
    if s.config.data.kind == "csv" and s.table:
        table = s.table
        st.caption(
            t(
                "spiral.own.summary",
                name=messages.plain(s.table_name),
                rows=formats.count(len(table.dataset.y)),
                classes=", ".join(messages.plain(name) for name in table.classes),
            )
        )
        for x, name, center, scale in zip(("x₁", "x₂"), table.features, table.center, table.scale, strict=True):
            st.caption(f"{x} = ({messages.plain(name)} − {formats.text(center, 6)}) / {formats.text(scale, 6)}")
