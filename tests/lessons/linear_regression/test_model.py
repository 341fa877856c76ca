"""Linear regression: the true parameters are recovered, and both models agree at every update."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from programs import printed
from strategies import values

from dlcore.lessons.linear_regression import charts as regression_charts
from dlcore.lessons.linear_regression import programs
from dlcore.lessons.linear_regression.model import LOSSES, MODULES, Regression, best_fit, make
from dlcore.lessons.linear_regression.settings import LESSON

COURSE = {"w": (2.0, -3.4), "b": 4.2, "noise": 0.01}


def course(**changes: object) -> Regression:
    data = make(2, 1000, **COURSE, seed=0)  # type: ignore[arg-type]
    return Regression(data, **{"lr": 0.03, "batch_size": 10, "epochs": 3, "loss": "mse", "seed": 0, **changes})  # type: ignore[arg-type]


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
    batch_size=st.integers(5, 70),
    lr=st.floats(0.001, 0.3),
    loss=st.sampled_from(list(LOSSES)),
    noise=st.floats(0, 2),
    seed=st.integers(0, 99),
)
def test_both_models_agree(
    features: int, n: int, batch_size: int, lr: float, loss: str, noise: float, seed: int
) -> None:
    data = make(features, n, w=(1.5, -2.5), b=0.5, noise=noise, seed=seed)
    run = Regression(data, lr=lr, batch_size=batch_size, epochs=2, loss=loss, seed=seed)
    run.advance(run.epochs)
    assert run.difference <= 1e-10
    assert len(run.updates) == run.epochs == 2 * -(-n // run.batch_size)


@given(r=st.lists(st.floats(-5, 5), min_size=1, max_size=9), loss=st.sampled_from(list(LOSSES)))
def test_losses_and_derivatives_equal_torchs(r: list[float], loss: str) -> None:
    residuals = torch.tensor(r, dtype=torch.float64)[:, None].requires_grad_()
    theirs = getattr(torch.nn, MODULES[loss])()(residuals, torch.zeros_like(residuals))
    theirs.backward()
    value, derivative = LOSSES[loss]
    assert float(value(residuals.detach())) == pytest.approx(theirs.item())
    torch.testing.assert_close(derivative(residuals.detach()), residuals.grad)


def test_updates_per_epoch() -> None:
    run = course(batch_size=300, epochs=1)
    assert run.updates_per_epoch == 4
    run.advance(4)
    assert run.finished
    whole = course(batch_size=5000, epochs=1)
    assert whole.batch_size == 1000


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


def test_final_loss_is_the_noise_variance() -> None:
    data = make(2, 1000, w=(2.0, -3.4), b=4.2, noise=1.0, seed=0)
    run = Regression(data, lr=0.03, batch_size=10, epochs=3, loss="mse", seed=0)
    run.advance(run.epochs)
    assert 0.8 < run.full_loss() < 1.2
    assert best_fit(data) == pytest.approx(run.scratch.parameters, abs=0.2)


def rule(name: str) -> st.SearchStrategy[float]:
    """Return a strategy for every value that the setting allows."""
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
def test_both_programs_print_their_output(
    loss: str, features: int, w: tuple[float, float], b: float, noise: float, lr: float
) -> None:
    data = make(features, 60, w=w, b=b, noise=noise, seed=7)
    run = Regression(data, lr=lr, batch_size=16, epochs=2, loss=loss, seed=7)
    assert programs.scratch(run, 7, noise).output == ""  # not known before the end
    run.advance(run.epochs)
    for write in (programs.scratch, programs.concise):
        snippet = write(run, 7, noise)
        assert snippet.output == (printed(snippet.code) if run.epoch == run.epochs else "")


def test_global_random_state_is_not_used() -> None:
    before = torch.get_rng_state()
    run = course()
    run.advance(3)
    assert torch.equal(torch.get_rng_state(), before)
    assert run.concise.parameters == pytest.approx(run.scratch.parameters)


@pytest.mark.parametrize("shape", ["line", "plane"])
def test_the_legend_has_each_lines_own_colour(shape: str) -> None:
    """Dash and colour of the lines share one legend, apart from that of the samples."""
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
def test_level_lines_solve_their_equation(w1: float, w2: float, c: float) -> None:
    ends = regression_charts.level_line(w1, w2, c)
    assert len(ends) in (0, 2)
    for x1, x2 in ends:
        assert w1 * x1 + w2 * x2 + c == pytest.approx(0, abs=1e-6)
        assert max(abs(x1), abs(x2)) <= regression_charts.HALF


def test_frames_are_bounded() -> None:
    run = course(batch_size=5, epochs=10)
    run.advance(run.epochs)
    assert len(regression_charts.loss_frame(run)) <= regression_charts.MAX_UPDATES
    assert len(regression_charts.parameters_frame(run)) <= 3 * (regression_charts.MAX_UPDATES + 1)
