r"""The cells of a small CSV that anyone may have typed or uploaded, within limits that the caller sets.

Whatever bytes or text come in, :func:`read` returns :class:`Cells` that keep the limits or raises a
:class:`TableError` that names the rule. The work is bounded: reading stops at the first line beyond a limit.
The csv module reads, and not pandas, because it says on which line a row stands and does not fill short rows.

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

MAX_LINE: Final = 10_000  # characters: far more than a row within any limits needs
LINES_PER_ROW: Final = 10  # that may be blank or belong to the same quoted cell, on average
SAMPLE: Final = 100  # lines from which the separator is guessed
RUNS: Final = 10_000  # of bytes beyond ASCII, from which the encoding is guessed
SHORT: Final = 40  # characters of a value in a message


class TableError(InputError):
    """A table that breaks a rule.

    ``limits`` may have ``row`` (line of the text, from 1), ``column`` (its name, else its number), ``value`` (as
    written, long ones shortened), ``min``, ``max``, ``got``.
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
        # of what one lesson makes of it
        "twins": "every column must have a name of its own, {column} is there twice",
        "missing": "every cell must have a value, row {row:,} of column {column} has none",
        "not_numeric": "a feature must be a number, row {row:,} of column {column} is {value}",
        "not_finite": "a number must be finite and within ±{max:g}, row {row:,} of column {column} is {value}",
        "constant": "the numbers of a feature must differ, those of column {column} are all about {value}",
        "classes": "column {column} must have {min} to {max} classes, got {got:,}",
    }


@dataclass(frozen=True, slots=True)
class Limits:
    """What a table may be.

    Attributes
    ----------
    bytes : of a file, at most. A text that was typed has no such limit.
    rows : fewest and most, without the header. The reader holds the most; who knows the header, the fewest.
    columns : fewest and most.
    cell : characters, at most.
    separators : those that are known; of several that fit equally, the first is taken.
    numbers : how many cells of a row must be numbers, where this tells which separator is meant.
    empty_rows : whether a line of separators only is a row of empty cells, or is skipped as a blank line is.
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
        """How many lines the text may have."""
        return LINES_PER_ROW * (self.rows[1] + 1)

    def too_few_rows(self, got: int) -> TableError:
        """Return the error of a table with so few rows."""
        return TableError("too_few_rows", min=self.rows[0], max=self.rows[1], got=got)

    def too_many_rows(self) -> TableError:
        """Return the error of a table with more rows than the most."""
        return TableError("too_many_rows", min=self.rows[0], max=self.rows[1])


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank.

    Attributes
    ----------
    line : where it ends in the text, from 1.
    cells : with runs of white space as one space, and characters that do not print as :func:`visible` writes them.
    written : the same cells with all characters as they are in the file.
    """

    line: int
    cells: tuple[str, ...]
    written: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows, a header among them; one row or more, each as wide as the first.

    ``encoding`` is the name of Python's codec that reads the file.
    """

    rows: tuple[Row, ...]
    separator: str
    encoding: str


def read(content: bytes | str, limits: Limits) -> Cells:
    """Read a CSV; bytes may be UTF-8 or UTF-16 as its mark says, else UTF-8, GB18030 or Latin-1.

    Raises
    ------
    TableError : for whatever is wrong, and nothing else.
    """
    text, encoding = (content, "utf-8-sig") if isinstance(content, str) else decode(content, limits.bytes)
    separator = _separator(text, limits)
    rows = tuple(_rows(text, separator, limits))
    if not rows:
        raise TableError("empty")
    return Cells(rows, separator, encoding)


def decode(content: bytes, max_bytes: int) -> tuple[str, str]:
    r"""Return the text of at most so many bytes, and the name of the codec that has read it.

    Bytes that are not UTF-8 may be GB18030 and Latin-1 at once: see :func:`_looks_chinese`.

    Raises
    ------
    TableError : the rules ``too_large`` and ``encoding``.

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
        if "\0" not in text:  # UTF-16 without its mark, or no text at all
            return text, name
    raise TableError("encoding")


def _looks_chinese(content: bytes) -> bool:
    """Guess whether bytes beyond ASCII are the Chinese characters of GB18030 and not the accented letters of Latin-1.

    A Chinese character is mostly two such bytes, a word some more. A letter is one; where two stand together, as in
    Größe, they are small ones, from 0xE0 on, with which the common Chinese characters do not begin.
    """
    runs = [len(run[0]) > 2 - (run[0][0] < 0xE0) for run in islice(re.finditer(rb"[\x80-\xff]+", content), RUNS)]
    return 2 * sum(runs) > len(runs)


def visible(text: str) -> str:
    r"""Return ``text`` with each character that does not print, and is no white space, as its code point.

    Such are control, zero-width and direction characters, and a byte order mark within the text.

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
    """Return the number that ``cell`` writes, None if it is none. Python's ``1_000`` is not what people mean by one."""
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def shorten(value: str) -> str:
    """Return a value as a message repeats it."""
    return value if len(value) <= SHORT else value[: SHORT - 1] + "…"


def _lines(text: str, limits: Limits) -> Iterator[str]:
    """Yield the lines with their ends, and stop at the first beyond a limit."""
    for line, content in enumerate(io.StringIO(text, newline=""), 1):
        if line > limits.lines:
            raise TableError("too_many_lines", max=limits.lines)
        if len(content) > MAX_LINE:
            raise TableError("long_line", row=line, max=MAX_LINE, got=len(content))
        yield content


def _separator(text: str, limits: Limits) -> str:
    """Return the separator that makes the most rows of the first lines, then the most cells if they hold numbers.

    Counting characters would be fooled by a comma or semicolon within a cell.
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
    skipped = 1 if limits.empty_rows else limits.columns[1]  # a row without values is, up to this width
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
    low, high = (width, width) if width else limits.columns
    if low == high != got:
        raise TableError("columns", row=line, max=high, got=got)
    if not low <= got <= high:
        raise TableError("width", row=line, min=low, max=high, got=got)


def _check_cells(cells: Sequence[str], line: int, limits: Limits) -> None:
    for column, cell in enumerate(cells, 1):
        if len(cell) > limits.cell:
            raise TableError("too_long", row=line, column=column, max=limits.cell, got=len(cell), value=shorten(cell))
