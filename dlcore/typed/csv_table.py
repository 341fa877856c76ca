r"""Read the cells of a small typed or uploaded CSV, within limits that the caller sets.

For any bytes or text :func:`read` returns :class:`Cells` within the limits or raises a :class:`TableError` with the
broken rule. The work is bounded: reading stops at the first line beyond a limit. It uses the csv module, not pandas,
because csv knows the line of a row and does not fill short rows.

>>> limits = Limits(bytes=100, rows=(1, 9), columns=(2, 3), cell=10)
>>> table = read("rooms; kind\n2; Pave\n", limits)
>>> table.separator, [(row.line, row.cells) for row in table.rows]
(';', [(1, ('rooms', 'kind')), (2, ('2', 'Pave'))])
>>> read(b"2,Pave\n4,a,b\n", limits)
Traceback (most recent call last):
    ...
dlcore.typed.csv_table.TableError: every row must have 2 columns, row 2 has 3
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Final

from dlcore.settings.errors import InputError

MAX_LINE: Final = 10_000  # characters, far more than any valid row needs
LINES_PER_ROW: Final = 10  # lines of the text for each row on average: some are blank or part of a quoted cell
SAMPLE: Final = 100  # lines used to guess the separator
RUNS: Final = 10_000  # runs of non-ASCII bytes used to guess the encoding
SHORT: Final = 40  # characters of a value in a message


class TableError(InputError):
    """A table that breaks a rule.

    ``limits`` may have ``row`` (line of the text, from 1), ``column`` (its name or number), ``value`` (as written,
    shortened), ``min``, ``max``, ``got``.
    """

    WORDS = "table"
    RULES: ClassVar = {
        # of every table
        "too_large": "the file must be at most {max:,} bytes, got {got:,}",
        "encoding": "the file must be text in UTF-8, UTF-16, GB18030 or Latin-1, and is none of them",
        "too_many_lines": "the table must have at most {max:,} lines, and has more",
        "long_line": "a line must have at most {max:,} characters, row {row:,} has {got:,}",
        "malformed": "row {row:,} must be proper CSV, with every quotation mark closed",
        "empty": "the table must have rows, got none",
        "width": "the table must have {min} to {max} columns, row {row:,} has {got:,}",
        "columns": "every row must have {max} columns, row {row:,} has {got:,}",
        "too_few_rows": "the table must have {min:,} to {max:,} rows, got {got:,}",
        "too_many_rows": "the table must have {min:,} to {max:,} rows, and has more",
        "too_long": "a cell must have at most {max} characters, row {row:,} of column {column} has {got:,}: {value}",
        # of the tables of single lessons
        "twins": "column names must be unique, {column} occurs twice",
        "missing": "every cell must have a value, row {row:,} of column {column} has none",
        "not_numeric": "a feature must be a number, row {row:,} of column {column} is {value}",
        "not_finite": "a number must be finite and within ±{max:g}, row {row:,} of column {column} is {value}",
        "constant": "the numbers of a feature must differ, those of column {column} are all about {value}",
        "classes": "column {column} must have {min} to {max} classes, got {got:,}",
    }


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a table.

    Attributes
    ----------
    bytes : maximum size of a file; typed text has no such limit.
    rows : min and max, without the header. The reader checks the max; the caller, who knows the header, the min.
    columns : min and max.
    cell : maximum number of characters.
    separators : the candidates; of several that fit equally well, the first wins.
    numbers : how many cells of a row must be numbers, to guess the separator.
    empty_rows : whether a line of separators only is a row of empty cells; otherwise it is skipped like a blank line.
    """

    bytes: int
    rows: tuple[int, int]
    columns: tuple[int, int]
    cell: int
    separators: str = ",\t;"
    numbers: int = 0
    empty_rows: bool = False

    @property
    def lines(self) -> int:
        """Return the maximum number of lines of the text."""
        return LINES_PER_ROW * (self.rows[1] + 1)

    def too_few_rows(self, got: int) -> TableError:
        """Return the error of a table with ``got`` rows, below the minimum."""
        return TableError("too_few_rows", min=self.rows[0], max=self.rows[1], got=got)

    def too_many_rows(self) -> TableError:
        """Return the error of a table with more rows than the maximum."""
        return TableError("too_many_rows", min=self.rows[0], max=self.rows[1])


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank.

    Attributes
    ----------
    line : the line of the text where the row ends, from 1.
    cells : with runs of white space as one space, and unprintable characters made :func:`visible`.
    written : the same cells, with unprintable characters as in the file.
    """

    line: int
    cells: tuple[str, ...]
    written: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows of a table, its header included: one row or more, each as wide as the first.

    ``encoding`` is the name of the Python codec of the file.
    """

    rows: tuple[Row, ...]
    separator: str
    encoding: str


def read(content: bytes | str, limits: Limits) -> Cells:
    """Parse a CSV; bytes may be UTF-8 or UTF-16 with a byte order mark, or UTF-8, GB18030 or Latin-1 without.

    Raises
    ------
    TableError : the content breaks a rule; no other exception is raised.
    """
    text, encoding = (content, "utf-8-sig") if isinstance(content, str) else decode(content, limits.bytes)
    separator = _separator(text, limits)
    rows = tuple(_rows(text, separator, limits))
    if not rows:
        raise TableError("empty")
    return Cells(rows, separator, encoding)


