"""A run as a short link: ``RunConfig`` to query string and back, by id, versioned.

A link says what differs from the defaults, under each setting's short key. Reading one never raises: whatever a person
or a machine wrote there, the good parameters are kept and each of the others is reported and gets its default.

>>> from dlcore.config import RunConfig, replace_field
>>> link(RunConfig()), link(replace_field(RunConfig(), "model.hidden", (32, 32)))
('v=1', 'v=1&h=32-32')
>>> config, violations = parse("https://host/spiral?v=1&c=3&h=8&n=1e308")
>>> config.model.hidden, config.data.points, [str(violation) for violation in violations]
((8,), 1000, ["data.points must be a whole number between 10 and 5000, got '1e308'"])
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from dlcore.config import (
    SETTINGS,
    Flag,
    Number,
    OneOf,
    Rule,
    RunConfig,
    Setting,
    Some,
    Violation,
    Widths,
    broken_rule,
    get_field,
    replace_field,
    validate,
)

# A link leaves out what was the default when it was made, so it must be read with the defaults of its own version.
# When a default changes: raise VERSION and write the OLD default under every older version here, by dotted name, for
# example {"1": {"training.epochs": 1000}, "2": {}}. A new setting needs no new version if its default changes nothing.
VERSION: Final = "1"
OLD_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {"1": {}}

VERSION_KEY: Final = "v"
MAX_PARAMETERS: Final = 64  # three times what a link can hold; of more, only the known keys are read
MAX_CHARACTERS: Final = 200  # of one value; the longest sound one, all features, has 47
SHOWN_CHARACTERS: Final = 40

SEPARATOR: Final = "-"  # unreserved in RFC 3986, so never percent-encoded, and part of no id
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")  # Python's int() also takes 1_000, +5, " 5" and other scripts' digits
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")

# What may be set back to its default to cure a rule on the whole run, the first choice first.
_CURES: Final[Mapping[str, tuple[str, ...]]] = {
    "samples": ("data.points", "data.classes"),
    "epoch_work": ("model.hidden", "training.batch", "data.points", "data.classes"),
    "run_work": ("training.epochs", "model.hidden", "training.batch", "data.points", "data.classes"),
}


# --- writing --------------------------------------------------------------------------------------------------------
def encode(config: RunConfig) -> dict[str, str]:
    """The query parameters that say ``config``: the version, then each setting that is not the default, in order.

    ``config`` must keep its rules; the table of a ``csv`` run is no part of it, only the fact that there is one.
    """
    params = {VERSION_KEY: VERSION}
    for name, setting in SETTINGS.items():
        value = get_field(config, name)
        if value != setting.default:
            params[setting.key] = _write(setting.rule, value)
    return params


def link(config: RunConfig) -> str:
    """The query string that says ``config``, without a question mark: ``v=1&h=8``. Nothing in it is escaped."""
    return urlencode(encode(config))


def _write(rule: Rule, value: Any) -> str:
    match rule:
        case Number(integer=True):
            return str(int(value))
        case Number():
            # repr is the shortest decimal that reads back as the same float; adding 0.0 turns -0.0 into 0.0.
            return repr(float(value) + 0.0).removesuffix(".0")
        case Widths():
            return SEPARATOR.join(map(str, value)) or "0"
        case Some():
            return SEPARATOR.join(value)
        case Flag():
            return str(int(value))
        case OneOf():
            return str(value)


# --- reading --------------------------------------------------------------------------------------------------------
def parse(text: str, *, ignore: Collection[str] = ()) -> tuple[RunConfig, list[Violation]]:
    """:func:`decode` for a whole URL (``https://host/spiral?v=1&h=8``) or a query string, ``?`` or not."""
    text = str(text).strip().partition("#")[0]
    first = text.partition("=")[0]  # a key, or else a URL's beginning; urlsplit cannot tell, and raises for http://[
    query = text.partition("?")[2] if "/" in first or "?" in first else text
    return decode(parse_qs(query, keep_blank_values=True), ignore=ignore)


def decode(params: Mapping[str, str | list[str]], *, ignore: Collection[str] = ()) -> tuple[RunConfig, list[Violation]]:
    """The run that query parameters say, and what was wrong with them.

    Parameters
    ----------
    params : value, or list of all values, by key. Anything is taken; nothing raises.
    ignore : keys that belong to others (such as ``lang``), not reported as unknown.

    Returns
    -------
    config : breaks no rule. A setting that is not in ``params``, or not soundly, has the default of the link's version.
    violations : one for each wrong parameter, then the rules on the whole run. The rule is a setting's own (``number``,
        ``one_of``, ``some``, ``widths``, ``flag``) or ``not_a_number``, ``not_text``, ``repeated``, ``too_long``,
        ``version``, ``unknown_key``, ``too_many``, ``samples``, ``epoch_work``, ``run_work``. The value is always the
        text that was given, shortened and printable; ``limits["reset"]`` of the last three names the settings that
        were set back.
    """
    found: list[Violation] = []
    if not isinstance(params, Mapping):
        return RunConfig(), [_not_text("link", params)]
    config = base = _defaults(_version(params, found))
    for name, setting in SETTINGS.items():  # by known keys, so that no amount of others hides a good parameter
        if setting.key in params:
            text = _text(name, params[setting.key], found)
            if text is not None:
                config = _set(config, setting, text, found)
    ours = {VERSION_KEY, *(setting.key for setting in SETTINGS.values()), *ignore}
    for key in itertools.islice(params, MAX_PARAMETERS):
        if key not in ours:
            found.append(_unknown(key, params[key]))
    if len(params) > MAX_PARAMETERS:
        text = f"a link has at most {MAX_PARAMETERS} parameters, got {len(params)}"
        found.append(Violation("link", "too_many", str(len(params)), {"high": MAX_PARAMETERS}, text))
    return _cure(config, base, found), found


def _version(params: Mapping[str, Any], found: list[Violation]) -> str:
    """The version to read by: the link's own, or today's where it says none that is known."""
    if VERSION_KEY not in params:
        return VERSION
    text = _text(VERSION_KEY, params[VERSION_KEY], found)
    if text is None:
        return VERSION
    if text in OLD_DEFAULTS:
        return text
    known = tuple(OLD_DEFAULTS)
    say = f"{VERSION_KEY} must be one of {', '.join(known)}, got {_shown(text)!r}"
    found.append(Violation(VERSION_KEY, "version", _shown(text), {"options": known}, say))
    return VERSION


def _defaults(version: str) -> RunConfig:
    config = RunConfig()
    for name, value in OLD_DEFAULTS[version].items():
        config = replace_field(config, name, value)
    return config


def _single(value: object) -> object:
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _text(field: str, value: object, found: list[Violation]) -> str | None:
    """The one text that a parameter has, or None and why not."""
    value = _single(value)
    if isinstance(value, list | tuple) and len(value) > 1:
        given = ", ".join(_shown(item) for item in value[:3])
        say = f"{field} must be given once, got {len(value)} values"
        found.append(Violation(field, "repeated", _shown(given), {"count": len(value)}, say))
    elif not isinstance(value, str):
        found.append(_not_text(field, value))
    elif len(value) > MAX_CHARACTERS:
        say = f"{field} must have at most {MAX_CHARACTERS} characters, got {len(value)}"
        found.append(Violation(field, "too_long", _shown(value), {"high": MAX_CHARACTERS}, say))
    else:
        return value
    return None


def _set(config: RunConfig, setting: Setting, text: str, found: list[Violation]) -> RunConfig:
    value = _read(setting.rule, text)
    if setting.rule.allows(value):
        return replace_field(config, setting.name, value)
    violation = broken_rule(setting, _shown(text))
    unread = value is None and isinstance(setting.rule, Number)
    found.append(replace(violation, rule="not_a_number") if unread else violation)
    return config


def _read(rule: Rule, text: str) -> object:
    """The value that ``text`` writes, whether the rule allows it or not; None if it writes no value of this kind."""
    match rule:
        case Number(integer=True) if _WHOLE.fullmatch(text):
            return int(text)
        case Number():
            return float(text) + 0.0 if _DECIMAL.fullmatch(text) else None
        case Widths():
            parts = [] if text == "0" else text.split(SEPARATOR)
            return tuple(map(int, parts)) if all(map(_WHOLE.fullmatch, parts)) else None
        case Some():
            return tuple(text.split(SEPARATOR))
        case Flag():
            return {"0": False, "1": True}.get(text)
        case OneOf():
            return text


def _cure(config: RunConfig, base: RunConfig, found: list[Violation]) -> RunConfig:
    """``config`` with as few settings as possible back at ``base``, so that the rules on the whole run hold.

    Among equally few, the first in the order of ``_CURES``: a run that takes too long because of one setting loses
    that one, and keeps the rest of what the link asked for.
    """
    while broken := validate(config):
        rule = broken[0].rule
        names = [name for name in _CURES.get(rule, ()) if get_field(config, name) != get_field(base, name)]
        for chosen in itertools.chain.from_iterable(itertools.combinations(names, n + 1) for n in range(len(names))):
            cured = _reset(config, base, chosen)
            if rule not in {violation.rule for violation in validate(cured)}:
                break
        else:  # no choice of these is enough: then all of it
            chosen, cured = tuple(SETTINGS), base
        found.append(replace(broken[0], value=str(broken[0].value), limits={**broken[0].limits, "reset": chosen}))
        config = cured
    return config


def _reset(config: RunConfig, base: RunConfig, names: tuple[str, ...]) -> RunConfig:
    for name in names:
        config = replace_field(config, name, get_field(base, name))
    return config


# --- saying ---------------------------------------------------------------------------------------------------------
def _shown(value: object) -> str:
    """``value`` short and printable, as any page can show it; of what is not text, its type."""
    if not isinstance(value, str):
        return type(value).__name__
    head = value[:SHOWN_CHARACTERS] + ("…" if len(value) > SHOWN_CHARACTERS else "")
    # Lone surrogates cannot be sent to a browser, and direction marks would rearrange the message around them.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in head)


def _not_text(field: str, value: object) -> Violation:
    return Violation(field, "not_text", _shown(value), {}, f"{field} must be text, got {_shown(value)}")


def _unknown(key: object, value: object) -> Violation:
    return Violation(_shown(key), "unknown_key", _shown(_single(value)), {}, f"{_shown(key)!r} is not a key of a link")
