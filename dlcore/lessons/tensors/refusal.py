"""What torch refuses to do: its own words, and a program that meets them and goes on.

>>> refused = Refused.of(IndexError("index 5 is out of bounds"), "out_of_range")
>>> refused.said
'IndexError: index 5 is out of bounds'
>>> print(snippet(("x = torch.arange(3)",), "x[5]", refused).code)
import torch
<BLANKLINE>
x = torch.arange(3)
try:
    x[5]
except IndexError as error:
    print("IndexError:", error)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.programs.snippet import Snippet


@dataclass(frozen=True, slots=True)
class Refused:
    """An exception of torch: its class's name, its message, and the id of the reason that a page gives."""

    kind: str
    message: str
    why: str

    @classmethod
    def of(cls, error: Exception, why: str) -> Refused:
        """Parameters are what was raised, and the reason's id."""
        return cls(type(error).__name__, str(error), why)

    @property
    def said(self) -> str:
        """As the last line of a traceback has it."""
        return f"{self.kind}: {self.message}"


def snippet(setup: Sequence[str], line: str, refused: Refused) -> Snippet:
    """A program whose ``line``, after those of ``setup``, is refused."""
    code = (
        "import torch",
        "",
        *setup,
        "try:",
        f"    {line}",
        f"except {refused.kind} as error:",
        f'    print("{refused.kind}:", error)',
    )
    return Snippet("\n".join(code), refused.said)
