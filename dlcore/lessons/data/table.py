r"""A small table that somebody typed, edited or uploaded, as text cells and as the frame that pandas reads from them.

Whatever text or bytes come in, :func:`read` and :func:`read_bytes` return a :class:`Table` that keeps its rules or
raise a :class:`SmallTableError` that names the rule.

>>> table = read("rooms; kind\n2; Pave\nNA;")
>>> table.names, table.rows
(('rooms', 'kind'), (('2', 'Pave'), ('NA', '')))
>>> table.csv()
'rooms,kind\n2,Pave\nNA,'
>>> frame(table)["rooms"].tolist()
[2.0, nan]
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import pandas as pd

from dlcore.settings.errors import InputError
from dlcore.typed.encoding import decode

MAX_BYTES: Final = 200_000
MAX_ROWS: Final = 200
MIN_COLUMNS: Final = 2  # a feature and a target
MAX_COLUMNS: Final = 20
MAX_CELL: Final = 40  # characters
MAX_ABS: Final = 1e15  # of a number: whole ones up to here are exact in float64
SEPARATORS: Final = ",\t;"  # the first that makes a table of the text; :meth:`Table.csv` writes the first
NEW_CELL: Final = "NA"  # what an added row or a cleared cell holds


class SmallTableError(InputError):
    """A table that breaks a rule; ``row`` counts the lines of the text from 1."""

    WORDS = "data.problem"
    RULES: ClassVar[Mapping[str, str]] = {
        "too_large": "the file must be at most {high:,} bytes, got {got:,}",
        "encoding": "the file must be text in UTF-8 or GB18030, and is neither",
        "malformed": "row {row} must be proper CSV, with every quotation mark closed",
        "header": "the first row must name {low} to {high} columns, separated by commas, got {got}",
        "twins": "every column must have a name of its own, {column} is there twice",
        "columns": "every row must have {high} cells like the header, row {row} has {got}",
        "too_long": "a cell must have at most {high} characters, row {row} has one of {got:,}: {value}",
        "no_rows": "the table must have at least one row below the header",
        "rows": "the table must have at most {high} rows, and has more",
        "number": "a number must be finite and within ±{high:g}, column {column} has {value}",
    }


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, just as they stand in the CSV; every row is as long as ``names``."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def csv(self) -> str:
        """Comma-separated text without a final line end, from which :func:`read` makes the same table."""
        return "\n".join(",".join(map(_quoted, row)) for row in (self.names, *self.rows))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in f'{SEPARATORS}"') else cell


def read_bytes(content: bytes) -> Table:
    """The table in a file of UTF-8 or GB18030; raises :class:`SmallTableError`, and nothing else."""
    if len(content) > MAX_BYTES:
        raise SmallTableError("too_large", high=MAX_BYTES, got=len(content))
    text = decode(content)
    if text is None:
        raise SmallTableError("encoding")
    return read(text)


def read(text: str) -> Table:
    """The table that CSV text writes, its columns separated by commas, tabs or semicolons.

    White space is stripped, and runs of it are one space; signs that do not print become U+FFFD. Blank lines are
    skipped. A column without a name is called x1, x2 … by its place.

    Raises
    ------
    SmallTableError : for whatever is wrong, and nothing else.
    """
    wrong: list[SmallTableError] = []
    for separator in SEPARATORS:
        try:
            table = _parsed(text, separator)
        except SmallTableError as error:
            wrong.append(error)
        else:
            frame(table)
            return table
    raise next((error for error in wrong if error.rule != "header"), wrong[0])


def _parsed(text: str, separator: str) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    rows: list[tuple[str, ...]] = []
    try:
        for record in reader:
            cells = tuple(map(_clean, record))
            if len(cells) < MIN_COLUMNS and not any(cells):
                continue  # a blank line; one of separators only is a row without values
            if not rows:
                cells = tuple(cell or f"x{i}" for i, cell in enumerate(cells, 1))
                if not MIN_COLUMNS <= len(cells) <= MAX_COLUMNS:
                    raise SmallTableError("header", low=MIN_COLUMNS, high=MAX_COLUMNS, got=len(cells))
            if len(cells) != len(rows[0] if rows else cells):
                raise SmallTableError("columns", row=reader.line_num, high=len(rows[0]), got=len(cells))
            if longest := max((cell for cell in cells if len(cell) > MAX_CELL), key=len, default=""):
                raise SmallTableError(
                    "too_long", row=reader.line_num, high=MAX_CELL, got=len(longest), value=longest[:MAX_CELL] + "…"
                )
            rows.append(cells)
            if len(rows) > MAX_ROWS + 1:
                raise SmallTableError("rows", high=MAX_ROWS)
    except csv.Error as error:
        raise SmallTableError("malformed", row=reader.line_num) from error
    if not rows:
        raise SmallTableError("header", low=MIN_COLUMNS, high=MAX_COLUMNS, got=0)
    for i, name in enumerate(rows[0]):
        if name in rows[0][:i]:
            raise SmallTableError("twins", column=name)
    if len(rows) == 1:
        raise SmallTableError("no_rows")
    return Table(rows[0], tuple(rows[1:]))


def _clean(cell: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in " ".join(cell.split()))


def frame(table: Table) -> pd.DataFrame:
    """What ``pd.read_csv`` makes of the table, which says what is a number, what is text and what is missing.

    Raises
    ------
    SmallTableError : a number is not finite, or too large to be exact.
    """
    found = pd.read_csv(io.StringIO(table.csv()))
    for name in found.select_dtypes("number"):
        for value in found[name].dropna():
            if not (math.isfinite(value) and abs(value) <= MAX_ABS):
                raise SmallTableError("number", column=str(name), high=MAX_ABS, value=f"{value:g}")
    return found


def edited(table: Table, changes: Mapping[str, Any]) -> Table:
    """The table after a person's edits, as a data editor reports them; it may break the rules of :func:`read`.

    Parameters
    ----------
    changes : ``edited_rows`` (cells by column number, as text, by row), ``added_rows``, ``deleted_rows``.

    >>> table = Table(("a", "b"), (("1", "2"), ("3", "4")))
    >>> edited(table, {"edited_rows": {0: {"1": None}}, "added_rows": [{"0": "5"}], "deleted_rows": [1]}).rows
    (('1', 'NA'), ('5', 'NA'))
    """
    rows = [list(row) for row in table.rows]
    for i, cells in changes.get("edited_rows", {}).items():
        for column, cell in cells.items():
            rows[int(i)][int(column)] = _typed(cell)
    gone = set(changes.get("deleted_rows", ()))
    kept = [tuple(row) for i, row in enumerate(rows) if i not in gone]
    added = [
        tuple(_typed(row.get(str(column))) for column in range(len(table.names)))
        for row in changes.get("added_rows", ())
    ]
    return Table(table.names, (*kept, *added))


def _typed(cell: object) -> str:
    return _clean(str(cell)) or NEW_CELL if cell is not None else NEW_CELL
