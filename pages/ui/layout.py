"""The layout of every page: style sheet, heading with the language switch, columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing.palette import Theme
from pages.ui import language
from pages.ui.language import t

if TYPE_CHECKING:  # not one of Streamlit's public names
    from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

# A constant without user input. Streamlit's defaults leave a third of a laptop's screen empty, and on a phone the
# picture belongs above its controls.
_STYLE: Final = """
<style>
/* Streamlit's own Stop ends the script run, while the player goes on to say "Pause". */
[data-testid="stStatusWidget"]:has([data-testid="stStatusWidgetRunningIcon"]) button { display: none; }
.stMainBlockContainer { padding: 4rem 2rem 2rem; max-width: 1500px; }
.st-key-heading h1 { font-size: 1.5rem; padding: 0; }
.stMainBlockContainer h2, .stMainBlockContainer h3 { font-size: 1.15rem; padding: .4rem 0 0; }
.st-key-toolbar button, .st-key-moments button { min-height: 2.1rem; padding: 0 .6rem; }
.st-key-toolbar [class*="-play"] button { min-width: 6.5rem; }  /* for Play and for Pause */
.st-key-toolbar [class*="-play"] button > div { justify-content: flex-start; }
.stTable { font-variant-numeric: tabular-nums; }
.stTable :is(th, td):not(:first-child) { text-align: right !important; }
.stTable td:not(:first-child) * { white-space: nowrap !important; }
.stTable th > * { min-width: 2.5em; }
/* Aligned right, a number would jump whenever it gets a digit more. */
:is([class*="st-key-sentences"], [class*="st-key-still"]) :is(th, td):not(:first-child) { text-align: left !important; }
[class*="st-key-sentences"] td:not(:first-child) * { white-space: normal !important; }
/* A table or a sentence whose numbers change keeps its size. */
[class*="st-key-still"] { font-variant-numeric: tabular-nums; }
[class*="st-key-still"] > :only-child > .stMarkdown p { min-height: 3.2rem; }
.st-key-still-receding p { min-height: 4.8rem !important; }
[class*="st-key-still"] p strong { display: inline-block; min-width: 4.6rem; }
[class*="st-key-still"] table { table-layout: fixed; width: 100%; }
[class*="st-key-still"] :is(th, td) { padding: .25rem .3rem !important; }
[class*="st-key-still"] td, [class*="st-key-still"] td * { white-space: nowrap; overflow: hidden; }
[class*="st-key-still"] th:nth-child(3):last-child { width: 45%; }
[class*="st-key-still"] table:has(th:nth-child(6)) { min-width: 36rem; }
[class*="st-key-still"] th:first-child:nth-last-child(n + 6) { width: 34%; }
.st-key-region { position: relative; padding: 0 0 2.6rem 2.8rem; gap: 0; }
.st-key-region .axes {
  position: absolute; top: 0; left: 2.8rem; right: 0; aspect-ratio: 1; pointer-events: none; font-size: .875rem;
}
.st-key-region .axes > * { position: absolute; opacity: .75; white-space: nowrap; line-height: 1; }
.st-key-region .axes span.x { top: 100%; transform: translate(-50%, .45rem); }
.st-key-region .axes span.y { left: -.45rem; transform: translate(-100%, -50%); }
.st-key-region .axes b.x { top: 100%; left: 50%; transform: translate(-50%, 1.6rem); font-weight: 400; }
.st-key-region .axes b.y { top: 50%; left: -2.6rem; transform: translateY(-1.4rem); font-weight: 400; }
.st-key-region [data-testid="stElementContainer"], .st-key-region [data-testid="stHtml"] { position: static; }
.st-key-region img { border-radius: 0; image-rendering: auto; }
.st-key-lab-grid { position: relative; padding: 2.8rem 0 0 4.6rem; max-width: 100%; }
.st-key-lab-grid .cells {
  position: absolute; inset: 2.8rem 0 0 4.6rem; pointer-events: none; font-size: .8rem; line-height: 1;
}
.st-key-lab-grid .cells > * { position: absolute; white-space: nowrap; font-variant-numeric: tabular-nums; }
.st-key-lab-grid .cells b.x { left: 50%; top: -2.5rem; transform: translateX(-50%); font-weight: 400; }
.st-key-lab-grid .cells span.x { transform: translate(-50%, -1.1rem); }
.st-key-lab-grid .cells span.y { transform: translate(calc(-100% - .4rem), -50%); }
.st-key-lab-grid .cells span.loss {
  transform: translate(-50%, -1.15rem); padding: .1rem .2rem; background: light-dark(#ffffffd9, #0e1117d9);
}
.st-key-lab-grid [data-testid="stElementContainer"], .st-key-lab-grid [data-testid="stHtml"] { position: static; }
.st-key-lab-findings { min-height: 3.2rem; font-variant-numeric: tabular-nums; }
.st-key-lab-grid img { border-radius: 0; }
.st-key-space { max-width: max(18rem, 46vh); }
.st-key-space-depth { min-height: 3.3rem; }  /* a slider, or in its place how far it has played */
.st-key-overlay { position: relative; gap: 0; }
.st-key-overlay > :nth-child(2) { position: absolute; inset: 0; }
.st-key-overlay [data-testid="stElementToolbar"] { display: none; }
.st-key-epoch p { font-variant-numeric: tabular-nums; }
.st-key-outcome { min-height: 3.6rem; }
.st-key-moments { padding-top: .8rem; }
.st-key-time { min-height: 3.75rem; }  /* before the scrubber is there */
.st-key-numbers p { font-variant-numeric: tabular-nums; margin: 0; }
.st-key-document, .st-key-announcement, [class*="st-key-carrier"] { display: none; }
#announcements { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
/* Streamlit writes white on the accent, which is light in the dark theme. */
[data-testid="stBaseButton-primary"] { color: light-dark(#ffffff, #0e1117); }
/* Streamlit's colours of code are too pale on white, so each is mixed with the colour of the text around it. */
.stCode .token:is(.comment, .punctuation) { color: color-mix(in srgb, currentColor 70%, transparent); }
.stCode .token:is(.keyword, .function, .class-name) { color: color-mix(in srgb, #1c83e1 60%, currentColor); }
.stCode .token:is(.number, .string, .boolean) { color: color-mix(in srgb, #21a366 50%, currentColor); }
.stCode .token:is(.operator, .decorator) { color: color-mix(in srgb, #d95a00 60%, currentColor); }
[data-testid="stCaptionContainer"] code { color: inherit; }
/* Code in a text would scroll, without a key. */
[data-testid="stMarkdownPre"] :is(pre, code) { white-space: pre-wrap !important; overflow-wrap: anywhere; }
[data-testid="stPageLink-NavLink"]:focus-visible { outline: 2px solid currentColor; outline-offset: 1px; }
/* A touch screen has no hover: the toolbar of a chart or table would stay over its text. */
@media (hover: none) { [data-testid="stElementToolbar"] { display: none; } }
/* Streamlit lets options overflow to the right, out of sight. */
[data-testid="stButtonGroup"] > [role] { flex-wrap: wrap; overflow: visible; mask-image: none; }
/* A tablet, or a laptop's window at 150 %: of three columns the third, with further content, goes below the others. */
@media (min-width: 641px) and (max-width: 1100px) {
  [class*="st-key-stage-"] > [data-testid="stLayoutWrapper"] > * > :nth-child(1) { min-width: 13rem; }
  [class*="st-key-stage-"] > [data-testid="stLayoutWrapper"] > :has(> :nth-child(3)) { flex-wrap: wrap; }
  .st-key-stage-1 > [data-testid="stLayoutWrapper"] > :has(> :nth-child(3)) {
    > :nth-child(1) { flex: 1 1 32%; }
    > :nth-child(2) { flex: 1 1 60%; }
    > :nth-child(3) { flex: 1 1 100%; }
  }
  .st-key-stage-2 > [data-testid="stLayoutWrapper"] > :has(> :nth-child(3)) {
    > :nth-child(1) { flex: 1 1 32%; }
    > :nth-child(2) { flex: 1 1 100%; order: 2; }
    > :nth-child(3) { flex: 1 1 60%; order: 1; }
  }
}
/* A film stands still for those who asked for less motion. */
.st-key-film, .st-key-film-still { aspect-ratio: 1; }
.st-key-film-still { display: none; }
@media (prefers-reduced-motion: reduce) {
  .st-key-film { display: none; }
  .st-key-film-still { display: flex; }
}
/* A low window, as at 200 %, shows all of the picture at once. */
.st-key-region { max-width: max(18rem, 85vh); }
@media (max-width: 640px) {
  .stTable :is(th, td) { padding: .25rem .3rem !important; }
  .stMainBlockContainer { padding: 4rem .8rem 1rem; }
  .st-key-stage-1 > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] > :nth-child(2),
  .st-key-stage-2 > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] > :nth-child(3) { order: -1; }
  /* Columns with an afterwards part dissolve into their elements, so that this part can come after all columns. */
  .st-key-stage-1 > [data-testid="stLayoutWrapper"] > :has([class*="st-key-afterwards"]) {
    flex-flow: column nowrap; gap: 1rem;
  }
  .st-key-stage-1 > [data-testid="stLayoutWrapper"] > :has([class*="st-key-afterwards"]) > * { width: 100%; }
  .st-key-stage-1 > [data-testid="stLayoutWrapper"] > * > :has([class*="st-key-afterwards"]),
  .st-key-stage-1 > [data-testid="stLayoutWrapper"] > * > :has([class*="st-key-afterwards"]) > * { display: contents; }
  .st-key-stage-1 > [data-testid="stLayoutWrapper"] > * > :nth-child(2) > * > * { order: -1; }
  .st-key-stage-1 > [data-testid="stLayoutWrapper"] > * > * > * > :has(> [class*="st-key-afterwards"]) { order: 1; }
}
</style>
"""

# When the server does not answer, Streamlit puts a dialog over the page, in English and for developers. The server
# cannot say anything then; so the page gets the words for that case beforehand.
_LOST: Final = """
<style>
body:has(%(lost)s) [role="dialog"] [slot="title"] { visibility: hidden; font-size: 0; }
body:has(%(lost)s) [role="dialog"] [slot="title"]::before { content: %(title)s; visibility: visible; }
body:has(%(lost)s) [role="dialog"] [slot="title"]::before { font-size: 1.5rem; }
body:has(%(lost)s) [role="dialog"] [slot="title"] ~ div > * { display: none; }
body:has(%(lost)s) [role="dialog"] [slot="title"] ~ div::before { content: %(text)s; }
%(lost)s [data-testid="stStatusWidget"] { visibility: hidden; font-size: 0; }
%(lost)s [data-testid="stStatusWidget"]::after { visibility: visible; content: %(status)s; font-size: .875rem; }
</style>
"""
_UNCONNECTED: Final = '[data-test-connection-state="PINGING_SERVER"]'


def apply() -> None:
    """Add the style sheets to the page; once per script run."""
    st.html(_STYLE)
    words = {"title": t("lost.title"), "text": t("lost.text"), "status": t("lost.status")}
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in words.items()}
    st.html(_LOST % {"lost": _UNCONNECTED, **quoted})


def heading(title: str) -> None:
    """Draw the title of a page with the language switch at its right."""
    with st.container(key="heading", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(title, anchor=False)
        with st.container(width="content"):
            language.switch()


def stage(*widths: float, first: int = 1) -> list[DeltaGenerator]:
    """Return columns for the controls, the picture and further content.

    The column with index ``first``, by default the picture, comes first on a phone; the others follow in order.
    """
    with st.container(key=f"stage-{first}"):
        return st.columns(list(widths), gap="medium")


def afterwards(id: str = "right") -> DeltaGenerator:
    """Return a container at the end of a stage's column that comes after all columns on a phone.

    It is for code and prose, so that the controls stand right below the picture, the stage's second column. If two
    columns have one, each has its own ``id``.
    """
    return st.container(key=f"afterwards-{id}")


def still(id: str) -> DeltaGenerator:
    """Return a container for what changes while a run plays: a table's columns keep their widths, a text two lines."""
    return st.container(key=f"still-{id}")


def sentences(id: str) -> DeltaGenerator:
    """Return a container for a table of words and sentences, which are aligned left."""
    return st.container(key=f"sentences-{id}")


def group(label: str, key: str) -> ExpanderContainer:
    """Return an expander for controls that stays open or closed as the user left it.

    Draw the controls only if it is ``open``: drawn widgets cost time in every script run.
    """
    opened: dict[str, bool] = st.session_state.setdefault("groups", {})
    expander = st.expander(label, key=key, expanded=opened.get(key, False), on_change="rerun")
    opened[key] = bool(expander.open)
    return expander


def theme() -> Theme:
    """Return the theme of the user's browser."""
    return "dark" if st.context.theme.type == "dark" else "light"
