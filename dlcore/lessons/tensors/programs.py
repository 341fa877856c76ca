"""Programs in which torch refuses a line: they catch the exception and print it.

>>> refused = Refused.of(IndexError("index 5 is out of bounds"), "out_of_range")
>>> print(refused_snippet(("x = torch.arange(3)",), "x[5]", refused).code)
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

from dlcore.lessons.tensors.refusal import Refused
from dlcore.programs.snippet import Snippet


def refused_snippet(setup: Sequence[str], line: str, refused: Refused) -> Snippet:
    """Return the program that runs ``setup``, then ``line``, which torch refuses, and prints the exception."""
    code = (
        "import torch",
        "",
        *setup,
        "try:",
        f"    {line}",
        f"except {refused.kind} as error:",
        f'    print("{refused.kind}:", error)',
    )
    return Snippet("\n".join(code), refused.text)