def decode(content: bytes, max_bytes: int) -> tuple[str, str]:
    r"""Return the text of the bytes and the name of the codec that decoded them.

    Bytes that are not UTF-8 may be both valid GB18030 and Latin-1: see :func:`_looks_chinese`.

    Raises
    ------
    TableError : ``too_large`` (more than ``max_bytes``) or ``encoding``.

    >>> decode("张量".encode("gb18030"), 9), decode("Größe".encode("latin-1"), 9)
    (('张量', 'gb18030'), ('Größe', 'cp1252'))
    """
    if len(content) > max_bytes:
        raise TableError("too_large", max=max_bytes, got=len(content))
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        names = ["utf-16"]
    else:
        # cp1252 is Latin-1 as Windows writes it
        names = ["utf-8-sig", *(["gb18030"] if _looks_chinese(content) else []), "cp1252"]
    for name in names:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # otherwise UTF-16 without a byte order mark, or not text
            return text, name
    raise TableError("encoding")


def _looks_chinese(content: bytes) -> bool:
    """Guess whether non-ASCII bytes are Chinese characters in GB18030, not accented letters in Latin-1.

    A Chinese character mostly has two such bytes, a word more. A letter has one; two in a row, as in Größe, are lower
    case, from 0xE0 on, and common Chinese characters do not start with these.
    """
    runs = [len(run[0]) > 2 - (run[0][0] < 0xE0) for run in islice(re.finditer(rb"[\x80-\xff]+", content), RUNS)]
    return 2 * sum(runs) > len(runs)


def visible(text: str) -> str:
    r"""Return ``text`` with unprintable characters, white space excepted, as their code points.

    These are control, zero-width and direction characters, and byte order marks inside the text.

    >>> visible("a\u200b\x07 b\ufeff")
    'a[U+200B][U+0007] b[U+FEFF]'
    """
    if text.isprintable():
        return text
    return "".join(
        sign
        if sign.isprintable() or sign in "\t\r\n" or unicodedata.category(sign)[0] == "Z"
        else f"[U+{ord(sign):04X}]"
        for sign in text
    )


def number(cell: str) -> float | None:
    """Parse ``cell`` as a number; return None if it is not one. Python's ``1_000`` does not count as one."""
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def shorten(value: str) -> str:
    """Return a value shortened for a message."""
    return value if len(value) <= SHORT else value[: SHORT - 1] + "…"


def _lines(text: str, limits: Limits) -> Iterator[str]:
    """Yield the lines with their ends; raise TableError at the first line beyond a limit."""
    for line, content in enumerate(io.StringIO(text, newline=""), 1):
        if line > limits.lines:
            raise TableError("too_many_lines", max=limits.lines)
        if len(content) > MAX_LINE:
            raise TableError("long_line", row=line, max=MAX_LINE, got=len(content))
        yield content


def _separator(text: str, limits: Limits) -> str:
    """Return the separator with the most valid rows in the first lines, then the most cells if numbers are required.

    Counting characters would be misled by a comma or semicolon inside a cell.
    """
    sample = list(islice((line for line in _lines(text, limits) if not line.isspace()), SAMPLE))

    def fit(separator: str) -> tuple[int, int]:
        try:
            records = [row for row in csv.reader(sample, delimiter=separator, skipinitialspace=True) if row]
        except csv.Error:
            return 0, 0
        width = len(records[0]) if records else 0
        fitting = [record for record in records if len(record) == width]
        if not limits.columns[0] <= width <= limits.columns[1]:
            fitting = []
        good = sum(sum(number(cell) is not None for cell in record) >= limits.numbers for record in fitting)
        return good, sum(map(len, records)) if limits.numbers else 0

    return max(limits.separators, key=fit)


def _rows(text: str, separator: str, limits: Limits) -> Iterator[Row]:
    reader = csv.reader(_lines(text, limits), delimiter=separator, skipinitialspace=True, strict=True)
    skipped = 1 if limits.empty_rows else limits.columns[1]  # empty rows up to this width are skipped
    count = width = 0
    try:
        for record in reader:
            if len(record) <= skipped and not any(map(str.strip, record)):
                continue
            _check_width(len(record), width, reader.line_num, limits)
            width = width or len(record)
            written = tuple(" ".join(cell.split()) for cell in record)
            shown = all(map(str.isprintable, record))
            cells = written if shown else tuple(" ".join(visible(cell).split()) for cell in record)
            _check_cells(cells, reader.line_num, limits)
            if (count := count + 1) > limits.rows[1] + 1:  # with a header
                raise limits.too_many_rows()
            yield Row(reader.line_num, cells, written)
    except csv.Error as error:
        raise TableError("malformed", row=reader.line_num) from error


def _check_width(got: int, width: int, line: int, limits: Limits) -> None:
    min_width, max_width = (width, width) if width else limits.columns
    if min_width == max_width != got:
        raise TableError("columns", row=line, max=max_width, got=got)
    if not min_width <= got <= max_width:
        raise TableError("width", row=line, min=min_width, max=max_width, got=got)


def _check_cells(cells: Sequence[str], line: int, limits: Limits) -> None:
    for column, cell in enumerate(cells, 1):
        if len(cell) > limits.cell:
            raise TableError("too_long", row=line, column=column, max=limits.cell, got=len(cell), value=shorten(cell))
