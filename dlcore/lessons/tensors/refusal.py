"""What torch refuses to do, in its own words.

>>> Refused.of(IndexError("index 5 is out of bounds"), "out_of_range").said
'IndexError: index 5 is out of bounds'
"""

from __future__ import annotations

from dataclasses import dataclass


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
