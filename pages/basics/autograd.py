"""Automatic differentiation: the graph and the walk back through it, the gradients, a derivative's curve."""

from dlcore.basics.config import AUTOGRAD
from pages.basics import autograd_derivative, autograd_gradients, autograd_walk
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {"walk": autograd_walk.draw, "gradients": autograd_gradients.draw, "derivative": autograd_derivative.draw}

s = lesson.begin(AUTOGRAD)
control(s, "part", in_sight=True)
PARTS[s["part"]](s)
lesson.end(s)
