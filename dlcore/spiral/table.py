r"""A person's own data: a small CSV of two numbers and a class per row, checked, scaled and ready to learn from.

:func:`read_csv` takes bytes that anyone may have sent. Whatever they are, it returns a :class:`Table` that keeps its
rules or raises a :class:`TableError` that names the rule; the size is bounded before anything is parsed.

>>> table = read_csv(b"height;weight;kind\n" + b"20;4;cat\n60;30;dog\n" * 5)
>>> table.features, table.label, table.classes, table.dataset.X.shape
(('height', 'weight'), 'kind', ('cat', 'dog'), torch.Size([10, 2]))
>>> table.center, table.scale
((40.0, 17.0), (20.0, 13.0))
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

import torch
from torch import Tensor

from dlcore.network.settings import MAX_SAMPLES
from dlcore.settings.errors import InputError
from dlcore.spiral.config import DATASETS
from dlcore.spiral.data import Dataset
from dlcore.typed.encoding import decode

MAX_BYTES: Final = 5_000_000
MIN_ROWS: Final = 10
MIN_CLASSES, MAX_CLASSES = DATASETS["csv"]
COLUMNS: Final = 3  # two features and a label
MAX_CELL: Final = 100  # characters; column names and classes are shown in legends
MAX_ABS: Final = 1e100  # of a feature: no sum or span of such numbers comes near the limits of float64
MIN_SPAN: Final = 1e-8  # of a column against its largest number: narrower, and the scaled values are rounding errors
SEPARATORS: Final = "\t;,"  # of two that fit equally the first; so "1,5;2,5;a" is refused for its decimal commas
SAMPLE: Final = 10_000  # characters from which the separator is guessed
DEFAULT_NAMES: Final = ("x1", "x2", "label")
MISSING: Final = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none"})  # in a feature; lower case
MISSING_LABEL: Final = frozenset({"", "nan"})  # "none" may well be a class

# Every rule that a table can break, with its English message; the braces are the keys of ``TableError.limits``.
RULES: Final[Mapping[str, str]] = {
    "too_large": "the file must be at most {high:,} bytes, got {got:,}",
    "encoding": "the file must be text in UTF-8 or GB18030, and is neither",
    "empty": "the table must have rows, got none",
    "malformed": "row {row} must be proper CSV, with every quotation mark closed",
    "columns": "every row must have {high} columns (two features and a label), row {row} has {got}",
    "too_few_rows": "the table must have {low:,} to {high:,} rows, got {got:,}",
    "too_many_rows": "the table must have {low:,} to {high:,} rows, and has more",
    "too_long": "a cell must have at most {high} characters, row {row} of column {column} has {got:,}: {value}",
    "missing": "every cell must have a value, row {row} of column {column} has none",
    "not_numeric": "a feature must be a number, row {row} of column {column} is {value}",
    "not_finite": "a feature must be a finite number within ±{high:g}, row {row} of column {column} is {value}",
    "constant": "the numbers of a feature must differ, those of column {column} are all about {value}",
    "classes": "column {column} must have {low} to {high} classes, got {got:,}",
}


class TableError(InputError):
    """A CSV that breaks a rule.

    ``limits`` may have ``row`` (line of the file, from 1), ``column`` (its name, else its number), ``value`` (as
    written, long ones shortened), ``low``, ``high``, ``got``.
    """

    WORDS, RULES = "table", RULES


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A checked table.

    Attributes
    ----------
    dataset : the points, ordered by class, each feature scaled to -1 … 1.
    features, label : the columns' names, ``x1``, ``x2`` and ``label`` where the file has none.
    classes : the classes' names; ``dataset.y`` counts through them.
    center, scale : of each feature, in its own unit: ``X = (raw - center) / scale``.
    """

    dataset: Dataset
    features: tuple[str, str]
    label: str
    classes: tuple[str, ...]
    center: tuple[float, float]
    scale: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int  # line of the file, from 1
    cells: list[str]


def read_csv(content: bytes) -> Table:
    """Read a CSV of two numeric columns and a label column.

    Commas, semicolons or tabs separate; the text is UTF-8 or GB18030. The label is the last column, unless exactly
    one column is not numeric: then that one. A first row whose feature cells are numbers is data, not a header.
    Blank rows are skipped. Labels that are all numbers are the same class where they are the same number.

    Raises
    ------
    TableError : for whatever is wrong, and nothing else.
    """
    rows = list(islice(_rows(_decode(content)), MAX_SAMPLES + 2))  # a header and one row too many, at the most
    if not rows:
        raise TableError("empty")
    label = _label_column(rows[1:] or rows)
    features = [column for column in range(COLUMNS) if column != label]
    names = list(DEFAULT_NAMES)
    if any(_is_text(rows[0].cells[column]) for column in features):
        header = [" ".join(rows[0].cells[column].split()) for column in (*features, label)]
        named = [name or default for name, default in zip(header, DEFAULT_NAMES, strict=True)]
        names = named if len(set(named)) == COLUMNS else names  # twins could not be told apart
        del rows[0]
    if len(rows) > MAX_SAMPLES:
        raise TableError("too_many_rows", low=MIN_ROWS, high=MAX_SAMPLES)
    if len(rows) < MIN_ROWS:
        raise TableError("too_few_rows", low=MIN_ROWS, high=MAX_SAMPLES, got=len(rows))

    first, second = (_scaled(rows, column, name) for column, name in zip(features, names, strict=False))
    y, classes = _classes(rows, label, names[2])
    order = y.argsort(stable=True)
    X = torch.stack((first[0], second[0]), 1)  # (n_samples, 2)
    return Table(
        dataset=Dataset(X[order], y[order], len(classes)),
        features=(names[0], names[1]),
        label=names[2],
        classes=classes,
        center=(first[1], second[1]),
        scale=(first[2], second[2]),
    )


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise TableError("too_large", high=MAX_BYTES, got=len(content))
    text = decode(content)
    if text is None:
        raise TableError("encoding")
    return text


