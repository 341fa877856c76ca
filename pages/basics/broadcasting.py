"""(the lesson)"""

from dlcore.basics.config import BROADCASTING
from pages.ui import lesson

s = lesson.begin(BROADCASTING)
lesson.end(s)
