"""Colours: eight class colours safe for the colour-blind, and the indexed palettes of the region images.

The hues are those of Okabe & Ito, "Color Universal Design" (2008), yellow darkened so that it shows on white.
"""

from __future__ import annotations

from typing import Final, Literal

Theme = Literal["light", "dark"]
Colour = tuple[int, int, int]

CLASS_COLOURS: Final[tuple[Colour, ...]] = (
    (0, 114, 178),  # blue
    (230, 159, 0),  # orange
    (0, 158, 115),  # bluish green
    (204, 121, 167),  # reddish purple
    (86, 180, 233),  # sky blue
    (213, 94, 0),  # vermillion
    (166, 150, 0),  # yellow, darkened
    (120, 120, 120),  # grey
)
BACKGROUND: Final[dict[Theme, Colour]] = {"light": (255, 255, 255), "dark": (14, 17, 23)}
INK: Final[dict[Theme, Colour]] = {"light": (21, 22, 28), "dark": (250, 250, 250)}

# Shades of a class colour in a region image, from uncertain to certain. 8 classes × 16 shades leave room in a palette
# of 256 for lines and points, and few shades make small PNGs.
SHADES: Final = 16
_MIN_SHARE, _MAX_SHARE = 0.10, 0.62  # class colour in the first and last shade; points stand out from both

BOUNDARY: Final = len(CLASS_COLOURS) * SHADES  # palette index of the decision boundary
VALUE_LEVELS: Final = 31  # colours of a continuous map, an odd number: the middle one is 0
POINT: Final = BOUNDARY + 1  # palette index of a point of class 0; the other classes follow
OUTLINE: Final = POINT + len(CLASS_COLOURS)  # of a training point
TEST_OUTLINE: Final = OUTLINE + 1
INK_SHADE: Final = TEST_OUTLINE + 1  # of lines with smooth edges in the picture of the sheet
INK_SHADES: Final = 4


def hex_colour(colour: Colour) -> str:
    """Return a colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


COLOURS = BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, _ = tuple(map(hex_colour, CLASS_COLOURS))  # of charts
GREY: Final = "#8a8f98"  # of lines and words beside the data, visible on white and on black
PALE: Final[dict[Theme, str]] = {"light": "#f1f3f6", "dark": "#262c37"}  # of an uncoloured cell
# Shades are mixed in CIE L*a*b*, from ORANGE at -1 by PALE at 0 to BLUE at 1. Above this one white text is easier to
# read than black.
WHITE_FROM: Final[dict[Theme, float]] = {"light": 0.92, "dark": -0.59}


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    """Return colour a mixed with ``share`` of colour b."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def ramp(count: int) -> list[str]:
    """Return colours from blue over pink to orange, each lighter than the one before: of layers, first to last.

    All show on white and on black, and black words show on them.
    """
    stops = [CLASS_COLOURS[0], CLASS_COLOURS[3], CLASS_COLOURS[1]]
    places = [2 * i / max(1, count - 1) for i in range(count)]
    return [hex_colour(_mix(stops[min(1, int(at))], stops[min(1, int(at)) + 1], at - min(1, int(at)))) for at in places]


def region_palette(theme: Theme) -> bytes:
    """Return the RGB triples of a region image's palette: shades by class, then boundary, points and outlines."""
    ground, ink = BACKGROUND[theme], INK[theme]
    colours = [
        _mix(ground, colour, _MIN_SHARE + (_MAX_SHARE - _MIN_SHARE) * shade / (SHADES - 1))
        for colour in CLASS_COLOURS
        for shade in range(SHADES)
    ]
    # Points have the pure class colour, slightly towards the ink, so that they stand out on their own region.
    colours += [ink, *(_mix(colour, ink, 0.15) for colour in CLASS_COLOURS), ground, ink]
    return bytes(channel for colour in colours for channel in colour)


def sheet_palette(theme: Theme) -> bytes:
    """Return the palette of a region image, followed by ``INK_SHADES`` shades from the background to the ink."""
    ground, ink = BACKGROUND[theme], INK[theme]
    shades = [_mix(ground, ink, (shade + 1) / INK_SHADES) for shade in range(INK_SHADES)]
    return region_palette(theme) + bytes(channel for colour in shades for channel in colour)


def value_palette(theme: Theme) -> bytes:
    """Return a palette with the indices of :func:`region_palette`, and ``VALUE_LEVELS`` in place of the shades.

    The first of the levels is orange (negative), the middle one the background (zero), the last one blue (positive).
    """
    middle = VALUE_LEVELS // 2
    levels = (channel for i in range(VALUE_LEVELS) for channel in _diverging((i - middle) / middle, theme))
    return bytes(levels).ljust(3 * BOUNDARY, b"\0") + region_palette(theme)[3 * BOUNDARY :]


def _diverging(value: float, theme: Theme) -> Colour:
    """Return the colour of a value from -1 (orange) over 0 (background) to 1 (blue)."""
    return _mix(BACKGROUND[theme], CLASS_COLOURS[1 if value < 0 else 0], abs(value))


def diverging_palette(theme: Theme) -> bytes:
    """Return 256 RGB triples from orange (negative) over the background (zero) to blue (positive), for unit maps."""
    return bytes(channel for i in range(256) for channel in _diverging((i - 127.5) / 127.5, theme))
