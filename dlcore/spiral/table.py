r"""Uploaded data: a small CSV of two numbers and a class per row, checked and scaled.

:func:`read_csv` takes arbitrary bytes. It returns a :class:`Table` that keeps its rules or raises a
:class:`TableError` that names the broken rule; the size is checked before anything is parsed.

>>> table = read_csv(b"height;weight;kind\n" + b"20;4;cat\n60;30;dog\n" * 5)
>>> table.features, table.label, table.classes, table.dataset.X.shape
(('height', 'weight'), 'kind', ('cat', 'dog'), torch.Size([10, 2]))
>>> table.center, table.scale
((40.0, 17.0), (20.0, 13.0))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from dlcore.network.settings import MAX_SAMPLES
from dlcore.spiral.config import DATASETS
from dlcore.spiral.data import Dataset
from dlcore.typed.csv_table import Limits, Row, TableError, number, read, shorten

MIN_CLASSES, MAX_CLASSES = DATASETS["csv"]
COLUMNS: Final = 3  # two features and a label
# If several separators fit equally, the first is used; so "1,5;2,5;a" is refused for its decimal commas.
LIMITS: Final = Limits(
    bytes=5_000_000,
    rows=(10, MAX_SAMPLES),
    columns=(COLUMNS, COLUMNS),
    cell=100,  # column names and classes are shown in legends
    separators="\t;,",
    numbers=COLUMNS - 1,
)
MAX_ABS: Final = 1e100  # of a feature, so that sums and ranges of such numbers do not overflow float64
MIN_SPAN: Final = 1e-8  # of a column's range relative to its largest number; below, scaled values are rounding errors
DEFAULT_NAMES: Final = ("x1", "x2", "label")
MISSING: Final = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none"})  # in a feature; lower case
MISSING_LABEL: Final = frozenset({"", "nan"})  # "none" may be a class


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A checked table.

    Attributes
    ----------
    dataset : the points, ordered by class, each feature scaled to -1 … 1.
    features, label : the column names; ``x1``, ``x2`` and ``label`` if the file has none.
    classes : the class names; ``dataset.y`` has their indices.
    center, scale : two numbers for each feature: ``X = (raw - center) / scale``.
    written : the classes as in the file, if one has unprintable characters, which ``classes`` shows as code points;
        else empty.
    encoding : the Python codec that reads the file.
    """

    dataset: Dataset
    features: tuple[str, str]
    label: str
    classes: tuple[str, ...]
    center: tuple[float, float]
    scale: tuple[float, float]
    written: tuple[str, ...] = ()
    encoding: str = "utf-8-sig"


def read_csv(content: bytes) -> Table:
    """Read a CSV of two numeric columns and a label column; see :mod:`dlcore.typed.csv_table` for its encoding.

    The separator is a tab, semicolon or comma. The label is the last column, or the only column that is not numeric.
    The first row is a header unless its feature cells are numbers. Empty rows are skipped. If all labels are numbers,
    equal numbers are the same class ("1" and "1.0").

    Raises
    ------
    TableError : for every invalid input; nothing else is raised.
    """
    table = read(content, LIMITS)
    rows = table.rows
    label = _label_column(rows[1:] or rows)
    features = [column for column in range(COLUMNS) if column != label]
    names = list(DEFAULT_NAMES)
    if any(_is_text(rows[0].cells[column]) for column in features):
        header = (rows[0].cells[column] for column in (*features, label))
        named = [name or default for name, default in zip(header, DEFAULT_NAMES, strict=True)]
        names = named if len(set(named)) == COLUMNS else names  # equal names could not be told apart
        rows = rows[1:]
    if len(rows) > LIMITS.rows[1]:
        raise LIMITS.too_many_rows()
    if len(rows) < LIMITS.rows[0]:
        raise LIMITS.too_few_rows(len(rows))

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
        written=_written(rows, label, classes),
        encoding=table.encoding,
    )


def _is_text(cell: str) -> bool:
    return cell.lower() not in MISSING and number(cell) is None


def _label_column(rows: Sequence[Row]) -> int:
    """Return the only column that is mostly text, else the last; single words do not make a column text."""
    text = [c for c in range(COLUMNS) if 2 * sum(_is_text(row.cells[c]) for row in rows) > len(rows)]
    return text[0] if len(text) == 1 else COLUMNS - 1


def _scaled(rows: Sequence[Row], column: int, name: str) -> tuple[Tensor, float, float]:
    """Return a feature, (n_samples,) float32, scaled to -1 … 1, with its center and scale."""
    values = [_feature(row, column, name) for row in rows]
    smallest, largest = min(values), max(values)
    center, scale = (smallest + largest) / 2, (largest - smallest) / 2
    if scale <= max(MIN_SPAN * max(abs(smallest), abs(largest)), 1 / MAX_ABS):
        raise TableError("constant", column=name, value=f"{center:g}")
    return ((torch.tensor(values, dtype=torch.float64) - center) / scale).float(), center, scale


def _feature(row: Row, column: int, name: str) -> float:
    cell = row.cells[column]
    if cell.lower() in MISSING:
        raise TableError("missing", row=row.line, column=name)
    value = number(cell)
    if value is None:
        raise TableError("not_numeric", row=row.line, column=name, value=shorten(cell))
    if not abs(value) <= MAX_ABS:  # also true for NaN
        raise TableError("not_finite", row=row.line, column=name, value=shorten(cell), max=MAX_ABS)
    return value


def _classes(rows: Sequence[Row], column: int, name: str) -> tuple[Tensor, tuple[str, ...]]:
    """Return the class of each row, (n_samples,) int64, and the class names in order."""
    for row in rows:
        if row.cells[column].lower() in MISSING_LABEL:
            raise TableError("missing", row=row.line, column=name)
    labels = [row.cells[column] for row in rows]
    exact = [value for value in map(number, labels) if value is not None and abs(value) < 2**53]
    if len(exact) == len(labels):  # from 2**53 on, different whole numbers may be the same float
        written = {value: str(int(value)) if value.is_integer() else str(value) for value in sorted(set(exact))}
        labels, names = [written[value] for value in exact], tuple(written.values())
    else:
        names = tuple(sorted(set(labels)))
    if not MIN_CLASSES <= len(names) <= MAX_CLASSES:
        raise TableError("classes", column=name, min=MIN_CLASSES, max=MAX_CLASSES, got=len(names))
    return torch.tensor([names.index(label) for label in labels]), names


def _written(rows: Sequence[Row], column: int, classes: tuple[str, ...]) -> tuple[str, ...]:
    by_name = {row.cells[column]: row.written[column] for row in rows}
    written = tuple(by_name.get(name, name) for name in classes)
    return written if written != classes else ()
