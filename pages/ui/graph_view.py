"""A graph of boxes and edges, laid out by the browser, which knows the available space.

Its layers run from left to right, or from top to bottom on a phone. The whole graph is shown if it is readable then.
Otherwise the view scrolls to the current edge and pins an end outside the window at the window's border.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from pages.ui import component

_NAMES: Final = ("blue", "orange", "green", "", "sky", "red", "", "grey")
_COLOURS: Final = {name: hex_colour(colour) for name, colour in zip(_NAMES, CLASS_COLOURS, strict=True) if name}

_mount = component.register(__file__)


def graph_view(label: str, graph: Mapping[str, Any], *, key: str, around: int) -> None:
    """Draw the graph.

    Parameters
    ----------
    label : the accessible name of the graph.
    graph : its nodes and edges, from :func:`dlcore.lessons.autograd.walk.charts.drawing`.
    around : pixels of the screen's height needed above and below the graph.
    """
    _mount(key=key, data={**graph, "label": label, "colours": _COLOURS, "around": around})
