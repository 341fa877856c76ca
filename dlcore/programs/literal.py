"""Write tensors as Python code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from torch import Tensor


def tensor_literal(tensor: Tensor, *, requires_grad: bool = False) -> str:
    """Return the code ``torch.tensor(...)`` of a tensor: same values, dtype and shape.

    Parameters
    ----------
    tensor : float32, int64 or bool, of any shape without empty dimensions.
    requires_grad : whether the code adds ``requires_grad=True``.

    >>> import torch
    >>> tensor_literal(torch.tensor([[2.0, 0.1], [-3.0, 1e-9]]))
    'torch.tensor([[2., 0.1], [-3., 1e-09]])'
    >>> tensor_literal(torch.arange(3)), tensor_literal(torch.tensor(True))
    ('torch.tensor([0, 1, 2])', 'torch.tensor(True)')
    """
    more = ", requires_grad=True" if requires_grad else ""
    return f"torch.tensor({_nested(tensor.tolist())}{more})"


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    if not isinstance(value, float):
        return repr(value)
    if not math.isfinite(value):
        return f'float("{value}")'
    if value == int(value) and abs(value) < 1e7:
        return f"{value:.0f}."
    return str(np.float32(value))  # the shortest text that reads back as the same float32


def print_of(*tensors: Tensor) -> str:
    """Return the output of printing each tensor."""
    return "\n".join(map(str, tensors))
