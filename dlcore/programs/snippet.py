"""Code that a page shows, with what it prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """A complete Python program and its standard output.

    ``output`` is put together from the values that the page itself computed and shows; nothing runs the text. The
    tests do, and compare. An empty output says that it cannot be foretold (a measured time, uninitialised memory).
    """

    code: str
    output: str = ""
