"""The command line: its output, its exit statuses, and messages instead of tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from links import parse

from dlcore import __main__ as cli
from dlcore.spiral.experiments import PUBLISHED
from dlcore.spiral.training import Run

TINY = "v=1&n=20&h=4&k=45"
CSV = "width,height,kind\n" + "1,2,cat\n3,4,dog\n5,1,cat\n" * 10


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(CSV, "utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, list[str]]:
    """Return the exit status, standard output and the lines of standard error."""
    status = cli.main(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err.splitlines()


def test_train_prints_progress_and_the_last_state(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "train", TINY)
    assert (status, err) == (0, [])
    lines = out.splitlines()
    assert lines[0] == TINY
    assert [int(line.split()[0]) for line in lines[2:]] == [*range(0, 45, 3), 45]
    run = Run(parse(TINY)[0])
    run.advance(45)
    assert lines[-1].split()[1] == f"{run.measure().train_loss:.6f}"


def test_train_prints_a_column_for_each_subset(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "train", TINY + "&vs=0.25")
    _, head, *lines = out.splitlines()
    assert " ".join(head.split()) == "epoch train loss accuracy test loss accuracy validation loss accuracy"
    run = Run(parse(TINY + "&vs=0.25")[0])
    run.advance(45)
    last = run.measure()
    assert lines[-1].split()[5:] == [f"{last.validation_loss:.6f}", f"{last.validation_accuracy:.3f}"]
    _, out, _ = said(capsys, "train", TINY + "&t=0")
    _, head, *lines = out.splitlines()
    assert "validation" not in head
    assert lines[-1].split()[3:] == ["-", "-"]


def test_train_as_json_has_the_history_and_the_link(capsys: pytest.CaptureFixture[str]) -> None:
    # A link from the page's address bar, with the page's own keys; without a test part there are no test losses.
    status, out, err = said(capsys, "train", f"https://host/spiral?{TINY}&t=0&lang=zh&play=1", "--json")
    assert (status, err) == (0, [])
    answer = json.loads(out)
    assert answer["link"] == "v=1&n=20&t=0&h=4&k=45"
    run = Run(parse(answer["link"])[0])
    run.advance(45)
    assert [record["train_loss"] for record in answer["history"]] == [record.train_loss for record in run.history]
    assert answer["history"][-1] == answer["last"]
    assert answer["last"]["test_loss"] is None
    assert answer["diverged_at"] is None


def test_a_diverging_run_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    link = "n=20&o=sgd&r=10&l2=1&l1=1&h=200&k=2000"
    status, out, _ = said(capsys, "train", link, "--json")
    assert status == 0
    epoch = json.loads(out)["diverged_at"]
    assert isinstance(epoch, int)
    assert f"the loss of epoch {epoch} is not finite" in said(capsys, "train", link)[1]


def test_problems_of_a_link_go_to_stderr_one_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "train", "n=1e308&a=relo&zz=3&k=2")
    assert (status, out) == (2, "")
    assert err == [
        "number: data.points must be a whole number between 10 and 5000, got '1e308'",
        f"one_of: {parse('a=relo')[1][0]}",
        "unknown_key: 'zz' is not a key of a link",
    ]
    status, out, lenient = said(capsys, "train", "n=1e308&a=relo&zz=3&k=2", "--lenient")
    assert (status, lenient) == (0, err)
    assert out.startswith("v=1&k=2\n")


@pytest.mark.parametrize("link", ["", "?", "http://[", "\0", "v=99", "h=1-2-3-4-5-6-7", "k=1&k=2", "%ff", "d=csv"])
def test_no_link_gives_a_traceback(
    link: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "advance", lambda self, epochs: setattr(self, "diverged_at", 1))
    assert said(capsys, "train", link)[0] in (0, 2)


def test_train_on_a_table(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "train", "h=4&k=3", "--csv", str(table))
    assert status == 0
    assert out.startswith("v=1&d=csv&h=4&k=3\n")


def test_invalid_tables_are_reported(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "train", "d=csv")[::2] == (
        2,
        ["data.kind is csv, and a link holds no table: name its file with --csv"],
    )
    for link in ("d=points", "d=points&c=2&xy=BO6H"):
        status, _, err = said(capsys, "train", link)
        assert (status, err) == (2, ["data.kind is points, and the link holds none of the classes that it asks for"])
    status, _, err = said(capsys, "train", "k=3", "--csv", str(tmp_path / "nowhere.csv"))
    assert (status, len(err)) == (2, 1)
    table.write_text("a,b\n1,2\n")
    status, _, err = said(capsys, "train", "k=3", "--csv", str(table))
    assert (status, len(err)) == (2, 1)
    assert err[0].startswith(f"{table}: columns: ")


def test_a_device_that_is_missing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.backends.cuda.is_built", lambda: False)
    cli.device.describe.cache_clear()
    status, _, err = said(capsys, "train", "n=20&h=4&k=2&g=cuda")
    cli.device.describe.cache_clear()
    assert (status, len(err)) == (2, 1)
    assert err[0].startswith("device_missing: device must be one of cpu")


def test_script_prints_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "script", TINY)
    assert (status, err) == (0, [])
    compile(out, "script.py", "exec")
    assert out.endswith("\n")
    assert "torch.manual_seed" in out


def test_script_of_a_table(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "script", "d=csv&h=4&k=3", "--csv", str(table))
    assert status == 0
    compile(out, "script.py", "exec")


def test_reproduce(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One shortened experiment; test_published trains all seven."""
    lecture = PUBLISHED["lecture_relu"]
    run = Run(lecture.config)
    run.advance(2)
    record = run.measure()
    right = replace(lecture, epoch=2, loss=record.train_loss, accuracy=round(record.train_accuracy, 3))
    monkeypatch.setattr(cli, "PUBLISHED", {"a": right})
    status, out, _ = said(capsys, "reproduce")
    assert status == 0
    assert f"{record.train_loss:.6f}" in out
    wrong = replace(right, loss=right.loss + 2e-5)
    monkeypatch.setattr(cli, "PUBLISHED", {"a": right, "b": wrong})
    status, out, _ = said(capsys, "reproduce")
    assert status == 1
    assert [line.endswith("differs") for line in out.splitlines()] == [False, False, True]
    status, out, _ = said(capsys, "reproduce", "--json")
    assert status == 1
    assert [answer["agrees"] for answer in json.loads(out)] == [True, False]
    assert json.loads(out)[1]["difference"] == pytest.approx(-2e-5)


def test_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dlcore", "train", "k=x"],
        capture_output=True,
        text=True,
        cwd=Path(cli.__file__).parents[1],
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
