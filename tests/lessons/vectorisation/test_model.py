"""The race: that all ways compute the same, that times are counted rightly, and that it can be held up anywhere."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from programs import printed
from specs import BLUE, RED, axis, colours, layers

from dlcore.lessons.vectorisation import model as v
from dlcore.lessons.vectorisation.charts import LOOPS, ratio_frame, ratio_spec


class Clock:
    """Every look at it takes a fixed time, so that what is measured can be foretold."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def over(race: v.Race, seconds: float = 0.005) -> v.Race:
    while not race.done:
        race.advance_for(seconds)
    return race


@pytest.mark.parametrize("task", v.TASKS)
@pytest.mark.parametrize("n", [1, 10, 57])
def test_all_ways_give_torchs_result(task: str, n: int) -> None:
    race = over(v.Race(task, n))
    generator = torch.Generator().manual_seed(v.SEED)
    x = torch.rand((n, n) if task == "matvec" else n, generator=generator, dtype=torch.float64)
    y = torch.rand(n, generator=generator, dtype=torch.float64)
    right = {"add": x + y, "dot": (x * y).sum(), "matvec": x @ y}[task]
    assert set(race._found) == set(v.WAYS)
    for found in race._found.values():
        torch.testing.assert_close(found, right)
    result = race.result()
    assert result.agree
    assert (result.task, result.n, result.work) == (task, n, n * n if task == "matvec" else n)
    assert result.threads == torch.get_num_threads()


@pytest.mark.parametrize("task", v.TASKS)
def test_a_wrong_way_is_found_out(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = v._TASKS[task]

    def cheat(way: str, x: torch.Tensor, y: torch.Tensor) -> v.Way:
        run, found = honest(way, x, y)
        return run, (lambda: found() + 1e-6) if way == "lists" else found

    monkeypatch.setattr(v, "_TASKS", {task: cheat})
    result = over(v.Race(task, 20)).result()
    assert not result.agree
    assert result.difference == pytest.approx(1e-6, rel=1e-3)


def test_pieces_do_each_element_once_and_only_their_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []

    def task(way: str, x: torch.Tensor, y: torch.Tensor) -> v.Way:
        def run(start: int, stop: int) -> None:
            if way == "loop":
                done.extend(range(start, stop))

        return run, lambda: x

    monkeypatch.setattr(v, "_TASKS", {"add": task})
    race = v.Race("add", 1000, clock=Clock(v.PIECE))  # every piece takes PIECE, so that none grows
    over(race, seconds=0.0)  # a piece at a time
    assert done[:1000] == list(range(1000))
    result = race.result()
    assert result.seconds["loop"] == pytest.approx(1000 * v.PIECE)
    assert result.timings["loop"] == 1
    assert result.seconds["call"] == pytest.approx(v.PIECE)
    assert result.timings["call"] == v.TIMINGS


def test_an_interruption_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not for a loop that takes so long that one timing would have been enough."""
    clock, runs = Clock(0.0), iter([0.3, 0.9, 0.3])

    def task(way: str, x: torch.Tensor, y: torch.Tensor) -> v.Way:
        def run(start: int, stop: int) -> None:
            clock.now += next(runs) if way == "loop" else 1.0

        return run, lambda: x

    monkeypatch.setattr(v, "_TASKS", {"add": task})
    result = over(v.Race("add", 1, clock=clock)).result()
    assert result.seconds["loop"] == pytest.approx(0.3)
    assert result.timings == {"loop": 2, "lists": 1, "call": 1}


def test_short_passes_are_averaged(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = dict.fromkeys(v.WAYS, 0)
    clock = Clock(0.0)

    def task(way: str, x: torch.Tensor, y: torch.Tensor) -> v.Way:
        def run(start: int, stop: int) -> None:
            passes[way] += stop - start
            clock.now += 1e-5 * (stop - start)

        return run, lambda: x

    monkeypatch.setattr(v, "_TASKS", {"add": task})
    result = over(v.Race("add", 1, clock=clock)).result()
    assert all(result.seconds[way] == pytest.approx(1e-5) for way in v.WAYS)
    each, warm_up = divmod(passes["call"], result.timings["call"])
    assert (each, warm_up) in ((100, 1), (101, 1))  # SHORTEST / 1e-5, rounded up
    assert result.timings["call"] == v.TIMINGS


@pytest.mark.parametrize("task", v.TASKS)
def test_a_turn_is_short_and_progress_only_grows(task: str) -> None:
    race, seen = v.Race(task, 100 if task == "matvec" else 10_000, clock=Clock(v.PIECE)), [0.0]
    with pytest.raises(ValueError, match="must be over"):
        race.result()
    while not race.done:
        race.advance_for(0.0005)
        seen.append(race.progress)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)
    assert len(set(seen)) > 10


def test_a_long_loop_can_be_left_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, longest = Clock(0.0), 0.0

    def task(way: str, x: torch.Tensor, y: torch.Tensor) -> v.Way:
        def run(start: int, stop: int) -> None:
            clock.now += 4e-6 * (stop - start)  # as long as an element of a tensor takes

        return run, lambda: x

    monkeypatch.setattr(v, "_TASKS", {"add": task})
    race = v.Race("add", 1_000_000, clock=clock)
    for _ in range(20):
        before = clock.now
        race.advance_for(0.03)
        longest = max(longest, clock.now - before)
    assert not race.done
    assert longest < 0.04
    assert race.progress == pytest.approx(0.9 * clock.now / 4, rel=0.01)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_stops_grow_to_the_end(low: int, high: int) -> None:
    low, high = min(low, high), max(low, high)
    found = v.stops(low, high)
    assert found[-1] == high
    assert all(low <= n for n in found)
    assert list(found) == sorted(set(found))


def test_stops_of_the_whole_range() -> None:
    assert v.stops(10, 10**6) == (10, 30, 100, 300, 1000, 3000, 10**4, 30_000, 10**5, 300_000, 10**6)


@given(st.floats(1e-9, 100))
def test_durations_read_back(seconds: float) -> None:
    number, unit = v.duration(seconds).split()
    assert float(number) * {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1}[unit] == pytest.approx(seconds, rel=0.006)


@pytest.mark.parametrize("task", v.TASKS)
def test_the_code_runs(task: str) -> None:
    snippet = v.snippet(task, 20)
    agree, loop, lists = printed(snippet.code).replace(",", "").split()
    assert agree == "True"
    assert float(loop) > 0
    assert float(lists) > 0
    assert snippet.output == ""


def result_of(n: int, loop: float, lists: float) -> v.Result:
    seconds = {"loop": loop, "lists": lists, "call": 1e-6}
    return v.Result("add", n, n, seconds, dict.fromkeys(v.WAYS, 1), 0.0, True, 1)


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


def test_a_task_must_be_known() -> None:
    with pytest.raises(KeyError):
        v.Race("sort", 10)


def test_a_ratio_is_to_the_time_of_the_call() -> None:
    result = result_of(1000, 4e-3, 2e-5)
    assert [result.ratio(way) for way in v.WAYS] == pytest.approx([4000, 20, 1])


def test_the_chart_has_two_logarithmic_axes_and_a_line_where_both_take_as_long() -> None:
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
