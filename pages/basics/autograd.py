"""(the lesson)"""

from dlcore.basics.config import AUTOGRAD
from pages.ui import lesson

s = lesson.begin(AUTOGRAD)
lesson.end(s)
