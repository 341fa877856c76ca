"""Index expressions compared with Python: generated ones, broken ones, and the examples of the course."""

from __future__ import annotations

import time

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.tensors.index.model import CODE, EXAMPLES, Indexed, apply, example_tensor
from dlcore.lessons.tensors.index.parts import explain
from dlcore.lessons.tensors.index.programs import snippet
from dlcore.lessons.tensors.index.syntax import TENSORS, parse
from dlcore.lessons.tensors.refusal import Refused
from dlcore.programs.snippet import Snippet
from dlcore.typed.python import TypedError


def check_snippet(shown: Snippet) -> None:
    assert printed(shown.code) == shown.output.rstrip()


def indexed(text: str) -> Indexed:
    outcome = apply(parse(text))
    assert isinstance(outcome, Indexed), outcome
    return outcome


# --- the examples of the course ---------------------------------------------------------------------------------------
def test_the_examples_of_the_course() -> None:
    assert indexed("m[0][2]").result.item() == 3
    assert indexed("m[:, 1]").result.tolist() == [5, 2]
    assert indexed("m[-1]").result.tolist() == [4, 2, 1, 9]
    assert indexed("m").result.shape == (2, 4)
    assert indexed("x[(x > 2) & (x < 9)]").result.tolist() == [3, 4, 5, 6, 7, 8]


def test_selected_positions() -> None:
    assert indexed("m[1:, ::2]").selected == (4, 6)
    assert indexed("m[m > 3]").selected == (1, 3, 4, 7)
    assert indexed("t[..., -1]").selected == (3, 7, 11, 15, 19, 23)
    assert indexed("x[x > 99]").selected == ()


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        *(("m[0]", True), ("m[:, 1:]", True), ("m[0, 1]", True), ("m[None]", True), ("x[5:2]", True)),
        *(("m[[0]]", False), ("m[m > 3]", False), ("m[:, [1]]", False), ("x[x > 99]", False), ("m[0][[0]]", False)),
    ],
)
def test_views_share_and_copies_do_not(text: str, shares: bool) -> None:
    assert indexed(text).shares is shares


def test_assignment_reaches_through_views_and_not_into_copies() -> None:
    assert indexed("m[:, 1] = 9").result.tolist() == [[2, 9, 3, 7], [4, 9, 1, 9]]
    assert indexed("m[0][2] = -1").result[0, 2] == -1
    lost = indexed("m[[0, 1]][:, 1] = 9")
    assert not lost.shares
    assert torch.equal(lost.result, example_tensor("m"))
    assert torch.equal(indexed("m[:, 1] = 9").before, example_tensor("m"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("m[2]", "out_of_range"),
        ("m[-3]", "out_of_range"),
        ("m[[0, 7]]", "out_of_range"),
        ("m[0, 0, 0]", "too_many"),
        ("m[0][0][0]", "too_many"),
        ("x[::-1]", "step"),
        ("x[::0]", "step_zero"),
        ("x[[True, False]]", "mask_shape"),
        ("t[[0, 1], [0, 1, 2]]", "lists"),
        ("m[9] = 1", "out_of_range"),
        ("x[0][1:]", "too_many"),
        ("m[(m[0] > 1) & (m[:, 0] > 1)]", "sizes"),
    ],
)
def test_refusals_have_torchs_message_and_a_reason(text: str, why: str) -> None:
    outcome = apply(parse(text))
    assert isinstance(outcome, Refused)
    assert outcome.why == why
    check_snippet(snippet(parse(text), outcome))


@pytest.mark.parametrize("text", [text for texts in EXAMPLES.values() for text in texts])
def test_every_example_works_and_runs_as_shown(text: str) -> None:
    check_snippet(snippet(parse(text), indexed(text)))
    assert explain(parse(text))


@pytest.mark.parametrize("name", CODE)
def test_the_code_of_an_example_tensor_makes_it(name: str) -> None:
    assert name in TENSORS
    made = eval(CODE[name])
    assert made.dtype == example_tensor(name).dtype
    assert torch.equal(made, example_tensor(name))


def test_the_parts_are_explained() -> None:
    (step,) = explain(parse("m[:, 1]"))
    assert [(note.text, note.effect, note.axis, note.entries) for note in step.notes] == [
        (":", "all", 0, (0, 1)),
        ("1", "entry", 1, (1,)),
    ]
    first, second = explain(parse("m[0][-2]"))
    assert (first.before, first.shape, second.before, second.shape) == ((2, 4), (4,), (4,), ())
    assert [note.effect for note in first.notes] == ["entry", "unnamed"]
    assert second.notes[0].entries == (2,)
    assert [note.effect for note in explain(parse("t[..., None]"))[0].notes] == ["rest", "new"]
    (paired,) = explain(parse("t[[0, 1], [2, 0]]"))
    assert [note.effect for note in paired.notes] == ["list", "list", "paired", "unnamed"]
    for text, axes in {
        "t[..., -1]": [("rest", 0, 1, 2), ("from_end", 2, 2, 1)],
        "t[1, ..., 2]": [("entry", 0, 0, 1), ("rest", 1, 1, 1), ("entry", 2, 2, 1)],
        "t[1, ...]": [("entry", 0, 0, 1), ("rest", 1, 2, 2)],
        "t[...]": [("rest", 0, 2, 3)],
        "m[1, ..., 0]": [("entry", 0, 0, 1), ("rest", 1, 0, 0), ("entry", 1, 1, 1)],
        "t[..., t[0] > 3]": [("rest", 0, 0, 1), ("mask_axes", 1, 2, 8)],
    }.items():
        (step,) = explain(parse(text))
        assert [(note.effect, note.axis, note.last, note.count) for note in step.notes] == axes
    (masked,) = explain(parse("m[m > 3]"))
    assert masked.notes[0].effect == "mask_axes"
    assert (masked.notes[0].count, masked.notes[0].total, masked.notes[0].last) == (4, 8, 1)


