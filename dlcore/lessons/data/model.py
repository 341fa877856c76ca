"""Prepare a table as tensors, step by step, with the pandas and torch code of each step.

>>> from dlcore.lessons.data.settings import TINY_HOUSE
>>> from dlcore.lessons.data.table import read
>>> done = prepare(read(TINY_HOUSE), ("split", "missing", "onehot", "tensor"))
>>> done.X.tolist()
[[3.0, 1.0, 0.0], [2.0, 0.0, 1.0], [4.0, 0.0, 1.0], [3.0, 0.0, 1.0]]
>>> done.y.tolist()
[127500.0, 106000.0, 178100.0, 140000.0]
>>> prepare(read(TINY_HOUSE), ("tensor",)).problem.rule
'text'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import pandas as pd
import torch
from torch import Tensor

from dlcore.lessons.data.table import TextTable, frame
from dlcore.settings.errors import InputError

Missing = Literal["mean", "rows"]
DTypeName = Literal["float32", "float64"]

MAX_ENCODED: Final = 100  # columns that one-hot encoding may make


class StepError(InputError):
    """A step that cannot be applied to the result of the steps before it."""

    WORDS = "data.problem_step"
    RULES: ClassVar[Mapping[str, str]] = {
        "text": "a tensor holds numbers only, and {columns} still holds text: one-hot encode before this step",
        "text_target": "a tensor holds numbers only, and the target {columns} is text",
        "missing": "no value may be missing in a tensor, and {columns} still lacks some",
        "missing_target": "no value may be missing in a tensor, and the target {columns} lacks some",
        "frame_gone": "this step works on a data frame, and an earlier step has made a tensor of it",
        "no_rows": "every row lacks a value: without them nothing is left",
        "last_column": "{column} is the only column left and cannot be dropped",
        "too_few": "a split needs two columns or more, and only {column} is left",
        "wide": "one-hot encoding may make at most {max} columns, these text columns make {got}",
        "twins": "one-hot encoding would make a second column named {column}",
    }


@dataclass(frozen=True, slots=True, eq=False)
class PreparationStep:
    """A preparation step that was applied.

    Attributes
    ----------
    code : its lines of Python.
    X, y : the data after it; y is None before the split, when the code calls X ``data``.
    removed, new : names of the columns of X that it removed and added.
    filled : number of missing values of X that it filled.
    rows_dropped : number of rows that it dropped.
    changed : True for each value of X that is new, in the shape of X; None if X is a tensor.
    """

    id: str
    code: str
    X: pd.DataFrame | Tensor
    y: pd.Series | Tensor | None
    removed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    filled: int = 0
    rows_dropped: int = 0
    changed: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """The frame as it was read, the steps that were applied, and the problem that stopped the next one."""

    table: TextTable
    start: pd.DataFrame
    steps: tuple[PreparationStep, ...]
    problem: StepError | None = None

    @property
    def X(self) -> pd.DataFrame | Tensor:
        """Return the data after the last step, (n, features); before the split the whole table."""
        return self.steps[-1].X if self.steps else self.start

    @property
    def y(self) -> pd.Series | Tensor | None:
        """Return the target (n,); None before the split."""
        return self.steps[-1].y if self.steps else None


def prepare(
    table: TextTable, steps: Sequence[str], *, missing: Missing = "mean", dtype: DTypeName = "float32"
) -> Preparation:
    """Apply the steps in this order, up to the first that is impossible.

    Parameters
    ----------
    steps : ids of ``PREPARATION_STEPS`` in any order, each at most once.
    missing : how to treat missing values: fill numbers with their column's mean, or drop the rows.
    dtype : of the tensors.
    """
    start = frame(table)
    functions: dict[str, Callable[[_Data], _StepResult]] = {
        "drop": _drop,
        "split": _split,
        "missing": _fill if missing == "mean" else _drop_rows,
        "onehot": _onehot,
        "tensor": lambda data: _tensor(data, dtype),
    }
    applied: list[PreparationStep] = []
    data = _Data(start, None)
    for id in steps:
        try:
            if isinstance(data.X, Tensor) and id != "split":
                raise StepError("frame_gone")
            code, after = functions[id](data)
        except StepError as error:
            return Preparation(table, start, tuple(applied), error)
        applied.append(_step(id, code, data, after))
        data = after
    return Preparation(table, start, tuple(applied))


# --- the steps: each takes the data and returns its code and the data after it ---------------------------------------
@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    X: pd.DataFrame | Tensor
    y: pd.Series | Tensor | None

    @property
    def name(self) -> str:
        return "data" if self.y is None else "X"

    @property
    def frame(self) -> pd.DataFrame:
        assert isinstance(self.X, pd.DataFrame)
        return self.X


_StepResult = tuple[str, _Data]


def _drop(data: _Data) -> _StepResult:
    name, X = data.name, data.frame
    code = f"lacking = {name}.isna().sum()\nif lacking.max() > 0:\n    {name} = {name}.drop(columns=lacking.idxmax())"
    lacking = X.isna().sum()
    if lacking.max() > 0:
        if X.shape[1] == 1:
            raise StepError("last_column", column=str(X.columns[0]))
        X = X.drop(columns=lacking.idxmax())
    return code, _Data(X, data.y)


def _split(data: _Data) -> _StepResult:
    if isinstance(data.X, Tensor):
        if data.X.shape[1] < 2:
            raise StepError("too_few", column="0")
        return "X, y = data[:, :-1], data[:, -1]", _Data(data.X[:, :-1], data.X[:, -1])
    if data.X.shape[1] < 2:
        raise StepError("too_few", column=str(data.X.columns[0]))
    return "X, y = data.iloc[:, :-1], data.iloc[:, -1]", _Data(data.X.iloc[:, :-1], data.X.iloc[:, -1])


def _fill(data: _Data) -> _StepResult:
    name, X = data.name, data.frame
    return f"{name} = {name}.fillna({name}.mean(numeric_only=True))", _Data(X.fillna(X.mean(numeric_only=True)), data.y)


def _drop_rows(data: _Data) -> _StepResult:
    name, X = data.name, data.frame.dropna()
    if X.empty:
        raise StepError("no_rows")
    if data.y is None:
        return f"{name} = {name}.dropna()", _Data(X, None)
    assert isinstance(data.y, pd.Series)
    return "X = X.dropna()\ny = y.loc[X.index]", _Data(X, data.y.loc[X.index])


def _onehot(data: _Data) -> _StepResult:
    name, X = data.name, data.frame
    width = sum(X[column].nunique() + 1 for column in _text(X))
    if width > MAX_ENCODED:
        raise StepError("wide", max=MAX_ENCODED, got=width)
    X = pd.get_dummies(X, dummy_na=True)
    if not X.columns.is_unique:
        raise StepError("twins", column=str(X.columns[X.columns.duplicated()][0]))
    return f"{name} = pd.get_dummies({name}, dummy_na=True)", _Data(X, data.y)


def _tensor(data: _Data, dtype: DTypeName) -> _StepResult:
    X, y = data.frame, data.y
    assert not isinstance(y, Tensor)
    target = y.to_frame() if y is not None else pd.DataFrame()
    for rule, columns in (
        ("text", _text(X)),
        ("missing", _lacking(X)),
        ("text_target", _text(target)),
        ("missing_target", _lacking(target)),
    ):
        if columns:
            raise StepError(rule, columns=", ".join(columns))
    names = [data.name, *(["y"] if y is not None else [])]
    lines = [f"{name} = torch.tensor({name}.to_numpy(dtype=float), dtype=torch.{dtype})" for name in names]
    kind: torch.dtype = getattr(torch, dtype)
    X_tensor = torch.tensor(X.to_numpy(dtype=float), dtype=kind)  # (n, columns)
    y_tensor = None if y is None else torch.tensor(y.to_numpy(dtype=float), dtype=kind)  # (n,)
    return "\n".join(lines), _Data(X_tensor, y_tensor)


def _text(X: pd.DataFrame) -> list[str]:
    return [str(name) for name in X.columns if not pd.api.types.is_numeric_dtype(X[name])]  # a bool is a number


def _lacking(X: pd.DataFrame) -> list[str]:
    return [str(name) for name in X.columns if X[name].isna().any()]


def _step(id: str, code: str, before: _Data, after: _Data) -> PreparationStep:
    """Return a step with its changes to X; the column that a split removes is in y."""
    if isinstance(after.X, Tensor) or isinstance(before.X, Tensor):
        return PreparationStep(id, code, after.X, after.y)
    old, X = before.X, after.X
    new = tuple(str(name) for name in X.columns if name not in old.columns)
    changed = pd.DataFrame(True, index=X.index, columns=X.columns)
    for name in X.columns:
        if name in old.columns:
            values = old.loc[X.index, name]
            changed[name] = (X[name] != values) & ~(X[name].isna() & values.isna())
    return PreparationStep(
        id,
        code,
        X,
        after.y,
        removed=tuple(str(name) for name in old.columns if name not in X.columns),
        new=new,
        filled=int(changed[[name for name in X.columns if name not in new]].to_numpy().sum()),
        rows_dropped=len(old) - len(X),
        changed=changed,
    )
