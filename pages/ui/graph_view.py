"""A graph of boxes and edges, drawn by the browser, which alone knows how much room there is.

It turns the layers from left to right, or from top to bottom on a phone, and shows the whole graph if that can be read.
Otherwise it scrolls to the edge that is walked, and holds an end that lies outside of the window at its rim.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dlcore.drawing.palette import CLASS_COLOURS, INK, hex_colour
from pages.ui import component

_NAMES: Final = ("blue", "orange", "green", "", "sky", "red", "", "grey")
_COLOURS: Final = {name: hex_colour(colour) for name, colour in zip(_NAMES, CLASS_COLOURS, strict=True) if name} | {
    "ink": hex_colour(INK["light"])
}

_mount = component.register(__file__)


def graph_view(label: str, graph: Mapping[str, Any], *, key: str, around: int) -> None:
    """Draw the graph.

    Parameters
    ----------
    label : what it is, for those who hear the page.
    graph : its nodes and edges, as :func:`dlcore.lessons.autograd.walk.charts.drawing` gives them.
    around : pixels of the screen's height that other things need above and below it.
    """
    _mount(key=key, data={**graph, "label": label, "colours": _COLOURS, "around": around})
