"""(the lesson)"""

from dlcore.basics.config import VECTORISATION
from pages.ui import lesson

s = lesson.begin(VECTORISATION)
lesson.end(s)
