"""Lines of older notes in place of a step, and what pandas and torch of today say to them.

>>> from dlcore.lessons.data.model import prepare
>>> from dlcore.lessons.data.settings import TINY_HOUSE
>>> from dlcore.lessons.data.table import read
>>> done = prepare(read(TINY_HOUSE), ("split", "missing", "onehot", "tensor"))
>>> older_line(done, 1).code, older_line(done, 1).error[:10]
('X = X.fillna(X.mean())', 'TypeError:')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd
import torch

from dlcore.lessons.data.model import Preparation

# By the code that today's step begins with: the older code, and the same as a function.
_LINES: Final[Mapping[str, tuple[str, Callable[[pd.DataFrame], object]]]] = {
    "{name} = {name}.fillna(": ("{name} = {name}.fillna({name}.mean())", lambda X: X.fillna(X.mean())),
    "{name} = torch.tensor(": ("{name} = torch.tensor({name}.values)", lambda X: torch.tensor(X.values)),
}


@dataclass(frozen=True, slots=True)
class OlderLine:
    """A line of older notes, and the exception that it raises today; "" if it raises none with this table."""

    code: str
    error: str


def older_line(preparation: Preparation, i: int) -> OlderLine | None:
    """Return the line that older notes have for step ``i`` of a preparation; None if they have today's."""
    X = preparation.steps[i - 1].X if i else preparation.start
    name = "data" if preparation.steps[i].y is None else "X"
    for begin, (code, carry_out) in _LINES.items():
        if preparation.steps[i].code.startswith(begin.format(name=name)) and isinstance(X, pd.DataFrame):
            return OlderLine(code.format(name=name), _error(carry_out, X))
    return None


def _error(carry_out: Callable[[pd.DataFrame], object], X: pd.DataFrame) -> str:
    try:
        carry_out(X)
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
