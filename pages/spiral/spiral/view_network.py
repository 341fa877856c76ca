"""The view of the network: a map in each unit, the weights as lines; units can be pointed at, chosen and changed.

A component can be mounted under its key once per script run, and a run plays within one. So the pictures of a playing
run come in carriers (:func:`pages.ui.component.carry`), each of which replaces the one before.
"""

from __future__ import annotations

import math
from typing import Any, Final

import streamlit as st

from dlcore.drawing import formats
from dlcore.drawing.palette import BLUE, CLASS_COLOURS, hex_colour
from dlcore.spiral import diagram
from dlcore.spiral.diagram import Column, Picture
from pages.spiral.spiral import unit_editor
from pages.spiral.spiral.session import Session
from pages.ui import component, layout
from pages.ui.component import Inbox
from pages.ui.language import t

KEY: Final = "spiral.network"
FOLDS: Final = ("relu", "leaky_relu")  # activations with a crease where the pre-activation is 0
_COLOURS: Final = {"positive": BLUE, "negative": hex_colour(CLASS_COLOURS[1])}  # as in diverging_palette

_mount = component.register(__file__)


class Diagram:
    """Draws the network, and the controls of the chosen unit."""

    every = 1

    def compute(self, s: Session) -> Picture:
        """Return the maps and the weights of the shown units."""
        return diagram.picture(s.network, shown(s), half=s.half, names=s.config.data.features, theme=layout.theme())

    def draw(self, s: Session, data: Picture) -> None:
        """Mount the diagram."""
        picks: Inbox = st.session_state.setdefault(f"{KEY}.picks", Inbox())

        def receive() -> None:
            with picks.lock:
                pick = picks.new(KEY, "pick")
                if pick is None:
                    return
                n, sent = pick
                use(s, sent)
                picks.seen = n  # last, so that the next run repeats a pick that was interrupted

        receive()  # a run that is superseded during the callbacks skips the rest of them
        _mount(
            key=KEY,
            data={"epoch": picks.epoch, "seen": picks.seen, **_static(s), "picture": _message(data)},
            on_pick_change=receive,
        )
        with st.container(key="carrier"):
            self._carrier = st.empty()
        unit_editor.draw(s)

    def redraw(self, s: Session, data: Picture) -> None:
        """Hand a picture to the diagram."""
        with self._carrier:
            component.carry(KEY, _message(data))


def shown(s: Session) -> list[Column]:
    """Return the columns of the diagram. The units that are shown stay the same while the run plays."""
    pages = tuple(s.view.pages)
    if s.shown is None or s.shown[0] != (s.run, pages) or not s.playing:
        s.shown = (s.run, pages), diagram.columns(s.network, pages)
    columns: list[Column] = s.shown[1]
    return columns


def use(s: Session, sent: object) -> None:
    """Use a pick that the browser sent: a unit that was chosen, or the page of a layer."""
    if not isinstance(sent, dict):
        return
    hidden = s.network.sizes[1:-1]
    for name in ("unit", "page"):
        pair = sent.get(name)
        if not (isinstance(pair, list) and len(pair) == 2):
            continue
        layer = component.number_between(pair[0], 0, len(hidden) - 1)
        if not isinstance(layer, int):
            continue
        if name == "unit" and isinstance(unit := component.number_between(pair[1], 0, hidden[layer] - 1), int):
            s.view.unit = None if s.view.unit == (layer, unit) else (layer, unit)
        last = (hidden[layer] - 1) // diagram.MOST
        if name == "page" and isinstance(page := component.number_between(pair[1], 0, last), int):
            s.view.pages = [*s.view.pages, *[0] * len(hidden)][: len(hidden)]
            s.view.pages[layer] = page


def _message(picture: Picture) -> dict[str, Any]:
    scales = [f"±{formats.text(scale, 2)}" if math.isfinite(scale) else "±∞" for scale in picture.scales]
    return {**picture.message(), "scales": scales}


def _static(s: Session) -> dict[str, Any]:
    """Return what the diagram needs once per script run."""
    columns = [_column(s, i, column) for i, column in enumerate(shown(s))]
    chosen = None
    if s.view.unit:
        layer, unit = s.view.unit
        units = shown(s)[layer + 1].units if layer < len(columns) - 2 else ()
        chosen = [layer + 1, units.index(unit)] if unit in units else None
    return {
        "columns": columns,
        "selected": chosen,
        "half": s.half,
        "folds": s.config.data.features == ("x1", "x2") and s.config.model.activation in FOLDS,
        "colours": _COLOURS,
        "hint": t("spiral.network.hint"),
        "words": {name: t(f"spiral.network.{name}") for name in ("bias", "inputs", "outputs")},
    }


def _column(s: Session, i: int, column: Column) -> dict[str, Any]:
    """Return names and buttons of a column: features, hidden units or classes."""
    last = len(s.network.sizes) - 1
    if i == 0:
        names = [t(f"spiral.option.data.features.{name}") for name in s.config.data.features]
        units = [{"name": name, "short": name, "label": name} for name in names]
        return {"title": t("spiral.network.features"), "layer": None, "units": units}
    if i == last and s.config.data.regression:
        output = t("spiral.regression.output")
        return {"title": output, "layer": None, "units": [{"name": output, "short": "ŷ", "label": "ŷ"}]}
    if i == last:
        units = [{"name": t("spiral.network.class", number=k), "short": str(k), "label": str(k)} for k in column.units]
        return {"title": t("spiral.network.classes"), "layer": None, "units": units}
    crowded = last > 5  # too narrow for a word over each column
    units = [
        {
            "index": unit,
            "name": t("spiral.network.unit", layer=i, unit=unit + 1),
            "short": f"{i}.{unit + 1}",
            "off": (i - 1, unit) in s.edits.off,
        }
        for unit in column.units
    ]
    rest = column.size - len(units)
    pages = -(-column.size // diagram.MOST)
    page = s.view.pages[i - 1] if i - 1 < len(s.view.pages) else 0
    return {
        "title": str(i) if crowded else t("spiral.network.layer", layer=i),
        "layer": i - 1,
        "units": units,
        "more": f"+{rest}" if rest and crowded else t("spiral.network.more", count=rest) if rest else "",
        "more_name": t("spiral.network.more_name", layer=i, count=rest),
        "next": (min(page, pages - 1) + 1) % pages,
    }
