"""Typed formulas: their values, their errors, and arbitrary text."""

from __future__ import annotations

import math
import string
import warnings
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dlcore.typed.expression import FUNCTIONS, MAX_NODES, OPERATORS, ExpressionError, Program, evaluate, parse
from dlcore.typed.python import TypedError

INPUTS = {"a": 0.7, "b": -1.3, "x": 2.0}
MATHS = {
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "relu": lambda u: max(u, 0.0),
    "sigmoid": lambda u: 1 / (1 + math.exp(-u)),
    "sqrt": math.sqrt,
    "abs": abs,
    "pi": math.pi,
}


class Real(float):
    """A float with the functions as methods, as a tensor has them."""

    def __getattribute__(self, name: str) -> Any:
        return (lambda: MATHS[name](float(self))) if name in FUNCTIONS else super().__getattribute__(name)


def tensors(**values: float) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in values.items()}


def formulas(names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return a strategy of expressions, with brackets wherever precedence could be ambiguous."""
    leaf = st.one_of(names, names, st.sampled_from(["2", "0.5", "3.0", "1e1", "pi"]))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner),
            st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
            st.builds("({})**{}".format, inner, st.sampled_from(["2", "3", "0.5", "-1", "x"])),
            st.builds("-{}".format, inner),
            st.builds("{}({})".format, st.sampled_from(sorted(FUNCTIONS)), inner),
            st.builds("{}({})**2".format, st.sampled_from(sorted(FUNCTIONS)), inner),
            st.builds("({}).{}()".format, names, st.sampled_from(sorted(FUNCTIONS))),
        ),
        max_leaves=8,
    )


NAMES = st.sampled_from(sorted(INPUTS))
PROGRAMS = st.one_of(
    formulas(NAMES),
    st.builds("c = {}\nd = {}\nc {}= d\ny = c*d + x".format, formulas(NAMES), formulas(NAMES), st.sampled_from("+-*/")),
)


def read(text: str) -> Program | None:
    """Return the program, or None after a TypedError; other exceptions and warnings fail."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = parse(text)
        except TypedError:
            found = None
    return found


@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROGRAMS)
def test_a_formula_has_the_value_that_python_gives(text: str) -> None:
    program = read(text)
    if program is None:
        return
    found = evaluate(program, tensors(**INPUTS)).item()
    scope: dict[str, Any] = {**MATHS, **{name: Real(value) for name, value in INPUTS.items()}}
    try:
        exec(program.code.replace("torch.", ""), {"__builtins__": {}}, scope)
    except (ArithmeticError, ValueError, TypeError):  # torch gives inf or nan, or Python a complex number
        return
    expected = scope[program.result]
    if isinstance(expected, float | int) and math.isfinite(found) and abs(expected) < 1e6:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-7)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROGRAMS)
@example("log(0.5)**2 * x - log(0.5)")
@example("c = x\nc /= (a\n+ log(2)  # a number\n)\n-c**-2")
@example("torch.exp(x).tanh() + (pi).sin()*pi")
def test_the_code_shown_computes_the_same(text: str) -> None:
    program = read(text)
    if program is None:
        return
    leaves = tensors(**INPUTS)
    scope: dict[str, Any] = {"torch": torch, **leaves}
    exec(program.code, scope)
    ours, theirs = evaluate(program, leaves), scope[program.result]
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROGRAMS, st.data())
def test_a_damaged_formula_is_rejected_or_parsed(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        piece = data.draw(
            st.sampled_from([*"()+-*/=.,;:[]{}'\"\\^@#!~<>|&%$?_ \t\n\x00", "**", "1", "e9", "if", "é", "lambda "])
        )
        text = text[:at] + piece + text[at + data.draw(st.integers(0, 2)) :]
    read(text)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.text(max_size=900),
        st.text(alphabet=string.printable, max_size=900),
        st.text(alphabet="()-+*x1.=\n ", max_size=900),
        st.lists(
            st.sampled_from(["x", "1", "not ", "(", ")", "**", "-", "1if ", "0x1f", "1_0", "1j", "\\\n", "f''"])
        ).map("".join),
    )
)
def test_any_text_is_rejected_or_parsed(text: str) -> None:
    program = read(text)
    if program is not None:
        assert len(program.nodes) <= MAX_NODES
        assert all(k < i for i, node in enumerate(program.nodes) for k in node.args)
        assert {node.op for node in program.nodes} <= {"input", "constant", *OPERATORS}


