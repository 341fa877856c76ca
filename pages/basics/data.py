"""(the lesson)"""

from dlcore.basics.config import DATA
from pages.ui import lesson

s = lesson.begin(DATA)
lesson.end(s)
