"""Encode settings as link parameters under their short keys, and decode them.

Decoding never raises: valid parameters are used; each invalid one is reported and its setting keeps the base value.

>>> from dlcore.settings.rules import Number, Sizes, Text
>>> settings = (Setting("shape", "s", Sizes(3, 1, 9), (2, 3)), Setting("index", "i", Text(40), ":"))
>>> encode(settings, {"shape": (4,), "index": ":"})
{'s': '4'}
>>> values, violations = decode(settings, {"s": "4-x", "i": "x[0]"}, {"shape": (2, 3), "index": ":"})
>>> values, [violation.rule for violation in violations]
({'shape': (2, 3), 'index': 'x[0]'}, ['sizes'])
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from dlcore.settings import points
from dlcore.settings.rules import (
    Flag,
    Grid,
    LayerSizes,
    Number,
    OneOf,
    Points,
    Rule,
    Setting,
    Sizes,
    Some,
    Text,
    Violation,
    broken_rule,
)

VERSION_KEY: Final = "v"
MAX_PARAMETERS: Final = 64  # three times the parameters of any link; beyond it only known keys are read
MAX_CHARACTERS: Final = 200  # of a value that is not text; the longest valid one, all features, has 47
SHOWN_CHARACTERS: Final = 40

SEPARATOR: Final = "-"  # unreserved in RFC 3986, so never percent-encoded, and part of no id
SCALAR: Final = "scalar"  # the shape (); "0" is the shape (0,)
COLUMN, ROW = "_", "__"  # separators of a grid, whose numbers may be negative
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")  # Python's int() also takes 1_000, +5, " 5" and other scripts' digits
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def encode(settings: Iterable[Setting], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of the settings that differ from their defaults, in order; ``values`` must be valid."""
    return {s.key: write(s.rule, values[s.name]) for s in settings if values[s.name] != s.default}


def decode(
    settings: Iterable[Setting],
    params: Mapping[str, Any],
    base: Mapping[str, Any],
    *,
    ignore: Collection[str] = (),
) -> tuple[dict[str, Any], list[Violation]]:
    """Return ``base`` updated with the valid parameters, and the violations of the others.

    Parameters
    ----------
    params : a value, or the list of all values, by key. Any input is accepted; nothing raises.
    base : the value of every setting, used where ``params`` has no valid one.
    ignore : keys that are not settings and are not reported as unknown.

    Returns
    -------
    violations : one for each invalid parameter. The rule is the setting's or ``not_a_number``, ``not_text``,
        ``repeated``, ``too_long``, ``unknown_key``, ``too_many``. The value is the given text, shortened and printable.
    """
    violations: list[Violation] = []
    values, known = dict(base), {VERSION_KEY, *ignore}
    for setting in settings:  # by known keys, so that no number of unknown ones hides a valid parameter
        known.add(setting.key)
        if setting.key not in params:
            continue
        given = text(setting.name, params[setting.key], violations, max_chars=_longest(setting.rule))
        if given is None:
            continue
        value = read(setting.rule, given)
        if setting.rule.allows(value):
            values[setting.name] = value
        else:
            violation = broken_rule(setting, shown(given))
            unread = value is None and isinstance(setting.rule, Number)
            violations.append(replace(violation, rule="not_a_number") if unread else violation)
    for key in itertools.islice(params, MAX_PARAMETERS):
        if key not in known:
            violations.append(_unknown(key, params[key]))
    if len(params) > MAX_PARAMETERS:
        message = f"a link has at most {MAX_PARAMETERS} parameters, got {len(params)}"
        violations.append(Violation("link", "too_many", str(len(params)), {"max": MAX_PARAMETERS}, message))
    return values, violations


def _longest(rule: Rule) -> int:
    """Return the characters of the longest value that is read; a float has at most 24, after 2 of a separator."""
    match rule:
        case Text(max_chars=max_chars):
            return max(MAX_CHARACTERS, max_chars)
        case Grid(rows=rows, columns=columns):
            return max(MAX_CHARACTERS, rows * columns * 26)
        case Points(max_points=max_points):
            return 2 * max_points * points.CHARACTERS  # with room, so that some points too many break the points' rule
        case _:
            return MAX_CHARACTERS


