"""What a person can set on a page: settings with their rules and defaults, and the link that says them.

>>> from dlcore.settings.rules import Number, Setting, Text
>>> dice = Lesson("dice", Setting("sides", "s", Number(2, 20, 1, integer=True), 6), Setting("name", "n", Text(20), ""))
>>> dice.link({"sides": 8, "name": ""})
'v=1&s=8'
>>> values, violations = dice.parse("https://host/dice?s=1&n=d6")
>>> values, [str(violation) for violation in violations]
({'sides': 6, 'name': 'd6'}, ["sides must be a whole number between 2 and 20, got '1'"])
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from dlcore.settings import codec
from dlcore.settings.rules import Setting, Violation, broken_rule

Values = Mapping[str, Any]
Whole = Callable[[Values], list[Violation]]


class Lesson:
    """The settings of a page and their link.

    Parameters
    ----------
    id : the page's.
    settings : in the order of the link.
    whole : returns the rules that values break together; called with values that each keep their own rule.
    cures : by rule of ``whole``, the settings to put back at their defaults so that it holds, the first choice first.
    old_defaults : by version of the link, the oldest first, the defaults that are others today. A link leaves out what
        was the default when it was made, so it is read with the defaults of its own version. When a default changes,
        add a version and write the OLD default under every older one, such as ``{"1": {"epochs": 500}, "2": {}}``.
        A new setting needs no new version if its default changes nothing.
    """

    def __init__(
        self,
        id: str,
        *settings: Setting,
        whole: Whole | None = None,
        cures: Mapping[str, tuple[str, ...]] | None = None,
        old_defaults: Mapping[str, Values] | None = None,
    ) -> None:
        self.id = id
        self.settings: Mapping[str, Setting] = {setting.name: setting for setting in settings}
        self.whole: Whole = whole or (lambda values: [])
        self.cures = cures or {}
        self.old_defaults = old_defaults or {"1": {}}
        self.version = list(self.old_defaults)[-1]

    def defaults(self, version: str | None = None) -> dict[str, Any]:
        """Return the value of every setting to begin with, today or in links of an older version."""
        today = {name: setting.default for name, setting in self.settings.items()}
        return today | dict(self.old_defaults[version or self.version])

    def broken(self, values: Values) -> list[Violation]:
        """Return the rules on single settings that ``values`` break."""
        return [
            broken_rule(self.settings[name], value)
            for name, value in values.items()
            if not self.settings[name].rule.allows(value)
        ]

    def validate(self, values: Values) -> list[Violation]:
        """Return the rules that ``values`` break: those on single settings or, where none, those on the whole."""
        return self.broken(values) or self.whole(values)

    # --- writing ----------------------------------------------------------------------------------------------------
    def encode(self, values: Values) -> dict[str, str]:
        """Return the query parameters that say ``values``, which must keep their rules.

        They are the version, then each setting that is not at its default, in order.
        """
        return {codec.VERSION_KEY: self.version, **codec.encode(self.settings.values(), values)}

    def link(self, values: Values) -> str:
        """Return the query string that says ``values``, without a question mark: ``v=1&h=8``."""
        return urlencode(self.encode(values))

    # --- reading ----------------------------------------------------------------------------------------------------
    def parse(self, text: str, *, ignore: Collection[str] = ()) -> tuple[dict[str, Any], list[Violation]]:
        """:meth:`decode` a whole URL (``https://host/spiral?v=1&h=8``) or a query string, ``?`` or not."""
        text = str(text).strip().partition("#")[0]
        first = text.partition("=")[
            0
        ]  # a key, or else a URL's beginning; urlsplit cannot tell, and raises for http://[
        query = text.partition("?")[2] if "/" in first or "?" in first else text
        return self.decode(parse_qs(query, keep_blank_values=True), ignore=ignore)

    def decode(
        self, params: Mapping[str, Any], *, ignore: Collection[str] = (), whole: Whole | None = None
    ) -> tuple[dict[str, Any], list[Violation]]:
        """Return the values that query parameters say, and what was wrong with them.

        Parameters
        ----------
        params : value, or list of all values, by key. Anything is taken; nothing raises.
        ignore : keys that belong to others (such as ``lang``), not reported as unknown.
        whole : the rules on the whole, where they are others than the lesson's own.

        Returns
        -------
        values : break no rule. A setting that is not in ``params``, or not soundly, has its default of the link's
            version.
        violations : one for each wrong parameter, then the rules on the whole. The value is always the text that was
            given, shortened and printable; ``limits["reset"]`` of a rule on the whole names the settings that were
            put back at their defaults.
        """
        if not isinstance(params, Mapping):
            return self.defaults(), [codec.not_text("link", params)]
        found: list[Violation] = []
        base = self.defaults(codec.version(params, self.old_defaults, self.version, found))
        values, wrong = codec.decode(self.settings.values(), params, base, ignore=ignore)
        found += wrong
        return self._cure(values, base, whole or self.whole, found), found

    def _cure(
        self, values: dict[str, Any], base: dict[str, Any], whole: Whole, found: list[Violation]
    ) -> dict[str, Any]:
        """Return ``values`` with as few as possible put back at ``base`` so that the rules on the whole hold.

        Among equally few, the first in the order of ``cures``: a run that takes too long because of one setting loses
        that one, and keeps the rest of what the link asked for.
        """
        while broken := whole(values):
            rule = broken[0].rule
            names = [name for name in self.cures.get(rule, ()) if values[name] != base[name]]
            choices = itertools.chain.from_iterable(itertools.combinations(names, n + 1) for n in range(len(names)))
            for chosen in choices:
                cured = values | {name: base[name] for name in chosen}
                if rule not in {violation.rule for violation in whole(cured)}:
                    break
            else:  # no choice of these is enough: then all of it
                chosen, cured = tuple(self.settings), base
            found.append(replace(broken[0], value=str(broken[0].value), limits={**broken[0].limits, "reset": chosen}))
            values = cured
        return values
