"""Tensors: made, indexed, computed with, reduced, laid out in memory, and a million random ones counted."""

from dlcore.lessons.tensors.settings import LESSON
from pages.basics.tensors import create as tensors_create
from pages.basics.tensors import histogram as tensors_histogram
from pages.basics.tensors import index as tensors_index
from pages.basics.tensors import memory as tensors_memory
from pages.basics.tensors import operations as tensors_operations
from pages.basics.tensors import reductions as tensors_reductions
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

s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
PARTS[s["part"]](s)
lesson.end(s)
