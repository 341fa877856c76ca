"""Page on optimizers side by side: on a surface, chosen or typed, and on a small network."""

import streamlit as st

from dlcore.lessons.optimisers.settings import LESSON
from pages.learning.optimisers.network import draw_network
from pages.learning.optimisers.race import draw_race
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {"race": draw_race, "network": draw_network}

s = lesson.begin(LESSON)
part, shown = st.columns([0.24, 0.76], gap="medium")
with part:
    control(s, "part", in_sight=True)
with shown:
    control(s, "shown")
PARTS[s["part"]](s)
