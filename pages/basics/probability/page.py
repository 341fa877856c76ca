"""The probability page: a die thrown in groups, and how fast its frequencies approach its probabilities."""

import streamlit as st

from dlcore.drawing import formats
from dlcore.lessons.probability import charts, programs
from dlcore.lessons.probability import model as dice
from dlcore.lessons.probability.settings import LESSON, MAX_FACES
from dlcore.settings.rules import Number
from pages.ui import layout, lesson
from pages.ui.controls import control, slider
from pages.ui.gate import gate
from pages.ui.language import t

LARGE, SMALL = 300, 190  # pixels of the height of charts

s = lesson.begin(LESSON)
loads, p = s.understood("loads", lambda loads: (loads, dice.distribution(loads)))
faces = len(p)
groups, throws, seed = s["groups"], s["throws"], s["seed"]
face = min(s["face"], faces)


def throw_again() -> None:
    """Set the next seed; after the last comes the first."""
    s.set("seed", (s["seed"] + 1) % (int(s.settings["seed"].rule.max) + 1))


def choose_face() -> None:
    """Set the face whose band is drawn; a second click on the same face would deselect it, so it is ignored."""
    s.set("face", st.session_state["probability.face"] or s["face"])


left, right = layout.stage(0.3, 0.7)
with left:
    slider(
        t("probability.faces"),
        "probability.faces",
        faces,
        Number(dice.MIN_FACES, MAX_FACES, 1, integer=True),
        lambda n: s.set("loads", dice.fair(n)),
    )
    for i in range(faces):
        if i % 2 == 0:  # a row at a time, so that they are in order on a phone too
            columns = st.columns(2, gap="small")
        with columns[i % 2]:
            slider(
                t("probability.face_p", face=i + 1),
                f"probability.p{i + 1}",
                round(float(p[i]), 3),
                Number(0, 1, 0.01),
                lambda value, i=i: s.set("loads", dice.with_probability(loads, i, value)),
            )
    with st.container(horizontal=True):
        st.button(
            t("probability.fair"),
            key="probability.fair",
            icon=":material/balance:",
            on_click=lambda: s.set("loads", dice.fair(faces)),
        )
        st.button(t("probability.again"), key="probability.again", icon=":material/casino:", on_click=throw_again)
    columns = st.columns(2, gap="small")
    with columns[0]:
        control(s, "groups", marks=(1, 2, 5))
    with columns[1]:
        control(s, "throws", marks=(1, 2, 5))
    control(s, "seed", exact=True)

with gate().turn():
    experiment = dice.throw(p, groups=groups, throws=throws, seed=seed)
    frames = (
        charts.estimate_frame(experiment, face - 1, log=s["axis"] == "log"),
        charts.final_frame(experiment),
        charts.error_frame(experiment),
    )

with right:
    lesson.idea("probability/idea")
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.session_state["probability.face"] = face
        st.segmented_control(s.label("face"), range(1, faces + 1), key="probability.face", on_change=choose_face)
        with st.container(width="content"):
            control(s, "axis", in_sight=True)
    st.vega_lite_chart(
        frames[0],
        charts.estimate_spec(
            faces,
            face - 1,
            t("probability.throws_axis"),
            t("probability.estimate"),
            t("probability.face"),
            log=s["axis"] == "log",
            height=LARGE,
        ),
        key="probability.estimates",
        alt=t("probability.estimates_alt"),
    )
    bars, errors = st.columns([0.45, 0.55], gap="small")
    with bars:
        st.vega_lite_chart(
            frames[1],
            charts.final_spec(faces, t("probability.face"), t("probability.estimate"), t("probability.true"), SMALL),
            key="probability.final",
            alt=t("probability.final_alt"),
        )
        st.caption(t("probability.final", n=formats.count(groups * throws)))
    with errors:
        if float(p.max()) == 1:
            st.caption(t("probability.certain"))
        else:
            names = (t("probability.largest"), t("probability.mean"), "c/√n")
            st.vega_lite_chart(
                frames[2],
                charts.error_spec(t("probability.throws_axis"), t("probability.error"), names, SMALL),
                key="probability.errors",
                alt=t("probability.errors_alt"),
            )
            st.caption(t("probability.errors"))

prose, program = st.columns([0.45, 0.55], gap="medium")
with prose:
    lesson.idea("probability/groups")
    seen, expected = experiment.spread(face - 1)
    shares = experiment.counts[:, face - 1] / throws
    st.markdown(
        t(
            "probability.spread",
            face=face,
            groups=groups,
            throws=throws,
            low=formats.text(float(shares.min()), 6),
            high=formats.text(float(shares.max()), 6),
            seen=formats.fixed(seen, 3),
            expected=formats.fixed(expected, 3),
        )
    )
with program:
    lesson.code(programs.snippet(loads, groups=groups, throws=throws, seed=seed, experiment=experiment))

lesson.end(s)
