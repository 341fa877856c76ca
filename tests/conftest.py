"""Settings for every test: one hypothesis profile, and torch on one thread as the app runs it."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

# The machines are shared: a slow example says nothing about the code.
settings.register_profile("playground", deadline=None)
settings.load_profile("playground")

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """Give the tests' thread its denormal numbers back, which hypothesis insists on and the command line takes."""
    yield
    torch.set_flush_denormal(False)
