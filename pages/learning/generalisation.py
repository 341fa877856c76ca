"""Generalisation: polynomials that fit too little or too much, weight decay, and dropout."""

from dlcore.learning.config import GENERALISATION
from pages.learning.generalisation_decay import decay
from pages.learning.generalisation_dropout import mask, net
from pages.learning.generalisation_polynomial import polynomial_part
from pages.ui import lesson
from pages.ui.controls import control

s = lesson.begin(GENERALISATION)
control(s, "part", in_sight=True)
{"polynomial": polynomial_part, "decay": decay, "mask": mask, "dropout": net}[s["part"]](s)
