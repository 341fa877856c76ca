"""The lab: a grid of runs over one or two settings, trained together, and what it showed."""

from typing import Any

import streamlit as st

from dlcore.drawing import formats
from dlcore.lab.grid import Cell
from dlcore.lab.sheet import shown
from pages.lab.lab.controls import draw_controls
from pages.lab.lab.picture import Picture
from pages.lab.lab.results import View, quantity_of, results, sentences
from pages.lab.lab.state import GridRun, LabPlayer, LabState, lab, player_of, words
from pages.spiral.spiral.session import session
from pages.ui import layout, lesson, messages, path, player
from pages.ui.gate import gate
from pages.ui.language import t

EVERY = 8  # frames from one drawing of the results to the next


def progress(run: GridRun) -> str:
    """Return how much of the work is done, and about how many seconds are left."""
    share = player.padded(formats.percent(run.trainer.progress), "100%")
    left = run.trainer.seconds_left
    if run.trainer.stopped:
        return t("lab.stopped", share=share)
    if run.finished or left is None:
        return t("lab.progress", share=share)
    return t("lab.left", share=share, seconds=player.padded(formats.count(round(left)), "100"))


def toolbar(p: LabPlayer) -> Any:
    """Draw the buttons and how far the training is; return the placeholder of the latter."""
    with st.container(key="toolbar", horizontal=True, vertical_alignment="center", gap="small"):
        player.buttons(p, steps=False)
        with st.container(key="epoch", width="content"):
            return st.markdown(progress(p.run))


def opener(s: LabState) -> None:
    """Draw the choice of a cell to open on the spiral page."""
    grid = s.grid
    cells = {cell.index: cell for cell in shown(grid)}

    def name(index: int) -> str:
        cell: Cell = cells[index]
        place = [words(axis, value) for axis, value in zip(grid.axes, (cell.x, cell.y), strict=False)]
        return " · ".join([*place, t("lab.seed", number=cell.replicate + 1)] if grid.seeds > 1 else place)

    def open_cell() -> None:
        opened = session()
        opened.pause()
        opened.apply(cells[st.session_state["lab.cell"]].config.values())
        st.session_state["lab.go"] = True

    with st.container(key="lab-opener", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(t("lab.cell"), list(cells), format_func=name, key="lab.cell")
        st.button(t("lab.open"), key="lab.open", icon=":material/open_in_new:", on_click=open_cell)


def complete(run: GridRun) -> None:
    """Redraw the cells of the sheet that were trained since they were drawn, in turns of the gate."""
    while run.sheet.stale:
        with gate().turn() as seconds:
            run.sheet.refresh(seconds)


s = lab()
s.read_link()
layout.heading(t("page.lab"))
if st.session_state.pop("lab.go", False):
    st.switch_page(path.target("spiral"))
messages.show(s.problems, instead=s.problem, name=s.label)
bar = st.container()
left, middle, right = layout.stage(0.24, 0.44, 0.32)
with left, st.container(gap="xsmall"):
    draw_controls(s)
p = player_of(s.grid)
picture, view = Picture(p.run, quantity_of(p.run.grid, "loss")), View(p.run)
if not p.playing:
    complete(p.run)
with gate().turn():
    frame, found = picture.compose(), results(p.run)
with bar:
    status = toolbar(p)
with middle:
    picture.draw(frame)
    st.caption(t("lab.caption"))
    said = st.container(key="lab-findings").markdown(sentences(p.run.grid, found))
    opener(s)
with right:
    view.draw(found)


def compose(number: int) -> tuple[Any, Any]:
    """Return the picture and, now and then, the results."""
    return picture.compose(), results(p.run) if number % EVERY == EVERY - 1 or p.run.finished else None


def redraw(frame: tuple[Any, Any]) -> None:
    """Draw a frame into the placeholders."""
    picture.redraw(frame[0])
    status.markdown(progress(p.run))
    if frame[1] is not None:
        said.markdown(sentences(p.run.grid, frame[1]))
        view.redraw(frame[1])


lesson.end(s, lambda: player.loop(p, compose, redraw))
