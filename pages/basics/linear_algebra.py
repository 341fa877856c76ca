"""(the lesson)"""

from dlcore.basics.config import LINEAR_ALGEBRA
from pages.ui import lesson

s = lesson.begin(LINEAR_ALGEBRA)
lesson.end(s)
