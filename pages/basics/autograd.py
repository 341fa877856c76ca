"""Automatic differentiation: the graph and the walk back through it, the gradients, a derivative's curve."""

import streamlit as st

from dlcore.basics.config import AUTOGRAD
from pages.basics import autograd_derivative, autograd_gradients, autograd_walk
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {"walk": autograd_walk, "gradients": autograd_gradients, "derivative": autograd_derivative}

s = lesson.begin(AUTOGRAD)
part = PARTS[s["part"]]
with st.container(horizontal=True, gap="medium"):
    control(s, "part", in_sight=True)
    part.choices(s)
part.draw(s)
lesson.end(s)
