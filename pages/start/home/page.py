"""The home page: what the app is, a trained network and the path of lessons."""

import time

import streamlit as st

from dlcore.drawing import formats
from dlcore.drawing.image import data_url
from dlcore.drawing.palette import Theme
from dlcore.spiral import regions
from dlcore.spiral.experiments import PUBLISHED
from dlcore.spiral.training import Run
from pages.ui import layout, path
from pages.ui.gate import gate
from pages.ui.language import content, t


@st.cache_data(show_spinner=False)
def trained(theme: Theme) -> tuple[bytes, float, float]:
    """Train the lecture's ReLU network, once per process and theme; return its picture, seconds and accuracy."""
    published = PUBLISHED["lecture_relu"]
    run, seconds = Run(published.config), 0.0
    while not run.finished:
        with gate().turn() as turn:
            began = time.perf_counter()
            run.advance_for(turn)
            seconds += time.perf_counter() - began
    train, test = run.prepared.train, run.prepared.test
    half = regions.limit(train)
    points = regions.Points(train, test, half=half, pixels=900)
    image = regions.region(
        run.engine, half=half, names=published.config.data.features, size=300, factor=3, theme=theme, points=points
    )
    return image, seconds, run.measure().train_accuracy


layout.heading(t("page.home"))
words, picture = st.columns([0.45, 0.55], gap="large", vertical_alignment="top")
with words:
    st.markdown(content("home/idea"))
    if st.button(t("home.open"), type="primary", key="home.open", icon=":material/play_arrow:"):
        st.switch_page(path.target("spiral"))
    st.header(t("home.path"), anchor=False)
    path.overview()
with picture:
    image, seconds, accuracy = trained(layout.theme())
    st.image(data_url(image), width="stretch", alt=t("home.alt"))
    st.caption(t("home.caption", seconds=formats.fixed(seconds, 2), accuracy=formats.percent(accuracy, 1)))
