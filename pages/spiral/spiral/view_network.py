"""The view of the network: a map in each unit, the weights as lines; units can be pointed at, chosen and changed.

A component can be mounted under its key once per script run, and a run plays within one. So the pictures of a playing
run come in carriers (:func:`pages.ui.component.carry`), each of which replaces the one before.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from dlcore.drawing import formats
from dlcore.drawing.palette import BLUE, CLASS_COLOURS, hex_colour
from dlcore.network.passes import with_ones
from dlcore.spiral import diagram, units
from dlcore.spiral.diagram import Column, Picture
from pages.spiral.spiral import unit_editor
from pages.spiral.spiral.session import Session
from pages.ui import component, layout
from pages.ui.component import Inbox
from pages.ui.gate import gate
from pages.ui.language import t
from pages.ui.table import table

KEY: Final = "spiral.network"
FOLDS: Final = ("relu", "leaky_relu")  # activations with a crease where the pre-activation is 0
SIGNS: Final = {"dead": "∅", "saturated": "≡", "twin": "="}  # of the marks of units
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
            picks.take(KEY, "pick", partial(use, s))

        receive()  # a run that is superseded during the callbacks skips the rest of them
        _mount(
            key=KEY,
            data={"epoch": picks.epoch, "seen": picks.seen, **_static(s), "picture": _message(data)},
            on_pick_change=receive,
        )
        with st.container(key="carrier"):
            self._carrier = st.empty()
        unit_editor.draw(s)
        _table(s)

    def redraw(self, s: Session, data: Picture) -> None:
        """Hand a picture to the diagram."""
        with self._carrier:
            component.carry(KEY, _message(data))


def shown(s: Session) -> list[Column]:
    """Return the columns of the diagram. The same units are shown while the run plays, and at moments of its past."""
    pages = tuple(s.view.pages)
    if s.shown is None or s.shown[0] != (s.run, pages) or (not s.playing and s.moment is None):
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
    if not (s.playing or s.run.empty):
        with gate().turn():
            layers = units.describe(s.network, with_ones(s.run.X_train.to(s.network.theta)))
        for column, layer in zip(columns[1:-1], layers, strict=True):
            for unit in column["units"]:
                marks = layer.marks(unit["index"])
                unit["mark"] = "".join(SIGNS[mark] for mark in marks)
                unit["marks"] = ", ".join(t(f"spiral.mark.{mark}") for mark in marks)
    chosen = None
    if s.view.unit:
        layer, unit = s.view.unit
        drawn = shown(s)[layer + 1].units if layer < len(columns) - 2 else ()
        chosen = [layer + 1, drawn.index(unit)] if unit in drawn else None
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
        features = [{"name": name, "short": name, "label": name} for name in names]
        return {"title": t("spiral.network.features"), "layer": None, "units": features}
    if i == last and s.config.data.regression:
        output = t("spiral.regression.output")
        return {"title": output, "layer": None, "units": [{"name": output, "short": "ŷ", "label": "ŷ"}]}
    if i == last:
        classes = [
            {"name": t("spiral.network.class", number=k), "short": str(k), "label": str(k)} for k in column.units
        ]
        return {"title": t("spiral.network.classes"), "layer": None, "units": classes}
    crowded = last > 5  # too narrow for a word over each column
    hidden = [
        {
            "index": unit,
            "name": t("spiral.network.unit", layer=i, unit=unit + 1),
            "short": f"{i}.{unit + 1}",
            "off": (i - 1, unit) in s.edits.off,
        }
        for unit in column.units
    ]
    rest = column.size - len(hidden)
    pages = -(-column.size // diagram.MOST)
    page = s.view.pages[i - 1] if i - 1 < len(s.view.pages) else 0
    return {
        "title": str(i) if crowded else t("spiral.network.layer", layer=i),
        "layer": i - 1,
        "units": hidden,
        "more": f"+{rest}" if rest and crowded else t("spiral.network.more", count=rest) if rest else "",
        "more_name": t("spiral.network.more_name", layer=i, count=rest),
        "next": (min(page, pages - 1) + 1) % pages,
    }


def _table(s: Session) -> None:
    """Draw the shown units as a table, for screen readers and for numbers, while it is open and the run at rest."""
    if len(s.network.sizes) == 2 or s.run.empty:
        return
    with layout.group(t("spiral.network.table"), "spiral.network.table") as group:
        if not group.open:
            return
        if s.playing:
            st.caption(t("spiral.panel.waiting"))
            return
        X, y = with_ones(s.run.X_train.to(s.network.theta)), s.run.prepared.train.y
        with gate().turn():
            frame = units.table(s.network, X, y, [column.units for column in shown(s)[1:-1]])
        names = ["unit", "weight", "active", "cost", "changed", "mark"]
        rows = [
            (
                f"{row.layer}.{row.unit}",
                formats.fixed(row.weight, 3),
                formats.percent(row.active),
                formats.fixed(row.accuracy_lost, 3),
                formats.count(row.changed),
                ", ".join(t(f"spiral.mark.{mark}") for mark in row.mark.split()) or "–",
            )
            for row in frame.itertuples()
        ]
        shown_names = [name for name in names if not (s.config.data.regression and name in ("cost", "changed"))]
        cells = pd.DataFrame(rows, columns=names)[shown_names]
        table(cells.set_axis([t(f"spiral.units.{name}") for name in shown_names], axis=1))
