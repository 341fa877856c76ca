"""Programs as the pages show them, run by themselves."""

from __future__ import annotations

import contextlib
import io


def printed(code: str) -> str:
    """What a program prints, without the last line's end."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, "<shown>", "exec"), {"__name__": "__main__"})
    return output.getvalue().rstrip("\n")
