"""The program of a preparation, with the table in it."""

from __future__ import annotations

from typing import Final

from torch import Tensor

from dlcore.lessons.data.model import Preparation
from dlcore.lessons.data.older.model import OlderLine
from dlcore.programs.snippet import Snippet

HEAD: Final = 5  # rows of a frame that the program prints


def snippet(preparation: Preparation) -> Snippet:
    """Return the program that reads the table and applies the steps, and its output."""
    is_tensor = isinstance(preparation.X, Tensor)
    named = [
        ("data" if preparation.y is None else "X", preparation.X),
        *([("y", preparation.y)] if preparation.y is not None else []),
    ]
    lines = [*_reading(preparation, with_torch=is_tensor), *(step.code for step in preparation.steps)]
    lines += [f"print({name})" if is_tensor else f"print({name}.head().to_string())" for name, _ in named]
    shown = [str(value) if isinstance(value, Tensor) else value.head(HEAD).to_string() for _, value in named]
    return Snippet("\n".join(lines), "\n".join(shown))


def older_snippet(preparation: Preparation, i: int, line: OlderLine) -> Snippet:
    """Return the program that reads the table, applies the steps before ``i``, then the line of older notes."""
    lines = [*_reading(preparation, with_torch="torch" in line.code), *(step.code for step in preparation.steps[:i])]
    kind = line.error.partition(":")[0] or "TypeError"
    lines += ["try:", f"    {line.code}", '    print("no error")']
    lines += [f"except {kind} as error:", f'    print("{kind}:", error)']
    return Snippet("\n".join(lines), line.error or "no error")


def _reading(preparation: Preparation, *, with_torch: bool) -> list[str]:
    """Return the lines that import and read the table as ``data``."""
    lines = ["import io", "", "import pandas as pd", *(["import torch"] if with_torch else []), ""]
    return [*lines, f"csv = {_literal(preparation.table.csv())}", "data = pd.read_csv(io.StringIO(csv))"]


def _literal(text: str) -> str:
    """Return a CSV as a Python string literal, over several lines if no character needs to be escaped."""
    if "\\" in text or '"""' in text or text.startswith('"'):
        return repr(text)
    return f'"""{text}\n"""'
