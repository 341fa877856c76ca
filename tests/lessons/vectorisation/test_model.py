"""The race: all ways compute the same, times are counted correctly, and a race can pause after every piece."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed
from specs import BLUE, RED, axis, colours, layers

from dlcore.lessons.vectorisation import model as v
from dlcore.lessons.vectorisation import programs
from dlcore.lessons.vectorisation.charts import LOOPS, ratio_frame, ratio_spec


def finished(race: v.TimingRace, seconds: float = 0.005) -> v.TimingResult:
    while race.result is None:
        race.advance_for(seconds)
    return race.result


@pytest.mark.parametrize("task", v.TASKS)
@pytest.mark.parametrize("n", [1, 10, 57])
def test_all_ways_give_torchs_result(task: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results also agree if a loop pauses after every few rows."""
    monkeypatch.setattr(v, "ELEMENTS_PER_PIECE", 2 * n)
    monkeypatch.setattr(v, "ELEMENTS_PER_TIMING", dict.fromkeys(v.WAYS, 100))
    loop, call = v.TASKS[task]
    seen = {"tensors": 0, "lists": 0}

    def counted(x: Any, y: Any, z: Any, rows: range) -> Any:
        seen["lists" if isinstance(x, list) else "tensors"] += len(rows)
        return loop(x, y, z, rows)

    monkeypatch.setattr(v, "TASKS", {task: (counted, call)})
    result = finished(v.TimingRace(task, n))
    assert (result.task, result.n) == (task, n)
    assert result.agree
    assert result.difference <= 1e-12 * n
    assert seen["tensors"] >= n
    assert seen["lists"] >= n
    generator = torch.Generator().manual_seed(v.SEED)
    x = torch.rand((n, n) if task == "matvec" else n, generator=generator, dtype=torch.float64)
    y = torch.rand(n, generator=generator, dtype=torch.float64)
    right = {"add": x + y, "dot": (x * y).sum(), "matvec": x @ y}[task]
    torch.testing.assert_close(call(x, y), right)


