"""Page on generalisation: polynomials that underfit or overfit, weight decay, and dropout."""

from dlcore.lessons.generalisation.settings import LESSON
from pages.learning.generalisation.decay import decay_part
from pages.learning.generalisation.dropout import mask_part, network_part
from pages.learning.generalisation.polynomial import polynomial_part
from pages.ui import lesson
from pages.ui.controls import control

s = lesson.begin(LESSON)
control(s, "part", in_sight=True)
{"polynomial": polynomial_part, "decay": decay_part, "mask": mask_part, "dropout": network_part}[s["part"]](s)
