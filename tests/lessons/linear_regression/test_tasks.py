"""Every task of the linear regression page, done as it is written, gives what it promises in both languages."""

import pytest
from driver import open_page, sound
from promises import task
from streamlit.testing.v1 import AppTest

from dlcore.lessons.linear_regression.model import LIMIT, Regression
from pages.ui.language import LANGUAGES

TRUE = (2.0, -3.4, 4.2)


def played(app: AppTest, **changes: object) -> Regression:
    """Change settings, play to the end and return the run."""
    app.session_state["linear_regression.state"].apply(changes)
    sound(app.run())
    sound(app.button(key="linear_regression.to_end").click().run())
    run: Regression = app.session_state["linear_regression.player"].run
    return run


def farthest(run: Regression) -> float:
    return max(abs(value - true) for value, true in zip(run.scratch.parameters, TRUE, strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_tasks(language: str) -> None:
    app = open_page("linear_regression", language)
    run = played(app)
    assert (run.epoch, run.n_epochs) == (300, 3)
    assert farthest(run) < 0.01
    run = played(app, batch_size=100)
    assert (run.epoch, farthest(run) > 0.5) == (30, True)
    assert all(number in task("linear_regression", 1, language) for number in ("300", "0.01", "100", "0.5", "30"))

    run = played(app, batch_size=10, noise=1.0)
    assert run.full_loss() == pytest.approx(1, abs=0.05)
    longer = played(app, epochs=10)
    assert longer.full_loss() == pytest.approx(1, abs=0.05)

    run = played(app, epochs=3, noise=0.01, lr=1.2)
    assert run.diverged
    assert max(map(abs, run.scratch.parameters)) > LIMIT == 1e9
    run = played(app, loss="smooth_l1")
    assert not run.diverged
    assert farthest(run) < 0.05
    assert all(number in task("linear_regression", 3, language) for number in ("0.01", "1.2", "0.05", "N(0, 1)"))


def test_a_step_of_smooth_l1_is_bounded_by_the_size_of_x() -> None:
    """As the third task says: the derivative by the prediction is at most 1, and the weights' is that times x."""
    run = played(open_page("linear_regression", "en"), loss="smooth_l1", lr=1.2)
    largest = float(run.data.X.abs().max())
    assert all(max(map(abs, update.gradients)) <= max(1.0, largest) for update in run.updates)
