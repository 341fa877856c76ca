"""The input features of a point: its coordinates and their squares, product and sines.

>>> expand(torch.tensor([[2.0, 3.0]]), ("x1", "x1x2"))
tensor([[2., 6.]])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor

# Each feature as the code in an exported script and as a function; the tests check that both are equal. The sine is
# taken of the coordinate itself, as in TensorFlow Playground, whose plane is ±6 wide.
_TABLE: Final[Mapping[str, tuple[str, Callable[[Tensor], Tensor]]]] = {
    "x1": ("X[:, 0]", lambda X: X[:, 0]),
    "x2": ("X[:, 1]", lambda X: X[:, 1]),
    "x1_squared": ("X[:, 0] ** 2", lambda X: X[:, 0] ** 2),
    "x2_squared": ("X[:, 1] ** 2", lambda X: X[:, 1] ** 2),
    "x1x2": ("X[:, 0] * X[:, 1]", lambda X: X[:, 0] * X[:, 1]),
    "sin_x1": ("torch.sin(X[:, 0])", lambda X: torch.sin(X[:, 0])),
    "sin_x2": ("torch.sin(X[:, 1])", lambda X: torch.sin(X[:, 1])),
}

EXPRESSIONS: Final[Mapping[str, str]] = {name: text for name, (text, _) in _TABLE.items()}


def expand(X: Tensor, names: tuple[str, ...]) -> Tensor:
    """Return the features ``names`` of each point, in that order.

    Parameters
    ----------
    X : Tensor of shape (n, 2), the points.
    names : at least one id of ``config.FEATURES``.

    Returns
    -------
    Tensor of shape (n, len(names)); for ``("x1", "x2")`` equal to ``X``.
    """
    return torch.stack([_TABLE[name][1](X) for name in names], 1)
