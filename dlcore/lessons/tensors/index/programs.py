"""The program of an index expression."""

from __future__ import annotations

from dlcore.lessons.tensors.index.model import CODE, Indexed
from dlcore.lessons.tensors.index.syntax import Access
from dlcore.lessons.tensors.programs import refused_snippet
from dlcore.lessons.tensors.refusal import Refused
from dlcore.programs.snippet import Snippet


def snippet(access: Access, outcome: Indexed | Refused) -> Snippet:
    """Return the program that carries out an access, and its output."""
    setup = (f"{access.name} = {CODE[access.name]}",)
    if isinstance(outcome, Refused):
        return refused_snippet(setup, access.text, outcome)
    result = outcome.result
    if access.value is not None:
        lines, printed = [access.text, f"print({access.name})"], str(result)
    else:
        lines, printed = [f"y = {access.text}", "print(y)", "print(y.shape)"], f"{result!s}\n{result.shape}"
    return Snippet("\n".join(("import torch", "", *setup, *lines)), printed)
