"""The benchmarks measure and report what they should; no test depends on a speed."""

from __future__ import annotations

import json
import math
import time
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import __main__ as command
from benchmarks import classroom, engine, lab, lessons, live, ws_client
from benchmarks.common import Goal, NotHereError, Result, as_json, medians, number, quantile, table
from benchmarks.server import serve
from dlcore.lessons import all_lessons
from dlcore.network.settings import ModelConfig, TrainingConfig
from dlcore.settings.rules import OneOf
from dlcore.spiral.config import DataConfig, RunConfig

TINY = RunConfig(DataConfig(points=20, test_share=0.0), ModelConfig(hidden=(4,)), TrainingConfig(epochs=5))
SIZE = engine.Size("tiny", TINY, 2, 1.0)
BATCHES = engine.Size("batches", RunConfig(TINY.data, TINY.model, TrainingConfig(batch_size=16, epochs=5)), 2, 1.0)


# --- results ----------------------------------------------------------------------------------------------------------
def test_goals_compare_the_ratio_or_the_value() -> None:
    faster = Result("a", 10.0, "epochs/s", 2.0, Goal(5, "×"))
    assert (faster.ratio, faster.met, str(faster.goal)) == (5.0, True, "≥ 5×")
    assert Result("a", 9.9, "epochs/s", 2.0, Goal(5, "×")).met is False
    assert Result("a", 7.0, "ms", goal=Goal(6, "ms", at_least=False)).met is False
    assert Result("a", 6.0, "ms", goal=Goal(6, "ms", at_least=False)).met is True
    assert Result("a", math.nan, "ms", goal=Goal(6, "ms", at_least=False)).met is False
    assert Result("a", 1.0, "ms").met is None


def test_json_has_the_schema() -> None:
    rows = json.loads(as_json([Result("a", 10.0, "ms", 2.0, Goal(5, "×")), Result("b", math.nan, "ms")]))
    assert rows[0] == {
        "name": "a",
        "value": 10.0,
        "unit": "ms",
        "reference": 2.0,
        "ratio": 5.0,
        "goal": "≥ 5×",
        "met": True,
    }
    assert rows[1] == dict.fromkeys(rows[0]) | {"name": "b", "unit": "ms"}


def test_table_is_aligned() -> None:
    lines = table([Result("short", 1.0, "ms"), Result("a longer name", 1234.5, "1/s", 100.0, Goal(5, "×"))]).split("\n")
    assert len(lines) == 3
    assert lines[0].index("value") + len("value") == lines[1].index("1 ") + 1 == lines[2].index("1234") + 4
    assert lines[2].endswith("NO") or lines[2].endswith("yes")


def test_numbers_quantiles_and_turns() -> None:
    assert [number(x) for x in (0.01234, 4.567, 99.9, 1234.5)] == ["0.0123", "4.57", "99.9", "1234"]
    assert [quantile([3, 1, 2, 4], share) for share in (0.0, 0.5, 0.95, 1.0)] == [1, 2, 4, 4]
    assert math.isnan(quantile([], 0.5))
    calls: list[str] = []
    clock = iter(range(100))
    times = medians([lambda: calls.append("a"), lambda: calls.append("b")], 3, lambda: next(clock))
    assert (calls, times) == (["a", "b"] * 4, [1, 1])


# --- engine -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [SIZE, BATCHES], ids=["full", "batches"])
def test_engine_measures(size: engine.Size) -> None:
    pytest.importorskip("sklearn")
    for result in (engine.against_notebook(size, 1), engine.against_sklearn(size, 1), engine.whole_run(size, 1)):
        assert result.value > 0
        assert result.reference is not None
        assert result.reference > 0
        assert result.unit == "epochs/s"


def test_the_notebook_trains_what_the_engine_trains() -> None:
    ours, theirs = engine.make_engine(TINY), engine.make_notebook(TINY)
    theirs.run(4)
    assert theirs.printed.startswith("[EPOCH]: 3, [LOSS]: ")
    assert float(ours.run(4)[-1]) == pytest.approx(float(theirs.printed.split()[3].rstrip(",")), abs=1e-5)


def test_region_is_drawn() -> None:
    assert engine.draw_region(1, TINY).value > 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotHereError):
        engine.on_cuda(1)
    assert command.main(["engine", "--device", "cuda"]) == 2
    assert "CUDA" in capsys.readouterr().err


