r"""A small table that was typed, edited or uploaded: its cells as text, and the frame that pandas reads from them.

>>> table = read("rooms; kind\n2; Pave\nNA;")
>>> table.names, table.rows
(('rooms', 'kind'), (('2', 'Pave'), ('NA', '')))
>>> table.csv()
'rooms,kind\n2,Pave\nNA,'
>>> frame(table)["rooms"].tolist()
[2.0, nan]
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from dlcore.typed import csv_table
from dlcore.typed.csv_table import Limits, Row, TableError, visible

LIMITS: Final = Limits(bytes=200_000, rows=(1, 200), columns=(2, 20), cell=40, empty_rows=True)
MAX_ABS: Final = 1e15  # of a number; whole numbers up to here are exact in float64
NEW_CELL: Final = "NA"  # the text of a cleared cell and of the cells of an added row


@dataclass(frozen=True, slots=True)
class TextTable:
    """The cells of a CSV as text; every row is as long as ``names``."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def csv(self) -> str:
        """Return comma-separated text without a final line end, from which :func:`read` makes the same table."""
        return "\n".join(",".join(map(_quoted, row)) for row in (self.names, *self.rows))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in f'{LIMITS.separators}"') else cell


def read(content: bytes | str) -> TextTable:
    """Read a CSV whose first row names the columns; see :mod:`dlcore.typed.csv_table` for encodings and separators.

    A column without a name is named x1, x2, … by its place. Blank lines are skipped; a line of separators only is a row
    without values.

    Raises
    ------
    TableError : the content breaks a rule of the format or of LIMITS; no other error is raised.
    """
    header, *rows = csv_table.read(content, LIMITS).rows
    names = tuple(name or f"x{i}" for i, name in enumerate(header.cells, 1))
    for i, name in enumerate(names):
        if name in names[:i]:
            raise TableError("twins", column=name)
    if len(rows) < LIMITS.rows[0]:
        raise LIMITS.too_few_rows(len(rows))
    table = TextTable(names, tuple(row.cells for row in rows))
    _check_numbers(frame(table), rows)
    return table


def _check_numbers(frame: pd.DataFrame, rows: Sequence[Row]) -> None:
    for name in frame.select_dtypes("number"):
        for row, value in zip(rows, frame[name], strict=True):
            if not (math.isnan(value) or abs(value) <= MAX_ABS):
                raise TableError("not_finite", row=row.line, column=str(name), max=MAX_ABS, value=f"{value:g}")


def frame(table: TextTable) -> pd.DataFrame:
    """Return the table as ``pd.read_csv`` reads it; pandas decides what is a number, a text or a missing value."""
    return pd.read_csv(io.StringIO(table.csv()))


def edited(table: TextTable, changes: Mapping[str, Any]) -> TextTable:
    """Return the table after edits, as a data editor reports them; it may break the rules of :func:`read`.

    Parameters
    ----------
    changes : ``edited_rows`` (cells by column number, as text, by row), ``added_rows``, ``deleted_rows``.

    >>> table = TextTable(("a", "b"), (("1", "2"), ("3", "4")))
    >>> edited(table, {"edited_rows": {0: {"1": None}}, "added_rows": [{"0": "5"}], "deleted_rows": [1]}).rows
    (('1', 'NA'), ('5', 'NA'))
    """
    rows = [list(row) for row in table.rows]
    for i, cells in changes.get("edited_rows", {}).items():
        for column, cell in cells.items():
            rows[int(i)][int(column)] = _typed(cell)
    deleted = set(changes.get("deleted_rows", ()))
    remaining = [tuple(row) for i, row in enumerate(rows) if i not in deleted]
    added = [
        tuple(_typed(row.get(str(column))) for column in range(len(table.names)))
        for row in changes.get("added_rows", ())
    ]
    return TextTable(table.names, (*remaining, *added))


def _typed(cell: object) -> str:
    return NEW_CELL if cell is None else " ".join(visible(str(cell)).split()) or NEW_CELL
