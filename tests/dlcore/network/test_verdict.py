"""The rule by which a size vanishes or explodes."""

import math

import pytest

from dlcore.network.verdict import ratio, verdict


@pytest.mark.parametrize(
    ("first", "ratios", "expected"),
    [
        (1.0, (0.1, 10.0), "stable"),
        (1.0, (1.0, 0.0999), "vanishes"),
        (1.0, (10.01, 1.0), "explodes"),
        (1.0, (0.01, math.inf), "explodes"),
        (1.0, (math.nan,), "explodes"),
        (0.0, (math.nan,), "nothing"),
        (1.0, (0.01, 100.0), "vanishes"),
    ],
)
def test_verdicts(first: float, ratios: tuple[float, ...], expected: str) -> None:
    assert verdict(first, *ratios) == expected


def test_a_ratio_to_nothing_is_no_number() -> None:
    assert ratio(1.0, 4.0) == 0.25
    assert math.isnan(ratio(1.0, 0.0))