def test_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "measure", lambda args: [Result("slow", float(args.rounds), "s", goal=Goal(99, "s"))])
    assert command.main(["engine", "--rounds", "2"]) == 0
    assert "NO" in capsys.readouterr().out
    assert command.main(["engine", "--rounds", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["value"] == 2.0
    for name in command.BENCHMARKS:
        with pytest.raises(SystemExit) as stop:
            command.main([name, "--help"])
        assert stop.value.code == 0


# --- server and clients -----------------------------------------------------------------------------------------------
def test_the_server_starts_and_stops(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("import streamlit as st\nst.write('here')\n")
    with serve(str(app)) as server:
        assert server.rss > 10
        assert server.cpu(0.1) >= 0
        assert server.tracebacks == 0
    assert not server.process.is_running()


def _image(url: str) -> bytes:
    message = ForwardMsg()
    message.delta.new_element.imgs.imgs.add().url = url
    return message.SerializeToString()


def _component(key: str, **data: object) -> bytes:
    message = ForwardMsg()
    component = message.delta.new_element.bidi_component
    component.id, component.json = f"$$ID-0123-{key}", json.dumps(data)
    return message.SerializeToString()


def _began() -> bytes:
    message = ForwardMsg()
    message.new_session.main_script_path = "app.py"
    return message.SerializeToString()


def test_a_picture_answers_a_move_only_after_the_run_that_it_caused_has_begun() -> None:
    client = ws_client.Client("http://nowhere")
    client._receive(_image("/media/other.png"))
    assert client.frames == []
    client._receive(_image("data:image/png;base64,AAAA"))
    assert len(client.frames) == 1
    client._waiting = ws_client.Pick(time.perf_counter(), 1, 2.0)
    client._receive(_image("data:image/png;base64,BBBB"))
    assert client.latencies == []
    client._receive(_began())
    client._receive(_image("data:image/png;base64,CCCC"))
    assert len(client.latencies) == 1
    assert len(client.frames) == 3


def test_a_lost_pick_and_an_exception_are_errors() -> None:
    client = ws_client.Client("http://nowhere")
    client._picks["a.b-c"] = ws_client.Pick(0.0, 5, 2.0)
    client._receive(_component("a.b-c", epoch="e", seen=4, value=1.0))  # not seen yet
    client._receive(_component("a.b-c", epoch="e", seen=5, value=2.0))
    assert client.errors == []
    client._receive(_component("a.b-c", epoch="e", seen=5, value=1.0))
    assert client.errors == ["a.b-c must be 2.0, which was picked, got 1.0"]
    message = ForwardMsg()
    message.delta.new_element.exception.type = "ValueError"
    client._receive(message.SerializeToString())
    assert len(client.errors) == 2
    assert client.slider("a.b-c")["epoch"] == "e"


def test_frame_rates_count_the_measured_time_alone() -> None:
    client = ws_client.Client("http://nowhere")
    client.frames = [0.5, 1.0, 1.5, 2.9, 3.0]
    assert classroom.ClassRecord([client], 1.0, 2.0, 100.0).frame_rates() == [1.5]


def test_the_browser_benchmark_and_the_classroom_use_the_same_page() -> None:
    assert live.PAGE == classroom.PAGE
    assert "performance.now()" in live._WATCH


# --- lab --------------------------------------------------------------------------------------------------------------
def test_lab_compares_the_same_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    size = lab.Size("tiny", TINY, 4, 2, Goal(1, "×"))
    results = lab.against_loops(size, 1)
    assert [result.unit for result in results] == ["epochs/s"] * 3
    assert len({result.reference for result in results}) == 1
    assert [result.goal is None for result in results] == [False, True, True]
    assert len({config.data.seed for config in lab.seeds_of(size)}) == 4
    monkeypatch.setattr(lab, "SIZES", (size,))
    assert 0 < lab.frames(1).value < math.inf


# --- lessons ----------------------------------------------------------------------------------------------------------
def test_lessons_change_every_choice_and_come_back() -> None:
    for lesson in all_lessons():
        asked = lessons.queries(lesson)
        assert len(set(asked)) == len(asked)
        choices = [setting.rule for setting in lesson.settings.values() if isinstance(setting.rule, OneOf)]
        assert len(asked) >= 1 + sum(len(rule.options) - 1 for rule in choices)


def test_lessons_measures_the_whole_run() -> None:
    with ThreadPoolExecutor(1) as thread:  # the browser tests leave an event loop running in the main thread
        results = thread.submit(lessons.measure, Namespace(rounds=1, only="probability")).result()
    assert [result.unit for result in results] == ["ms", "ms"]
    assert 0 < results[0].value <= results[1].value < math.inf
