"""An exception of torch as data: its class, its message and the reason that a page explains.

>>> Refused.of(IndexError("index 5 is out of bounds"), "out_of_range").text
'IndexError: index 5 is out of bounds'
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refused:
    """An exception that torch raised: its class name, its message, and the id of the reason that a page gives."""

    kind: str
    message: str
    why: str

    @classmethod
    def of(cls, error: Exception, why: str) -> Refused:
        """Return the exception ``error`` as a value; ``why`` is the id of its reason."""
        return cls(type(error).__name__, str(error), why)

    @property
    def text(self) -> str:
        """Return the exception as the last line of a traceback."""
        return f"{self.kind}: {self.message}"
