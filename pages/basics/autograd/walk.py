"""The part "walk": the graph of a typed formula and its backward pass, edge by edge."""

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
from dlcore.lessons.autograd.walk.model import BackwardStep, Check, Walk, backward, check, convention, forward, trouble
from dlcore.settings.errors import InputError
from dlcore.settings.rules import Number
from dlcore.typed.expression import Program, parse
from pages.ui import layout, lesson
from pages.ui.controls import control, slider
from pages.ui.graph_view import graph_view
from pages.ui.language import t
from pages.ui.lesson import State

PAUSE: Final = 0.9  # seconds between steps while playing
_RANGE: Final = Number(-graph_inputs.BOUND, graph_inputs.BOUND, 0.1)
_MAX_LAYERS_BESIDE: Final = 6  # of a graph with the step's formulas beside it; with more they stand below
_AROUND: Final = {True: 260, False: 460}  # pixels above and below the graph, by whether the formulas are beside it
_WORDS: Final = {True: 380, False: 190}  # pixels of the step's formulas
_LINE, _LETTERS, _MAX_LINES = 20, 34, 12  # of the formula's box: pixels of a line, letters in a line, lines
_MAX_TERMS: Final = 6  # of a sum that is shown in full


def choose_example(s: State) -> None:
    """Draw the choice of an example."""
    pills, examples = "autograd.example", graph_inputs.EXAMPLES

    def picked() -> None:
        id = st.session_state[pills]
        if id:
            _stop(s)
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


def draw_walk(s: State) -> None:
    """Draw the formula and its inputs, the graph with the present step, the idea and the code."""
    left, right = layout.stage(0.24, 0.76)
    with left:
        _formula(s)
        program = s.understood("expression", parse)
        inputs = _inputs(s, program)
    walk = backward(*forward(program, inputs))
    checked = check(walk, inputs)
    with right:
        _buttons(s, walk)
        stage = st.fragment(_stage, run_every=PAUSE if s.memo.get("playing") else None)
        stage(s, walk, inputs)
        _verdict(walk, checked)
    left, right = st.columns([0.45, 0.55], gap="large")
    with left:
        lesson.idea("autograd/walk", result=notation.symbol(program, program.output))
    with right:
        lesson.code(torch_graph.walk_snippet(walk, inputs, checked))


