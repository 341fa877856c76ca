"""What nn.CrossEntropyLoss takes, (N, C) logits and (N,) labels of dtype int64, and torch's answer to anything else.

>>> f"{answer('right').loss:.4f}"
'0.3660'
>>> answer("from_one").error.partition(":")[0]
'IndexError'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

LOGITS: Final = ((4.0, 8.0, 3.0), (1.0, 0.0, 2.0), (0.0, 3.0, 1.0), (2.0, 1.0, 2.0))  # (N, C) = (4, 3)
LABELS: Final = (1, 2, 1, 0)

# Each case: the line that changes the correct logits or labels, and the function that does the same.
CASES: Final[Mapping[str, tuple[str, Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]]]] = {
    "right": ("", lambda logits, labels: (logits, labels)),
    "soft": (
        "labels = nn.functional.one_hot(labels, 3).float()",
        lambda logits, labels: (logits, F.one_hot(labels, 3).float()),
    ),
    "softmax": ("logits = logits.softmax(1)", lambda logits, labels: (logits.softmax(1), labels)),
    "float": ("labels = labels.float()", lambda logits, labels: (logits, labels.float())),
    "one_hot": ("labels = nn.functional.one_hot(labels, 3)", lambda logits, labels: (logits, F.one_hot(labels, 3))),
    "column": ("labels = labels[:, None]", lambda logits, labels: (logits, labels[:, None])),
    "transposed": ("logits = logits.t()", lambda logits, labels: (logits.t(), labels)),
    "from_one": ("labels = labels + 1", lambda logits, labels: (logits, labels + 1)),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The tensors given to the loss, and its value or torch's error, the other being None or ""."""

    logits: Tensor
    labels: Tensor
    loss: float | None
    error: str


def answer(case: str) -> Answer:
    """Call the cross-entropy loss with the logits and labels of one of the :data:`CASES`."""
    logits, labels = CASES[case][1](torch.tensor(LOGITS), torch.tensor(LABELS))
    try:
        return Answer(logits, labels, F.cross_entropy(logits, labels).item(), "")
    except (RuntimeError, IndexError, ValueError) as error:
        return Answer(logits, labels, None, f"{type(error).__name__}: {error}")
