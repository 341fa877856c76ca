"""The things to try on the probability page, done as they are written."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from driver import charts, frame, open_page, sliders, sound
from promises import promised
from streamlit.testing.v1 import AppTest

from dlcore.lessons.probability import model as dice
from pages.ui.language import labels


def change(app: AppTest, **values: Any) -> AppTest:
    app.session_state["probability.state"].apply(values)
    return sound(app.run())


def chart(app: AppTest, name: str) -> Any:
    return frame(charts(app)[labels("en")[f"probability.{name}_alt"]])


def test_1_luck_looks_like_a_pattern() -> None:
    promised("probability", 1, 0.4, 0)
    app, loaded, rounds = open_page("probability"), 0, 20
    for _ in range(rounds):
        app = sound(app.button(key="probability.again").click().run())
        first = chart(app, "estimates").iloc[0]
        assert first["n"] == 10
        shares = [first[f"e{face}"] for face in range(1, 7)]
        loaded += max(shares) > 0.39 and min(shares) == 0
        assert first["low"] == 0  # of the fair die's band, which goes as far as 0.4
        assert first["high"] == pytest.approx(0.4, abs=0.01)
    assert loaded >= rounds / 5


def test_2_load_the_die_in_secret() -> None:
    promised("probability", 2, 0.2, 1, 20, 200, 0.16)
    app = open_page("probability")
    loads = dice.with_probability(app.session_state["probability.state"]["loads"], 5, 0.2)
    app = change(app, loads=loads, groups=20, face=6)
    label = labels("en")["probability.face_p"]
    p = [sliders(app)[label.format(face=i)]["value"] for i in range(1, 7)]
    assert p == [0.16] * 5 + [0.2]
    last = chart(app, "estimates").iloc[-1]
    assert last["n"] == 200
    for face in (1, 6):
        last = chart(change(app, face=face), "estimates").iloc[-1]
        assert last["low"] < 0.16
        assert last["high"] > 0.2
    band = chart(change(app, face=6, groups=1000), "estimates")
    apart = band[(band["low"] > 0.16) | (band["high"] < 0.2)]
    assert 200 < apart["n"].iloc[0] < 1000


def test_3_a_hundred_times_the_throws_one_digit() -> None:
    promised("probability", 3, "1,000", 100, "10,000")
    app = change(open_page("probability"), groups=1000)
    errors = chart(app, "errors").set_index("n")
    assert errors.index[-1] == 10_000
    expected = [
        float(dice.expected_error(dice.distribution(dice.fair(6)), torch.tensor(float(n)))) for n in (100, 10_000)
    ]
    assert expected[0] / expected[1] == pytest.approx(10)
    assert errors["expected"].iloc[-1] == pytest.approx(expected[1], rel=1e-5)
    app = change(app, loads=dice.with_probability(dice.fair(6), 0, 1.0))
    assert labels("en")["probability.certain"] in [element.value for element in app.caption]
    assert labels("en")["probability.errors_alt"] not in charts(app)