def _separator(text: str) -> str:
    """The one that makes the most of the first rows two numbers and a label; failing that, the most cells.

    Counting characters would be fooled by a comma or semicolon within a label.
    """
    sample = io.StringIO(text.lstrip()[:SAMPLE], newline="").readlines()

    def fit(separator: str) -> tuple[int, int]:
        records = list(islice(csv.reader(sample, delimiter=separator, skipinitialspace=True), MIN_ROWS))
        numbers = [sum(_number(cell) is not None for cell in record) for record in records if len(record) == COLUMNS]
        return sum(n >= COLUMNS - 1 for n in numbers), sum(map(len, records))

    return max(SEPARATORS, key=fit)


def _rows(text: str) -> Iterator[_Row]:
    """The rows that are not blank, as they are read: who stops early has parsed no more than that."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=_separator(text), skipinitialspace=True, strict=True)
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if not any(cells):
                continue
            if len(cells) != COLUMNS:
                raise TableError("columns", row=reader.line_num, high=COLUMNS, got=len(cells))
            for column, cell in enumerate(cells, 1):
                if len(cell) > MAX_CELL:
                    raise TableError(
                        "too_long", row=reader.line_num, column=column, high=MAX_CELL, got=len(cell), value=_short(cell)
                    )
            yield _Row(reader.line_num, cells)
    except csv.Error as error:
        raise TableError("malformed", row=reader.line_num) from error


def _number(cell: str) -> float | None:
    """The number that ``cell`` writes, if it is one. Python's own ``1_000`` is not what people mean by a number."""
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _is_text(cell: str) -> bool:
    return cell.lower() not in MISSING and _number(cell) is None


def _label_column(rows: list[_Row]) -> int:
    """The one column that is mostly text, else the last: a stray word makes no label of a column of numbers."""
    text = [c for c in range(COLUMNS) if 2 * sum(_is_text(row.cells[c]) for row in rows) > len(rows)]
    return text[0] if len(text) == 1 else COLUMNS - 1


def _scaled(rows: list[_Row], column: int, name: str) -> tuple[Tensor, float, float]:
    """One feature, (n_samples,) float32 within -1 … 1, with the center and scale that made it so."""
    values = [_feature(row, column, name) for row in rows]
    low, high = min(values), max(values)
    center, scale = (low + high) / 2, (high - low) / 2
    if scale <= max(MIN_SPAN * max(abs(low), abs(high)), 1 / MAX_ABS):
        raise TableError("constant", column=name, value=f"{center:g}")
    return ((torch.tensor(values, dtype=torch.float64) - center) / scale).float(), center, scale


def _feature(row: _Row, column: int, name: str) -> float:
    cell = row.cells[column]
    if cell.lower() in MISSING:
        raise TableError("missing", row=row.number, column=name)
    number = _number(cell)
    if number is None:
        raise TableError("not_numeric", row=row.number, column=name, value=_short(cell))
    if not abs(number) <= MAX_ABS:  # so that NaN, which compares with nothing, is refused too
        raise TableError("not_finite", row=row.number, column=name, value=_short(cell), high=MAX_ABS)
    return number


def _classes(rows: list[_Row], column: int, name: str) -> tuple[Tensor, tuple[str, ...]]:
    """Each row's class, (n_samples,) int64, and the classes' names in order."""
    for row in rows:
        if row.cells[column].lower() in MISSING_LABEL:
            raise TableError("missing", row=row.number, column=name)
    labels = [" ".join(row.cells[column].split()) for row in rows]
    exact = [number for number in map(_number, labels) if number is not None and abs(number) < 2**53]
    if len(exact) == len(labels):  # beyond 2**53 two different identifiers could be one float
        written = {value: str(int(value)) if value.is_integer() else str(value) for value in sorted(set(exact))}
        labels, names = [written[value] for value in exact], tuple(written.values())
    else:
        names = tuple(sorted(set(labels)))
    if not MIN_CLASSES <= len(names) <= MAX_CLASSES:
        raise TableError("classes", column=name, low=MIN_CLASSES, high=MAX_CLASSES, got=len(names))
    return torch.tensor([names.index(label) for label in labels]), names


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"
