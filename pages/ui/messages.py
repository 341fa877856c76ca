"""Messages about violations and input errors in the session's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.drawing import formats
from dlcore.settings.errors import InputError
from dlcore.settings.rules import Violation
from pages.ui.language import t

_SHOWN = 60  # characters of a typed or linked value


def plain(value: Any) -> str:
    """Return untrusted text as literal Markdown: shortened, on one line, in code quotes."""
    text = re.sub(r"\s+", " ", str(value)).replace("`", "'").strip()
    text = text[: _SHOWN - 1] + "…" if len(text) > _SHOWN else text
    return f"`{text}`" if text else t("problem.nothing")


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value))
    if isinstance(value, float):
        return formats.text(value, 6)
    return formats.count(value) if isinstance(value, int) else str(value)


def describe(violation: Violation, name: Callable[[str], str]) -> str:
    """Return the message of a violation: field, rule and value; ``name`` returns the label of a field."""
    id = f"problem.{violation.rule}"
    if violation.rule == "number" and violation.limits.get("integer"):
        id = "problem.integer"
    limits = {key: _words(value) for key, value in violation.limits.items()}
    if "reset" in violation.limits:
        limits["reset"] = ", ".join(map(name, violation.limits["reset"]))
    value = violation.value
    if isinstance(value, tuple):
        value = (", " if violation.rule == "sizes" else "-").join(map(str, value))
    elif isinstance(value, int) and not isinstance(value, bool):
        value = format(value, ",")  # unrounded, as typed
    text = t(id, field=name(violation.field), value=plain(value), **limits)
    return f"{text} {t('problem.reset', reset=limits['reset'])}" if "reset" in limits else text


def describe_error(error: InputError) -> str:
    """Return the message of an error in typed or uploaded input."""
    limits = {key: plain(value) if isinstance(value, str) else _words(value) for key, value in error.limits.items()}
    return t(f"{error.WORDS}.{error.rule}", **limits)


def show(violations: list[Violation], *, instead: str, name: Callable[[str], str]) -> None:
    """Show a warning with a line for each violation.

    ``instead`` is the label id of what happened to the settings; ``name`` returns the label of a field.
    """
    if violations:
        lines = "\n".join(f"- {describe(violation, name)}" for violation in violations[:10])
        more = f"\n- {t('problem.more', count=len(violations) - 10)}" if len(violations) > 10 else ""
        st.warning(f"{t(instead)}\n{lines}{more}", icon=":material/error:")
