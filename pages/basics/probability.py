"""(the lesson)"""

from dlcore.basics.config import PROBABILITY
from pages.ui import lesson

s = lesson.begin(PROBABILITY)
lesson.end(s)
