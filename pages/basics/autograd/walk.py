"""The walk: a formula becomes a graph, and backward goes through it edge by edge."""

from __future__ import annotations

import time
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.drawing import formats
from dlcore.lessons.autograd.walk import charts as graph_chart
from dlcore.lessons.autograd.walk import inputs as graph_inputs
from dlcore.lessons.autograd.walk import notation
from dlcore.lessons.autograd.walk import programs as torch_graph
from dlcore.lessons.autograd.walk.model import Check, Step, Walk, check, convention, forward, trouble, walk
from dlcore.settings.errors import InputError
from dlcore.settings.rules import Number
from dlcore.typed.expression import Program, parse
from pages.ui import layout, lesson
from pages.ui.controls import control, slider
from pages.ui.graph_view import graph_view
from pages.ui.language import t
from pages.ui.lesson import State

PAUSE: Final = 0.9  # seconds that a step is shown while it plays
_RANGE: Final = Number(-graph_inputs.BOUND, graph_inputs.BOUND, 0.1)
_BESIDE: Final = 6  # layers of a graph that leaves the step's formulas room beside it; else they stand below it
_AROUND: Final = {True: 260, False: 460}  # pixels of the screen's height for what is above and below the graph
_LINE, _LETTERS, _MOST_LINES = 20, 34, 12  # of the formula's box: pixels of a line, letters in it, lines
_TERMS: Final = 6  # of a sum that are all shown


def choices(s: State) -> None:
    """The examples."""
    pills, examples = "autograd.example", graph_inputs.EXAMPLES

    def picked() -> None:
        id = st.session_state[pills]
        if id:
            _rest(s)
            s.apply({"expression": examples[id].expression, "inputs": examples[id].inputs, "step": 0})

    shown = [id for id, example in examples.items() if example.expression == s["expression"]]
    st.session_state[pills] = shown[0] if shown else None
    st.pills(
        t("autograd.examples"),
        list(examples),
        format_func=lambda id: t(f"autograd.example.{id}"),
        key=pills,
        on_change=picked,
    )


def draw(s: State) -> None:
    """The formula and its inputs; beside them the graph and what happens at this step; the code."""
    left, right = layout.stage(0.24, 0.76)
    with left:
        _formula(s)
        program = s.understood("expression", parse)
        inputs = _inputs(s, program)
    found = walk(*forward(program, inputs))
    checked = check(found, inputs)
    with right:
        _buttons(s, found)
        stage = st.fragment(_stage, run_every=PAUSE if s.memo.get("playing") else None)
        stage(s, found, inputs)
        _verdict(found, checked)
    left, right = st.columns([0.45, 0.55], gap="large")
    with left:
        lesson.idea("autograd/walk")
    with right:
        lesson.code(torch_graph.walk_snippet(found, inputs, checked))


