"""Read the layers and axes of Vega-Lite specifications, for the tests of charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from dlcore.drawing.vega import Spec

BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY = map(hex_colour, CLASS_COLOURS)


@dataclass(frozen=True)
class Layer:
    """A layer: its mark, the filters applied to it, and its encoding including the inherited part."""

    mark: dict[str, Any]
    filters: tuple[str, ...]
    encoding: dict[str, Any]

    @property
    def type(self) -> str:
        result: str = self.mark["type"]
        return result

    def field(self, channel: str) -> Any:
        """Return what a channel shows: a field, an aggregate of one, or a fixed datum or value."""
        shown = self.encoding.get(channel, {})
        if "aggregate" in shown:
            return f"{shown['aggregate']}({shown['field']})"
        return next((shown[key] for key in ("field", "datum", "value") if key in shown), None)


def layers(spec: Spec, encoding: Spec | None = None, filters: tuple[str, ...] = ()) -> Iterator[Layer]:
    """Yield all layers of a chart, including nested ones, from bottom to top."""
    encoding = {**(encoding or {}), **spec.get("encoding", {})}
    filters += tuple(str(step["filter"]) for step in spec.get("transform", ()) if "filter" in step)
    if "mark" in spec:
        mark = spec["mark"]
        yield Layer({"type": mark} if isinstance(mark, str) else mark, filters, encoding)
    for inner in spec.get("layer", ()):
        yield from layers(inner, encoding, filters)


def drawn(spec: Spec) -> list[tuple[str, str]]:
    """Return the mark of each layer and its filters, such as ``datum.kind === 'kind'``."""
    return [(layer.type, " & ".join(layer.filters)) for layer in layers(spec)]


def axis(spec: Spec, channel: str) -> tuple[set[Any], set[Any], set[str], list[Any]]:
    """Return fields, titles, scale types and domain of an axis; layers that have a domain must agree on it."""
    shown = [layer.encoding[channel] for layer in layers(spec) if channel in layer.encoding]
    fields = {layer.field(channel) for layer in layers(spec) if channel in layer.encoding}
    titles = {found["title"] for found in shown if found.get("title") is not None}
    types = {found.get("scale", {}).get("type", "linear") for found in shown if "field" in found}
    domains = [found["scale"]["domain"] for found in shown if "domain" in found.get("scale", {})]
    assert all(domain == domains[0] for domain in domains), "the layers have axes of their own"
    return fields, titles, types, domains[0] if domains else []


def colours(spec: Spec, channel: str = "color") -> dict[str, Any]:
    """Return the colour or shape of each name, from all scales of a channel."""
    looks: dict[str, Any] = {}
    for layer in layers(spec):
        scale = layer.encoding.get(channel, {}).get("scale") or {}
        if "range" in scale:
            looks |= dict(zip(scale["domain"], scale["range"], strict=True))
    return looks
