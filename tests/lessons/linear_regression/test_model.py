"""Linear regression: the course's recovery, and twins that agree step for step."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from programs import printed
from strategies import values

from dlcore.lessons.linear_regression import charts as regression_charts
from dlcore.lessons.linear_regression import programs as regression_text
from dlcore.lessons.linear_regression.model import LOSSES, MODULES, Regression, best_fit, make
from dlcore.lessons.linear_regression.settings import LESSON

COURSE = {"w": (2.0, -3.4), "b": 4.2, "noise": 0.01}


def course(**changes: object) -> Regression:
    data = make(2, 1000, **COURSE, seed=0)  # type: ignore[arg-type]
    return Regression(data, **{"lr": 0.03, "batch": 10, "passes": 3, "loss": "mse", "seed": 0, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("loss", "within"), [("mse", 0.01), ("smooth_l1", 0.05)])
@pytest.mark.parametrize("seed", range(3))
def test_the_course_recovers_its_parameters(loss: str, within: float, seed: int) -> None:
    run = course(loss=loss, seed=seed)
    run.advance(run.epochs)
    assert run.epochs == 300
    for parameters in (run.scratch.parameters, run.concise.parameters):
        assert parameters == pytest.approx([2.0, -3.4, 4.2], abs=within)


@settings(max_examples=40)
@given(
    features=st.integers(1, 2),
    n=st.integers(20, 60),
    batch=st.integers(5, 70),
    lr=st.floats(0.001, 0.3),
    loss=st.sampled_from(list(LOSSES)),
    noise=st.floats(0, 2),
    seed=st.integers(0, 99),
)
def test_the_twins_agree(features: int, n: int, batch: int, lr: float, loss: str, noise: float, seed: int) -> None:
    data = make(features, n, w=(1.5, -2.5), b=0.5, noise=noise, seed=seed)
    run = Regression(data, lr=lr, batch=batch, passes=2, loss=loss, seed=seed)
    run.advance(run.epochs)
    assert run.difference <= 1e-10
    assert len(run.updates) == run.epochs == 2 * -(-n // run.batch)


@given(r=st.lists(st.floats(-5, 5), min_size=1, max_size=9), loss=st.sampled_from(list(LOSSES)))
def test_losses_and_derivatives_equal_torchs(r: list[float], loss: str) -> None:
    residuals = torch.tensor(r, dtype=torch.float64)[:, None].requires_grad_()
    theirs = getattr(torch.nn, MODULES[loss])()(residuals, torch.zeros_like(residuals))
    theirs.backward()
    value, derivative = LOSSES[loss]
    assert float(value(residuals.detach())) == pytest.approx(theirs.item())
    torch.testing.assert_close(derivative(residuals.detach()), residuals.grad)


def test_every_sample_is_used_once_a_pass() -> None:
    run = course(batch=300, passes=1)
    assert run.per_pass == 4
    run.advance(4)
    assert run.finished
    whole = course(batch=5000, passes=1)
    assert whole.batch == 1000


def test_restart_repeats() -> None:
    run = course()
    run.advance(50)
    first = run.scratch.parameters
    run.restart()
    assert run.scratch.parameters == [0, 0, 0]
    run.advance(50)
    assert run.scratch.parameters == first


def test_mse_diverges_where_smooth_l1_does_not() -> None:
    for loss, diverges in (("mse", True), ("smooth_l1", False)):
        run = course(lr=1.2, loss=loss)
        run.advance(run.epochs)
        assert run.diverged is diverges


def test_noise_sets_the_floor() -> None:
    data = make(2, 1000, w=(2.0, -3.4), b=4.2, noise=1.0, seed=0)
    run = Regression(data, lr=0.03, batch=10, passes=3, loss="mse", seed=0)
    run.advance(run.epochs)
    assert 0.8 < run.full_loss() < 1.2
    assert best_fit(data) == pytest.approx(run.scratch.parameters, abs=0.2)


def rule(name: str) -> st.SearchStrategy[float]:
    """Every value that can be set."""
    return values(LESSON.settings[name].rule)


@settings(max_examples=40, deadline=None)
@given(
    loss=st.sampled_from(list(LOSSES)),
    features=st.integers(1, 2),
    w=st.tuples(rule("w1"), rule("w2")),
    b=rule("b"),
    noise=rule("noise"),
    lr=rule("lr"),
)
@example(loss="mse", features=2, w=(2.0, -3.4567891), b=4.2, noise=0.512345678, lr=0.05)
@example(loss="smooth_l1", features=1, w=(2.0, -3.4), b=4.23456789, noise=0.5, lr=0.0523456789)
def test_both_programs_run_as_shown(
    loss: str, features: int, w: tuple[float, float], b: float, noise: float, lr: float
) -> None:
    data = make(features, 60, w=w, b=b, noise=noise, seed=7)
    run = Regression(data, lr=lr, batch=16, passes=2, loss=loss, seed=7)
    assert regression_text.scratch(run, 7, noise).output == ""  # nothing is known before the end
    run.advance(run.epochs)
    for write in (regression_text.scratch, regression_text.concise):
        snippet = write(run, 7, noise)
        assert snippet.output == (printed(snippet.code) if run.epoch == run.epochs else "")


def test_torchs_own_random_numbers_are_left_alone() -> None:
    before = torch.get_rng_state()
    run = course()
    run.advance(3)
    assert torch.equal(torch.get_rng_state(), before)
    assert run.concise.parameters == pytest.approx(run.scratch.parameters)


@pytest.mark.parametrize("shape", ["line", "plane"])
def test_the_legend_has_each_lines_own_colour(shape: str) -> None:
    """Of dash and colour, each with a scale of its own, so that they are one legend and not those of the samples."""
    if shape == "line":
        spec = regression_charts.line_spec(9.0, "x", "y", ("samples", "true", "model"), 300)
    else:
        spec = regression_charts.plane_spec("x", "x", "y", "true", "model", 300)
    color, dash = (spec["layer"][1]["encoding"][channel] for channel in ("color", "strokeDash"))
    assert color["scale"] == {"domain": ["true", "model"], "range": ["#8a8f98", regression_charts.RED]}
    assert (color["field"], color["legend"]) == (dash["field"], dash["legend"])
    assert spec["resolve"] == {"scale": {"color": "independent", "strokeDash": "independent"}}
    assert spec["layer"][0]["encoding"]["color"]["legend"]


@given(w1=st.floats(-5, 5), w2=st.floats(-5, 5), c=st.floats(-15, 15))
def test_level_lines_lie_where_the_model_says_so(w1: float, w2: float, c: float) -> None:
    ends = regression_charts.level_line(w1, w2, c)
    assert len(ends) in (0, 2)
    for x1, x2 in ends:
        assert w1 * x1 + w2 * x2 + c == pytest.approx(0, abs=1e-6)
        assert max(abs(x1), abs(x2)) <= regression_charts.HALF


def test_frames_are_bounded() -> None:
    run = course(batch=5, passes=10)
    run.advance(run.epochs)
    assert len(regression_charts.loss_frame(run)) <= regression_charts.MAX_UPDATES
    assert len(regression_charts.parameters_frame(run)) <= 3 * (regression_charts.MAX_UPDATES + 1)
