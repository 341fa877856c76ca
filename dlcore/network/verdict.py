"""When a size that is passed from layer to layer vanishes or explodes: the rule of every page."""

from __future__ import annotations

import math
from typing import Final, Literal

Verdict = Literal["nothing", "explodes", "vanishes", "stable"]

# A size that is less than VANISHING of what it was at the other end of the network has vanished, one of more than
# EXPLODING times as much has exploded.
VANISHING: Final = 0.1
EXPLODING: Final = 10.0


def verdict(first_gradient: float, *ratios: float) -> Verdict:
    """Classify ratios of a size at one end of a network to that at the other.

    Parameters
    ----------
    first_gradient : of the first layer; if it is 0, nothing comes back at all.
    ratios : a ratio that is not finite counts as exploded.
    """
    if first_gradient == 0:
        return "nothing"
    if not all(map(math.isfinite, ratios)):
        return "explodes"
    if min(ratios) < VANISHING:
        return "vanishes"
    return "explodes" if max(ratios) > EXPLODING else "stable"


def ratio(a: float, b: float) -> float:
    """Return a / b, or NaN if b is 0."""
    return a / b if b else math.nan