@pytest.mark.parametrize("way", ["loop", "lists"])
@pytest.mark.parametrize("task", v.TASKS)
def test_a_wrong_result_is_detected(task: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, call = v.TASKS[task]

    def cheat(x: Any, y: Any, z: Any, rows: range) -> Any:
        result = loop(x, y, z, rows)
        return [value + 1e-6 for value in result] if isinstance(x, list) == (way == "lists") else result

    monkeypatch.setattr(v, "TASKS", {task: (cheat, call)})
    result = finished(v.TimingRace(task, 20))
    assert not result.agree
    assert result.difference == pytest.approx(1e-6, rel=1e-3)


class Timed:
    """A task with a counted clock: each way takes as many seconds as the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: Callable[[str, int], float]) -> None:
        self.now, self.done = 0.0, dict.fromkeys(v.WAYS, 0)
        self.seconds = seconds
        monkeypatch.setattr(v, "TASKS", {"add": (self.loop, self.call)})

    def clock(self) -> float:
        return self.now

    def loop(self, x: Any, y: Any, z: Any, rows: range) -> Any:
        self.pass_time("lists" if isinstance(x, list) else "loop", len(rows))
        return z

    def call(self, x: Any, y: Any) -> torch.Tensor:
        self.pass_time("call", len(x))
        return torch.zeros(len(x), dtype=torch.float64)

    def pass_time(self, way: str, elements: int) -> None:
        self.done[way] += elements
        self.now += self.seconds(way, elements)


def test_short_passes_are_timed_together_and_averaged(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Timed(monkeypatch, lambda way, elements: 1e-7 * elements)
    result = finished(v.TimingRace("add", 10, clock=times.clock))
    assert all(result.seconds[way] == pytest.approx(1e-6) for way in v.WAYS)
    assert times.done == {way: v.TIMINGS * max(10, v.ELEMENTS_PER_TIMING[way]) for way in v.WAYS}


def test_an_interrupted_timing_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    late = iter([0.1, 0.2, 0.1, 0.9])
    times = Timed(monkeypatch, lambda way, elements: next(late, 9.0) if way == "loop" else 0.3)
    result = finished(v.TimingRace("add", 2000, clock=times.clock))
    assert result.seconds["loop"] == pytest.approx(0.1)
    assert next(late, None) is None  # 0.1 + 0.2 + 0.1 is not yet enough, with 0.9 it is


def test_a_long_loop_pauses_after_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Timed(monkeypatch, lambda way, elements: 4e-6 * elements)  # seconds, as for elements of a tensor
    race, longest = v.TimingRace("add", 1_000_000, clock=times.clock), 0.0
    for _ in range(20):
        before = times.now
        race.advance_for(0.03)
        longest = max(longest, times.now - before)
    assert race.result is None
    assert longest < 0.04
    assert race.progress == pytest.approx(times.now / 4, rel=0.01)
    result = finished(race)
    assert result.seconds["loop"] == pytest.approx(4)  # all the time in the pieces counts, and no other
    assert times.done["loop"] == 1_000_000


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_sweep_sizes_grow_to_the_end(low: int, high: int) -> None:
    low, high = min(low, high), max(low, high)
    sizes = v.sweep_sizes(low, high)
    assert sizes[-1] == high
    assert all(low <= n for n in sizes)
    assert list(sizes) == sorted(set(sizes))


def test_sweep_sizes_of_the_whole_range() -> None:
    assert v.sweep_sizes(10, 10**6) == (10, 30, 100, 300, 1000, 3000, 10**4, 30_000, 10**5, 300_000, 10**6)


@pytest.mark.parametrize("task", v.TASKS)
def test_the_code_runs(task: str) -> None:
    snippet = programs.snippet(task, 20)
    agree, loop, lists = printed(snippet.code).replace(",", "").split()
    assert agree == "True"
    assert float(loop) >= 0
    assert float(lists) >= 0
    assert snippet.output == ""


def result_of(n: int, loop: float, lists: float) -> v.TimingResult:
    return v.TimingResult("add", n, {"loop": loop, "lists": lists, "call": 1e-6}, 0.0, True)


def test_the_chart_has_every_race_and_marks_the_newest() -> None:
    frame = ratio_frame([result_of(10, 4e-5, 5e-7), result_of(1000, 4e-3, 2e-5)], ("L", "P"))
    assert frame["ratio"].tolist() == pytest.approx([40, 0.5, 4000, 20])
    assert frame["way"].tolist() == ["L", "P"] * 2
    assert frame["newest"].tolist() == [False, False, True, True]
    assert frame["label"].tolist() == ["×40", "×0.5", "×4,000", "×20"]
    assert ratio_frame([], ("L", "P")).empty
    assert LOOPS == ("loop", "lists")
    spec = ratio_spec(10, 1000, "n", "ratio", ("L", "P"), height=100)
    scales = [
        layer["encoding"][axis]["scale"]["type"]
        for layer in spec["layer"][1:3]
        for axis in "xy"
        if "scale" in layer["encoding"][axis]
    ]
    assert scales.count("log") >= 3
    assert "datasets" not in spec


def test_the_chart_has_two_logarithmic_axes_and_a_line_at_ratio_1() -> None:
    spec = ratio_spec(10, 1000, "n", "ratio", ("L", "P"), height=100)
    assert axis(spec, "x") == ({"n"}, {"n"}, {"log"}, [10 / 1.3, 1300.0])
    assert axis(spec, "y")[:2] == ({1, "ratio", "median(ratio)"}, {"ratio"})
    assert colours(spec) == {"L": BLUE, "P": RED}
    even, line, dots, left, right = layers(spec)
    assert (even.type, even.field("y")) == ("rule", 1)
    assert (line.type, line.field("y"), line.field("color")) == ("line", "median(ratio)", "way")
    for layer in (line, dots, left, right):
        assert layer.encoding["x"]["scale"]["type"] == "log"
    assert dots.encoding["y"]["scale"]["type"] == "log"
    assert dots.encoding["size"]["condition"]["test"] == "datum.newest"
    assert dots.encoding["size"]["condition"]["value"] > dots.encoding["size"]["value"]
    assert [(layer.filters, layer.mark["align"], layer.field("text")) for layer in (left, right)] == [
        (("datum.newest && datum.n < 100.0",), "left", "label"),
        (("datum.newest && datum.n >= 100.0",), "right", "label"),
    ]
