"""The view of space: the plane as each layer bends it, at a depth that a slider or the play button moves."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.drawing.image import data_url
from dlcore.settings.rules import Number
from dlcore.spiral.space import Camera, Frame, Sheet
from dlcore.spiral.space_picture import picture
from dlcore.spiral.training import Run
from pages.spiral.spiral.session import Session
from pages.ui import layout, player
from pages.ui.controls import slider
from pages.ui.gate import gate
from pages.ui.language import t

LIVE: Final = 320  # pixels along a side of the picture while it changes by itself
AT_REST: Final = 440  # when it is still, with smooth edges
STEP: Final = 0.05  # of the depth, between two stops of the slider and two frames of the play button
FOLDS: Final = ("relu", "leaky_relu")  # activations with a crease

_STATE: Final = "space"  # in the session's memo


@dataclass
class Walk:
    """Where the session's view of space is, and from where it is seen."""

    depth: float | None = None  # None until it was moved: the last space before the logits
    playing: bool = False
    camera: Camera | None = None
    run: Run | None = None  # that of the camera
    trained: tuple[int, float] = (0, 0.0)  # epoch and last loss of the run when the camera was made

    def look(self, s: Session) -> Camera:
        """Return the camera of the run; call this in a turn of the gate.

        It is made anew when training stops later than the one before was made: then the planes are those of the
        trained network, and they stay while one goes back in time or trains again from the start.
        """
        trained = (s.run.epoch, s.run.losses[-1] if s.run.losses else 0.0)
        later = not s.playing and trained != self.trained and trained[0] >= self.trained[0]
        if self.camera is None or self.run is not s.run or later:
            sheet = Sheet(s.run.prepared.train, s.half, s.config.data.features)
            self.camera, self.run, self.trained = Camera(s.network, sheet), s.run, trained
        return self.camera

    def at(self, camera: Camera) -> float:
        """Return the present depth."""
        return min(camera.depth - 1 if self.depth is None else self.depth, camera.depth)

    def move(self, depth: float) -> None:
        """Go to a depth, which ends the play."""
        self.depth, self.playing = depth, False

    def toggle(self, camera: Camera) -> None:
        """Play on from the present depth, or from the input if the straight lines are reached; or stop."""
        if not self.playing and self.at(camera) >= camera.depth - 1:
            self.depth = 0.0
        self.playing = not self.playing

    def step(self, camera: Camera) -> None:
        """Go one frame deeper if it plays; the logits are the end."""
        if self.playing:
            self.depth = min(round(self.at(camera) + STEP, 9), camera.depth)
            self.playing = self.depth < camera.depth


@dataclass(frozen=True, slots=True)
class Shown:
    """The data of one frame, computed in a turn of the gate."""

    image: str
    frame: Frame
    camera: Camera
    depth: float


def walk(s: Session) -> Walk:
    """Return the state of the view in the current session."""
    result: Walk = s.memo.setdefault(_STATE, Walk())
    return result


class Space:
    """The picture of the sheet, the name of its stage and its depth."""

    every = 1

    def __init__(self) -> None:
        self._places: dict[str, DeltaGenerator] = {}

    def compute(self, s: Session) -> Shown:
        """Return the picture at the present depth; call this in a turn of the gate."""
        camera = walk(s).look(s)
        depth = walk(s).at(camera)
        frame, live = camera.frame(s.network, depth), s.playing or walk(s).playing
        png = picture(frame, camera.sheet.y, pixels=LIVE if live else AT_REST, smooth=not live, theme=layout.theme())
        return Shown(data_url(png), frame, camera, depth)

    def draw(self, s: Session, data: Shown) -> None:
        """Draw the view at the current position of the page."""
        with st.container(gap="xsmall"):
            self._controls(s, data)
            self._places["words"] = _words(st, s, data)
            with st.container(key="space"):
                self._places["image"] = _image(st, data)
            st.markdown(_lesson(s))
            st.caption(t("spiral.space.exact" if data.frame.exact else "spiral.space.slice"))

    def _controls(self, s: Session, data: Shown) -> None:
        with st.container(key="space-depth", horizontal=True, vertical_alignment="center"):
            _button(s, data)
            with st.container():
                if walk(s).playing:
                    self._places["depth"] = _bar(st, data)
                else:
                    _slider(s, data)

    def redraw(self, s: Session, data: Shown) -> None:
        """Draw new data into the placeholders, and go one frame deeper if the depth plays."""
        _image(self._places["image"], data)
        _words(self._places["words"], s, data)
        if walk(s).playing:
            if "depth" in self._places:
                _bar(self._places["depth"], data)
            walk(s).step(data.camera)
            if not walk(s).playing:
                st.rerun()

    def play(self, s: Session) -> None:
        """Draw frames until the depth has reached the logits, while the run does not train; then rerun the script."""
        while walk(s).playing and not s.playing:
            began = time.monotonic()
            with gate().turn():
                # A newer script run may have begun; if so, reading the state ends this one.
                if st.session_state.get(s.state_key) is not s:
                    return
                data = self.compute(s)
            self.redraw(s, data)
            time.sleep(max(0.0, player.FRAME_SECONDS - (time.monotonic() - began)))


def _lesson(s: Session) -> str:
    """Return the sentence that says what the view teaches."""
    if s.config.data.regression:
        return t("spiral.regression.space")
    id = s.config.model.activation
    if not s.config.model.hidden or id == "identity":
        return t("spiral.space.flat")
    words = "folds" if id in FOLDS else "bends"
    return t(f"spiral.space.{words}", activation=s.option("model.activation", id))


def _image(place: Any, data: Shown) -> DeltaGenerator:
    return place.image(data.image, width="stretch", alt=t("spiral.space.alt"))


def _bar(place: Any, data: Shown) -> DeltaGenerator:
    return place.progress(data.depth / data.camera.depth, t("spiral.space.depth"))


def _button(s: Session, data: Shown) -> None:
    playing = walk(s).playing
    st.button(
        t("spiral.space.stop" if playing else "spiral.space.play"),
        key="spiral.space.play",
        icon=":material/pause:" if playing else ":material/layers:",
        on_click=walk(s).toggle,
        args=(data.camera,),
        width=165,  # for both labels, so that what stands beside it stays where it is
    )


def _slider(s: Session, data: Shown) -> None:
    slider(
        t("spiral.space.depth"),
        "spiral.space.depth",
        data.depth,
        Number(0.0, float(data.camera.depth), STEP),
        walk(s).move,
        help=t("spiral.space.depth_help"),
    )


def _words(place: Any, s: Session, data: Shown) -> DeltaGenerator:
    """Draw the name of the stage and what its plane shows, always in two lines."""
    units, share = data.frame.units, formats.percent(data.frame.share)
    plane = t("spiral.space.whole", units=units) if units <= 2 else t("spiral.space.plane", units=units, share=share)
    return place.markdown(f"**{_stage(s, data)}**  \n{plane}")


def _stage(s: Session, data: Shown) -> str:
    stage = data.frame.stage
    if data.depth == 0:
        return t("spiral.space.input")
    if stage.kind == "activation":
        name = s.option("model.activation", s.config.model.activation)
        return t("spiral.space.activation", layer=stage.layer, activation=name)
    last = stage == data.camera.stages[-1]
    return t("spiral.space.logits" if last else "spiral.space.linear", layer=stage.layer)
