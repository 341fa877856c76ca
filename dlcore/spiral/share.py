"""A run as a short link: ``RunConfig`` to query string and back, by id, versioned.

A link says what differs from the defaults, under each setting's short key. Reading one never raises: whatever a person
or a machine wrote there, the good parameters are kept and each of the others is reported and gets its default.

>>> from dlcore.spiral.config import RunConfig, replace_field
>>> link(RunConfig()), link(replace_field(RunConfig(), "model.hidden", (32, 32)))
('v=1', 'v=1&h=32-32')
>>> config, violations = parse("https://host/spiral?v=1&c=3&h=8&n=1e308")
>>> config.model.hidden, config.data.points, [str(violation) for violation in violations]
((8,), 1000, ["data.points must be a whole number between 10 and 5000, got '1e308'"])
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from dlcore.settings import codec
from dlcore.settings.rules import Violation
from dlcore.spiral.config import SETTINGS, RunConfig, get_field, replace_field, validate

# A link leaves out what was the default when it was made, so it must be read with the defaults of its own version.
# When a default changes: raise VERSION and write the OLD default under every older version here, by dotted name, for
# example {"1": {"training.epochs": 1000}, "2": {}}. A new setting needs no new version if its default changes nothing.
VERSION: Final = "1"
OLD_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {"1": {}}

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
    values = {name: get_field(config, name) for name in SETTINGS}
    return {codec.VERSION_KEY: VERSION, **codec.encode(SETTINGS.values(), values)}


def link(config: RunConfig) -> str:
    """The query string that says ``config``, without a question mark: ``v=1&h=8``. Nothing in it is escaped."""
    return urlencode(encode(config))


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
    if not isinstance(params, Mapping):
        return RunConfig(), [codec.not_text("link", params)]
    found: list[Violation] = []
    base = _defaults(codec.version(params, OLD_DEFAULTS, VERSION, found))
    at_base = {name: get_field(base, name) for name in SETTINGS}
    values, wrong = codec.decode(SETTINGS.values(), params, at_base, ignore=ignore)
    config = base
    for name, value in values.items():
        config = replace_field(config, name, value)
    found += wrong
    return _cure(config, base, found), found


def _defaults(version: str) -> RunConfig:
    config = RunConfig()
    for name, value in OLD_DEFAULTS[version].items():
        config = replace_field(config, name, value)
    return config


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
