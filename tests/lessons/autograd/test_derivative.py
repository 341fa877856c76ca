"""Derivatives of typed formulas against dual numbers, which do not use torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from programs import printed

from dlcore.lessons.autograd.derivative import charts, programs
from dlcore.lessons.autograd.derivative import model as derivative
from dlcore.lessons.autograd.derivative.model import curve, formula, tangent
from dlcore.typed.python import TypedError


@dataclass(frozen=True)
class Dual:
    """A value and its derivative by x."""

    value: float
    slope: float


@dataclass(frozen=True)
class Typed:
    """An expression as text, and as a function of a number."""

    text: str
    dual: object  # Callable[[float], Dual]


def _call(name: str, inner: Typed) -> Typed:
    rules = {
        "sin": (math.sin, math.cos),
        "cos": (math.cos, lambda u: -math.sin(u)),
        "tanh": (math.tanh, lambda u: 1 - math.tanh(u) ** 2),
        "sigmoid": (lambda u: 1 / (1 + math.exp(-u)), lambda u: math.exp(-u) / (1 + math.exp(-u)) ** 2),
        "exp": (math.exp, math.exp),
    }
    f, slope = rules[name]

    def dual(x: float) -> Dual:
        u = inner.dual(x)
        return Dual(f(u.value), slope(u.value) * u.slope)

    return Typed(f"{name}({inner.text})", dual)


def _pair(sign: str, a: Typed, b: Typed) -> Typed:
    def dual(x: float) -> Dual:
        u, v = a.dual(x), b.dual(x)
        match sign:
            case "+":
                return Dual(u.value + v.value, u.slope + v.slope)
            case "-":
                return Dual(u.value - v.value, u.slope - v.slope)
            case "*":
                return Dual(u.value * v.value, u.slope * v.value + u.value * v.slope)
        return Dual(u.value / v.value, (u.slope * v.value - u.value * v.slope) / v.value**2)

    return Typed(f"({a.text} {sign} {b.text})", dual)


def _number(value: float) -> Typed:
    return Typed(str(value), lambda x: Dual(value, 0.0))


X = Typed("x", lambda x: Dual(x, 1.0))
EXPRESSIONS = st.recursive(
    st.one_of(st.just(X), st.integers(1, 9).map(lambda n: _number(n / 2))),
    lambda inner: st.one_of(
        st.builds(_call, st.sampled_from(["sin", "cos", "tanh", "sigmoid", "exp"]), inner),
        st.builds(_pair, st.sampled_from("+-*/"), inner, inner),
    ),
    max_leaves=7,
).filter(lambda typed: "x" in typed.text.replace("exp", ""))


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, st.floats(-2, 2).map(lambda x: round(x, 4)))  # in x/x the rounding of 1/x would cancel a tiny x
def test_autograd_equals_dual_numbers(typed: Typed, x: float) -> None:
    try:
        expected = typed.dual(x)
    except (ArithmeticError, OverflowError):
        assume(False)
    assume(max(abs(expected.value), abs(expected.slope)) < 1e6)
    try:
        program = formula(typed.text)
    except TypedError:  # a constant part without a finite value
        assume(False)
    found = tangent(program, x, 1e-6, dtype="float64")
    assert found.value == pytest.approx(expected.value, rel=1e-7, abs=1e-7)
    assert found.slope == pytest.approx(expected.slope, rel=1e-7, abs=1e-7)


def test_sin_and_cos() -> None:
    found = curve(formula("sin(x)"), -6.0, 6.0)
    assert found.x.shape == (400,)
    torch.testing.assert_close(found.slope, found.x.cos())
    torch.testing.assert_close(curve(formula("cos(x)"), -6.0, 6.0).slope, -found.x.sin())


@pytest.mark.parametrize("text", derivative.PRESETS)
def test_every_preset_is_drawn(text: str) -> None:
    program = formula(text)
    found = curve(program, -6.0, 6.0, dtype="float32")
    for x in (-1.0, 0.0, 2.0):
        at = tangent(program, x, 0.1, dtype="float32")
        frame = charts.curve_frame(found, at)
        assert len(frame) >= 402
        assert not np.isinf(frame[["f", "slope", "line", "secant"]].iloc[:-2]).any().any()
        assert frame["f"].notna().sum() > 100
        charts.error_frame(program, at, dtype="float32")


def test_slopes_where_there_is_no_derivative() -> None:
    assert tangent(formula("abs(x)"), 0.0, 0.1, dtype="float64").slope == 0.0
    assert tangent(formula("relu(x)"), 0.0, 0.1, dtype="float64").slope == 0.0
    below = tangent(formula("log(x)"), -1.0, 0.1, dtype="float64")
    assert math.isnan(below.value)
    assert below.slope == -1.0  # as torch has it: 1/x, whatever log says
    assert not below.exists
    frame = charts.curve_frame(curve(formula("log(x)"), -2.0, 2.0), below)
    assert frame["slope"].iloc[:199].isna().all()
    assert math.isnan(frame["slope"].iloc[-2])


@pytest.mark.parametrize(("text", "slope"), [("abs(x)", 0.0), ("relu(x)", 0.0), ("x + relu(x)", 1.0)])
def test_no_tangent_at_a_corner(text: str, slope: float) -> None:
    program = formula(text)
    at = tangent(program, 0.0, 0.1, dtype="float64")
    assert at.corner
    assert not at.exists
    assert at.slope == slope  # torch's, all the same
    frame = charts.curve_frame(curve(program, -6.0, 6.0), at)
    assert frame["line"].isna().all()
    assert frame["secant"].notna().any()
    assert math.isnan(frame["slope"].iloc[-2])
    assert charts.error_frame(program, at, dtype="float64")["shown"].isna().all()


@pytest.mark.parametrize(("text", "x"), [("abs(x**3)", 0.0), ("relu(x)", 0.5), ("relu(x)", -0.5), ("sin(x)", 0.0)])
def test_tangent_away_from_corners(text: str, x: float) -> None:
    assert tangent(formula(text), x, 0.1, dtype="float32").exists


@pytest.mark.parametrize("points", [400, 401])
@pytest.mark.parametrize(
    ("text", "corners"),
    [
        *[("relu(x)", 1), ("abs(x)", 1), ("abs(sin(x))", 3), ("relu(x - 0.3) + abs(x + 2)", 2)],
        *[("abs(x**3)", 0), ("sigmoid(200*x)", 0), ("relu(x)*sin(x)", 0), ("sin(20*x)", 0), ("1/x", 0)],
    ],
)
def test_derivative_curve_has_gaps_at_jumps(text: str, corners: int, points: int) -> None:
    program = formula(text)
    found = curve(program, -6.0, 6.0, points=points)
    jumps = np.flatnonzero(charts.corners(found))
    assert len(set(np.round(found.x.numpy()[jumps], 1))) == corners
    frame = charts.curve_frame(found, tangent(program, 1.0, 0.1, dtype="float64"))
    curves = frame[frame["mark"] == 0]
    if corners:
        assert curves["f"].notna().all(), "f itself is continuous"
        steps = curves["slope"].diff().abs()
        assert steps.max() < 0.5, "no stroke joins the two slopes"


def test_cancellation() -> None:
    """The error falls with h to a minimum near the square root of the rounding, then rises; in float32 much earlier."""
    for dtype, h_best in (("float32", 3e-4), ("float64", 1.5e-8)):
        h, error = derivative.errors(formula("sin(x)"), 1.0, dtype=dtype)
        best = float(h[error.argmin()])
        assert h_best / 30 < best < h_best * 30
        assert error[-1] > 0.1  # h = 1
        assert error[0] > 1e3 * error.min()
    _, error = derivative.errors(formula("sin(x)"), 1.0, dtype="float32")
    assert float(error[0]) == pytest.approx(math.cos(1))  # x + h is x, so the quotient is 0


@pytest.mark.parametrize("dtype", derivative.DTYPES)
@pytest.mark.parametrize("text", [*derivative.PRESETS, "u = x*x; u + sin(u)", "2**x / (1 + x)"])
def test_program_prints_its_output(text: str, dtype: str) -> None:
    for x, h in ((0.7, 0.5), (-2.3, 1e-5), (0.0, 1e-12)):
        snippet = programs.snippet(formula(text), x, h, dtype=dtype)
        assert printed(snippet.code) == snippet.output


def test_poles_leave_gaps() -> None:
    found = curve(formula("1/x"), -6.0, 6.0)
    assert np.flatnonzero(charts.breaks(found)).tolist() == [199]
    assert math.isfinite(charts.bound(found))
    frame = charts.curve_frame(found, tangent(formula("1/x"), 1.0, 0.1, dtype="float64"))
    assert frame["f"].abs().max() <= charts.bound(found)
    tan = curve(formula("sin(x)/cos(x)"), -6.0, 6.0)
    assert charts.breaks(tan).sum() == 4
    for smooth in ("sin(20*x)", "relu(x)", "abs(x)", "exp(x)", "x**3"):
        assert not charts.breaks(curve(formula(smooth), -3.0, 3.0)).any(), smooth
    assert charts.bound(curve(formula("sin(x)"), -6.0, 6.0)) == math.inf
    assert (
        charts.curve_frame(
            curve(formula("log(x)"), -6.0, -1.0), tangent(formula("log(x)"), -2.0, 0.1, dtype="float64")
        )["f"]
        .isna()
        .all()
    )


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.floats(-100, 90), st.floats(0.01, 10), st.sampled_from(list(derivative.DTYPES)))
def test_any_formula_over_any_range_is_drawn(typed: Typed, low: float, width: float, dtype: str) -> None:
    try:
        program = formula(typed.text)
    except TypedError:
        assume(False)
    low, high = derivative.interval(low, low + 0.01 + width)
    at = tangent(program, low, 1e-3, dtype=dtype)
    frame = charts.curve_frame(curve(program, low, high, dtype=dtype), at)
    assert frame["mark"].tolist()[-2:] == [1, 2]
    shown = charts.error_frame(program, at, dtype=dtype)["shown"].dropna()
    assert shown.between(charts.ERROR_FLOOR, charts.ERROR_CEILING).all()


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, 0.005)])
def test_narrow_ranges_are_refused(low: float, high: float) -> None:
    with pytest.raises(derivative.DerivativeError, match="after its beginning"):
        derivative.interval(low, high)


def test_only_x_is_an_input() -> None:
    with pytest.raises(TypedError, match="known are x"):
        formula("a * x")