# --- what cannot be taken -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("m[" * 1000, "too_long"),
        ("(" * 190, "too_deep"),
        ("m[" * 60, "too_deep"),
        ("m" + "[m" * 20 + "]" * 20, "not_index"),
        ("x[" + "~" * 9 + "(x > 3)]", "too_deep"),
        ("m[0", "bracket"),
        ("m[0)", "bracket"),
        ("m[1 2]", "syntax"),
        ("m[0x1]", "joined"),
        ("m[", "bracket"),
        ("m[0] =", "unfinished"),
        ("m[0\0]", "character"),
        ("m['a']", "character"),
        ("m[0]; m", "character"),
        ("m[0]\nm", "character"),
        ("m[{}]", "character"),
        ("m @ m", "character"),
        ("9" * 190, "number"),
        ("m[" + "9" * 180 + "]", "number"),
        ("m[1e999]", "number"),
        ("q[0]", "unknown_tensor"),
        ("torch", "unknown_tensor"),
        ("x[m > 3]", "other_tensor"),
        ("x[x[m[0] > 1] > 3]", "other_tensor"),
        ("m.T", "not_index"),
        ("m.__class__", "character"),
        ("m[0].item()", "not_index"),
        ("m[x]", "not_index"),
        ("m[True]", "whole"),
        ("m[m + 1]", "not_index"),
        ("m[0] + m[1]", "not_index"),
        ("m[0] += 1", "not_index"),
        ("m[(i:=0)]", "not_index"),
        ("m[lambda: 0]", "not_index"),
        ("m[0 if m else 1]", "not_index"),
        ("del m[0]", "not_index"),
        ("m: 3", "not_index"),
        ("m[1.5]", "whole"),
        ("m[[1, True]]", "mixed"),
        ("m[[0.5]]", "mixed"),
        ("m[[[0]]]", "mixed"),
        ("m[2 < m < 9]", "chained"),
        ("x[x > 2 & x < 9]", "chained"),
        ("x[x > 2 and x < 9]", "words"),
        ("x[not x > 2]", "words"),
        ("x[x in x]", "words"),
        ("x[x > x]", "compared"),
        ("x[3 > 2]", "compared"),
        ("x[x > True]", "compared"),
        ("m" + "[0]" * 7, "too_many_parts"),
        ("m[" + "None," * 7 + "]", "too_many_parts"),
        ("m = 9", "assigned"),
        ("m[0] = m[1]", "assigned"),
        ("m[0] = [1, 2]", "assigned"),
        ("m[0] = m[1] = 3", "assigned"),
    ],
)
def test_invalid_expressions_raise_their_rule(text: str, rule: str) -> None:
    with pytest.raises(TypedError) as caught:
        parse(text)
    assert caught.value.rule == rule


def test_full_width_signs_are_read() -> None:
    assert indexed("ｍ［：，１］").result.tolist() == [5, 2]
    assert indexed("x[（x ＞ ２）＆（x ＜ ９）]").result.tolist() == [3, 4, 5, 6, 7, 8]


# --- many expressions -----------------------------------------------------------------------------------------------
INTEGERS = st.integers(-5, 13).map(str)
ENDS = st.one_of(st.just(""), INTEGERS)
NUMBERS = st.one_of(INTEGERS, st.sampled_from(["2.5", "-0.5", "1e1", "+3", "0"]))
COMPARISONS = st.sampled_from([">", "<", ">=", "<=", "==", "!="])
SPACES = st.sampled_from(["", " "])


def conditions(name: str) -> st.SearchStrategy[str]:
    side = st.sampled_from([name, f"{name}[0]", f"{name}[:, 1]", f"{name}[..., 0]", f"{name}[-1]"])
    one = st.one_of(
        st.builds(lambda a, op, b: f"{a} {op} {b}", side, COMPARISONS, NUMBERS),
        st.builds(lambda a, op, b: f"{b} {op} {a}", side, COMPARISONS, NUMBERS),
    )
    return st.recursive(
        one,
        lambda inner: st.one_of(
            st.builds(lambda a, op, b: f"({a}) {op} ({b})", inner, st.sampled_from("&|"), inner),
            st.builds(lambda a: f"~({a})", inner),
        ),
        max_leaves=3,
    )