@pytest.mark.parametrize(
    "text",
    [
        "-" * 799 + "x",
        "(" * 400,
        "(" * 400 + ")" * 400,
        "x" + "**x" * 260,
        "+".join("x" * 400),
        "x" + ".tanh()" * 130,
        "1+" * 399 + "x",
    ],
)
def test_deep_and_long_texts_are_rejected(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        ("  # only a comment", "empty"),
        ("a b", "syntax"),
        ("a +", "unfinished"),
        ("(a", "bracket"),
        ("a)", "bracket"),
        ("x^2", "power"),
        ("2x", "product"),
        ("0x1F + x", "product"),
        ("1_000*x", "product"),
        ("x @ y", "character"),
        ("x = 'a'", "character"),
        ("foo(x)", "unknown_function"),
        ("x.backward()", "unknown_function"),
        ("exp(x, x)", "arguments"),
        ("exp()", "arguments"),
        ("torch = x", "reserved"),
        ("tanh + x", "reserved"),
        ("pi = x", "reserved"),
        ("abcdefghijklm", "name_too_long"),
        ("x = x + 1", "input_assigned"),
        ("x += 1", "input_assigned"),
        ("import os", "not_allowed"),
        ("a = b = x", "not_allowed"),
        ("a, b = x", "not_allowed"),
        ("x // 2", "not_allowed"),
        ("x if x else x", "not_allowed"),
        ("lambda: x", "character"),
        ("x == 1", "not_allowed"),
        ("x.y", "not_allowed"),
        ("x\ny", "not_allowed"),
        ("del x", "not_allowed"),
        ("a = 2", "no_input"),
        ("x" * 801, "too_long"),
        ("+".join(["x"] * 125), "too_many_nodes"),
        ("+".join(f"x{i}" for i in range(13)), "too_many_inputs"),
        ("((((((((((((((((((((((((((x))))))))))))))))))))))))))", "too_deep"),
        ("1e13*x", "number"),
        ("1e999*x", "number"),
        ("123456789012345678901*x", "number"),
        ("10**9*10**9*x", "number"),
        ("10**400*x", "exponent"),
        ("__import__('os')", "character"),
        ("x.__class__", "character"),
        ("(y := x)", "character"),
        ("x \\\n+ 1", "character"),
        ("\0x", "character"),
        ("x٣", "character"),
        ("f(*x)", "unknown_function"),
        ("exp(*x)", "not_allowed"),
        ("exp(a=x)", "arguments"),
        ("pi", "no_input"),
        ("1/0*x", "not_finite"),
        ("(0-8)**0.5*x", "not_finite"),
        ("log(0)*x", "not_finite"),
        ("x**101", "exponent"),
        ("x**10**3", "exponent"),
    ],
)
def test_each_rule_has_its_error(text: str, rule: str) -> None:
    with pytest.raises(TypedError) as caught:
        parse(text)
    assert caught.value.rule == rule


def test_only_the_names_that_are_given_may_be_inputs() -> None:
    assert parse("t = x**2\nt + 1", names=("x",)).inputs == ("x",)
    with pytest.raises(ExpressionError, match="z has no value here; known are x, t"):
        parse("t = x\nt + z", names=("x",))


def test_full_width_signs_are_accepted() -> None:
    assert [node.op for node in parse("（a × b）÷ c − 1").nodes].count("mul") == 1
    assert parse("（a × b）÷ c − 1").code == "y = a * b / c - 1"


def test_the_code_shown_has_a_line_for_each_statement() -> None:
    program = parse("c = a; c -= b*2  # less\n\n  ;\nd = (c\n+ 1)\ntanh(d).relu()")
    assert program.code == "c = a\nc = c - b * 2\nd = c + 1\ny = torch.tanh(d).relu()"


def test_an_error_names_the_code_and_its_line() -> None:
    for text, said in (
        ("c = x\nd = c // 2", "line 2 has c // 2, which is not allowed in a formula"),
        ("c = x\nc //= 2", "line 2 has c // 2, which is not allowed in a formula"),
        ("x\nx", "line 1 has x, which is not allowed in a formula"),
        ("x + log(1 - 1)", "log(1 - 1) has no finite value"),
        ("x^2", "a power is written **, such as x**2, not ^"),
        ("x + 2.5x1", "a product needs the operator *: write 2.5 * x1, got 2.5x1"),
        ("10**7*10**7*x", "a number must lie within ±1000000000000, got 1e+14"),
    ):
        with pytest.raises(TypedError) as caught:
            parse(text)
        assert str(caught.value) == said


def test_a_variable_is_one_node_and_keeps_its_first_name() -> None:
    program = parse("c = a*a\nc += c\ng = c + c*a")
    assert [node.op for node in program.nodes] == ["input", "mul", "add", "mul", "add"]
    assert program.nodes[1].args == (0, 0)
    assert [node.name for node in program.nodes] == ["a", "c", "c", None, "g"]


def test_a_bare_expression_takes_a_name_that_is_free() -> None:
    assert parse("x**2").result == "y"
    assert parse("y**2 + z").result == "g"


def test_constant_expressions_are_computed_without_torch() -> None:
    program = parse("k = 1/4\ny = exp(k)*x**(1/2) + sqrt(2*pi)*x")
    constants = {node.value for node in program.nodes if node.op == "constant"}
    assert constants == {math.exp(0.25), 0.5, math.sqrt(2 * math.pi)}
    assert program.code == f"k = 1 / 4\ny = {math.exp(0.25)!r} * x ** (1 / 2) + {math.sqrt(2 * math.pi)!r} * x"


def test_inputs_of_any_shape_are_evaluated() -> None:
    x = torch.linspace(-1, 1, 5, dtype=torch.float64)
    torch.testing.assert_close(
        evaluate(parse("x**2 + y"), {"x": x, "y": x[:, None]}), x**2 + x[:, None], rtol=0, atol=0
    )
