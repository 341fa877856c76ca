"""What is said of a run, and how often."""

import contextlib
from dataclasses import dataclass
from typing import Any

import pytest

from pages.ui import announcer, language
from pages.ui.announcer import EVERY, Announcer, ended, progress


@dataclass
class Fake:
    epoch: int = 0
    finished: bool = False
    diverged: bool = False
    train_loss: float | None = 0.5


@pytest.mark.parametrize(
    ("chosen", "said", "end"),
    [
        ("en", "epoch 1,200, loss 0.125", "Diverged: epoch 1,200, loss 0.125."),
        ("zh", "第 1,200 个周期，损失 0.125", "训练发散：第 1,200 个周期，损失 0.125。"),
    ],
)
def test_words(monkeypatch: pytest.MonkeyPatch, chosen: str, said: str, end: str) -> None:
    monkeypatch.setattr(language, "language", lambda: chosen)
    run = Fake(1200, train_loss=0.125)
    assert progress(run, "epochs") == said
    assert ended(Fake(1200, finished=True, diverged=True, train_loss=0.125), "epochs") == end
    assert ended(run, "epochs") != end
    assert progress(Fake(3, train_loss=None), "updates") in ("update 3", "第 3 次更新")


def test_a_playing_run_is_announced_every_few_seconds_and_its_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said, state = 100.0, [], {}  # type: ignore[var-annotated]
    place: Any = contextlib.nullcontext()
    monkeypatch.setattr(announcer.time, "monotonic", lambda: now)
    monkeypatch.setattr(announcer.st, "session_state", state)
    monkeypatch.setattr(announcer.st, "container", lambda key: type("Box", (), {"empty": lambda self: place})())
    monkeypatch.setattr(announcer, "_show", lambda text, key=None: said.append((now, text)))
    speaker, run = Announcer(), Fake()
    for tick in range(1, 121):  # twelve seconds
        now, run.epoch = 100 + tick / 10, tick
        speaker.say(run, "epochs")
    assert [at for at, _ in said] == [100 + EVERY, 100 + 2 * EVERY]
    assert not state
    run.finished = True
    speaker.say(run, "epochs")
    announcer.mount()
    assert said[-1] == (now, "Finished: epoch 120, loss 0.5.")
    announcer.mount()
    assert said[-1] == (now, "")
