"""Code that a page shows, with its output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """A complete Python program and its standard output.

    ``output`` is made from the values that the page computed and shows; only the tests run the code, and compare.
    It is empty if it cannot be predicted (a measured time, uninitialised memory).
    """

    code: str
    output: str = ""
