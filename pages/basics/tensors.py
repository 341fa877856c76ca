"""Tensors: made, indexed, computed with, reduced, laid out in memory, and a million random ones counted."""

from dlcore.basics.config import TENSORS
from pages.basics import (
    tensors_create,
    tensors_histogram,
    tensors_index,
    tensors_memory,
    tensors_operations,
    tensors_reductions,
)
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {
    "create": tensors_create.draw,
    "index": tensors_index.draw,
    "operations": tensors_operations.draw,
    "reductions": tensors_reductions.draw,
    "memory": tensors_memory.draw,
    "histogram": tensors_histogram.draw,
}

s = lesson.begin(TENSORS)
control(s, "part", in_sight=True)
PARTS[s["part"]](s)
lesson.end(s)
