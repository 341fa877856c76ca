"""The tensors page: make, index, compute, reduce, look into memory, draw random numbers."""

from dlcore.lessons.tensors.settings import LESSON
from pages.basics.tensors.create import draw_create
from pages.basics.tensors.histogram import draw_histogram
from pages.basics.tensors.index import draw_index
from pages.basics.tensors.memory import draw_memory
from pages.basics.tensors.operations import draw_operations
from pages.basics.tensors.reductions import draw_reductions
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {
    "create": draw_create,
    "index": draw_index,
    "operations": draw_operations,
    "reductions": draw_reductions,
    "memory": draw_memory,
    "histogram": draw_histogram,
}

s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
PARTS[s["part"]](s)
lesson.end(s)
