"""The part that shows a 2×2 matrix as a map of the plane."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from torch import Tensor

from dlcore.drawing.formats import exact
from dlcore.lessons.linear_algebra.map import charts as plane
from dlcore.lessons.linear_algebra.map import model as linear_algebra
from dlcore.lessons.linear_algebra.map import programs
from dlcore.lessons.linear_algebra.map.model import Entries, MatrixFacts
from pages.ui import layout, lesson
from pages.ui.controls import control, slider
from pages.ui.language import t
from pages.ui.table import table

NAMES = ("a11", "a12", "a21", "a22")


def draw_map(s: lesson.State) -> None:
    """Draw the controls at the left, the plane in the middle, the properties at the right."""
    entries = entries_of(s)
    A = linear_algebra.interpolate(entries, s["interpolation"])
    facts = linear_algebra.analyse(A)
    x = (s["x1"], s["x2"])
    draw_presets(s, entries)
    controls, picture, known = layout.stage(0.3, 0.42, 0.28)
    with controls:
        draw_controls(s, preset_of(s, entries))
    with picture:
        st.vega_lite_chart(
            plane.frame(A, facts, x),
            plane.spec("x₁", "x₂"),
            key="linear_algebra.plane",
            alt=t("linear_algebra.alt_map"),
        )
    with known:
        draw_properties(A, facts, x)
        draw_verdict(facts)
    prose, code = st.columns(2, gap="medium")
    with prose:
        lesson.idea("linear_algebra/map")
    with code:
        lesson.code(programs.snippet(entries, x, s["interpolation"]))


def entries_of(s: lesson.State) -> Entries:
    """Return the entries of the matrix from its settings."""
    return ((s["a11"], s["a12"]), (s["a21"], s["a22"]))


def take(s: lesson.State, id: str, angle: int) -> None:
    """Set the entries to those of a preset."""
    (a, b), (c, d) = linear_algebra.preset(id, angle)
    s.apply({"angle": angle, **dict(zip(NAMES, (a, b, c, d), strict=True))})


def preset_of(s: lesson.State, entries: Entries) -> str | None:
    """Return the id of the preset with these entries, or None; a rotation by 0 counts as one and keeps its slider."""
    ids = (*linear_algebra.ROTATING, *linear_algebra.PRESETS)
    return next((id for id in ids if linear_algebra.preset(id, s["angle"]) == entries), None)


def draw_presets(s: lesson.State, entries: Entries) -> None:
    """Draw the menu of presets; the current one is marked."""
    key = "linear_algebra.preset"

    def picked() -> None:
        id = st.session_state[key]
        if id:
            take(s, id, s["angle"] if id in linear_algebra.ROTATING else s.settings["angle"].default)

    st.session_state[key] = preset_of(s, entries)
    st.pills(
        t("linear_algebra.presets"),
        linear_algebra.PRESETS,
        format_func=lambda id: t(f"linear_algebra.preset.{id}"),
        key=key,
        on_change=picked,
    )


def draw_controls(s: lesson.State, preset: str | None) -> None:
    """Draw the controls of the matrix, of its angle if it has one, of the interpolation and of the vector."""
    st.caption(t("linear_algebra.matrix"))
    for names in (NAMES[:2], NAMES[2:]):
        with st.container(horizontal=True, gap="medium"):
            for name in names:
                with st.container(width="stretch"):
                    control(s, name)
    if preset in linear_algebra.ROTATING:
        rule = s.settings["angle"].rule
        slider(s.label("angle"), "linear_algebra.angle", s["angle"], rule, lambda angle: take(s, preset, angle))
    control(s, "interpolation")
    st.caption(t("linear_algebra.vector"))
    with st.container(horizontal=True, gap="medium"):
        for name in ("x1", "x2"):
            with st.container(width="stretch"):
                control(s, name)


def row(values: tuple[float, ...]) -> str:
    """Return several numbers with commas between them."""
    return ", ".join(map(exact, values))


def draw_properties(A: Tensor, facts: MatrixFacts, x: tuple[float, float]) -> None:
    """Draw a table of the properties of the matrix."""
    if facts.inverse:
        inverse = f"[{row(facts.inverse[0])}], [{row(facts.inverse[1])}]"
    else:
        inverse = t("linear_algebra.no_inverse")
    (a, b), (c, d) = A.tolist()
    image = tuple((A @ A.new_tensor(x)).tolist())
    if facts.complex:
        degrees = exact(abs(facts.degrees))
        eigenvalues = t("linear_algebra.polar", modulus=exact(facts.modulus), degrees=degrees)
    else:
        eigenvalues = row(facts.eigenvalues)
    rows = {
        "drawn": f"[{row((a, b))}], [{row((c, d))}]",
        "image": f"[{row(image)}]",
        "determinant": exact(facts.determinant),
        "trace": exact(facts.trace),
        "rank": str(facts.rank),
        "eigenvalues": eigenvalues,
        "singular_values": row(facts.singular_values),
        "inverse": inverse,
    }
    names = [t(f"linear_algebra.fact.{id}") for id in rows]
    table(pd.DataFrame({"name": names, "value": list(rows.values())}), hide_header=True)


def draw_verdict(facts: MatrixFacts) -> None:
    """Draw two sentences: the effect on areas and on directions."""
    sign = (facts.determinant > 0) - (facts.determinant < 0)
    area = {1: "area_kept", -1: "area_flipped", 0: "area_lost"}[sign]
    st.markdown(t(f"linear_algebra.{area}", area=exact(abs(facts.determinant)), rank=facts.rank))
    if facts.complex:
        way = "turns_left" if facts.degrees > 0 else "turns_right"
        degrees = exact(abs(facts.degrees))
        st.markdown(t(f"linear_algebra.{way}", degrees=degrees, modulus=exact(facts.modulus)))
    elif facts.every_direction:
        st.markdown(t("linear_algebra.every_direction", value=exact(facts.eigenvalues[0])))
    else:
        count = "one_direction" if len(facts.directions) == 1 else "two_directions"
        st.markdown(t(f"linear_algebra.{count}", values=row(tuple(value for value, _ in facts.directions))))
