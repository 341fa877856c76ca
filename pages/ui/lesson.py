"""A lesson's page: what a person has set on it, and what every such page has above, beside and below its pictures.

    s = lesson.begin(DICE)          # state, link, heading, messages
    control(s, "sides")
    ...
    lesson.code(snippet)            # the code of what is on screen, and what it prints
    lesson.end(s)                   # three things to try, the link

The state lives in ``st.session_state`` under one key, so that it survives leaving the page, a language switch and every
widget. Widgets show it and report to it; they are never its source.
"""

from __future__ import annotations

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
    """What a person has set on a page. ``memo`` holds what the page computed and needs in the next script run."""

    lesson: Lesson
    values: dict[str, Any]
    problems: list[Violation] = field(default_factory=list)
    problem: str = "problem.refused"  # the label of what happened instead
    address: Address = field(default_factory=Address)
    memo: dict[str, Any] = field(default_factory=dict)
    _good: dict[str, Any] = field(default_factory=dict)  # of what is typed: the last that could be understood

    @property
    def id(self) -> str:
        """The page's."""
        return self.lesson.id

    @property
    def settings(self) -> Mapping[str, Setting]:
        """What can be set."""
        return self.lesson.settings

    def get(self, name: str) -> Any:
        """The value of a setting."""
        return self.values[name]

    __getitem__ = get

    def set(self, name: str, value: Any) -> None:
        """A control was moved: follow it, or say which rule forbids it and stay."""
        self.apply({name: value})

    def apply(self, values: Mapping[str, Any]) -> None:
        """Several settings at once, such as a preset: all of them or none."""
        self.address.touch()
        self.problem = "problem.refused"
        self.problems = self.take({**self.values, **values})

    def take(self, values: dict[str, Any]) -> list[Violation]:
        """Hold ``values``, one for each setting, or return which rules forbid them and hold what there was."""
        broken = self.lesson.validate(values)
        if not broken:
            self.values = values
        return broken

    def read_link(self) -> bool:
        """Follow the address if it is new to this session; return whether it is."""
        params = self.address.arrived(self.lesson.encode(self.values))
        if params is None:
            return False
        values, self.problems = self.decode(params)
        self.problem = "problem.replaced"
        self.problems += self.take(values)
        return True

    def decode(self, params: Mapping[str, Any]) -> tuple[dict[str, Any], list[Violation]]:
        """Return the values that an address says, and what was wrong with it."""
        return self.lesson.decode(params)

    def settle_link(self) -> None:
        """Wait until the settings have rested, and put them into the address."""
        self.address.settle(lambda: self.lesson.encode(self.values))

    def understood(self, name: str, read: Callable[[Any], T]) -> T:
        """What a setting's value says. If it says nothing, the message, and what the last one that did said.

        Parameters
        ----------
        read : turns the value into what the page works with; raises :class:`InputError`. It must take the default.
        """
        try:
            found = read(self.values[name])
        except InputError as error:
            st.warning(messages.describe_error(error), icon=":material/error:")
            st.caption(t("lesson.last_good"))
            return read(self._good.get(name, self.settings[name].default))
        self._good[name] = self.values[name]
        return found

    def label(self, name: str) -> str:
        """A setting's name, in the reader's language; one that is none is shown as it came."""
        return t(f"{self.id}.setting.{name}") if name in self.settings else messages.plain(name)

    def help(self, name: str) -> str:
        """What a setting does, or nothing."""
        return labels(language()).get(f"{self.id}.help.{name}", "")

    def option(self, name: str, id: str) -> str:
        """The word for one of a setting's ids. What is Python's or torch's own name has no other."""
        return labels(language()).get(f"{self.id}.option.{name}.{id}", id)


def state(lesson: Lesson) -> State:
    """This person's."""
    key = f"{lesson.id}.state"
    if key not in st.session_state:
        st.session_state[key] = State(lesson, lesson.defaults())
    found: State = st.session_state[key]
    return found


def begin(lesson: Lesson) -> State:
    """The state, after the address has been followed; the title, and what was wrong with what was asked."""
    s = state(lesson)
    s.read_link()
    layout.heading(t(f"page.{lesson.id}"))
    messages.show(s.problems, instead=s.problem, name=s.label)
    return s


def idea(id: str) -> None:
    """Show a few sentences of prose, by page and part."""
    st.markdown(content(id))


def code(snippet: Snippet) -> None:
    """The code of what is on screen, and under it what it prints."""
    st.code(snippet.code, language="python", wrap_lines=True)
    if snippet.output:
        st.code(snippet.output, language=None, wrap_lines=True)


def twins(scratch: Snippet, concise: Snippet) -> None:
    """The same computation from scratch and by torch, side by side."""
    for column, name, snippet in zip(
        st.columns(2, gap="medium"), ("scratch", "concise"), (scratch, concise), strict=True
    ):
        with column:
            st.caption(t(f"lesson.{name}"))
            code(snippet)


def end(s: State, play: Callable[[], object] | None = None) -> None:
    """The foot of a lesson: what to try, and the link that brings somebody else here.

    ``play`` is what goes on after the page has been drawn: the loop of a run.
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