def _formula(s: State) -> None:
    """The box for one's own; a new formula begins at its forward values."""
    key = "autograd.expression"

    def typed() -> None:
        _rest(s)
        s.apply({"expression": st.session_state[key], "step": 0})

    lines = sum(1 + len(line) // _LETTERS for line in s["expression"].split("\n"))
    st.session_state[key] = s["expression"]
    st.text_area(
        s.label("expression"),
        key=key,
        help=s.help("expression"),
        max_chars=s.settings["expression"].rule.max_chars,
        height=_LINE * min(max(lines, 2), _MOST_LINES) + 42,
        on_change=typed,
    )


def _inputs(s: State, program: Program) -> dict[str, float]:
    """A slider for each input; a number outlives the edits of the formula."""
    values = s.understood("inputs", graph_inputs.read)
    now = graph_inputs.of(program, values)
    st.caption(t("autograd.inputs"))
    beside = 1 if len(now) < 4 else 2
    columns: list[DeltaGenerator] = []
    for name, value in now.items():
        columns = columns or st.columns(beside, gap="small")  # row by row: a phone keeps their order

        def moved(chosen: float, name: str = name) -> None:
            try:
                current = graph_inputs.read(s["inputs"])  # not what was drawn: two sliders may report at once
            except InputError:
                current = now
            s.set("inputs", graph_inputs.changed(program, current, name, chosen))

        with columns.pop(0):
            slider(name, f"autograd.input.{name}", value, _RANGE, moved)
    return now


def _rest(s: State) -> None:
    s.memo["playing"] = False


def _buttons(s: State, found: Walk) -> None:
    """Back, on, play, to the end, to the beginning; and whose names the graph bears."""

    def to(step: int) -> None:
        _rest(s)
        s.set("step", min(max(step, 0), found.length))

    def on() -> None:
        to(min(s["step"], found.length) + 1)

    def back() -> None:
        to(min(s["step"], found.length) - 1)

    def pause() -> None:
        to(s["step"])

    def play() -> None:
        to(0 if s["step"] >= found.length else s["step"])
        s.memo |= {"playing": True, "shown_at": time.monotonic()}

    playing = bool(s.memo.get("playing"))
    with st.container(key="toolbar", horizontal=True, vertical_alignment="center", gap="small"):
        for id, icon, act in (
            ("previous", "skip_previous", back),
            ("next", "skip_next", on),
            ("pause" if playing else "play", "pause" if playing else "play_arrow", pause if playing else play),
            ("to_end", "fast_forward", lambda: to(found.length)),
            ("restart", "replay", lambda: to(0)),
        ):
            st.button(
                t(f"autograd.step.{id}"),
                key=f"autograd.step.{'play' if id == 'pause' else id}",
                icon=f":material/{icon}:",
                type="primary" if id == "next" else "secondary",
                on_click=act,
            )
        control(s, "torch_names")


def _stage(s: State, found: Walk, inputs: dict[str, float]) -> None:
    """The graph at this step and the formulas of the step. While it plays, the browser asks for this part again."""
    if s.memo.get("playing") and time.monotonic() - s.memo["shown_at"] > PAUSE / 2:
        s.values["step"] = min(s["step"] + 1, found.length)  # not into the address: the browser's history would fill
        s.memo["shown_at"] = time.monotonic()
        if s["step"] == found.length:
            _rest(s)
            s.set("step", found.length)
            st.rerun()
    progress = min(s["step"], found.length)
    if s["torch_names"]:
        shown = graph_chart.torch_picture(torch_graph.functions(found.program, inputs), found, progress)
    else:
        shown = graph_chart.picture(found, progress)
    drawing = graph_chart.drawing(shown)
    beside = drawing["layers"] <= _BESIDE
    graph, words = st.columns([0.58, 0.42], gap="medium") if beside else (st.container(), st.container())
    with graph:
        label = t("autograd.alt", result=found.program.result, count=len(shown.boxes))
        graph_view(label, drawing, key="autograd.graph", around=_AROUND[beside])
    with words:
        _words(found, progress, columns=1 if beside else 2)


def _words(found: Walk, progress: int, *, columns: int) -> None:
    """What happens at this step, in symbols and numbers."""
    step = found.step(progress)
    st.markdown(f"**{t('autograd.progress', step=progress, last=found.length)}**")
    result = notation.symbol(found.program, found.program.output)
    if progress == 0:
        value = notation.bare(found.values[found.program.output])
        st.markdown(t("autograd.forward", formula=f"${result} = {value}$"))
    elif step is None:
        st.markdown(t("autograd.seed", formula=rf"$\displaystyle \frac{{\partial {result}}}{{\partial {result}}} = 1$"))
    else:
        _edge(found, step, progress, result, columns)


def _edge(found: Walk, step: Step, progress: int, result: str, columns: int) -> None:
    program = found.program
    node, target = (notation.symbol(program, i) for i in (step.node, step.target))
    terms = [other.product for other in found.arrived(step.target, progress)]
    total = [notation.bare(terms[0]), *map(notation.number, terms[1:])]
    if len(terms) > _TERMS:
        total = [*total[:2], r"\dots", *total[-2:]]
    sum_text = f"{' + '.join(total)} = {notation.bare(step.after)}" if len(terms) > 1 else notation.bare(step.after)
    agreed = convention(found, step)
    upstream = notation.bare(step.upstream)
    lines = (
        (
            t("autograd.edge.local", edge=rf"${node} \to {target}$"),
            _local(found, step, agreed=agreed),
        ),
        (
            t("autograd.edge.upstream", node=f"${node}$"),
            rf"\frac{{\partial {result}}}{{\partial {node}}} = {upstream}",
        ),
        (
            t("autograd.edge.product"),
            rf"{upstream} \cdot {notation.number(step.local)} = {notation.bare(step.product)}",
        ),
        (
            t("autograd.edge.sum", target=f"${target}$", count=len(terms), of=found.paths(step.target)),
            rf"\frac{{\partial {result}}}{{\partial {target}}} = {sum_text}",
        ),
    )
    each = len(lines) // columns
    for k, column in enumerate(st.columns(columns, gap="medium")):
        column.markdown(
            "\n\n".join(f"{word} $\\displaystyle {line}$" for word, line in lines[k * each : (k + 1) * each])
        )
    if agreed:
        st.info(t("autograd.convention"), icon=":material/info:")


def _local(found: Walk, step: Step, *, agreed: bool) -> str:
    """A local derivative in symbols and what it is; := where torch has only agreed upon it."""
    rule, local = notation.derivative(found.program, step.node, step.slot), notation.bare(step.local)
    if agreed:
        return f"{rule} := {local}"
    node = found.program.nodes[step.node]
    if node.op == "pow" and step.slot == 1 and found.values[node.args[0]] == 0:
        return rf"{rule} \to {local}"  # 0 · ln 0 itself has no value
    return rule if rule.endswith(f"= {local}") else f"{rule} = {local}"


def _verdict(found: Walk, checked: Check) -> None:
    """What torch says to every value and gradient; and why a number is none, if one is."""
    labels = notation.labels(found.program)
    reason = trouble(found)
    if reason:
        node, kind = reason
        st.info(t(f"autograd.trouble.{kind}", node=f"`{labels[node]}`"), icon=":material/info:")
    if checked.wrong:
        nodes = ", ".join(f"`{labels[i]}`" for i in checked.wrong[:8])
        st.error(t("autograd.wrong", nodes=nodes), icon=":material/error:")
    else:
        count = sum(node.op != "constant" for node in found.program.nodes)
        st.caption(t("autograd.checked", count=count, largest=formats.text(checked.largest, 1)))
