"""The settings of a page with their rules and defaults, and the link that holds their values.

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
JointRules = Callable[[Values], list[Violation]]


class Lesson:
    """The settings of a page and their link.

    Parameters
    ----------
    id : the page's id.
    settings : in the order of the link.
    joint_rules : returns the violations of rules on several settings; called with values that are valid one by one.
    resets : by joint rule, the settings to reset to their defaults so that the rule holds, in order of preference.
    old_defaults : by version of the link, oldest first, the defaults that differ from the current ones. A link omits
        settings at the defaults of its time, so it is read with the defaults of its own version. When a default
        changes, add a version and write the OLD default under every older one, such as
        ``{"1": {"epochs": 500}, "2": {}}``. A new setting needs no new version if its default changes nothing.
    """

    def __init__(
        self,
        id: str,
        *settings: Setting,
        joint_rules: JointRules | None = None,
        resets: Mapping[str, tuple[str, ...]] | None = None,
        old_defaults: Mapping[str, Values] | None = None,
    ) -> None:
        self.id = id
        self.settings: Mapping[str, Setting] = {setting.name: setting for setting in settings}
        self.joint_rules: JointRules = joint_rules or (lambda values: [])
        self.resets = resets or {}
        self.old_defaults = old_defaults or {"1": {}}
        self.version = list(self.old_defaults)[-1]

    def defaults(self, version: str | None = None) -> dict[str, Any]:
        """Return the default of every setting, today's or that of an older version of the link."""
        today = {name: setting.default for name, setting in self.settings.items()}
        return today | dict(self.old_defaults[version or self.version])

    def broken(self, values: Values) -> list[Violation]:
        """Return the violations of the rules of single settings."""
        return [
            broken_rule(self.settings[name], value)
            for name, value in values.items()
            if not self.settings[name].rule.allows(value)
        ]

    def validate(self, values: Values) -> list[Violation]:
        """Return the violations of the rules of single settings or, if there are none, of the joint rules."""
        return self.broken(values) or self.joint_rules(values)

    # --- writing ----------------------------------------------------------------------------------------------------
    def encode(self, values: Values) -> dict[str, str]:
        """Return the query parameters of valid ``values``: the version, then each setting not at its default."""
        return {codec.VERSION_KEY: self.version, **codec.encode(self.settings.values(), values)}

    def link(self, values: Values) -> str:
        """Return the query string of valid ``values``, without a question mark: ``v=1&h=8``."""
        return urlencode(self.encode(values))

    # --- reading ----------------------------------------------------------------------------------------------------
    def parse(self, text: str, *, ignore: Collection[str] = ()) -> tuple[dict[str, Any], list[Violation]]:
        """:meth:`decode` a whole URL (``https://host/spiral?v=1&h=8``) or a query string, ``?`` or not."""
        text = str(text).strip().partition("#")[0]
        first = text.partition("=")[0]  # a key or the start of a URL; urlsplit cannot tell and raises for http://[
        query = text.partition("?")[2] if "/" in first or "?" in first else text
        return self.decode(parse_qs(query, keep_blank_values=True), ignore=ignore)

    def decode(
        self, params: Mapping[str, Any], *, ignore: Collection[str] = (), joint_rules: JointRules | None = None
    ) -> tuple[dict[str, Any], list[Violation]]:
        """Return the values of query parameters, and the violations of the invalid ones.

        Parameters
        ----------
        params : a value, or the list of all values, by key. Any input is accepted; nothing raises.
        ignore : keys that are not settings (such as ``lang``) and are not reported as unknown.
        joint_rules : replaces the lesson's own joint rules.

        Returns
        -------
        values : valid. A setting without a valid value in ``params`` has its default of the link's version.
        violations : one for each invalid parameter, then those of joint rules. The value is the given text, shortened
            and printable; ``limits["reset"]`` of a joint rule names the settings that were reset to their defaults.
        """
        if not isinstance(params, Mapping):
            return self.defaults(), [codec.not_text("link", params)]
        violations: list[Violation] = []
        base = self.defaults(codec.version(params, self.old_defaults, self.version, violations))
        values, invalid = codec.decode(self.settings.values(), params, base, ignore=ignore)
        violations += invalid
        return self._repair(values, base, joint_rules or self.joint_rules, violations), violations

    def _repair(
        self, values: dict[str, Any], base: dict[str, Any], joint_rules: JointRules, violations: list[Violation]
    ) -> dict[str, Any]:
        """Reset as few ``values`` to ``base`` as the joint rules require, and append the violations.

        Among equally few, the first in the order of ``resets`` win: a run that takes too long because of one setting
        loses that one and keeps the rest of what the link asked for.
        """
        while broken := joint_rules(values):
            rule = broken[0].rule
            names = [name for name in self.resets.get(rule, ()) if values[name] != base[name]]
            choices = itertools.chain.from_iterable(itertools.combinations(names, n + 1) for n in range(len(names)))
            for chosen in choices:
                repaired = values | {name: base[name] for name in chosen}
                if rule not in {violation.rule for violation in joint_rules(repaired)}:
                    break
            else:  # no combination of these is enough: reset everything
                chosen, repaired = tuple(self.settings), base
            violations.append(
                replace(broken[0], value=str(broken[0].value), limits={**broken[0].limits, "reset": chosen})
            )
            values = repaired
        return values
