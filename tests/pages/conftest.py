"""For pages run by AppTest."""

import pytest

from pages.ui import address


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are written at once: nobody drags a thumb here, and every run would wait for it."""
    monkeypatch.setattr(address, "LINK_SECONDS", 0.0)
    monkeypatch.setattr(address, "ECHO_SECONDS", 0.0)
