"""Formatted numbers read back within their digits, and every minus is U+2212."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numerals import read

import dlcore
from dlcore.drawing import formats

ROOT = Path(dlcore.__file__).parents[1]
FINITE = st.floats(-1e300, 1e300)


@given(FINITE, st.integers(1, 12))
def test_a_text_reads_back_within_its_digits(value: float, digits: int) -> None:
    assert read(formats.text(value, digits)) == pytest.approx(value, rel=0.5001 * 10 ** (1 - digits), abs=5e-324)


@given(st.integers(-(10**12), 10**12))
def test_integers_below_a_million_keep_all_digits(value: int) -> None:
    text = formats.text(value, 2)
    assert text == str(value).replace("-", "−") if abs(value) < 10**6 else "10" in text
    assert read(formats.count(value).replace(",", "")) == value


@given(st.floats(), st.integers(1, 8))
def test_every_minus_is_u2212_and_0_has_none(value: float, digits: int) -> None:
    texts = [formats.text(value, digits), formats.fixed(value, digits), formats.percent(value, digits)]
    for text in [*texts, formats.exact(value, digits) if math.isfinite(value) else ""]:
        assert "-" not in text
        assert "e" not in text
        assert not re.fullmatch("−[0.%]+", text)
    if math.isfinite(value):
        assert formats.MINUS not in formats.tex(value, digits)


@given(st.floats(1e-9, 100))
def test_durations_read_back(seconds: float) -> None:
    number, unit = formats.duration(seconds).split()
    assert float(number) * {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1}[unit] == pytest.approx(seconds, rel=0.006)


@pytest.mark.parametrize(
    ("value", "text", "tex"),
    [
        (-0.0, "0", "0"),
        (1, "1", "1"),
        (999_999.6, "10⁶", "10^{6}"),
        (1280.0, "1280", "1280"),
        (0.000999, "9.99·10⁻⁴", r"9.99 \cdot 10^{-4}"),
        (-1e-8, "−10⁻⁸", "-10^{-8}"),
        (math.nan, "nan", r"\text{nan}"),
        (-math.inf, "−inf", r"-\infty"),
    ],
)
def test_known_numbers(value: float, text: str, tex: str) -> None:
    assert (formats.text(value), formats.tex(value)) == (text, tex)


def test_only_the_drawing_folder_formats_numbers_and_draws_axes() -> None:
    """Greys, numbers, axes and legends are made in dlcore/drawing; the output of programs keeps Python's notation."""
    own = re.compile(
        r'#8a8f98|_GREY\b|replace\("-", "−"\)|alt\.(Legend|Tooltip)\(|width="container"|[(,] format="[^%]'
        r'|f"\{[^{}"]+:(,|[.]\d[efg%]|g)\}"'
    )
    files = [*(ROOT / "dlcore" / "lessons").rglob("charts.py"), *(ROOT / "pages").rglob("*.py")]
    lines = {line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()}
    assert {line for line in lines if own.search(line)} == set()
