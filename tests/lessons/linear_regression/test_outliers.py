"""Three losses and a point that is moved away: the course's numbers, each fit against another method, the page."""

import pytest
import streamlit
import torch
from driver import charts, frame, open_page, shown_code
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed
from specs import axis, drawn

from dlcore.lessons.linear_regression.outliers import charts as outlier_charts
from dlcore.lessons.linear_regression.outliers import programs
from dlcore.lessons.linear_regression.outliers.model import LOSSES, REACH, N, lines, moved, movements, points, sweep
from pages.learning.linear_regression import outliers
from pages.ui.language import LANGUAGES, labels, prose

POINTS, SHIFTS = st.integers(1, N), st.floats(-REACH, REACH)


def test_the_courses_numbers() -> None:
    assert movements(N, 10.0) == pytest.approx({"mse": 0.84, "smooth_l1": 0.11, "l1": 0.04}, abs=0.005)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_of_the_prose(language: str) -> None:
    text = prose(language)["linear_regression/outliers"]
    assert all(f"{value:.2f}" in text for value in movements(N, 10.0).values())


@settings(max_examples=20)
@given(point=POINTS, shift=SHIFTS)
def test_squared_error_is_the_least_squares_fit(point: int, shift: float) -> None:
    A = torch.stack([points()[0], torch.ones(N, dtype=torch.float64)], 1)
    solution = torch.linalg.lstsq(A, moved(point, shift)[:, None]).solution.flatten().tolist()
    assert lines(point, shift)["mse"] == pytest.approx(solution)


@settings(max_examples=20)
@given(point=POINTS, shift=SHIFTS)
def test_the_gradient_of_smooth_l1_vanishes(point: int, shift: float) -> None:
    line = torch.tensor(lines(point, shift)["smooth_l1"], dtype=torch.float64, requires_grad=True)
    torch.nn.functional.smooth_l1_loss(line[0] * points()[0] + line[1], moved(point, shift)).backward()
    assert line.grad is not None
    assert line.grad.abs().max() < 1e-4


@settings(max_examples=20)
@given(point=POINTS, shift=SHIFTS)
def test_no_line_through_two_points_has_less_absolute_error(point: int, shift: float) -> None:
    x, y = points()[0], moved(point, shift)
    i, j = torch.combinations(torch.arange(N)).unbind(1)
    w = (y[j] - y[i]) / (x[j] - x[i])
    best = (w[:, None] * (x - x[i][:, None]) + y[i][:, None] - y).abs().sum(1).min()
    slope, bias = lines(point, shift)["l1"]
    assert float((slope * x + bias - y).abs().sum()) <= float(best) + 2e-3


def test_the_sweep_is_the_movement_at_each_shift() -> None:
    shifts, found = sweep(N)
    for k in (0, 13, 20, 40):
        assert {loss: found[loss][k] for loss in LOSSES} == pytest.approx(movements(N, shifts[k]), abs=1e-9)
    assert found["mse"][40] > 7 * found["smooth_l1"][40]


@settings(max_examples=15)
@given(point=POINTS, shift=st.sampled_from([-10.0, -3.5, 0.0, 0.5, 10.0]))
def test_the_program_prints_the_lines(point: int, shift: float) -> None:
    snippet = programs.program(point, shift)
    assert printed(snippet.code) == snippet.output
    assert [line.partition(":")[0] for line in snippet.output.splitlines()] == ["MSELoss", "SmoothL1Loss", "L1Loss"]


def test_every_point_is_in_the_picture() -> None:
    low, high = outlier_charts.Y_AXIS
    for shift in (-REACH, REACH):
        for point in range(1, N + 1):
            assert low < moved(point, shift).min() < moved(point, shift).max() < high
    spec = outlier_charts.lines_spec(("a", "b", "c"), 100)
    assert axis(spec, "x")[3] == list(outlier_charts.X_AXIS)
    assert [mark for mark, _ in drawn(spec)] == ["line", "point", "line", "point", "point"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_moves_a_point(language: str) -> None:
    words = labels(language)
    app = open_page("linear_regression", language, p="outliers")
    table = app.table[0].value
    assert table[words["linear_regression.outliers.moved"]].tolist() == ["0.84", "0.11", "0.04"]
    shown = frame(charts(app)[words["linear_regression.outliers.alt_lines"]])
    assert shown["kind"].value_counts().to_dict() == {
        "sample": 19, "moved": 1, "from": 2, "mse": 2, "smooth_l1": 2, "l1": 2
    }  # fmt: skip
    snippet = programs.program(N, 10.0)
    assert shown_code(app)[0] == (snippet.code.strip(), snippet.output)
    rest = open_page("linear_regression", language, p="outliers", os="0", op="3")
    assert set(rest.table[0].value[words["linear_regression.outliers.moved"]]) == {"0.00"}


class Applied:
    """A stand-in for the page's state that notes what is applied."""

    def apply(self, values: dict[str, object]) -> None:
        self.values = values


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"point": 6, "y": 7.5}, 7.5),
        ({"point": 1, "y": 16.0}, 10.0 + float(points()[1][0])),  # no farther than the slider
        ({"point": 20, "y": -14.0}, -10.0 + float(points()[1][19])),
        ({"point": 0, "y": 1.0}, None),
        ({"point": 21, "y": 1.0}, None),
        ({"point": "x", "y": 1.0}, None),
        ({"point": 3, "y": float("nan")}, None),
        ({"point": 3, "y": 10**400}, None),
        ({}, None),
    ],
)
def test_a_dragged_point_comes_to_the_pointer(
    place: dict[str, object], expected: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = Applied()
    monkeypatch.setattr(streamlit, "session_state", {outliers.KEY: {"selection": {"drag": [place]}}})
    outliers.move(s)  # type: ignore[arg-type]
    if expected is None:
        assert not hasattr(s, "values")
    else:
        point, shift = s.values["point"], s.values["shift"]
        assert moved(point, shift)[point - 1].item() == pytest.approx(expected, abs=0.051)
