"""Settings as the parameters of a link, and back, by short key: what the links of all pages have in common.

Reading never raises: whatever a person or a machine wrote, the good parameters are kept and each of the others is
reported and gets its default.

>>> from dlcore.settings.rules import Number, Sizes, Text
>>> settings = (Setting("shape", "s", Sizes(3, 1, 9), (2, 3)), Setting("index", "i", Text(40), ":"))
>>> encode(settings, {"shape": (4,), "index": ":"})
{'s': '4'}
>>> values, found = decode(settings, {"s": "4-x", "i": "x[0]"}, {"shape": (2, 3), "index": ":"})
>>> values, [violation.rule for violation in found]
({'shape': (2, 3), 'index': 'x[0]'}, ['sizes'])
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from dlcore.settings.rules import (
    Flag,
    Grid,
    LayerSizes,
    Number,
    OneOf,
    Rule,
    Setting,
    Sizes,
    Some,
    Text,
    Violation,
    broken_rule,
)

VERSION_KEY: Final = "v"
MAX_PARAMETERS: Final = 64  # three times what a link can hold; of more, only the known keys are read
MAX_CHARACTERS: Final = 200  # of one value that is no text; the longest sound one, all features, has 47
SHOWN_CHARACTERS: Final = 40

SEPARATOR: Final = "-"  # unreserved in RFC 3986, so never percent-encoded, and part of no id
SCALAR: Final = "scalar"  # the shape (); "0" is the shape (0,)
COLUMN, ROW = "_", "__"  # of a grid, whose numbers may be negative
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")  # Python's int() also takes 1_000, +5, " 5" and other scripts' digits
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def encode(settings: Iterable[Setting], values: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of each setting that is not at its default, in order; ``values`` must keep their rules."""
    return {s.key: write(s.rule, values[s.name]) for s in settings if values[s.name] != s.default}


def decode(
    settings: Iterable[Setting],
    params: Mapping[str, Any],
    base: Mapping[str, Any],
    *,
    ignore: Collection[str] = (),
) -> tuple[dict[str, Any], list[Violation]]:
    """``base`` with what the parameters say, and what was wrong with them.

    Parameters
    ----------
    params : value, or list of all values, by key. Anything is taken; nothing raises.
    base : the value of every setting, for those that are not in ``params``, or not soundly.
    ignore : keys that belong to others, not reported as unknown.

    Returns
    -------
    violations : one for each wrong parameter. The rule is a setting's own or ``not_a_number``, ``not_text``,
        ``repeated``, ``too_long``, ``unknown_key``, ``too_many``. The value is always the text that was given,
        shortened and printable.
    """
    found: list[Violation] = []
    values, ours = dict(base), {VERSION_KEY, *ignore}
    for setting in settings:  # by known keys, so that no amount of others hides a good parameter
        ours.add(setting.key)
        if setting.key not in params:
            continue
        given = text(setting.name, params[setting.key], found, max_chars=_longest(setting.rule))
        if given is None:
            continue
        value = read(setting.rule, given)
        if setting.rule.allows(value):
            values[setting.name] = value
        else:
            violation = broken_rule(setting, shown(given))
            unread = value is None and isinstance(setting.rule, Number)
            found.append(replace(violation, rule="not_a_number") if unread else violation)
    for key in itertools.islice(params, MAX_PARAMETERS):
        if key not in ours:
            found.append(_unknown(key, params[key]))
    if len(params) > MAX_PARAMETERS:
        say = f"a link has at most {MAX_PARAMETERS} parameters, got {len(params)}"
        found.append(Violation("link", "too_many", str(len(params)), {"max": MAX_PARAMETERS}, say))
    return values, found


def _longest(rule: Rule) -> int:
    """Characters of the longest value that is read; a float has 24 at most, and 2 stand before it."""
    match rule:
        case Text(max_chars=max_chars):
            return max(MAX_CHARACTERS, max_chars)
        case Grid(rows=rows, columns=columns):
            return max(MAX_CHARACTERS, rows * columns * 26)
        case _:
            return MAX_CHARACTERS


def version(params: Mapping[str, Any], known: Iterable[str], today: str, found: list[Violation]) -> str:
    """The version to read a link by: its own, or today's where it says none that is known."""
    if VERSION_KEY not in params:
        return today
    given = text(VERSION_KEY, params[VERSION_KEY], found)
    if given is None:
        return today
    known = tuple(known)
    if given in known:
        return given
    say = f"{VERSION_KEY} must be one of {', '.join(known)}, got {shown(given)!r}"
    found.append(Violation(VERSION_KEY, "version", shown(given), {"options": known}, say))
    return today


def write(rule: Rule, value: Any) -> str:
    """A value that keeps its rule, as a link has it."""
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


def _decimal(number: float) -> str:
    # repr is the shortest decimal that reads back as the same float; adding 0.0 turns -0.0 into 0.0.
    return repr(float(number) + 0.0).removesuffix(".0")


def read(rule: Rule, text: str) -> object:
    """The value that ``text`` writes, whether the rule allows it or not; None if it writes no value of this kind."""
    match rule:
        case Number(integer=True) if _WHOLE.fullmatch(text):
            return int(text)
        case Number():
            return float(text) + 0.0 if _DECIMAL.fullmatch(text) else None
        case LayerSizes() | Sizes():
            if isinstance(rule, Sizes):
                text = text.replace(",", SEPARATOR)  # as a shape is written elsewhere; a person may type a link
            parts = [] if text == (SCALAR if isinstance(rule, Sizes) else "0") else text.split(SEPARATOR)
            return tuple(map(int, parts)) if all(map(_WHOLE.fullmatch, parts)) else None
        case Some():
            return tuple(text.split(SEPARATOR)) if text else ()
        case Flag():
            return {"0": False, "1": True}.get(text)
        case OneOf() | Text():
            return text
        case Grid():
            rows = [row.split(COLUMN) for row in text.split(ROW)]
            if all(_DECIMAL.fullmatch(number) for row in rows for number in row):
                return tuple(tuple(float(number) + 0.0 for number in row) for row in rows)
            return None


def _single(value: object) -> object:
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def text(field: str, value: object, found: list[Violation], *, max_chars: int = MAX_CHARACTERS) -> str | None:
    """The one text that a parameter has, or None and why not."""
    value = _single(value)
    if isinstance(value, list | tuple) and len(value) > 1:
        given = ", ".join(shown(item) for item in value[:3])
        say = f"{field} must be given once, got {len(value)} values"
        found.append(Violation(field, "repeated", shown(given), {"count": len(value)}, say))
    elif not isinstance(value, str):
        found.append(not_text(field, value))
    elif len(value) > max_chars:
        say = f"{field} must have at most {max_chars} characters, got {len(value)}"
        found.append(Violation(field, "too_long", shown(value), {"max": max_chars}, say))
    else:
        return value
    return None


# --- saying ---------------------------------------------------------------------------------------------------------
def shown(value: object) -> str:
    """``value`` short and printable, as any page can show it; of what is not text, its type."""
    if not isinstance(value, str):
        return type(value).__name__
    head = value[:SHOWN_CHARACTERS] + ("…" if len(value) > SHOWN_CHARACTERS else "")
    # Lone surrogates cannot be sent to a browser, and direction marks would rearrange the message around them.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in head)


def not_text(field: str, value: object) -> Violation:
    return Violation(field, "not_text", shown(value), {}, f"{field} must be text, got {shown(value)}")


def _unknown(key: object, value: object) -> Violation:
    return Violation(shown(key), "unknown_key", shown(_single(value)), {}, f"{shown(key)!r} is not a key of a link")
