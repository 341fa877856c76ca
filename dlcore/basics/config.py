"""Every id, range and default of the basics' pages: what can be set on each, under which key a link says it."""

from __future__ import annotations

from typing import Final

from dlcore.lesson import Lesson

# --- tensors ---
TENSORS: Final = Lesson("tensors")

# --- broadcasting ---
BROADCASTING: Final = Lesson("broadcasting")

# --- linear algebra ---
LINEAR_ALGEBRA: Final = Lesson("linear_algebra")

# --- vectorisation ---
VECTORISATION: Final = Lesson("vectorisation")

# --- data ---
DATA: Final = Lesson("data")

# --- probability ---
PROBABILITY: Final = Lesson("probability")

# --- autograd ---
AUTOGRAD: Final = Lesson("autograd")


LESSONS: Final = (TENSORS, BROADCASTING, LINEAR_ALGEBRA, VECTORISATION, DATA, PROBABILITY, AUTOGRAD)
