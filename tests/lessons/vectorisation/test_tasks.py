"""The things to try on the vectorisation page, done as they are written; who wins depends on the machine and its load.

What the tasks say of speed follows from the work that each way does, which is counted here on a clock of the test.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from driver import open_page, sound
from promises import promised

from dlcore.lessons.vectorisation import model
from dlcore.lessons.vectorisation.model import TimingRace

# Seconds: of the start of one call, of an element in it, of one in a loop over lists, of one in a loop over tensors.
START, CALL, LIST, TENSOR = 1e-6, 5e-10, 3e-8, 4e-6


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the sum by one that takes the seconds of the constants above on a clock of its own."""
    now = [0.0]

    def loop(x: Any, y: Any, z: Any, rows: range) -> Any:
        now[0] += len(rows) * (LIST if isinstance(x, list) else TENSOR)
        return z

    def call(x: Any, y: Any) -> torch.Tensor:
        now[0] += START + CALL * len(x)
        return torch.zeros(len(x), dtype=torch.float64)

    begin = TimingRace.__init__
    monkeypatch.setattr(model, "TASKS", {**model.TASKS, "add": (loop, call)})
    monkeypatch.setattr(TimingRace, "__init__", lambda race, *of: begin(race, *of, clock=lambda: now[0]))
    monkeypatch.setattr(model, "TIMINGS", 1)


@pytest.mark.usefixtures("counted")
def test_1_where_the_call_loses() -> None:
    promised("vectorisation", 1, 10)
    app = open_page("vectorisation", n="10")
    results = app.session_state["vectorisation.state"].memo["results"]["add"]
    app = sound(app.button(key="vectorisation.race").click().run())
    assert (results[-1].n, results[-1].ratio("lists") < 1) == (10, True)
    app.session_state["vectorisation.state"].set("n", 1000)
    app = sound(sound(app.run()).button(key="vectorisation.race").click().run())
    assert (results[-1].n, results[-1].ratio("lists") > 1) == (1000, True)


@pytest.mark.usefixtures("counted")
def test_2_from_ten_to_a_million() -> None:
    promised("vectorisation", 2, "1,000,000", 30)
    app = open_page("vectorisation", n="1000000")
    app = sound(app.button(key="vectorisation.sweep").click().run())
    results = app.session_state["vectorisation.state"].memo["results"]["add"]
    assert [result.n for result in results] == list(model.sweep_sizes(10, 1_000_000))
    ratios = [result.ratio("lists") for result in results]
    assert ratios == sorted(ratios)  # they climb
    assert ratios[-1] / ratios[-3] < 1.05 < ratios[2] / ratios[0]  # and level off


@pytest.mark.usefixtures("counted")
def test_3_tensors_are_slow_lists() -> None:
    app = sound(open_page("vectorisation", n="1000").button(key="vectorisation.race").click().run())
    (result,) = app.session_state["vectorisation.state"].memo["results"]["add"]
    assert result.seconds["loop"] > 10 * result.seconds["lists"]
    assert isinstance(torch.ones(2)[0], torch.Tensor)  # every element becomes a tensor of its own
