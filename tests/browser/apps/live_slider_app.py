"""What test_live_slider.py drives: sliders over a settings object, presets, two pages, two languages, slow reruns."""

import time

import streamlit as st

from pages.ui.live_slider import decades, live_slider

DEFAULTS = {"units": 8, "noise": 0.2, "rate": 0.0123, "epochs": 1000, "shift": -1.5}


def sliders() -> None:
    if st.session_state.get("slow"):
        time.sleep(0.2)  # every answer is late
    st.session_state.setdefault("settings", dict(DEFAULTS))
    chinese = st.toggle("中文", key="chinese")

    def keep(units: float) -> None:
        st.session_state.settings["units"] = 200 if units == 201 else units  # 201 is refused

    settings = st.session_state.settings
    live_slider(
        "隐藏单元" if chinese else "Hidden units",
        key="units",
        value=settings["units"],
        min_value=1,
        max_value=256,
        help="Width of the layer",
        rule="1 到 256 的整数" if chinese else "",
        on_change=keep,
    )
    # The others are stored without a callback.
    settings["noise"] = live_slider(
        "Noise", key="noise", value=settings["noise"], min_value=0.0, max_value=1.0, step=0.01
    )
    settings["rate"] = live_slider("Rate", key="rate", value=settings["rate"], stops=decades(1e-5, 10.0))
    settings["epochs"] = live_slider(
        "Epochs",
        key="epochs",
        value=settings["epochs"],
        stops=decades(1, 10_000),
        unit="epochs",
        disabled=st.checkbox("Freeze"),
    )
    settings["shift"] = live_slider(
        "Shift", key="shift", value=settings["shift"], min_value=-2.0, max_value=2.0, step=0.5
    )
    st.text(f"got {settings}")

    if st.button("Preset"):
        settings["units"] = 8
        st.rerun()
    if st.button("Reset all"):
        st.session_state.clear()
        st.rerun()
    st.button("Rerun")
    if st.toggle("Slow", key="slow"):
        frame, text = st.empty(), st.empty()
        for number in range(200):
            frame.progress(number / 200)
            text.text(f"frame {number}")
            time.sleep(0.05)


def elsewhere() -> None:
    st.text("nothing here")


st.navigation([st.Page(sliders, title="Sliders", default=True), st.Page(elsewhere, title="Elsewhere")]).run()
