"""What a Vega-Lite specification draws, for the tests of charts: its layers, and what stands on their axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dlcore.drawing.palette import CLASS_COLOURS, hex_colour
from dlcore.drawing.vega import Spec

BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY = map(hex_colour, CLASS_COLOURS)


@dataclass(frozen=True)
class Layer:
    """A layer: its mark, the filters before it, and its encoding with what it has in common with others."""

    mark: dict[str, Any]
    filters: tuple[str, ...]
    encoding: dict[str, Any]

    @property
    def type(self) -> str:
        found: str = self.mark["type"]
        return found

    def field(self, channel: str) -> Any:
        """What is on a channel: a field, an aggregate of one, or a fixed datum or value."""
        shown = self.encoding.get(channel, {})
        if "aggregate" in shown:
            return f"{shown['aggregate']}({shown['field']})"
        return next((shown[key] for key in ("field", "datum", "value") if key in shown), None)


def layers(spec: Spec, encoding: Spec | None = None, filters: tuple[str, ...] = ()) -> Iterator[Layer]:
    """All layers of a chart, inner ones included, from the bottom to the top."""
    encoding = {**(encoding or {}), **spec.get("encoding", {})}
    filters += tuple(str(step["filter"]) for step in spec.get("transform", ()) if "filter" in step)
    if "mark" in spec:
        mark = spec["mark"]
        yield Layer({"type": mark} if isinstance(mark, str) else mark, filters, encoding)
    for inner in spec.get("layer", ()):
        yield from layers(inner, encoding, filters)


def drawn(spec: Spec) -> list[tuple[str, str]]:
    """The mark of each layer and the kind of row that it draws, as its filters say: ``datum.kind === 'kind'``."""
    return [(layer.type, " & ".join(layer.filters)) for layer in layers(spec)]


def axis(spec: Spec, channel: str) -> tuple[set[Any], set[Any], set[str], list[Any]]:
    """The fields, titles, scale types and domain of an axis; one title, type and domain for all layers that say one."""
    shown = [layer.encoding[channel] for layer in layers(spec) if channel in layer.encoding]
    fields = {layer.field(channel) for layer in layers(spec) if channel in layer.encoding}
    titles = {found["title"] for found in shown if found.get("title") is not None}
    types = {found.get("scale", {}).get("type", "linear") for found in shown if "field" in found}
    domains = [found["scale"]["domain"] for found in shown if "domain" in found.get("scale", {})]
    assert all(domain == domains[0] for domain in domains), "the layers have axes of their own"
    return fields, titles, types, domains[0] if domains else []


def colours(spec: Spec, channel: str = "color") -> dict[str, Any]:
    """The look of each name, of all scales of a channel."""
    found: dict[str, Any] = {}
    for layer in layers(spec):
        scale = layer.encoding.get(channel, {}).get("scale") or {}
        if "range" in scale:
            found |= dict(zip(scale["domain"], scale["range"], strict=True))
    return found
