"""Page on automatic differentiation: the graph and its backward pass, gradients, the curve of a derivative."""

import streamlit as st

from dlcore.lessons.autograd.settings import LESSON
from pages.basics.autograd.derivative import choose_preset, draw_derivative
from pages.basics.autograd.gradients import choose_topic, draw_gradients
from pages.basics.autograd.walk import choose_example, draw_walk
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {
    "walk": (choose_example, draw_walk),
    "gradients": (choose_topic, draw_gradients),
    "derivative": (choose_preset, draw_derivative),
}

s = lesson.begin(LESSON)
choose, draw_part = PARTS[s["part"]]
with st.container(horizontal=True, gap="medium"):
    control(s, "part", in_sight=True)
    choose(s)
draw_part(s)
lesson.end(s)
