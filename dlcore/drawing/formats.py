r"""Format numbers for prose, tables, cells, formulas and axes.

A minus is U+2212, never a hyphen; large and small numbers have a power of ten (1.5·10⁻⁵). Programs and their output
keep Python's notation.

>>> text(-0.25), text(1e-5), text(-31_415_926.5), text(-0.0)
('−0.25', '10⁻⁵', '−3.142·10⁷', '0')
>>> fixed(-0.25, 3), fixed(-1e-9, 2), count(-12_345), percent(0.9764, 1)
('−0.250', '0.00', '−12,345', '97.6%')
>>> tex(-1.5e-9)
'-1.5 \\cdot 10^{-9}'
"""

from __future__ import annotations

import math
from typing import Final

MINUS: Final = "−"
MIN_POWER, MAX_POWER = -3, 6  # a number in [10^-3, 10^6) is written without a power of ten
_RAISED: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻" + _RAISED)


def text(value: float, digits: int = 4) -> str:
    """Return a number rounded to significant digits; an int below a million keeps all its digits."""
    head, power = _parts(value, digits)
    return head if power is None else f"{_factor(head, '·')}10{_raised(power)}"


def exact(value: float, digits: int = 4) -> str:
    """Return :func:`text` of a float64 result without its rounding error: 1e-17 is 0."""
    return text(round(value, 12), digits)


def tex(value: float, digits: int = 4) -> str:
    """Return :func:`text` of a number as TeX."""
    if math.isnan(value):
        return r"\text{nan}"
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    head, power = _parts(value, digits)
    factor = head if power is None else _factor(head, r" \cdot ") + f"10^{{{power}}}"
    return factor.replace(MINUS, "-")


def fixed(value: float, places: int) -> str:
    """Return a number with ``places`` digits after the point."""
    return f"{value:z.{places}f}".replace("-", MINUS)


def count(value: int) -> str:
    """Return an integer with thousands separators."""
    return f"{value:,}".replace("-", MINUS)


def percent(share: float, places: int = 0) -> str:
    """Return a share of 1 as a percentage."""
    return f"{share:z.{places}%}".replace("-", MINUS)


def ratio(value: float) -> str:
    """Return a ratio to three digits, or rounded with thousands separators from 100 on.

    >>> [ratio(value) for value in (0.2871, 93.66, 18_954.2)]
    ['0.287', '93.7', '18,954']
    """
    return count(round(value)) if value >= 100 else text(value, 3)


def duration(seconds: float) -> str:
    """Return a time to three digits with a suitable unit, after a no-break space: a table cell must not split them.

    >>> [duration(seconds).split() for seconds in (4.14e-7, 2e-6, 0.0125, 3.5)]
    [['414', 'ns'], ['2', 'µs'], ['12.5', 'ms'], ['3.5', 's']]
    """
    units = ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (math.inf, 1.0, "s"))
    times, unit = next((times, unit) for limit, times, unit in units if seconds < limit)
    return f"{text(seconds * times, 3)}\N{NO-BREAK SPACE}{unit}"


def expression(of: str, digits: int = 6) -> str:
    """Return the Vega expression that formats ``of``, below 10¹⁰⁰, like :func:`text`; Vega itself writes U+2212."""
    # Charts that are redrawn while training send this each time.
    head, power = (f"split(format({of}, '.{digits - 1}~e'), 'e')[{part}]" for part in (0, 1))
    raised = [f"'{_RAISED}'[{power}[{at}]]" for at in (1, 2)]
    written = f"replace({head} + '·', regexp('^(−?)1·$'), '$1') + '10' + ({power}[0] === '-' ? '⁻' : '') + {raised[0]}"
    size = f"abs({of})"
    plain = f"!isFinite({of}) || {of} === 0 || {size} >= 1e{MIN_POWER} && {size} < 1e{MAX_POWER}"
    return f"{plain} ? format({of}, '.{digits}~r') : {written} + ({power}[2] ? {raised[1]} : '')"


def _parts(value: float, digits: int) -> tuple[str, int | None]:
    """Return the digits of a number and its power of ten, or None if it is written without one."""
    if value == 0 or not math.isfinite(value) or (isinstance(value, int) and abs(value) < 10**MAX_POWER):
        return (str(value) if value else "0").replace("-", MINUS), None
    head, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    power = int(exponent)
    if MIN_POWER <= power < MAX_POWER:
        head, exponent = f"{value:.{max(0, digits - 1 - power)}f}", ""
    head = head.rstrip("0").rstrip(".") if "." in head else head
    return head.replace("-", MINUS), power if exponent else None


def _factor(head: str, times: str) -> str:
    return {"1": "", f"{MINUS}1": MINUS}.get(head, f"{head}{times}")


def _raised(power: int) -> str:
    return str(power).translate(_SUPERSCRIPTS)
