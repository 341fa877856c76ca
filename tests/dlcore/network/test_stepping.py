"""Advancing by epochs, by time and to the end; restarting."""

import time

from dlcore.network.stepping import Stepping


class Count(Stepping):
    def __init__(self, epochs: int, bad: int | None = None) -> None:
        self.epochs, self.bad = epochs, bad
        self.restart()

    def _begin(self) -> None:
        self.seen: list[int] = []

    def _one_epoch(self) -> None:
        self.seen.append(self.epoch)
        self.diverged = self.epoch == self.bad
        time.sleep(0.002)


def test_advance_does_no_more_epochs_than_the_run_has() -> None:
    run = Count(5)
    run.advance(2)
    assert (run.epoch, run.finished) == (2, False)
    run.advance(100)
    assert (run.epoch, run.finished, run.seen) == (5, True, [0, 1, 2, 3, 4])
    run.advance_for(1.0)
    assert run.epoch == 5


def test_advance_for_keeps_the_time_and_does_at_least_one_epoch() -> None:
    run = Count(1000)
    run.advance_for(0.0)
    assert run.epoch == 1
    run.advance_for(0.03)
    assert 2 <= run.epoch <= 17


def test_advance_for_does_no_more_epochs_than_allowed() -> None:
    run = Count(10)
    run.advance_for(10.0, 3)
    assert run.epoch == 3
    run.advance_for(0.0, 3)
    assert run.epoch == 4
    run.advance_for(10.0, 100)
    assert run.epoch == 10


def test_a_diverged_run_stops_until_it_restarts() -> None:
    run = Count(10, bad=3)
    run.advance(10)
    assert (run.epoch, run.finished) == (4, True)
    run.bad = None
    run.restart()
    run.advance(10)
    assert run.epoch == 10
