"""The state of a lesson's page, and the elements that every such page has.

    s = lesson.begin(DICE)          # state from the link, heading, messages
    control(s, "sides")
    ...
    lesson.code(snippet)            # the code of what is on screen, and its output
    lesson.end(s)                   # things to try, the link

The state lives in ``st.session_state`` under one key, so it survives leaving the page, language switches and widgets.
Widgets show it and report changes to it; they never hold it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from dlcore.programs.snippet import Snippet
from dlcore.settings.errors import InputError
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Setting, Violation
from pages.ui import layout, messages
from pages.ui.address import Address
from pages.ui.language import content, labels, language, t

T = TypeVar("T")


@dataclass
class State:
    """The settings of a page in one session. ``memo`` holds results that the page needs in later script runs."""

    lesson: Lesson
    values: dict[str, Any]
    problems: list[Violation] = field(default_factory=list)
    problem: str = "problem.refused"  # label id: what happened to the invalid settings
    address: Address = field(default_factory=Address)
    memo: dict[str, Any] = field(default_factory=dict)
    _good: dict[str, Any] = field(default_factory=dict)  # the last valid value of each typed setting
    # Two script runs may change settings at once: one that is superseded ends only after its callbacks.
    _changing: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    @property
    def id(self) -> str:
        """Return the id of the page."""
        return self.lesson.id

    @property
    def settings(self) -> Mapping[str, Setting]:
        """Return the settings by name."""
        return self.lesson.settings

    def get(self, name: str) -> Any:
        """Return the value of a setting."""
        return self.values[name]

    __getitem__ = get

    def set(self, name: str, value: Any) -> None:
        """Set a setting after its control was moved, or note the violations and keep the old value."""
        self.apply({name: value})

    def apply(self, values: Mapping[str, Any]) -> None:
        """Set several settings at once, such as those of a preset: all of them, or none if they break a rule."""
        self.address.touch()
        self.problem = "problem.refused"
        with self._changing:
            self.problems = self.take({**self.values, **values})

    def take(self, values: dict[str, Any]) -> list[Violation]:
        """Replace the values of all settings if they are valid; otherwise return the violations."""
        broken = self.lesson.validate(values)
        if not broken:
            self.values = values
        return broken

    def read_link(self) -> bool:
        """Take the settings from the address if it is new to this session; return whether it is."""
        params = self.address.arrived(self.lesson.encode(self.values))
        if params is None:
            return False
        values, self.problems = self.decode(params)
        self.problem = "problem.replaced"
        self.problems += self.take(values)
        return True

    def decode(self, params: Mapping[str, Any]) -> tuple[dict[str, Any], list[Violation]]:
        """Return the values of link parameters, and their violations."""
        return self.lesson.decode(params)

    def settle_link(self) -> None:
        """Wait until the settings rest, and write them into the address."""
        self.address.settle(lambda: self.lesson.encode(self.values))

    def understood(self, name: str, read: Callable[[Any], T]) -> T:
        """Parse the value of a setting; if it is invalid, show the error and parse the last valid value instead.

        Parameters
        ----------
        read : parses the value; raises :class:`InputError` if it is invalid. The default must be valid.
        """
        try:
            result = read(self.values[name])
        except InputError as error:
            st.warning(messages.describe_error(error), icon=":material/error:")
            st.caption(t("lesson.last_good"))
            return read(self._good.get(name, self.settings[name].default))
        self._good[name] = self.values[name]
        return result

    def label(self, name: str) -> str:
        """Return the label of a setting; an unknown name is quoted."""
        return t(f"{self.id}.setting.{name}") if name in self.settings else messages.plain(name)

    def help(self, name: str) -> str:
        """Return the help text of a setting, or ""."""
        return labels(language()).get(f"{self.id}.help.{name}", "")

    def option(self, name: str, id: str) -> str:
        """Return the label of an option; names of Python and torch have none and are returned unchanged."""
        return labels(language()).get(f"{self.id}.option.{name}.{id}", id)


def state(lesson: Lesson) -> State:
    """Return the lesson state of the current session."""
    key = f"{lesson.id}.state"
    if key not in st.session_state:
        st.session_state[key] = State(lesson, lesson.defaults())
    result: State = st.session_state[key]
    return result


def begin(lesson: Lesson) -> State:
    """Read the address, draw the title and the violations, and return the state."""
    s = state(lesson)
    s.read_link()
    layout.heading(t(f"page.{lesson.id}"))
    messages.show(s.problems, instead=s.problem, name=s.label)
    return s


def idea(id: str, **symbols: str) -> None:
    r"""Show prose by page and part, such as ``tensors/create``; ``\name`` becomes the LaTeX given for that name."""
    text = content(id)
    for name, symbol in symbols.items():
        text = text.replace(rf"\{name}", symbol)
    st.markdown(text)


def code(snippet: Snippet) -> None:
    """Show the code of a snippet, and its output below."""
    st.code(snippet.code, language="python", wrap_lines=True)
    if snippet.output:
        st.code(snippet.output, language=None, wrap_lines=True)


def twins(scratch: Snippet, concise: Snippet) -> None:
    """Show the same computation from scratch and with torch, side by side."""
    for column, name, snippet in zip(
        st.columns(2, gap="medium"), ("scratch", "concise"), (scratch, concise), strict=True
    ):
        with column:
            st.caption(t(f"lesson.{name}"))
            code(snippet)


def end(s: State, play: Callable[[], object] | None = None) -> None:
    """Draw the foot of a lesson: things to try, and the link to share; then call ``play`` and write the address.

    ``play`` is the loop of a run, which goes on after the page is drawn.
    """
    tries, sharing = st.tabs([t("lesson.try"), t("lesson.share")], key=f"{s.id}.foot.{language()}", on_change="rerun")
    if tries.open:
        with tries:
            idea(f"{s.id}/try")
    if sharing.open:
        with sharing:
            st.markdown(t("lesson.link_is"))
            base = (st.context.url or "").split("?")[0]
            st.code(f"{base}?{s.lesson.link(s.values)}", language=None, wrap_lines=True)
    if play:
        play()
    s.settle_link()
