"""The code of a preparation, with the table in it."""

from __future__ import annotations

from typing import Final

from torch import Tensor

from dlcore.lessons.data.model import Preparation
from dlcore.programs.snippet import Snippet

HEAD: Final = 5  # rows that the code prints of a frame


def snippet(done: Preparation) -> Snippet:
    """All that was done, as a program with the table in it."""
    ends = isinstance(done.X, Tensor)
    named = [("data" if done.y is None else "X", done.X), *([("y", done.y)] if done.y is not None else [])]
    lines = ["import io", "", "import pandas as pd", *(["import torch"] if ends else []), ""]
    lines += [f"csv = {_literal(done.table.csv())}", "data = pd.read_csv(io.StringIO(csv))"]
    lines += [step.code for step in done.steps]
    lines += [f"print({name})" if ends else f"print({name}.head().to_string())" for name, _ in named]
    shown = [str(value) if isinstance(value, Tensor) else value.head(HEAD).to_string() for _, value in named]
    return Snippet("\n".join(lines), "\n".join(shown))


def _literal(text: str) -> str:
    """Python's string for a CSV, over several lines where no sign needs to be escaped."""
    if "\\" in text or '"""' in text or text.startswith('"'):
        return repr(text)
    return f'"""{text}\n"""'
