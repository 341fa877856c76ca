"""Automatic differentiation: the graph and the walk back through it, the gradients, a derivative's curve."""

import streamlit as st

from dlcore.lessons.autograd.settings import LESSON
from pages.basics.autograd import derivative as autograd_derivative
from pages.basics.autograd import gradients as autograd_gradients
from pages.basics.autograd import walk as autograd_walk
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {"walk": autograd_walk, "gradients": autograd_gradients, "derivative": autograd_derivative}

s = lesson.begin(LESSON)
part = PARTS[s["part"]]
with st.container(horizontal=True, gap="medium"):
    control(s, "part", in_sight=True)
    part.choices(s)
part.draw(s)
lesson.end(s)
