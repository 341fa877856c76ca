"""Optimisers racing: over a surface that is chosen or typed, and on a small network."""

import streamlit as st

from dlcore.lessons.optimisers.settings import LESSON
from pages.learning.optimisers import network as optimisers_network
from pages.learning.optimisers import race as optimisers_race
from pages.ui import lesson
from pages.ui.controls import control

PARTS = {"race": optimisers_race.draw, "network": optimisers_network.draw}


s = lesson.begin(LESSON)
part, shown = st.columns([0.24, 0.76], gap="medium")
with part:
    control(s, "part", in_sight=True)
with shown:
    control(s, "shown")
PARTS[s["part"]](s)