def _formula(s: State) -> None:
    """Draw the box of the formula; a new formula begins at progress 0."""
    key = "autograd.expression"

    def typed() -> None:
        _stop(s)
        s.apply({"expression": st.session_state[key], "step": 0})

    lines = sum(1 + len(line) // _LETTERS for line in s["expression"].split("\n"))
    st.session_state[key] = s["expression"]
    st.text_area(
        s.label("expression"),
        key=key,
        help=s.help("expression"),
        max_chars=s.settings["expression"].rule.max_chars,
        height=_LINE * min(max(lines, 2), _MAX_LINES) + 42,
        on_change=typed,
    )


def _inputs(s: State, program: Program) -> dict[str, float]:
    """Draw a slider for each input; numbers of names that the formula loses are kept for later."""
    values = s.understood("inputs", graph_inputs.read)
    now = graph_inputs.for_program(program, values)
    st.caption(t("autograd.inputs"))
    beside = 1 if len(now) < 4 else 2
    columns: list[DeltaGenerator] = []
    for name, value in now.items():
        columns = columns or st.columns(beside, gap="small")  # row by row: a phone keeps their order

        def moved(chosen: float, name: str = name) -> None:
            try:
                current = graph_inputs.read(s["inputs"])  # read anew: two sliders may report at once
            except InputError:
                current = now
            s.set("inputs", graph_inputs.with_value(program, current, name, chosen))

        with columns.pop(0):
            slider(name, f"autograd.input.{name}", value, _RANGE, moved)
    return now


def _stop(s: State) -> None:
    s.memo["playing"] = False


def _buttons(s: State, walk: Walk) -> None:
    """Draw the buttons back, next, play, to the end and restart, and the toggle of torch's names."""

    def to(step: int) -> None:
        _stop(s)
        s.set("step", min(max(step, 0), walk.length))

    def forward_one() -> None:
        to(min(s["step"], walk.length) + 1)

    def back_one() -> None:
        to(min(s["step"], walk.length) - 1)

    def pause() -> None:
        to(s["step"])

    def play() -> None:
        to(0 if s["step"] >= walk.length else s["step"])
        s.memo |= {"playing": True, "shown_at": time.monotonic()}

    playing = bool(s.memo.get("playing"))
    with st.container(key="toolbar", horizontal=True, vertical_alignment="center", gap="small"):
        for id, icon, act in (
            ("previous", "skip_previous", back_one),
            ("next", "skip_next", forward_one),
            ("pause" if playing else "play", "pause" if playing else "play_arrow", pause if playing else play),
            ("to_end", "fast_forward", lambda: to(walk.length)),
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


def _stage(s: State, walk: Walk, inputs: dict[str, float]) -> None:
    """Draw the graph at this step and the step's formulas; a fragment that reruns by itself while playing."""
    if s.memo.get("playing") and time.monotonic() - s.memo["shown_at"] > PAUSE / 2:
        s.values["step"] = min(s["step"] + 1, walk.length)  # not s.set, which would fill the browser's history
        s.memo["shown_at"] = time.monotonic()
        if s["step"] == walk.length:
            _stop(s)
            s.set("step", walk.length)
            st.rerun()
    progress = min(s["step"], walk.length)
    if s["torch_names"]:
        shown = graph_chart.torch_picture(torch_graph.functions(walk.program, inputs), walk, progress)
    else:
        shown = graph_chart.picture(walk, progress)
    drawing = graph_chart.drawing(shown)
    beside = drawing["layers"] <= _MAX_LAYERS_BESIDE
    graph, right = st.columns([0.58, 0.42], gap="medium") if beside else (st.container(), st.container())
    words = right.container(height=_WORDS[beside], border=False)  # the page stays where it is, whatever the step says
    with graph:
        label = t("autograd.alt", result=walk.program.result, count=len(shown.boxes))
        graph_view(label, drawing, key="autograd.graph", around=_AROUND[beside])
    # Odd and even steps have places of their own: a formula that is replaced within its place would count as moved.
    places = words.empty(), words.empty()
    with places[progress % 2].container():
        _write_step(walk, progress, columns=1 if beside else 2)


def _write_step(walk: Walk, progress: int, *, columns: int) -> None:
    """Write what happens at this step, in symbols and numbers."""
    step = walk.step(progress)
    st.markdown(f"**{t('autograd.progress', step=progress, last=walk.length)}**")
    result = notation.symbol(walk.program, walk.program.output)
    if progress == 0:
        value = notation.bare(walk.values[walk.program.output])
        st.markdown(t("autograd.forward", formula=f"${result} = {value}$"))
    elif step is None:
        st.markdown(t("autograd.seed", formula=rf"$\displaystyle \frac{{\partial {result}}}{{\partial {result}}} = 1$"))
    else:
        _edge(walk, step, progress, result, columns)


def _edge(walk: Walk, step: BackwardStep, progress: int, result: str, columns: int) -> None:
    program = walk.program
    node, target = (notation.symbol(program, i) for i in (step.node, step.target))
    terms = [other.product for other in walk.arrived(step.target, progress)]
    total = [notation.bare(terms[0]), *map(notation.number, terms[1:])]
    if len(terms) > _MAX_TERMS:
        total = [*total[:2], r"\dots", *total[-2:]]
    sum_text = f"{' + '.join(total)} = {notation.bare(step.after)}" if len(terms) > 1 else notation.bare(step.after)
    agreed = convention(walk, step)
    upstream = notation.bare(step.upstream)
    lines = (
        (
            t("autograd.edge.local", edge=rf"${node} \to {target}$"),
            _local(walk, step, agreed=agreed),
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
            t("autograd.edge.sum", target=f"${target}$", count=len(terms), of=walk.paths(step.target)),
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


def _local(walk: Walk, step: BackwardStep, *, agreed: bool) -> str:
    """Return LaTeX of a local derivative and its value, after := where torch only agrees on one."""
    rule, local = notation.derivative(walk.program, step.node, step.slot), notation.bare(step.local)
    if agreed:
        return f"{rule} := {local}"
    node = walk.program.nodes[step.node]
    if node.op == "pow" and step.slot == 1 and walk.values[node.args[0]] == 0:
        return rf"{rule} \to {local}"  # 0 · ln 0 itself has no value
    return rule if rule.endswith(f"= {local}") else f"{rule} = {local}"


def _verdict(walk: Walk, checked: Check) -> None:
    """Write the result of the check against torch, and the reason of the first non-finite number."""
    labels = notation.labels(walk.program)
    reason = trouble(walk)
    if reason:
        node, kind = reason
        st.info(t(f"autograd.trouble.{kind}", node=f"`{labels[node]}`"), icon=":material/info:")
    if checked.wrong:
        nodes = ", ".join(f"`{labels[i]}`" for i in checked.wrong[:8])
        st.error(t("autograd.wrong", nodes=nodes), icon=":material/error:")
    else:
        count = sum(node.op != "constant" for node in walk.program.nodes)
        st.caption(t("autograd.checked", count=count, largest=formats.text(checked.largest, 1)))