def parts(name: str) -> st.SearchStrategy[str]:
    slices = st.one_of(
        st.builds(lambda a, b: f"{a}:{b}", ENDS, ENDS),
        st.builds(lambda a, b, c: f"{a}:{b}:{c}", ENDS, ENDS, st.sampled_from(["", "1", "2", "3", "0", "-1"])),
    )
    wholes = st.lists(INTEGERS, max_size=3).map(lambda pieces: f"[{', '.join(pieces)}]")
    truths = st.lists(st.sampled_from(["True", "False"]), min_size=1, max_size=4).map(lambda f: f"[{','.join(f)}]")
    small = st.sampled_from(["0", "1", "-1", ":", "1:", "::2", "[0, 1]", "[1, 0, 1]"])
    return st.one_of(small, small, INTEGERS, slices, st.just("None"), st.just("..."), wholes, truths, conditions(name))


def brackets(name: str) -> st.SearchStrategy[str]:
    inner = st.lists(parts(name), min_size=1, max_size=3)
    commas = st.sampled_from([", ", ",", " ,"])
    return st.builds(lambda pieces, comma, end: f"[{comma.join(pieces)}{end}]", inner, commas, st.sampled_from("  ,"))


# Built once: hypothesis takes longer to make a strategy than to draw from it.
ASSIGNED = st.one_of(st.just(""), st.just(""), NUMBERS.map(" = {}".format))
EXPRESSIONS = st.one_of(
    *(
        st.builds(
            lambda name, pieces, end: name + "".join(pieces) + end,
            st.just(name),
            st.lists(brackets(name), min_size=1, max_size=3),
            ASSIGNED,
        )
        for name in CODE
    )
)
PIECES = ("", "twice", *"[](),:.<>=!&|~-+ 0189mxtae_", "[[", "None", "True", ":=")
EDITS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.sampled_from(PIECES)), min_size=1, max_size=3)


def edit(text: str, edits: list[tuple[int, int, str]]) -> str:
    """Return the text with some characters removed, doubled, replaced or inserted."""
    for at, length, piece in edits:
        at %= len(text) + 1
        end = at + length
        text = text[:at] + (text[at:end] * 2 if piece == "twice" else piece) + text[end:]
    return text


def evaluated(text: str, name: str, assigns: bool) -> object:
    """Return the tensor or exception that Python makes of a text, which `parse` must have accepted."""
    with torch.no_grad():
        space = {name: example_tensor(name)}
        try:
            if assigns:
                exec(compile(text, "<typed>", "exec"), {"__builtins__": {}}, space)
                return space[name]
            return eval(compile(text, "<typed>", "eval"), {"__builtins__": {}}, space)
        except Exception as error:
            return error


def agrees(text: str) -> bool:
    """Return whether `parse` accepted a text; check that its result is that of Python."""
    began = time.process_time()
    try:
        access = parse(text)
    except TypedError:
        return False
    finally:
        assert time.process_time() - began < 1
    outcome, expected = apply(access), evaluated(access.text.strip(), access.name, access.value is not None)
    if isinstance(outcome, Refused):
        assert type(expected).__name__ == outcome.kind, text
        assert str(expected) == outcome.message, text
    else:
        assert isinstance(expected, torch.Tensor), (text, expected)
        assert outcome.result.dtype == expected.dtype
        assert outcome.result.shape == expected.shape
        assert torch.equal(outcome.result, expected), text
        if access.value is None:  # the marked elements are the selected ones
            assert outcome.before.flatten()[list(outcome.selected)].tolist() == expected.flatten().tolist()
            steps = explain(access)
            assert (steps[-1].shape if steps else example_tensor(access.name).shape) == expected.shape
        else:
            explain(access)
    assert time.process_time() - began < 1
    return True


ACCEPTED = {"sound": 0, "broken": 0}


@settings(max_examples=1000, deadline=None, database=None)
@given(EXPRESSIONS)
@example("m[[]]")
@example("m[[0]][0] = 9")
@example("m[m[:, 0] > 2, 1]")
@example("x[x > 3] = 2.5")
@example("x[x > 99][[]]")
@example("t[None, [0, 1], :, [0, 1]]")
def test_expressions_do_what_python_does(text: str) -> None:
    ACCEPTED["sound"] += agrees(text)


@settings(max_examples=800, deadline=None, database=None)
@given(st.builds(edit, EXPRESSIONS, EDITS))
def test_broken_expressions_are_refused_or_do_what_python_does(text: str) -> None:
    ACCEPTED["broken"] += agrees(text)


@settings(max_examples=600, deadline=None, database=None)
@given(st.one_of(st.text(max_size=300), st.text(alphabet="mxt[](),:.<>=!&|~-+ 0123TrueNon", max_size=60)))
def test_random_text_is_refused_or_does_what_python_does(text: str) -> None:
    agrees(text)


def test_the_generated_expressions_include_valid_and_broken_ones() -> None:
    if ACCEPTED["sound"]:  # when the two ran in this process
        assert ACCEPTED["sound"] > 100  # a worker may run a part of them
    if ACCEPTED["broken"]:
        assert ACCEPTED["broken"] > 100
