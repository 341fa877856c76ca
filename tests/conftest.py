"""Settings for every test: one hypothesis profile, and torch on one thread as the app runs it."""

import os
from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

from dlcore.network import tile
from pages.ui import address

# The machines are shared: a slow example says nothing about the code. The same examples each time, so that a change is
# judged by what it changes; HYPOTHESIS_PROFILE=explore draws others.
settings.register_profile("playground", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "playground"))

torch.set_num_threads(1)
os.environ[tile.VARIABLE] = str(tile.TILE_VALUES)  # so that tests and the servers they start have equal digits


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """Give the tests' thread its denormal numbers back, which hypothesis insists on and the command line takes."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are written at once: nobody drags a thumb here, and every run would wait for it."""
    monkeypatch.setattr(address, "LINK_SECONDS", 0.0)
    monkeypatch.setattr(address, "ECHO_SECONDS", 0.0)
