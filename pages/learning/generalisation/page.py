"""Generalisation: polynomials that fit too little or too much, weight decay, and dropout."""

from dlcore.lessons.generalisation.settings import LESSON
from pages.learning.generalisation.decay import decay
from pages.learning.generalisation.dropout import mask, net
from pages.learning.generalisation.polynomial import polynomial_part
from pages.ui import lesson
from pages.ui.controls import control

s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
{"polynomial": polynomial_part, "decay": decay, "mask": mask, "dropout": net}[s["part"]](s)
