"""(the lesson)"""

from dlcore.basics.config import TENSORS
from pages.ui import lesson

s = lesson.begin(TENSORS)
lesson.end(s)
