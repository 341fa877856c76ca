"""Settings of all tests: a hypothesis profile, and torch on one thread as in the app."""

import os
from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

from dlcore.network import tile
from pages.ui import address, player

# No deadline: on a shared machine a slow example is no failure. The examples are the same in every run, so that only a
# change of the code changes a result; HYPOTHESIS_PROFILE=explore draws others.
settings.register_profile("playground", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "playground"))

torch.set_num_threads(1)
os.environ[tile.VARIABLE] = str(tile.TILE_VALUES)  # so that tests and the servers they start compute equal digits


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """Restore denormal numbers, which hypothesis needs and the command line switches off."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write addresses and draw frames at once: nobody looks or drags here, and every run would wait."""
    monkeypatch.setattr(address, "LINK_SECONDS", 0.0)
    monkeypatch.setattr(address, "ECHO_SECONDS", 0.0)
    monkeypatch.setattr(player, "FRAME_SECONDS", 0.0)