def version(params: Mapping[str, Any], known: Iterable[str], current: str, violations: list[Violation]) -> str:
    """Return the version of a link, or the current one if the link has none or an unknown one."""
    if VERSION_KEY not in params:
        return current
    given = text(VERSION_KEY, params[VERSION_KEY], violations)
    if given is None:
        return current
    known = tuple(known)
    if given in known:
        return given
    message = f"{VERSION_KEY} must be one of {', '.join(known)}, got {shown(given)!r}"
    violations.append(Violation(VERSION_KEY, "version", shown(given), {"options": known}, message))
    return current


def write(rule: Rule, value: Any) -> str:
    """Return the text of a valid value in a link."""
    match rule:
        case Number(integer=True):
            return str(int(value))
        case Number():
            return _decimal(value)
        case LayerSizes():
            return SEPARATOR.join(map(str, value)) or "0"
        case Sizes():
            return SEPARATOR.join(map(str, value)) or SCALAR
        case Some():
            return SEPARATOR.join(value)
        case Flag():
            return str(int(value))
        case OneOf() | Text():
            return str(value)
        case Grid():
            return ROW.join(COLUMN.join(map(_decimal, row)) for row in value)
        case Points():
            return points.pack(value)


def _decimal(number: float) -> str:
    # repr is the shortest decimal that reads back as the same float; adding 0.0 turns -0.0 into 0.0.
    return repr(float(number) + 0.0).removesuffix(".0")


def read(rule: Rule, text: str) -> object:
    """Parse ``text`` as a value of the rule's type, allowed or not; return None if it is not of that type."""
    match rule:
        case Number(integer=True) if _WHOLE.fullmatch(text):
            return int(text)
        case Number():
            return float(text) + 0.0 if _DECIMAL.fullmatch(text) else None
        case LayerSizes() | Sizes():
            if isinstance(rule, Sizes):
                text = text.replace(",", SEPARATOR)  # a person who types a link writes a shape with commas
            parts = [] if text == (SCALAR if isinstance(rule, Sizes) else "0") else text.split(SEPARATOR)
            return tuple(map(int, parts)) if all(map(_WHOLE.fullmatch, parts)) else None
        case Some():
            return tuple(text.split(SEPARATOR)) if text else ()
        case Flag():
            return {"0": False, "1": True}.get(text)
        case Points():
            return points.unpack(text) if text else None  # an empty parameter is a mistake
        case OneOf() | Text():
            return text
        case Grid():
            rows = [row.split(COLUMN) for row in text.split(ROW)]
            if all(_DECIMAL.fullmatch(number) for row in rows for number in row):
                return tuple(tuple(float(number) + 0.0 for number in row) for row in rows)
            return None


def _single(value: object) -> object:
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def text(field: str, value: object, violations: list[Violation], *, max_chars: int = MAX_CHARACTERS) -> str | None:
    """Return the single text of a parameter, or append a violation and return None."""
    value = _single(value)
    if isinstance(value, list | tuple) and len(value) > 1:
        given = ", ".join(shown(item) for item in value[:3])
        message = f"{field} must be given once, got {len(value)} values"
        violations.append(Violation(field, "repeated", shown(given), {"count": len(value)}, message))
    elif not isinstance(value, str):
        violations.append(not_text(field, value))
    elif len(value) > max_chars:
        message = f"{field} must have at most {max_chars} characters, got {len(value)}"
        violations.append(Violation(field, "too_long", shown(value), {"max": max_chars}, message))
    else:
        return value
    return None


# --- messages ---------------------------------------------------------------------------------------------------------
def shown(value: object) -> str:
    """Return ``value`` shortened and printable, or the name of its type if it is not text."""
    if not isinstance(value, str):
        return type(value).__name__
    head = value[:SHOWN_CHARACTERS] + ("…" if len(value) > SHOWN_CHARACTERS else "")
    # Lone surrogates cannot be sent to a browser, and direction marks would rearrange the message around them.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in head)


def not_text(field: str, value: object) -> Violation:
    return Violation(field, "not_text", shown(value), {}, f"{field} must be text, got {shown(value)}")


def _unknown(key: object, value: object) -> Violation:
    return Violation(shown(key), "unknown_key", shown(_single(value)), {}, f"{shown(key)!r} is not a key of a link")
