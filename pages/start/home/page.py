"""The home page: what the app is, a network that learns, and the path of lessons."""

import time

import streamlit as st

from dlcore.drawing import formats
from dlcore.drawing.palette import Theme
from dlcore.spiral import film
from dlcore.spiral.experiments import PUBLISHED
from dlcore.spiral.training import Run
from pages.spiral.spiral.session import session
from pages.ui import layout, path
from pages.ui.gate import gate
from pages.ui.language import content, t

CONFIG = PUBLISHED["lecture_relu"].config
PIXELS = (100, 4)  # cells along a side of the region, and pixels along a side of a cell


@st.cache_data(show_spinner=False)
def filmed(theme: Theme) -> tuple[bytes, bytes, float, float]:
    """Train the lecture's ReLU network, once per process and theme; return film, last frame, seconds and accuracy."""
    run, seconds = Run(CONFIG), 0.0

    def advance(epoch: int) -> None:
        nonlocal seconds
        while run.epoch < epoch:
            with gate().turn() as turn:
                began = time.perf_counter()
                run.advance_for(turn, epoch - run.epoch)
                seconds += time.perf_counter() - began

    size, factor = PIXELS
    moving, last = film.record(run, advance, theme, size=size, factor=factor)
    return moving, last, seconds, run.measure().train_accuracy


def open_run() -> None:
    """Train the run of the film on the spiral page."""
    s = session()
    s.apply(CONFIG.values())
    s.restart()
    s.play()
    st.session_state["home.go"] = True


if st.session_state.pop("home.go", False):
    st.switch_page(path.target("spiral"))
layout.heading(t("page.home"))
words, picture = layout.stage(0.56, 0.44)
with words:
    st.markdown(content("home/idea"))
    st.button(t("home.open"), type="primary", key="home.open", icon=":material/play_arrow:", on_click=open_run)
    st.header(t("home.path"), anchor=False)
    path.overview()
with picture:
    moving, last, seconds, accuracy = filmed(layout.theme())
    for key, image in (("film", moving), ("film-still", last)):  # the style sheet shows one of them
        with st.container(key=key):
            st.image(image, width="stretch", alt=t("home.alt"))
    st.caption(t("home.caption", seconds=formats.fixed(seconds, 2), accuracy=formats.percent(accuracy, 1)))
