"""The parser of typed Python: valid text, errors with their place, and arbitrary text."""

from __future__ import annotations

import ast
import contextlib
import string
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dlcore.lessons.tensors.create.constructors import parse_values
from dlcore.lessons.tensors.index import syntax
from dlcore.typed import expression, python
from dlcore.typed.python import MAX_BRACKETS, MAX_DEPTH, TypedError, parse

SIGNS = "+-*/()[]=<>.,:;\n"
LANGUAGES: tuple[Callable[[str], Any], ...] = (expression.parse, parse_values, syntax.parse)


def read(text: str, signs: str = SIGNS) -> ast.Module:
    return parse(text, signs=signs, max_chars=2000, example="a + 1")


def error(text: str, signs: str = SIGNS) -> str:
    with pytest.raises(TypedError) as caught:
        read(text, signs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a = x ; b=a\rc", "a = x\nb = a\nc"),
        ("  a = x  \r\n\n # nothing else\n ; \n\tb = (a #)\n + 1)", "a = x\nb = a + 1"),
        ("（ａ［１］，２．５）", "(a[1], 2.5)"),
        ("【…】× 3 ÷ 4 ＃ 注释", "[...] * 3 / 4"),
        ("1e12 + .5 + 1. + 1.5E-3", "1000000000000.0 + 0.5 + 1.0 + 0.0015"),
        ("f(x).g[0]", "f(x).g[0]"),
        ("x" * 2000, "x" * 2000),
    ],
)
def test_what_is_read(text: str, code: str) -> None:
    assert ast.unparse(read(text)) == code


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing is typed; an example is a + 1"),
        (" \n # a\n;\n", "nothing is typed; an example is a + 1"),
        ("x" * 2001, "at most 2000 characters can be typed, got 2001"),
        ("a\nb = {1}", "line 2 has the character {, which is not allowed here"),
        ("a\0", "line 1 has the character '\\x00', which is not allowed here"),
        ("a\u202e", "line 1 has the character '\\u202e', which is not allowed here"),
        ("_a", "line 1 has the character _, which is not allowed here"),
        ("x²", "line 1 has the character ², which is not allowed here"),
        ("٣", "line 1 has the character ٣, which is not allowed here"),
        ("1\n2x", "line 2 lacks an operator between 2 and x"),
        ("0x1F", "line 1 lacks an operator between 0 and x1F"),
        ("1_000", "line 1 lacks an operator between 1 and _000"),
        ("1e5if", "line 1 lacks an operator between 1e5 and if"),
        ("1000000000001", "a number must lie within ±1000000000000, got 1000000000001"),
        ("a * 1e999", "a number must lie within ±1000000000000, got 1e999"),
        ("a\n(b + (c\n+ d", "line 2 has an unmatched bracket at (c"),
        ("a\nf(b)) + 1", "line 2 has an unmatched bracket at ) + 1"),
        ("(a[1)", "line 1 has an unmatched bracket at )"),
        ("a\n\nb c d", "line 3 is not valid at c d"),
        ("a\nb = = this_is_a_very_long_line", "line 2 is not valid at = this_is_a_very"),
        ("a\nb =\n", "line 2 ends too early"),
        ("a ; ; b", "line 1 is not valid at ; b"),
        ("007", "line 1 is not valid at 007"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    assert error(text) == said


def test_a_language_has_its_own_signs() -> None:
    assert error("a\nb", "+") == "line 1 has the character '\\n', which is not allowed here"
    assert error("a*b", "+") == "line 1 has the character *, which is not allowed here"
    assert ast.unparse(read("a\t+ 1", "+")) == "a + 1"


@pytest.mark.parametrize(
    ("texts", "max_depth"),
    [
        (lambda n: "(" * n + "x" + ")" * n, MAX_BRACKETS),
        (lambda n: "[" * n + "]" * n, MAX_BRACKETS),
        # Four levels: the module, its statement, the name, and the context of the name.
        (lambda n: "-" * (n - 4) + "x", MAX_DEPTH),
        (lambda n: "x" + ".y" * (n - 4), MAX_DEPTH),
    ],
)
def test_nesting_has_a_limit(texts: Callable[[int], str], max_depth: int) -> None:
    read(texts(max_depth))
    with pytest.raises(TypedError) as caught:
        read(texts(max_depth + 1))
    assert (caught.value.rule, caught.value.limits) == ("too_deep", {"max": max_depth})


@pytest.mark.parametrize("failure", [RecursionError, MemoryError, ValueError("digits"), SyntaxError("no place")])
def test_whatever_pythons_parser_raises_is_said(failure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(text: str) -> None:
        raise failure

    monkeypatch.setattr(python.ast, "parse", fails)
    with pytest.raises(TypedError) as caught:
        read("x + y")
    assert caught.value.rule == ("too_deep" if failure in (RecursionError, MemoryError) else "syntax")


HOSTILE = (
    *("__import__('os')", "().__class__", "lambda: 0", "(x := 1)", "f'{x}'", "x \\\n", "# x\n", "10**400", "9" * 400),
    *(
        "\0",
        "\ud800",
        "\u2028",
        "٣",
        "²",
        "é",
        "𝟛",
        "（",
        "＝",
        "…",
        "0x1f",
        "1_0",
        "2j",
        "1if ",
        "None",
        "True",
        "...",
    ),
    *(
        "not ",
        "await ",
        "yield ",
        "del ",
        "import ",
        "if ",
        "else ",
        "and ",
        "for ",
        " in ",
        "is ",
        "*",
        "**",
        "=",
        "<",
    ),
    *(
        "m",
        "x",
        "sin",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        ";",
        "-",
        "~",
        "'",
        "@",
        "1",
        "\n",
        "\r",
        "\t",
        "\f",
    ),
)


def accepted_or_rejected(text: str) -> None:
    """Parse ``text`` in every language; exceptions other than TypedError and warnings fail."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for language in LANGUAGES:
            with contextlib.suppress(TypedError):
                language(text)


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(HOSTILE), max_size=40).map("".join),
        st.text(st.sampled_from(string.printable), max_size=200),
        st.text(max_size=200),
    )
)
@example("m[0]; m")
@example("x" + "**x" * 260)
def test_any_text_is_accepted_or_rejected(text: str) -> None:
    accepted_or_rejected(text)


@pytest.mark.parametrize("end", ["", "x", "1", "1*x", "1 2"])
@pytest.mark.parametrize(
    "piece", ["-", "~", "(", "[", "x.", "m[", "sin(", "x**", "1+", "not ", "m[m>", "m[0] = ", "x,"]
)
def test_any_nesting_is_accepted_or_rejected(piece: str, end: str) -> None:
    closing = "".join({"(": ")", "[": "]"}.get(sign, "") for sign in piece)
    for count in (*range(1, 30), 60, 119, 120, 195, 266, 396, 796):
        accepted_or_rejected(piece * count + end)
        accepted_or_rejected(piece * count + end + closing * count)


def test_the_deepest_texts_need_no_more_calls_than_python_has() -> None:
    """Below a hundred calls, as under a page; in a new thread, because the test runner's own stack is deep."""
    deepest = "-" * (MAX_DEPTH - 7) + "1*x", "x*pi" + ".sin()" * 132, "x" + ".tanh()" * 114

    def nested(calls: int, text: str) -> expression.Program:
        return nested(calls - 1, text) if calls else expression.parse(text)

    with ThreadPoolExecutor(1) as thread:
        for text in deepest:
            assert thread.submit(nested, 100, text).result().inputs == ("x",)
