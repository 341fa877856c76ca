"""Every task of the gradient descent page, done as written, gives the numbers that it promises in both languages."""

from itertools import pairwise

import pytest
from driver import open_page, sound
from promises import promised
from streamlit.testing.v1 import AppTest

from dlcore.lessons.gradient_descent.model import FULL, Descent, minimum
from pages.ui.language import LANGUAGES, labels


def played(app: AppTest, **changes: object) -> AppTest:
    """Change settings and play to the end."""
    app.session_state["gradient_descent.state"].apply(changes)
    sound(app.run())
    return sound(app.button(key="gradient_descent.to_end").click().run())


@pytest.mark.parametrize("language", LANGUAGES)
def test_find_the_edge(language: str) -> None:
    app, words = open_page("gradient_descent", language, p="descent"), labels(language)

    def distances(lr: float) -> list[float]:
        run: Descent = played(app, lr=lr).session_state["gradient_descent.player"].run
        return [point.w - 2 for point in run.path]

    assert abs(distances(0.107)[1]) < 0.002
    swinging = distances(0.2)[:20]
    assert all(a * b < 0 and abs(b) < abs(a) for a, b in pairwise(swinging))
    assert words["gradient_descent.rate_swings"].split("**")[1] in "".join(element.value for element in app.markdown)
    assert all(abs(b) > abs(a) for a, b in pairwise(distances(0.22)))
    promised("gradient_descent", 1, "0.107", "0.002", "0.2", "0.22", f"{0.22 - 0.2:.2f}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_at_a_time_beats_all_at_once(language: str) -> None:
    app = played(open_page("gradient_descent", language, p="batches"))
    race = app.session_state["gradient_descent.player"].run
    one, every = (abs(4 * race.runs[size].w - 8) for size in (1, FULL))
    assert one < 1e-12
    promised("gradient_descent", 2, "100", "10⁻¹²", f"{every:.4f}")
    assert [(len(race.runs[size].path) - 1) / race.epoch for size in (1, FULL)] == [3, 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_until_there_is_noise(language: str) -> None:
    app = open_page("gradient_descent", language, p="batches")
    ranges = {}
    for lr in (0.05, 0.01):
        played(app, n=40, noise=2.0, lr=lr, shuffle=True)
        race = app.session_state["gradient_descent.player"].run
        assert race.epoch == 100
        late = [point.w for point in race.runs[1].path if point.epoch > 80]
        ranges[lr] = max(late) - min(late)
        if lr == 0.05:
            assert race.runs[FULL].w == pytest.approx(minimum(race.runs[FULL].data), abs=1e-6)
    assert ranges[0.05] > 0.5
    assert ranges[0.01] < ranges[0.05] / 2
    promised("gradient_descent", 3, "40", "0.05", "0.5", "0.01", "20", "100")
