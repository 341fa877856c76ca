"""Run the programs that the pages show."""

from __future__ import annotations

import contextlib
import io


def printed(code: str) -> str:
    """Return the output of a program, without the final line end."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, "<shown>", "exec"), {"__name__": "__main__"})
    return output.getvalue().rstrip("\n")
